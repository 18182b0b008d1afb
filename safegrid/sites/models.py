"""The register of what is supervised: sites, contacts, changes under review, comparison with other registers, imports."""

from django.db import models

from safegrid.foundation import clock
from safegrid.foundation.crypto import SealedTextField, mask_name
from safegrid.foundation.keys import CountyForeignKey, CountyModel, ReferenceModel
from safegrid.foundation.models import WorkflowModel


class SiteType(models.TextChoices):
    ENTERPRISE = "enterprise", "生产经营单位"
    SHOP = "shop", "小商铺"
    WORKSHOP = "workshop", "小作坊"
    VENUE = "venue", "小娱乐场所"
    HOUSEHOLD = "household", "家庭户"
    PUBLIC_PLACE = "public_place", "公共场所"


class RiskGrade(models.TextChoices):
    RED = "red", "重大风险"
    ORANGE = "orange", "较大风险"
    YELLOW = "yellow", "一般风险"
    BLUE = "blue", "低风险"


class Scale(models.TextChoices):
    LARGE = "large", "大型"
    MEDIUM = "medium", "中型"
    SMALL = "small", "小型"
    MICRO = "micro", "微型"
    NONE = "none", "不适用"


class SiteStatus(models.TextChoices):
    ACTIVE = "active", "在册"
    PAUSED = "paused", "停业"
    CLOSED = "closed", "注销"
    MOVED = "moved", "迁出"


class Industry(ReferenceModel):
    """A class of GB/T 4754-2017: section (letter), division (2 digits), group (3), class (4)."""

    code = models.CharField(max_length=5)
    name = models.CharField(max_length=120)
    parent = models.CharField(max_length=5, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], name="industry_code_once")]


class Site(CountyModel):
    """Whatever is supervised at a place. Coordinates are WGS 84; ``declared_datum`` is what they came in."""

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    site_type = models.CharField(max_length=20, choices=SiteType)
    industry = models.CharField(max_length=5, blank=True, help_text="GB/T 4754-2017 数字代码，如 2631")
    scale = models.CharField(max_length=10, choices=Scale, default=Scale.NONE)
    employees = models.PositiveIntegerField(null=True)
    risk_grade = models.CharField(max_length=10, choices=RiskGrade, default=RiskGrade.BLUE)
    credit_code = models.CharField(max_length=18, blank=True, help_text="统一社会信用代码")
    town = models.CharField(max_length=9)
    village = models.CharField(max_length=12, blank=True)
    address = models.CharField(max_length=200, blank=True)
    opening_hours = models.CharField(
        max_length=40, blank=True, help_text="每天的营业时间，见 sites.opening；不清楚的留空"
    )
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    declared_datum = models.CharField(max_length=10, blank=True)
    status = models.CharField(max_length=10, choices=SiteStatus, default=SiteStatus.ACTIVE)
    is_directly_supervised = models.BooleanField(default=False)
    grid_id = models.UUIDField(null=True, help_text="现属网格；由 grids 维护，历史见 SiteGrid")
    department_id = models.UUIDField(null=True, help_text="主管部门；由 duties 维护，见 DutyMatch")
    is_demonstration = models.BooleanField(default=False)
    source = models.CharField(max_length=60, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(
        default=clock.now, help_text="最近一次登记、修改或完成巡查的时间；见 sites.freshness"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "code"], name="site_code_once"),
            models.CheckConstraint(
                condition=models.Q(longitude__isnull=True, latitude__isnull=True)
                | models.Q(longitude__range=(-180, 180), latitude__range=(-90, 90)),
                name="site_position_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "id"], name="site_order"),
            models.Index(fields=["county", "town", "village", "id"], name="site_place"),
            models.Index(fields=["county", "site_type", "industry"], name="site_class"),
            models.Index(fields=["county", "credit_code"], name="site_credit_code"),
            models.Index(fields=["county", "name"], name="site_name"),
            models.Index(fields=["county", "grid_id"], name="site_grid"),
            models.Index(fields=["county", "department_id"], name="site_department"),
            # What goes stale, ready to be counted from the index alone, for a county or a town of it.
            models.Index(
                fields=["county", "confirmed_at", "town", "id"],
                name="site_confirmed",
                condition=models.Q(status="active", is_directly_supervised=False),
            ),
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The name as lists and pages show it: a household goes by its head's name, which is masked."""
        return mask_name(self.name) if self.site_type == SiteType.HOUSEHOLD else self.name


class SiteContact(CountyModel):
    """A person to talk to at a site; phone and ID number are sealed and masked."""

    site = CountyForeignKey(Site, related_name="contacts")
    name = models.CharField(max_length=60)
    position = models.CharField(max_length=60, blank=True, help_text="如：主要负责人、安全管理员、户主")
    phone = SealedTextField()
    phone_tail = models.CharField(max_length=4, blank=True)
    id_number = SealedTextField()
    is_active = models.BooleanField(default=True)


class DirectSupervision(CountyModel):
    """Why and by whom a site is supervised above the grids, for a period."""

    site = CountyForeignKey(Site, related_name="direct_supervisions")
    reason = models.CharField(max_length=200)
    authority = models.CharField(max_length=100, help_text="直接监管的县级以上部门")
    department_id = models.UUIDField(null=True)
    decided_by_id = models.UUIDField(null=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)


class ReviewState(models.TextChoices):
    WAITING = "waiting", "待审核"
    ACCEPTED = "accepted", "已采纳"
    REFUSED = "refused", "未采纳"


class ChangeRequest(CountyModel):
    """A proposed change of a site (or, without ``site``, a new one), reviewed by the town station."""

    site = CountyForeignKey(Site, null=True, related_name="change_requests")
    town = models.CharField(max_length=9)
    village = models.CharField(max_length=12, blank=True)
    values = models.JSONField(help_text="字段 → 新值")
    words = models.CharField(max_length=300, blank=True)
    based_on_version = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.WAITING)
    proposed_by_id = models.UUIDField()
    proposed_at = models.DateTimeField()
    reviewed_by_id = models.UUIDField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    review_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["county", "state", "town"], name="change_request_queue")]


