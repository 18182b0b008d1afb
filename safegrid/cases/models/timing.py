"""Each stage's own timer, and the ladder that an overrun climbs."""

from django.db import models

from safegrid.cases.models.case import Case
from safegrid.foundation.keys import CountyForeignKey, CountyModel


class Stage(models.TextChoices):
    ACCEPT = "accept", "受理"
    VERIFY = "verify", "核实"
    DISPATCH = "dispatch", "派遣"
    RECEIVE = "receive", "接收"
    HANDLE = "handle", "处置"
    RECHECK = "recheck", "复查"
    CLOSE = "close", "结案"
    FIRST_REPORT = "first_report", "事故快报"
    REPORT_UP = "report_up", "事故逐级上报"
    SUPERVISE = "supervise", "督办"


class TimerState(models.TextChoices):
    ON_TIME = "on_time", "正常"
    NEAR = "near", "临期"
    OVERDUE = "overdue", "超期"
    BADLY_OVERDUE = "badly_overdue", "严重超期"


class CaseTimer(CountyModel):
    """One stage of one case being timed.

    ``consumed`` is what earlier runs used up, in the unit's seconds (see foundation.worktime). A stopped timer has
    ``stopped_at``; a paused one ``paused_at``. ``next_at`` is when its state changes next; null when it will not.
    """

    case = CountyForeignKey(Case, related_name="timers")
    stage = models.CharField(max_length=20, choices=Stage)
    department_id = models.UUIDField(null=True)
    limit = models.JSONField()
    original_limit = models.JSONField()
    started_at = models.DateTimeField()
    resumed_at = models.DateTimeField()
    consumed = models.FloatField(default=0)
    due_at = models.DateTimeField(null=True)
    near_at = models.DateTimeField(null=True)
    badly_overdue_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, choices=TimerState, default=TimerState.ON_TIME)
    next_at = models.DateTimeField(null=True)
    ladder_step = models.PositiveSmallIntegerField(default=0)
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    is_provisional = models.BooleanField(default=False, help_text="跨入尚未公布放假安排的年份")
    is_excused = models.BooleanField(default=False, help_text="超期申诉成立：标记保留")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case", "stage"],
                condition=models.Q(stopped_at__isnull=True),
                name="one_running_timer",
            )
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(next_at__isnull=False), name="case_timer_next"),
            models.Index(fields=["county", "department_id", "started_at"], name="case_timer_department"),
        ]


class EscalationStep(CountyModel):
    """One rung: so long after the limit, these roles are told. Data, editable per county."""

    step = models.PositiveSmallIntegerField()
    severity = models.CharField(max_length=10, blank=True)
    after = models.JSONField(help_text="超期后多久：{value, unit}")
    roles = models.JSONField(help_text="通知哪些角色")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "severity", "step"], name="escalation_step_once")]
