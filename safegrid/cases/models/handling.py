"""What is done while a case is handled: orders, penalties, waits, supervision, disputes, rechecks, appeals."""

from django.db import models

from safegrid.cases.models.case import Case
from safegrid.foundation.keys import CountyForeignKey, CountyModel


class RectificationOrder(CountyModel):
    """An order to put something right by a deadline (责令限期整改指令书)."""

    case = CountyForeignKey(Case, related_name="orders")
    department_id = models.UUIDField()
    number = models.CharField(max_length=40)
    text = models.CharField(max_length=2000)
    deadline = models.DateTimeField()
    issued_by_id = models.UUIDField()
    issued_at = models.DateTimeField()
    rectified_at = models.DateTimeField(null=True, help_text="监管对象提交整改结果")
    rectified_by_id = models.UUIDField(null=True)
    rectification_words = models.CharField(max_length=1000, blank=True)


class Penalty(CountyModel):
    """An administrative penalty; the amount is in yuan."""

    case = CountyForeignKey(Case, related_name="penalties")
    department_id = models.UUIDField()
    article = models.CharField(max_length=200)
    decision_number = models.CharField(max_length=60)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    words = models.CharField(max_length=500, blank=True)
    decided_by_id = models.UUIDField()
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "decision_number"], name="penalty_number_once")]


class Decision(models.TextChoices):
    WAITING = "waiting", "待审批"
    GRANTED = "granted", "同意"
    REFUSED = "refused", "不同意"


class Extension(CountyModel):
    """A request for more time: at most the original limit, at most twice."""

    case = CountyForeignKey(Case, related_name="extension_requests")
    until = models.DateTimeField()
    reason = models.CharField(max_length=500)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.WAITING)
    asked_by_id = models.UUIDField()
    asked_at = models.DateTimeField()
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision_words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case"], condition=models.Q(decision="waiting"), name="one_waiting_extension"
            )
        ]


class Suspension(CountyModel):
    """A request to wait until a date, once, at most one year, with interim controls."""

    case = CountyForeignKey(Case, related_name="suspension_requests")
    until = models.DateField()
    reason = models.CharField(max_length=500)
    interim_control = models.CharField(max_length=1000)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.WAITING)
    asked_by_id = models.UUIDField()
    asked_at = models.DateTimeField()
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision_words = models.CharField(max_length=500, blank=True)
    resumed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case"], condition=models.Q(decision="waiting"), name="one_waiting_suspension"
            )
        ]


class Supervision(CountyModel):
    """An instruction from above (督办、批示) with a deadline of its own."""

    case = CountyForeignKey(Case, related_name="supervisions")
    instruction = models.CharField(max_length=1000)
    deadline = models.DateTimeField()
    given_by_id = models.UUIDField()
    given_by_role = models.CharField(max_length=30)
    given_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by_id = models.UUIDField(null=True)
    answer = models.CharField(max_length=1000, blank=True)


class Dispute(CountyModel):
    """A contest over who is responsible, and how it was settled."""

    case = CountyForeignKey(Case, related_name="disputes")
    department_id = models.UUIDField(null=True, help_text="提出争议的部门")
    reason = models.CharField(max_length=1000)
    opened_by_id = models.UUIDField()
    opened_at = models.DateTimeField()
    referred_up_to = models.CharField(max_length=6, blank=True)
    settled_for_id = models.UUIDField(null=True)
    settled_reason = models.CharField(max_length=1000, blank=True)
    settled_by_id = models.UUIDField(null=True)
    settled_at = models.DateTimeField(null=True)


class RecheckResult(models.TextChoices):
    WAITING = "waiting", "待复查"
    PASSED = "passed", "合格"
    FAILED = "failed", "不合格"
    WAIVED = "waived", "免予复查"


class Recheck(CountyModel):
    """One look at what was put right. ``scheduled_for`` comes from an order's deadline."""

    case = CountyForeignKey(Case, related_name="rechecks")
    round = models.PositiveSmallIntegerField(default=1)
    assigned_to_id = models.UUIDField(null=True)
    with_member_id = models.UUIDField(null=True, help_text="重大隐患：会同复查的网格员")
    scheduled_for = models.DateTimeField(null=True)
    result = models.CharField(max_length=10, choices=RecheckResult, default=RecheckResult.WAITING)
    words = models.CharField(max_length=1000, blank=True)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    done_by_id = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["county", "assigned_to_id", "result"], name="recheck_turn")]


class OverdueAppeal(CountyModel):
    """A department's plea that a timer's overrun was not its fault: two different lead officers decide."""

    case = CountyForeignKey(Case, related_name="appeals")
    timer_id = models.UUIDField()
    reason = models.CharField(max_length=1000)
    asked_by_id = models.UUIDField()
    asked_at = models.DateTimeField()
    first_by_id = models.UUIDField(null=True)
    first_accepts = models.BooleanField(null=True)
    first_at = models.DateTimeField(null=True)
    second_by_id = models.UUIDField(null=True)
    second_accepts = models.BooleanField(null=True)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.WAITING)
    decided_at = models.DateTimeField(null=True)
    decision_words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "timer_id"], name="appeal_once")]
