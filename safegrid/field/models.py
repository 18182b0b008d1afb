"""Devices, what they sent, what they are sending, and what they were last given."""

from __future__ import annotations

from django.db import models

from safegrid.foundation.keys import CountyForeignKey, CountyModel


class FieldDevice(CountyModel):
    """One installation of the app signed in as one user. Whether it is signed in still, its session in ``accounts`` knows.

    ``clock_offset_ms``: server's clock less the phone's, as last measured; ``unsent``: acts still on the phone, as it last said.
    """

    user_id = models.UUIDField()
    device_id = models.UUIDField(help_text="手机上生成的编号")
    name = models.CharField(max_length=60, blank=True)
    session_key = models.CharField(max_length=40)
    signed_in_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    clock_offset_ms = models.BigIntegerField(null=True)
    app_version = models.CharField(max_length=40, blank=True)
    unsent = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "user_id", "device_id"], name="field_device_once")]
        indexes = [models.Index(fields=["county", "device_id"], name="field_device_id")]


class FieldOperation(CountyModel):
    """One act that was done. The phone's own ``operation_id`` comes once; what it was answered, it is answered again.

    ``offset_ms``: server less phone as known when the act was made (null: not known); ``sending_offset_ms``: as measured when it
    was sent; ``happened_at``: the phone's time corrected by the first, else by the second, never later than received.
    """

    is_high_volume = True

    operation_id = models.UUIDField()
    device_id = models.UUIDField()
    user_id = models.UUIDField()
    kind = models.CharField(max_length=60)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of kind and payload")
    device_time = models.DateTimeField()
    offset_ms = models.BigIntegerField(null=True)
    sending_offset_ms = models.BigIntegerField()
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    result = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "operation_id"], name="field_operation_once")]
        indexes = [models.Index(fields=["county", "user_id", "received_at"], name="field_operation_of_user")]


class FieldUpload(CountyModel):
    """One photo on its way: announced, ``received`` bytes of ``size`` here, at last an attachment."""

    user_id = models.UUIDField()
    upload_id = models.UUIDField(help_text="手机上生成的编号")
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=60, blank=True)
    taken_at = models.DateTimeField(null=True)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    camera_sha256 = models.CharField(max_length=64, blank=True, help_text="相机原片的 SHA-256，压缩前")
    received = models.PositiveIntegerField(default=0)
    attachment_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "user_id", "upload_id"], name="field_upload_once")]
        indexes = [models.Index(fields=["county", "created_at"], name="field_upload_age")]


class FieldChunk(CountyModel):
    """A part of a photo, kept until the last one has come: in the database, so that any web server takes the next."""

    upload = CountyForeignKey(FieldUpload, related_name="chunks")
    offset = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "upload", "offset"], name="field_chunk_once")]


class FieldSnapshot(CountyModel):
    """What a device has: the state it has acknowledged by its cursor, and the one offered since, compressed.

    A state is ``{"at": feed where the next page goes on, "feeds": {feed: {id: short hash of the row}}}``; no row is kept.
    """

    device = CountyForeignKey(FieldDevice, related_name="snapshots")
    acknowledged_cursor = models.CharField(max_length=32, blank=True)
    acknowledged = models.BinaryField()
    offered_cursor = models.CharField(max_length=32)
    offered = models.BinaryField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "device"], name="field_snapshot_once")]
