from safegrid.foundation.models.cache import CacheVersion
from safegrid.foundation.models.calendar import CalendarDay, CalendarYear, WorkSchedule
from safegrid.foundation.models.queue import TaskHold, TaskReceipt
from safegrid.foundation.models.requests import IdempotencyKey
from safegrid.foundation.models.scope import ScopeGrant
from safegrid.foundation.models.trace import TraceBatch, TraceHead, TraceRow
from safegrid.foundation.models.workflow import WorkflowModel

__all__ = [
    "CacheVersion",
    "CalendarDay",
    "CalendarYear",
    "IdempotencyKey",
    "ScopeGrant",
    "TaskHold",
    "TaskReceipt",
    "TraceBatch",
    "TraceHead",
    "TraceRow",
    "WorkSchedule",
    "WorkflowModel",
]
