"""What people are told, and how far each message got. Delivery never alters what it speaks of."""

from django.db import models

from safegrid.foundation.keys import CountyForeignKey, CountyModel, LocalModel


class Channel(models.TextChoices):
    SMS = "sms", "短信"
    WECOM = "wecom", "企业微信"
    EMAIL = "email", "电子邮件"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "待发送"
    SENT = "sent", "已发送"
    DELIVERED = "delivered", "已送达"
    FAILED = "failed", "发送失败"


class Notice(CountyModel):
    """One entry in one person's inbox. ``kind`` is the stable action name it speaks of."""

    recipient_id = models.UUIDField()
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    body = models.CharField(max_length=500, blank=True)
    object_type = models.CharField(max_length=40, blank=True)
    object_id = models.UUIDField(null=True)
    key = models.CharField(max_length=160)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "recipient_id", "key"], name="notice_once")]
        indexes = [models.Index(fields=["recipient_id", "read_at", "created_at"], name="notice_inbox")]


class Delivery(CountyModel):
    """One notice on its way through one outside channel."""

    notice = CountyForeignKey(Notice, related_name="deliveries")
    channel = models.CharField(max_length=20, choices=Channel)
    state = models.CharField(max_length=20, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    outside_id = models.CharField(max_length=100, blank=True)
    next_attempt_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "notice", "channel"], name="delivery_once")]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="delivery_due")]


class Preference(LocalModel):
    """Whether a user wants a kind of notice through a channel; the inbox is always on."""

    user_id = models.UUIDField()
    kind = models.CharField(max_length=60)
    channel = models.CharField(max_length=20, choices=Channel)
    wanted = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "kind", "channel"], name="preference_once")]
