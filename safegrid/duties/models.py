"""Who is responsible for what, and the matches of those rules with every site."""

from django.db import models

from safegrid.foundation.keys import CountyForeignKey, CountyModel


class Part(models.TextChoices):
    MAIN = "main", "主管"
    ASSISTING = "assisting", "配合"


class DutyRule(CountyModel):
    """A department answers for what all the set conditions fit. Empty conditions fit everything."""

    department = CountyForeignKey("orgs.Department", related_name="duty_rules")
    part = models.CharField(max_length=10, choices=Part, default=Part.MAIN)
    site_id = models.UUIDField(null=True)
    industry_prefix = models.CharField(max_length=5, blank=True)
    hazard_kind = models.CharField(max_length=40, blank=True, help_text="隐患类别编码，含其下级")
    site_type = models.CharField(max_length=20, blank=True)
    town = models.CharField(max_length=9, blank=True)
    village = models.CharField(max_length=12, blank=True)
    legal_basis = models.JSONField(null=True)
    words = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["county", "valid_to"], name="duty_rule_period")]


class MatchState(models.TextChoices):
    CLEAR = "clear", "明确"
    NONE = "none", "无责任部门"
    CONFLICT = "conflict", "责任冲突"


class DutyMatch(CountyModel):
    """What the rules say of one site, without regard to hazard kind: equal to ``explain(site)`` at ``matched_on``."""

    site_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=MatchState)
    department_id = models.UUIDField(null=True)
    rule_id = models.UUIDField(null=True)
    assisting = models.JSONField(default=list, help_text="配合部门 id")
    conflicting = models.JSONField(default=list, help_text="同等优先、部门不同的规则 id")
    town = models.CharField(max_length=9)
    village = models.CharField(max_length=12, blank=True)
    matched_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "site_id"], name="duty_match_once")]
        indexes = [
            models.Index(fields=["county", "state", "town"], name="duty_match_gaps"),
            models.Index(fields=["county", "department_id"], name="duty_match_department"),
        ]
