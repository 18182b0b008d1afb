from safegrid.cases.models.case import Case, CaseAssistance, Channel, DutyShift, Place
from safegrid.cases.models.handling import (
    Dispute,
    Extension,
    OverdueAppeal,
    Penalty,
    Recheck,
    RectificationOrder,
    Supervision,
    Suspension,
)
from safegrid.cases.models.timing import CaseTimer, EscalationStep, Stage, TimerState

__all__ = [
    "Case",
    "CaseAssistance",
    "CaseTimer",
    "Channel",
    "Dispute",
    "DutyShift",
    "EscalationStep",
    "Extension",
    "OverdueAppeal",
    "Penalty",
    "Place",
    "Recheck",
    "RectificationOrder",
    "Stage",
    "Supervision",
    "Suspension",
    "TimerState",
]
