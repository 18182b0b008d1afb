"""Scenarios (划分方案): a division of a town or county being worked out, what it divides, and what follows its publication."""

from django.db import models

from safegrid.foundation.keys import CountyForeignKey, CountyModel
from safegrid.foundation.models import WorkflowModel


class ScenarioState(models.TextChoices):
    DRAFT = "draft", "编制中"
    QUEUED = "queued", "排队中"
    RUNNING = "running", "计算中"
    READY = "ready", "已算出"
    STOPPED = "stopped", "已停止（保留最好结果）"
    FAILED = "failed", "未能算出"
    APPROVED = "approved", "已批准"
    PUBLISHING = "publishing", "发布中"
    PUBLISHED = "published", "已发布"
    SUPERSEDED = "superseded", "已作废"


class Purpose(models.TextChoices):
    DIVIDE = "divide", "重新划分"
    IMPROVE = "improve", "微调现有网格"


class Scenario(WorkflowModel):
    """One proposed division. ``town`` is empty for the whole county. ``labels[unit]`` is the number of the unit's grid.

    ``container_grids[c]`` says how many grids container ``c`` has; numbers run container by container. ``progress`` is
    written while it runs, without a new version; everything else goes through ``swap``.
    """

    name = models.CharField(max_length=100)
    town = models.CharField(max_length=9, blank=True)
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.DIVIDE)
    parameters = models.JSONField(default=dict)
    copied_from = CountyForeignKey("self", null=True, related_name="copies")
    created_by_id = models.UUIDField(null=True, help_text="空：每周检查自动提出")
    created_at = models.DateTimeField()
    findings = models.JSONField(default=list, help_text="运行前发现的问题与处理办法")
    stop_requested = models.BooleanField(default=False)
    progress = models.JSONField(default=dict)
    labels = models.JSONField(default=list)
    container_grids = models.JSONField(default=list)
    grids = models.JSONField(default=list, help_text="每个网格的编码、名称、工作量、偏差等")
    figures = models.JSONField(default=dict)
    bounds = models.JSONField(default=dict)
    message = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    approved_by_id = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    approval_words = models.CharField(max_length=300, blank=True)
    published_by_id = models.UUIDField(null=True)
    published_at = models.DateTimeField(null=True)
    published_from = models.DateField(null=True, help_text="新网格启用日期")
    settled_at = models.DateTimeField(null=True, help_text="启用后处理完无法按位置归属的监管对象的时间")

    class Meta:
        indexes = [
            models.Index(fields=["county", "town", "state"], name="scenario_place"),
            models.Index(fields=["county", "created_at"], name="scenario_time"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def territory(self) -> str:
        """The code of the town, or of the county, that is divided."""
        return self.town or str(self.county)


class Ground(CountyModel):
    """What a scenario divides: its base units, as arrays; written anew by each check or run.

    ``arrays`` is a compressed npz of the solver's problem and of what each unit holds (``planning.ground.Ground``);
    ``shapes`` the WKB polygons of the units in their order; ``left_out`` the sites taken out, [[site id, why], …].
    """

    scenario = CountyForeignKey(Scenario, related_name="grounds")
    arrays = models.BinaryField()
    shapes = models.BinaryField()
    left_out = models.JSONField(default=list)
    built_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "scenario"], name="one_ground_per_scenario")]


class ClusterState(models.TextChoices):
    FOUND = "found", "待确认"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "不单独成网格"
    DROPPED = "dropped", "已重新查找"


class Cluster(CountyModel):
    """An industrial or commercial cluster found by density; confirmed ones get grids of their own. Boundary: WKB, WGS 84."""

    scenario = CountyForeignKey(Scenario, related_name="clusters")
    name = models.CharField(max_length=100)
    town = models.CharField(max_length=9)
    villages = models.JSONField(default=list)
    boundary = models.BinaryField()
    sites = models.PositiveIntegerField()
    minutes = models.FloatField(help_text="年工作量（分钟）")
    state = models.CharField(max_length=10, choices=ClusterState, default=ClusterState.FOUND)
    reason = models.CharField(max_length=200, blank=True)
    decided_by_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["county", "scenario", "state"], name="cluster_of_scenario")]

    @property
    def is_undecided(self) -> bool:
        """Whether it waits to be confirmed or refused."""
        return self.state == ClusterState.FOUND


class EditKind(models.TextChoices):
    MOVE = "move", "调整单元"
    MERGE = "merge", "合并网格"
    SPLIT = "split", "新增网格"


class Edit(CountyModel):
    """One change of a plan by hand. ``before`` keeps what undoing needs: labels of the units touched, grids per container."""

    scenario = CountyForeignKey(Scenario, related_name="edits")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=EditKind)
    words = models.CharField(max_length=200)
    before = models.JSONField()
    made_by_id = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "scenario", "number"], name="plan_edit_once")]


class ProposalState(models.TextChoices):
    WAITING = "waiting", "待乡镇确认"
    CONFIRMED = "confirmed", "已派驻"
    DECLINED = "declined", "不采纳"


class PostingProposal(CountyModel):
    """Who should serve a published grid, proposed at the least total cost; the town's station confirms or declines."""

    scenario = CountyForeignKey(Scenario, related_name="posting_proposals")
    town = models.CharField(max_length=9)
    grid_id = models.UUIDField()
    member_id = models.UUIDField()
    why = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.WAITING)
    reason = models.CharField(max_length=200, blank=True)
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "scenario", "grid_id", "member_id"], name="proposal_once")
        ]
        indexes = [models.Index(fields=["county", "town", "state"], name="proposal_place")]
