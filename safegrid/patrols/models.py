"""Visits of members to sites with the answers to their checklist version, and the plans of visits."""

from django.db import models

from safegrid.foundation.crypto import SealedTextField
from safegrid.foundation.keys import CountyForeignKey, CountyModel


class VisitOutcome(models.TextChoices):
    DONE = "done", "已巡查"
    CLOSED = "closed", "关门停业"
    REFUSED = "refused", "拒绝进入"
    MOVED = "moved", "已搬离"


class CheckIn(models.TextChoices):
    POSITION = "position", "定位签到"
    QR = "qr", "扫码签到"
    NONE = "", "没有签到"


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
    checked_in_by = models.CharField(max_length=10, choices=CheckIn, blank=True)
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


class TravelMode(models.TextChoices):
    WALKING = "walking", "步行"
    BICYCLE = "bicycle", "自行车、电动车"
    MOTOR = "motor", "机动车"


class MemberPlan(CountyModel):
    """How one member goes on patrol, and how far that member's plan reaches.

    ``begins``, ``ends``: minutes after midnight, None: as the county's working calendar says; the start likewise: None as far as
    the register knows it. ``began_on``: since when sites never visited are counted. ``is_wanted``: something has changed, the
    queue is to plan anew. ``version`` moves with every writing, so that of two planners only one writes.
    """

    member_id = models.UUIDField()
    member_user_id = models.UUIDField()
    town = models.CharField(max_length=9)
    mode = models.CharField(max_length=10, choices=TravelMode, default=TravelMode.BICYCLE)
    begins = models.PositiveSmallIntegerField(null=True)
    ends = models.PositiveSmallIntegerField(null=True)
    start_longitude = models.FloatField(null=True)
    start_latitude = models.FloatField(null=True)
    began_on = models.DateField()
    planned_at = models.DateTimeField(null=True)
    planned_to = models.DateField(null=True, help_text="排到哪一天（含）")
    fingerprint = models.CharField(max_length=64, blank=True, help_text="上次编排所依据情况的摘要；相同则不重排")
    is_wanted = models.BooleanField(default=False)
    run_id = models.UUIDField(null=True)
    failure = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "member_id"], name="member_plan_once")]
        indexes = [
            models.Index(fields=["county", "town"], name="member_plan_town"),
            models.Index(fields=["county", "member_user_id"], name="member_plan_user"),
            models.Index(fields=["county"], name="member_plan_wanted", condition=models.Q(is_wanted=True)),
            models.Index(fields=["county", "run_id"], name="member_plan_run"),
        ]


class PlannedState(models.TextChoices):
    PLANNED = "planned", "待巡查"
    DONE = "done", "已巡查"
    DROPPED = "dropped", "已取消"


class DueReason(models.TextChoices):
    REGULAR = "regular", "按频次"
    OVERDUE = "overdue", "逾期补巡"
    HAZARD = "hazard", "隐患回访"
    RETRY = "retry", "再次上门"
    ADDED = "added", "临时增加"


class LeftOut(models.TextChoices):
    NONE = "", ""
    HOURS = "hours", "工作时间排不下"
    LATER = "later", "近期排不下，期限未到"
    AWAY = "away", "请假或暂停上岗，无人代班"


class PlannedVisit(CountyModel):
    """One visit to be made: by whom, on which day (``on`` None: it found no place, see ``left_out``), by when at the latest.

    ``arrives``, ``begins``, ``leaves``: minutes after midnight, of days that have a route. A skipped visit stays planned, not
    before ``not_before``, with its limit as it was.
    """

    member_id = models.UUIDField()
    member_user_id = models.UUIDField()
    site = CountyForeignKey("sites.Site", related_name="planned_visits")
    grid_id = models.UUIDField(null=True)
    town = models.CharField(max_length=9)
    village = models.CharField(max_length=12, blank=True)
    state = models.CharField(max_length=10, choices=PlannedState, default=PlannedState.PLANNED)
    reason = models.CharField(max_length=10, choices=DueReason)
    minutes = models.PositiveSmallIntegerField()
    due_by = models.DateField(help_text="最迟应在哪一天完成")
    on = models.DateField(null=True)
    position = models.PositiveSmallIntegerField(null=True)
    arrives = models.PositiveSmallIntegerField(null=True)
    begins = models.PositiveSmallIntegerField(null=True)
    leaves = models.PositiveSmallIntegerField(null=True)
    left_out = models.CharField(max_length=10, choices=LeftOut, blank=True)
    skips = models.PositiveSmallIntegerField(default=0)
    skip_reason = models.CharField(max_length=200, blank=True)
    not_before = models.DateField(null=True)
    asked_on = models.DateField(null=True, help_text="要求排在这一天")
    visit_id = models.UUIDField(null=True)
    done_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "visit_id"], name="planned_visit_done_once"),
        ]
        indexes = [
            models.Index(fields=["county", "member_id", "state", "on"], name="planned_of_member"),
            models.Index(fields=["county", "member_user_id", "state"], name="planned_of_user"),
            models.Index(fields=["county", "town", "state", "due_by"], name="planned_of_town"),
            models.Index(fields=["county", "state", "due_by"], name="planned_due"),
            models.Index(fields=["county", "site", "state"], name="planned_of_site"),
        ]


class PlannedDay(CountyModel):
    """A member's route of one day: how, when off and back home (minutes after midnight), minutes on the way."""

    member_id = models.UUIDField()
    member_user_id = models.UUIDField()
    on = models.DateField()
    mode = models.CharField(max_length=10, choices=TravelMode)
    departs = models.PositiveSmallIntegerField()
    returns = models.PositiveSmallIntegerField()
    travel_minutes = models.FloatField()
    longitude = models.FloatField(help_text="出发地")
    latitude = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "member_id", "on"], name="planned_day_once")]


class RunState(models.TextChoices):
    RUNNING = "running", "编排中"
    STOPPED = "stopped", "已停止"
    DONE = "done", "已完成"


class PlanRun(CountyModel):
    """One planning of many members by the queue. ``key``: "night:<day>" or the run's own id, so that a night has one run.

    How far it is says ``MemberPlan.run_id``, its own or a later run's: a chunk that the queue hands out again counts nobody
    twice, and a run ends though others plan some of its members meanwhile.
    """

    key = models.CharField(max_length=40)
    town = models.CharField(max_length=9, blank=True)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.RUNNING)
    total = models.PositiveIntegerField()
    failed = models.PositiveIntegerField(default=0)
    started_by_id = models.UUIDField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "key"], name="plan_run_once")]
        indexes = [models.Index(fields=["county", "-started_at"], name="plan_run_latest")]


class SiteCodeKey(CountyModel):
    """The secret that a county's site codes are made with; its own, so that codes that hang at doors outlive the data key."""

    secret = SealedTextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county"], name="site_code_key_once")]
