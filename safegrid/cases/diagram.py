"""The workflow as a page of ``docs``: diagram and table, written from the table in code."""

from __future__ import annotations

from safegrid.cases.fields import LABELS
from safegrid.cases.workflow import CASE, STATES, CaseRow

HEAD = """# The workflow of a case (案件流程)

Written by `manage.py case_diagram` from `safegrid/cases/workflow.py`; a test keeps it current. Verbs that leave the state as
it is are in the table only.
"""


def page() -> str:
    """Return the whole page in Markdown."""
    return "\n".join([HEAD, "```mermaid", mermaid(), "```", "", *_states(), "", *_verbs(), ""])


def mermaid() -> str:
    """Return the diagram with one arrow for each pair of states, labelled with the verbs that lead along it."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in CASE.rows:
        for source in row.sources or ("[*]",):
            for target in row.targets:
                arrows.setdefault((source, target), []).append(row.label)
    lines = ["stateDiagram-v2", *[f'    state "{state.label}" as {state.name}' for state in STATES]]
    lines += [f"    {a} --> {b}: {'、'.join(labels)}" for (a, b), labels in arrows.items()]
    return "\n".join([*lines, *[f"    {state.name} --> [*]" for state in STATES if state.final]])


def _states() -> list[str]:
    rows = [f"| `{state.name}` | {state.label} | {state.turn or '-'} |" for state in STATES]
    return ["| state | 中文 | whose turn |", "|---|---|---|", *rows]


def _verbs() -> list[str]:
    head = "| verb | 中文 | from | to | roles | required | timers |"
    return [head, "|---|---|---|---|---|---|---|", *[_line(row) for row in CASE.rows if isinstance(row, CaseRow)]]


def _line(row: CaseRow) -> str:
    conditions = dict(row.conditions)
    roles = [f"{role} ({conditions[role]})" if role in conditions else role for role in sorted(row.roles)]
    targets = [*row.targets, *(["unchanged"] if row.may_stay or not row.targets else [])]
    cells = (
        f"`{row.verb}`", row.label, _states_of(row.sources), ", ".join(targets), ", ".join(roles),
        "、".join(LABELS[name] for name in row.required) or "-",
        ", ".join(f"{effect.op} {effect.stage}" for effect in row.effects) or "-",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _states_of(names: tuple[str, ...]) -> str:
    everything = tuple(state.name for state in STATES)
    if names == everything:
        return "every state"
    if names == tuple(state.name for state in STATES if not state.final):
        return "every open state"
    return ", ".join(names) or "-"