class RegisterExtract(CountyModel):
    """One extract of another register (market registration) that was compared with ours."""

    name = models.CharField(max_length=200)
    taken_on = models.DateField()
    is_complete = models.BooleanField(default=False, help_text="全量数据：台账中有而其中没有的视为注销")
    rows = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    compared_at = models.DateTimeField()
    compared_by_id = models.UUIDField(null=True)


class DifferenceKind(models.TextChoices):
    NEW = "new", "登记有、台账无"
    CLOSED = "closed", "登记已注销"
    MOVED = "moved", "地址变更"


class Settlement(models.TextChoices):
    REGISTER = "register", "登记入台账"
    CLOSE = "close", "注销台账对象"
    MOVE = "move", "更新地址"
    IGNORE = "ignore", "不处理"


class RegisterDifference(CountyModel):
    """One line of the work list that a comparison leaves. ``key``: the credit code, or a digest of name and address."""

    extract = CountyForeignKey(RegisterExtract, related_name="differences")
    kind = models.CharField(max_length=10, choices=DifferenceKind)
    key = models.CharField(max_length=40, default="")
    site = CountyForeignKey(Site, null=True, related_name="register_differences")
    credit_code = models.CharField(max_length=18, blank=True)
    name = models.CharField(max_length=200)
    town = models.CharField(max_length=9, blank=True)
    village = models.CharField(max_length=12, blank=True)
    found = models.JSONField()
    settled_at = models.DateTimeField(null=True)
    settled_by_id = models.UUIDField(null=True)
    settled_as = models.CharField(max_length=10, choices=Settlement, blank=True)
    settled_how = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "extract", "kind", "key"], name="register_difference_once")
        ]
        indexes = [models.Index(fields=["county", "town", "id"], name="register_difference_place")]


class ImportKind(models.TextChoices):
    SITES = "sites", "监管对象"
    REGISTER = "register", "市场主体登记比对"


class ImportState(models.TextChoices):
    WAITING = "waiting", "等待检查"
    CHECKING = "checking", "检查中"
    CHECKED = "checked", "已检查，待确认导入"
    ORDERED = "ordered", "等待导入"
    APPLYING = "applying", "导入中"
    APPLIED = "applied", "已导入"
    FAILED = "failed", "未导入"
    CANCELLED = "cancelled", "已放弃"


class ImportRun(WorkflowModel):
    """One uploaded file on its way into the register: checked by a dry run in the queue, then applied when confirmed."""

    kind = models.CharField(max_length=10, choices=ImportKind, default=ImportKind.SITES)
    name = models.CharField(max_length=200, help_text="上传时的文件名")
    file = models.CharField(max_length=300, help_text="私有存储中的位置")
    options = models.JSONField(default=dict, help_text="datum、mode；比对时 taken_on、is_complete")
    rows_read = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    refused_file = models.CharField(max_length=300, blank=True, help_text="被拒行的工作簿")
    message = models.CharField(max_length=500, blank=True)
    started_by_id = models.UUIDField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["county", "started_by_id", "-started_at"], name="import_run_own")]

    @property
    def state_label(self) -> str:
        """The state as pages name it; a workflow's state has no choices of its own."""
        return ImportState(self.state).label
