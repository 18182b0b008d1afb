"""What was reported upward about an accident (生产安全事故报告和调查处理条例)."""

from django.db import models

from safegrid.cases.models.case import Case
from safegrid.foundation.keys import CountyForeignKey, CountyModel


class ReportStep(models.TextChoices):
    FIRST = "first", "快报"
    UP = "up", "逐级上报"
    SUPPLEMENT = "supplement", "续报"


class ReportLevel(models.TextChoices):
    """Up to which level a report went; the order is the order of the levels."""

    COUNTY = "county", "县级"
    CITY = "city", "市级"
    PROVINCE = "province", "省级"
    STATE_COUNCIL = "state_council", "国务院"


class AccidentReport(CountyModel):
    """One report about an accident: to whom, when it went, by which paper. ``occurred_at`` stands on the first one."""

    case = CountyForeignKey(Case, related_name="accident_reports")
    step = models.CharField(max_length=12, choices=ReportStep)
    level = models.CharField(max_length=16, choices=ReportLevel, blank=True)
    body = models.CharField(max_length=100, help_text="接收单位")
    paper = models.CharField(max_length=100, blank=True, help_text="文书编号；电话快报可以没有")
    words = models.CharField(max_length=1000)
    occurred_at = models.DateTimeField(null=True)
    is_fire_or_traffic = models.BooleanField(default=False, help_text="火灾、道路交通事故：伤亡变化7日内补报")
    sent_at = models.DateTimeField()
    recorded_by_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "case"], condition=models.Q(step="first"), name="one_first_report"
            ),
            models.UniqueConstraint(
                fields=["county", "case", "level"], condition=models.Q(step="up"), name="one_report_per_level"
            ),
        ]
