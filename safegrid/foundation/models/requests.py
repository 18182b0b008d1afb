from django.db import models

from safegrid.foundation.keys import CountyModel


class IdempotencyKey(CountyModel):
    """A write that was answered: the same key again gets the same answer, and nothing happens twice."""

    user_id = models.UUIDField()
    key = models.CharField(max_length=100)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "user_id", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["county", "created_at"], name="idempotency_age")]
