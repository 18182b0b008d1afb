"""What the console keeps for its users: lists as they named them, and what they did with many rows at once."""

from __future__ import annotations

from django.db import models

from safegrid.foundation import clock
from safegrid.foundation.keys import CountyForeignKey, CountyModel, LocalModel


class SavedView(LocalModel):
    """A list as one user named it: filters, order and columns as they stand in its address. Nobody else sees it."""

    user_id = models.UUIDField()
    path = models.CharField(max_length=200, help_text="地址，不含参数")
    name = models.CharField(max_length=30)
    query = models.CharField(max_length=2000, blank=True)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "path", "name"], name="saved_view_once"),
            models.UniqueConstraint(
                fields=["user_id", "path"], condition=models.Q(is_default=True), name="saved_view_one_default"
            ),
        ]


class RunState(models.TextChoices):
    DRAFT = "draft", "待确认"
    RUNNING = "running", "办理中"
    DONE = "done", "已办完"


class BulkRun(CountyModel):
    """One verb for many rows, as one user chose them. What is confirmed is what was shown: the rows stand in ``BulkLine``."""

    user_id = models.UUIDField()
    action = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.DRAFT)
    values = models.JSONField(default=dict, help_text="表单内容，按字段名；逐条办理时重新核对")
    back = models.CharField(max_length=2200, help_text="回到的列表")
    total = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["county", "created_at"], name="bulk_run_age")]


class Outcome(models.TextChoices):
    WAITING = "", "未办理"
    DONE = "done", "已办理"
    REFUSED = "refused", "未能办理"


class BulkLine(CountyModel):
    """One row of a run and what became of it."""

    run = CountyForeignKey(BulkRun, related_name="lines")
    row_id = models.UUIDField()
    name = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default="", blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "run", "row_id"], name="bulk_line_once")]
        indexes = [models.Index(fields=["county", "run", "outcome", "id"], name="bulk_line_outcome")]
