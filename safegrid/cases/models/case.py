"""The case itself, who assists, and the accident duty desk's shifts."""

from django.db import models

from safegrid.foundation.crypto import SealedTextField
from safegrid.foundation.keys import CountyForeignKey, CountyModel
from safegrid.foundation.models import WorkflowModel


class Channel(models.TextChoices):
    PATROL = "patrol", "网格巡查"
    MEMBER = "member", "网格员随手报"
    COMMITTEE = "committee", "村（居）委会"
    TOWN = "town", "乡镇检查"
    INSPECTION = "inspection", "部门检查"
    AGENCY = "agency", "第三方机构"
    HOTLINE = "hotline", "热线电话"
    PUBLIC = "public", "群众举报"
    SELF_CHECK = "self_check", "单位自查"
    IMPORT = "import", "批量导入"
    API = "api", "外部平台"


class Place(models.TextChoices):
    SITE = "site", "监管对象"
    POINT = "point", "位置点"
    WORDS = "words", "文字描述"


# Whose turn it is, as far as the case alone says it: the conditions of ``selectors.turn_of``, and of the indexes that carry it.
LEADS_TURN = (
    models.Q(state__in=("registered", "returned"))
    | models.Q(state="reported") & (models.Q(severity="major") | models.Q(is_accident=True))
    | models.Q(state="disputed", referred_up_to="")
    | models.Q(state="rechecked") & ~models.Q(severity="minor")
)
TOWNS_TURN = (
    models.Q(state="reported")
    | models.Q(state="rechecked", severity="minor")
    | models.Q(state="rectified") & ~models.Q(severity="major")
)
DEPARTMENTS_TURN = models.Q(state__in=("dispatched", "handling", "suspended")) | models.Q(
    state="rectified", severity="major"
)
OVER = models.Q(timing__in=("overdue", "badly_overdue"))


