"""Visits of members to sites, with the answers to the checklist version they were made with."""

from django.db import models

from safegrid.foundation.keys import CountyForeignKey, CountyModel


class VisitOutcome(models.TextChoices):
    DONE = "done", "已巡查"
    CLOSED = "closed", "关门停业"
    REFUSED = "refused", "拒绝进入"
    MOVED = "moved", "已搬离"


class Visit(CountyModel):
    """One performed visit. ``device_id``: the id the phone gave it, so that a replayed sync changes nothing."""

    device_id = models.UUIDField()
    site = CountyForeignKey("sites.Site", related_name="visits")
    member_id = models.UUIDField()
    member_user_id = models.UUIDField(help_text="网格员的账号")
    grid_id = models.UUIDField(null=True)
    town = models.CharField(max_length=9)
    village = models.CharField(max_length=12, blank=True)
    checklist = CountyForeignKey("handbook.Checklist", null=True, related_name="visits")
    outcome = models.CharField(max_length=10, choices=VisitOutcome)
    visited_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    distance_m = models.FloatField(null=True)
    far_reason = models.CharField(max_length=200, blank=True)
    person_met = models.CharField(max_length=60, blank=True)
    words = models.CharField(max_length=500, blank=True)
    findings = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "device_id"], name="visit_once")]
        indexes = [
            models.Index(fields=["county", "site", "visited_at"], name="visit_of_site"),
            models.Index(fields=["county", "member_id", "visited_at"], name="visit_of_member"),
            models.Index(fields=["county", "town", "visited_at"], name="visit_of_town"),
        ]


class VisitAnswer(CountyModel):
    """The answer to one item. ``case_id``: the case that this finding reported, in the same transaction."""

    visit_id = models.UUIDField()
    item_id = models.UUIDField()
    item_code = models.CharField(max_length=40)
    text = models.CharField(max_length=200, help_text="检查项原文")
    hazard_kind = models.CharField(max_length=40, blank=True)
    value = models.CharField(max_length=300)
    is_finding = models.BooleanField(default=False)
    words = models.CharField(max_length=300, blank=True)
    put_right_on_spot = models.BooleanField(default=False)
    case_id = models.UUIDField(null=True)
    position = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["county", "visit_id"], name="visit_answer_visit")]
