from django.db import models

from safegrid.foundation.keys import CountyModel


class ScopeGrant(CountyModel):
    """One thing that one user may see for a while: a grid by a posting, a site by an assignment.

    Upper contexts write it, every context reads it, so that ``visible(user)`` imports nothing from above.
    """

    user_id = models.UUIDField()
    kind = models.CharField(max_length=30)
    key = models.UUIDField()
    source = models.UUIDField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "user_id", "kind", "key", "source"], name="scope_grant_once")
        ]
        indexes = [models.Index(fields=["user_id", "kind"], name="scope_grant_user")]
