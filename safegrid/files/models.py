"""Attachments, stored once by the hash of their content."""

from django.db import models

from safegrid.foundation.keys import CountyForeignKey, CountyModel


class Grade(models.TextChoices):
    PUBLIC = "public", "公开"
    INTERNAL = "internal", "内部"
    TRADE_SECRET = "trade_secret", "商业秘密、技术秘密"
    PERSONAL = "personal", "个人信息"


class Attachment(CountyModel):
    """One stored file. ``content_hash``: SM3 of the stored bytes, hexadecimal; ``original_hash``: of what came in."""

    content_hash = models.CharField(max_length=64)
    original_hash = models.CharField(max_length=64)
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    original_name = models.CharField(max_length=200, blank=True)
    taken_at = models.DateTimeField(null=True)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    grade = models.CharField(max_length=20, choices=Grade, default=Grade.INTERNAL)
    uploaded_by_id = models.UUIDField(null=True)
    uploaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "content_hash", "uploaded_by_id"], name="attachment_once")
        ]


class AttachmentUse(CountyModel):
    """Where an attachment is used: the row, and as what (report, before, after, recheck, order …)."""

    attachment = CountyForeignKey(Attachment, related_name="uses")
    object_type = models.CharField(max_length=40)
    object_id = models.UUIDField()
    purpose = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "attachment", "object_id", "purpose"], name="attachment_use_once")
        ]
        indexes = [models.Index(fields=["county", "object_id"], name="attachment_use_object")]
