"""The county's handbook so far: hazard kinds with their limits, versioned checklists, visit norms."""

from django.db import models

from safegrid.foundation.keys import CountyForeignKey, CountyModel


class Severity(models.TextChoices):
    MINOR = "minor", "轻微"
    GENERAL = "general", "一般"
    MAJOR = "major", "重大"


class Nature(models.TextChoices):
    HAZARD = "hazard", "事故隐患"
    ILLEGAL = "illegal", "非法生产经营"
    VIOLATION = "violation", "违法违规行为"
    ACCIDENT = "accident", "生产安全事故"


class HazardKind(CountyModel):
    """A node of the catalogue. ``limits``: stage → {value, unit}, inherited from the parent where a stage is missing."""

    code = models.CharField(max_length=40)
    parent_code = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=120)
    nature = models.CharField(max_length=20, choices=Nature)
    severity = models.CharField(max_length=10, choices=Severity)
    is_occupational_health = models.BooleanField(default=False)
    is_leaf = models.BooleanField(default=True)
    may_settle_on_spot = models.BooleanField(default=False)
    legal_bases = models.JSONField(default=list)
    major_standard = models.CharField(max_length=200, blank=True, help_text="判定为重大事故隐患所依据的标准")
    statutory_report = models.JSONField(default=dict, help_text="事故报告的法定时限 {value, unit}")
    limits = models.JSONField(default=dict)
    handle_max = models.JSONField(default=dict, help_text="整改指令期限的上限 {value, unit}")
    duplicate_distance_m = models.PositiveIntegerField(default=50)
    duplicate_days = models.PositiveIntegerField(default=30)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "code"], name="hazard_kind_code_once")]

    def __str__(self) -> str:
        return self.name


class SeverityLimit(CountyModel):
    """The time limits that hold for a severity where a kind sets none of its own."""

    severity = models.CharField(max_length=10, choices=Severity)
    limits = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "severity"], name="severity_limit_once")]


class ChecklistState(models.TextChoices):
    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"
    RETIRED = "retired", "已停用"


class Checklist(CountyModel):
    """One version of a checklist. A published version never changes: a visit keeps the one it was made with."""

    code = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    site_type = models.CharField(max_length=20)
    industry_prefix = models.CharField(max_length=5, blank=True)
    state = models.CharField(max_length=10, choices=ChecklistState, default=ChecklistState.DRAFT)
    published_at = models.DateTimeField(null=True)
    published_by_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "code", "number"], name="checklist_version_once"),
            models.UniqueConstraint(
                fields=["county", "code"], condition=models.Q(state="published"), name="one_published_version"
            ),
        ]


class AnswerKind(models.TextChoices):
    YES_NO = "yes_no", "是/否"
    NUMBER = "number", "数字"
    TEXT = "text", "文字"
    PHOTO = "photo", "照片"


class ChecklistItem(CountyModel):
    """What to look at. For yes/no items "yes" means in order; "no" is a finding of ``hazard_kind``."""

    checklist = CountyForeignKey(Checklist, related_name="items")
    code = models.CharField(max_length=40)
    position = models.PositiveIntegerField()
    text = models.CharField(max_length=200)
    how_to_judge = models.CharField(max_length=500, blank=True)
    what_to_do = models.CharField(max_length=500, blank=True)
    hazard_kind = models.CharField(max_length=40, blank=True)
    answer_kind = models.CharField(max_length=10, choices=AnswerKind, default=AnswerKind.YES_NO)
    legal_basis = models.JSONField(null=True)
    is_mandatory = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "checklist", "code"], name="checklist_item_once")]


class VisitNorm(CountyModel):
    """Visits a year and minutes a visit, by site type and risk grade."""

    site_type = models.CharField(max_length=20)
    risk_grade = models.CharField(max_length=10)
    visits_a_year = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "site_type", "risk_grade"], name="visit_norm_once")]
