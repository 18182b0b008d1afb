"""Grids and their versions, the officers and members of each, postings through the gate, and which site is whose."""

from django.db import models

from safegrid.foundation.keys import CountyForeignKey, CountyModel


class GridKind(models.TextChoices):
    VILLAGE = "village", "村级网格"
    CLUSTER = "cluster", "工商业聚集区网格"
    TOWN = "town", "乡镇级网格"


class Grid(CountyModel):
    """One supervision unit. Its boundary lives in its versions; ``closed_on`` ends it."""

    code = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=GridKind, default=GridKind.VILLAGE)
    town = models.CharField(max_length=9)
    village = models.CharField(max_length=12, blank=True, help_text="跨村网格留空")
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    wishes = models.JSONField(default=list, help_text="希望其网格员具备的语言与专长")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "code"], name="grid_code_once")]
        indexes = [models.Index(fields=["county", "town", "village"], name="grid_place")]

    def __str__(self) -> str:
        return self.name


class GridVersion(CountyModel):
    """A grid's boundary for a period: WKB in WGS 84, its box in degrees, area in square metres."""

    grid = CountyForeignKey(Grid, related_name="versions")
    number = models.PositiveIntegerField()
    boundary = models.BinaryField()
    min_longitude = models.FloatField()
    min_latitude = models.FloatField()
    max_longitude = models.FloatField()
    max_latitude = models.FloatField()
    area_m2 = models.FloatField()
    villages = models.JSONField(default=list, help_text="网格所含村（社区）代码")
    is_approximate = models.BooleanField(default=False)
    source = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, help_text="最后一天；早于生效日表示未曾生效")
    warnings = models.JSONField(default=list, help_text="划定时发现的空隙、越界")
    began_at = models.DateTimeField(null=True, help_text="何时因其生效重新归属了监管对象")
    ended_at = models.DateTimeField(null=True, help_text="何时因其失效重新归属了监管对象")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "grid", "number"], name="grid_version_once")]
        indexes = [models.Index(fields=["county", "valid_from"], name="grid_version_period")]


class OfficerKind(models.TextChoices):
    RESPONSIBLE = "responsible", "安全监管责任人"
    CONTACT = "contact", "联系负责人"


class GridOfficer(CountyModel):
    """One of the two officials named for a grid, for a period (first and last day, both included)."""

    grid = CountyForeignKey(Grid, related_name="officers")
    kind = models.CharField(max_length=20, choices=OfficerKind)
    user_id = models.UUIDField(null=True)
    name = models.CharField(max_length=60)
    title = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)


class GridMember(CountyModel):
    """A person who can be posted. Employer, managing station and permitted task-givers keep relations clear (关系厘清)."""

    user_id = models.UUIDField()
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    phone_tail = models.CharField(max_length=4, blank=True)
    is_full_time = models.BooleanField(default=True)
    employer = models.CharField(max_length=100)
    town = models.CharField(max_length=9, help_text="管理其日常工作的安监站所在乡镇")
    home_village = models.CharField(max_length=12, blank=True)
    task_givers = models.JSONField(default=list, help_text="可以派任务的部门编码")
    skills = models.JSONField(default=list, help_text="语言与专长，如：畲语、电工")
    hired_on = models.DateField()
    left_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "code"], name="grid_member_code_once"),
            models.UniqueConstraint(fields=["county", "user_id"], name="grid_member_user_once"),
        ]

    def __str__(self) -> str:
        return self.name


class PostingRole(models.TextChoices):
    PRIMARY = "primary", "主责"
    DEPUTY = "deputy", "协助"


class Posting(CountyModel):
    """A member's assignment to a grid for a period, opened only through the gates."""

    member = CountyForeignKey(GridMember, related_name="postings")
    grid = CountyForeignKey(Grid, related_name="postings")
    role = models.CharField(max_length=10, choices=PostingRole, default=PostingRole.PRIMARY)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    substitute_for = CountyForeignKey("self", null=True, related_name="substitutes")
    gates = models.JSONField(default=dict, help_text="上岗时各道门禁的依据")
    paused_since = models.DateField(null=True, help_text="门禁失效，自此日暂停")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "grid"],
                condition=models.Q(role="primary", valid_to__isnull=True, substitute_for__isnull=True),
                name="one_primary_posting",
            )
        ]


class MemberLeave(CountyModel):
    """Days on which a member is away, and who stands in."""

    member = CountyForeignKey(GridMember, related_name="leaves")
    substitute = CountyForeignKey(GridMember, null=True, related_name="stands_in")
    reason = models.CharField(max_length=200)
    first_day = models.DateField()
    last_day = models.DateField()


class EvidenceKind(models.TextChoices):
    EXAM = "exam", "上岗考试合格证"
    UNDERTAKING = "undertaking", "保密承诺书"
    EQUIPMENT = "equipment", "必配防护用品发放单"


class GateEvidence(CountyModel):
    """A paper entered by hand that a gate reads, until training and welfare keep their own."""

    member = CountyForeignKey(GridMember, related_name="evidence")
    kind = models.CharField(max_length=20, choices=EvidenceKind)
    number = models.CharField(max_length=60)
    issued_on = models.DateField()
    expires_on = models.DateField(null=True)
    revoked_on = models.DateField(null=True)
    entered_by_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "member", "kind", "number"], name="gate_evidence_once")
        ]


class AssignedBy(models.TextChoices):
    LOCATION = "location", "按位置"
    HAND = "hand", "手工指定"


class SiteGrid(CountyModel):
    """Which grid a site belongs to, for a period: on any date at most one."""

    site_id = models.UUIDField()
    grid = CountyForeignKey(Grid, related_name="site_grids")
    assigned_by = models.CharField(max_length=10, choices=AssignedBy)
    reason = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "site_id"], condition=models.Q(valid_to__isnull=True), name="one_grid_per_site"
            )
        ]
        indexes = [
            models.Index(fields=["county", "grid", "valid_to"], name="site_grid_members"),
            models.Index(fields=["county", "site_id", "valid_from"], name="site_grid_history"),
        ]
