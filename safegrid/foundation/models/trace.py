"""The trace: rows are only ever added; a row's hash is part of it from its own transaction on."""

from django.db import models

from safegrid.foundation.keys import CountyModel


class TraceRow(CountyModel):
    """One act: who, when, where, what changed. Only ``sealed_in`` is ever set later, once.

    ``object_id`` is None for an act upon many things or none (an import, an export).
    """

    is_high_volume = True

    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=80)
    role = models.CharField(max_length=30, blank=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.UUIDField(null=True)
    changes = models.JSONField(default=dict)
    place = models.JSONField(null=True)
    device = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=100, blank=True)
    row_hash = models.BinaryField(max_length=32)
    sealed_in = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["county", "object_id", "at"], name="trace_object"),
            models.Index(fields=["county", "actor_id", "at"], name="trace_actor"),
            models.Index(fields=["county", "id"], condition=models.Q(sealed_in__isnull=True), name="trace_unsealed"),
            models.Index(fields=["county", "sealed_in"], name="trace_batch_rows"),
        ]


class TraceBatch(CountyModel):
    """A sealed batch: a Merkle tree (RFC 6962 over SM3) whose head continues the county's chain.

    ``leaves`` holds 48 bytes a row in tree order: 16 of the row's id, 32 of its hash.
    """

    seq = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    leaves = models.BinaryField()
    root = models.BinaryField(max_length=32)
    previous_head = models.BinaryField(max_length=32)
    head = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "seq"], name="trace_batch_once")]


class TraceHead(CountyModel):
    """Where a county's chain stands; its row is what sequencers take turns on."""

    seq = models.PositiveIntegerField(default=0)
    head = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county"], name="trace_head_once")]