class Case(WorkflowModel):
    """One reported hazard, illegal production, violation or accident, from report to close.

    Who reported, through which channel and in which words is never shown to the site's contact.
    """

    number = models.CharField(max_length=24)
    kind = models.CharField(max_length=40, help_text="HazardKind.code")
    severity = models.CharField(max_length=10)
    nature = models.CharField(max_length=20)
    channel = models.CharField(max_length=20, choices=Channel)
    words = models.CharField(max_length=1000)
    place_kind = models.CharField(max_length=10, choices=Place)
    place_words = models.CharField(max_length=200, blank=True)
    site = CountyForeignKey("sites.Site", null=True, related_name="cases")
    grid_id = models.UUIDField(null=True)
    town = models.CharField(max_length=9)
    village = models.CharField(max_length=12, blank=True)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    reporter_id = models.UUIDField(null=True)
    reporter_role = models.CharField(max_length=30, blank=True)
    reporter_name = models.CharField(max_length=60, blank=True)
    reporter_phone = SealedTextField(help_text="热线来电号码；举报人身份不在此处")
    origin_id = models.UUIDField(null=True, help_text="产生本案件的巡查、举报等记录")
    reported_at = models.DateTimeField()
    found_at = models.DateTimeField(null=True, help_text="现场发现时间，可早于上报（离线上报）；为空即上报时发现")
    registered_at = models.DateTimeField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    rectified_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    department = CountyForeignKey("orgs.Department", null=True, related_name="cases")
    department_since = models.DateTimeField(null=True)
    routing = models.JSONField(default=dict, help_text="派遣时的规则解释")
    is_suspected_major = models.BooleanField(default=False)
    is_listed_major = models.BooleanField(default=False, help_text="挂牌督办")
    is_settled_on_spot = models.BooleanField(default=False)
    is_supervised = models.BooleanField(default=False)
    is_accident = models.BooleanField(default=False)
    verifier_id = models.UUIDField(null=True)
    rechecker_id = models.UUIDField(null=True)
    rectifiers = models.JSONField(default=list, help_text="参与本轮整改的用户 id：不得通过其复查")
    state_before_dispute = models.CharField(max_length=30, blank=True)
    referred_up_to = models.CharField(max_length=6, blank=True, help_text="争议提请上级：其行政区划代码")
    merged_into = CountyForeignKey("self", null=True, related_name="merged")
    order_served_at = models.DateTimeField(null=True)
    returns = models.PositiveSmallIntegerField(default=0)
    reworks = models.PositiveSmallIntegerField(default=0)
    extensions = models.PositiveSmallIntegerField(default=0)
    suspensions = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(max_length=20, blank=True, help_text="正在计时的环节")
    due_at = models.DateTimeField(null=True, help_text="当前环节期限")
    timing = models.CharField(max_length=20, default="on_time", help_text="当前环节计时状态")
    was_overdue = models.BooleanField(default=False)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "number"], name="case_number_once")]
        indexes = [
            models.Index(fields=["county", "state", "due_at"], name="case_turn"),
            models.Index(fields=["county", "-reported_at", "-id"], name="case_latest"),
            models.Index(fields=["county", "state", "-reported_at"], name="case_state_latest"),
            models.Index(fields=["county", "department", "state"], name="case_department"),
            models.Index(fields=["county", "department", "-reported_at"], name="case_department_latest"),
            models.Index(fields=["county", "town", "state"], name="case_town"),
            models.Index(fields=["county", "town", "-reported_at"], name="case_town_latest"),
            models.Index(fields=["county", "grid_id", "-reported_at"], name="case_grid_latest"),
            models.Index(fields=["county", "site", "kind", "reported_at"], name="case_site_kind"),
            models.Index(fields=["county", "kind", "latitude"], name="case_nearby"),
            models.Index(fields=["county", "reporter_id", "-reported_at"], name="case_reporter"),
            models.Index(  # of the open cases only the tenth that is near or over its limit: the lists of what presses
                fields=["county", "timing", "due_at"],
                condition=models.Q(timing__in=("near", "overdue", "badly_overdue")),
                name="case_pressing",
            ),
            # The queues, the most urgent first: each holds only the cases of its own condition, in the order they are shown.
            models.Index(fields=["county", "due_at", "id"], condition=LEADS_TURN, name="case_leads_turn"),
            models.Index(fields=["county", "town", "due_at", "id"], condition=TOWNS_TURN, name="case_towns_turn"),
            models.Index(
                fields=["county", "department", "due_at", "id"],
                condition=DEPARTMENTS_TURN,
                name="case_departments_turn",
            ),
            models.Index(fields=["county", "due_at", "id"], condition=OVER, name="case_overdue"),
            models.Index(fields=["county", "village", "-reported_at"], name="case_village_latest"),
            models.Index(fields=["-reported_at", "-id"], name="case_latest_anywhere"),
            # Few rows each: what is rare would else be looked for among all.
            *(
                models.Index(fields=["county", column], condition=models.Q((f"{column}__isnull", False)), name=name)
                for column, name in (("verifier_id", "case_verifier"), ("rechecker_id", "case_rechecker"))
            ),
            *(
                models.Index(fields=["county", "-reported_at"], condition=models.Q((column, True)), name=name)
                for column, name in (
                    ("is_supervised", "case_supervised"),
                    ("is_listed_major", "case_listed"),
                    ("is_accident", "case_accident"),
                )
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CaseAssistance(CountyModel):
    """An assisting department's part in a case (协办)."""

    case = CountyForeignKey(Case, related_name="assistances")
    department = CountyForeignKey("orgs.Department", related_name="assistances")
    request = models.CharField(max_length=500)
    asked_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    fed_back_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "case", "department"], name="assistance_once")]


class DutyShift(CountyModel):
    """Who sits at the accident duty desk, from when to when; the desk is manned round the clock."""

    user_id = models.UUIDField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    phone = models.CharField(max_length=40, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["county", "begins_at"], name="duty_shift_time")]
