from django.db import models

from safegrid.foundation.keys import CountyModel


class CacheVersion(CountyModel):
    """How often a county's catalogue of one name has changed; processes compare it with what they keep in memory."""

    name = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "name"], name="cache_version_once")]
