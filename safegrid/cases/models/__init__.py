from safegrid.cases.models.accident import AccidentReport, ReportLevel, ReportStep
from safegrid.cases.models.case import Case, CaseAssistance, Channel, DutyShift, Place
from safegrid.cases.models.handling import (
    Decision,
    Dispute,
    Extension,
    OverdueAppeal,
    Penalty,
    Recheck,
    RectificationOrder,
    Supervision,
    Suspension,
)
from safegrid.cases.models.searching import CaseWords
from safegrid.cases.models.timing import CaseTimer, EscalationStep, Stage, TimerState

__all__ = [
    "AccidentReport",
    "Case",
    "CaseAssistance",
    "CaseTimer",
    "CaseWords",
    "Channel",
    "Decision",
    "Dispute",
    "DutyShift",
    "EscalationStep",
    "Extension",
    "OverdueAppeal",
    "Penalty",
    "Place",
    "Recheck",
    "RectificationOrder",
    "ReportLevel",
    "ReportStep",
    "Stage",
    "Supervision",
    "Suspension",
    "TimerState",
]
