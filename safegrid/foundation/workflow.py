"""The workflow engine: one table says which verb leads from which state to which, for whom and with what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from safegrid.foundation.errors import InvalidInput, WrongState


@dataclass(frozen=True)
class State:
    """A state with its Chinese label and whose turn it is there (Chinese, for people)."""

    name: str
    label: str
    turn: str = ""
    final: bool = False


@dataclass(frozen=True)
class Row:
    """One row of the table.

    ``sources`` empty: the verb creates. ``targets`` empty: the state stays. More than one target: the service
    chooses among them. ``required``: names of the fields without which the verb is refused. ``timer``: the stage whose timer
    starts when the verb has been carried out.
    """

    verb: str
    label: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    roles: frozenset[str]
    required: tuple[str, ...] = ()
    timer: str = ""


@dataclass(frozen=True)
class Workflow:
    """The whole table of one kind of thing, with what can be read off it."""

    name: str
    states: tuple[State, ...]
    rows: tuple[Row, ...]
    field_labels: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def state(self) -> dict[str, State]:
        return {state.name: state for state in self.states}

    @cached_property
    def verb_labels(self) -> dict[str, str]:
        return {row.verb: row.label for row in self.rows}

    def find(self, verb: str, state: str) -> Row:
        """Return the row of ``verb`` from ``state`` ("" for creation); raise ``WrongState`` where the table has none."""
        for row in self.rows:
            if row.verb == verb and (state in row.sources or (not row.sources and state == "")):
                return row
        if verb not in self.verb_labels:
            raise KeyError(verb)
        label = self.state[state].label if state in self.state else "新建"
        raise WrongState(f"当前状态是“{label}”，不能“{self.verb_labels[verb]}”")

    def verbs_from(self, state: str, roles: Iterable[str]) -> list[Row]:
        """Return the rows that start from ``state`` for anyone holding one of ``roles``."""
        held = set(roles)
        return [row for row in self.rows if state in row.sources and held & row.roles]

    def require(self, row: Row, values: Mapping[str, Any]) -> None:
        """Raise ``InvalidInput`` naming every required field of ``row`` that ``values`` leaves empty."""
        missing = {
            name: f"请填写{self.field_labels.get(name, name)}" for name in row.required if _empty(values.get(name))
        }
        if missing:
            raise InvalidInput(missing)

    def problems(self) -> list[str]:
        """Return what is wrong with the table itself: unknown, unreachable and dead-end states, doubled rows."""
        known = set(self.state)
        words = [f"{r.verb}: unknown state {s}" for r in self.rows for s in (*r.sources, *r.targets) if s not in known]
        reached = {target for row in self.rows if not row.sources for target in row.targets}
        grew = True
        while grew:
            new = {t for row in self.rows if reached & set(row.sources) for t in row.targets}
            grew = not new <= reached
            reached |= new
        words += [f"{state} is never reached" for state in sorted(known - reached)]
        leaving = {source for row in self.rows if row.targets for source in row.sources}
        words += [f"{s.name} has no way out" for s in self.states if not s.final and s.name not in leaving]
        pairs = [(row.verb, source) for row in self.rows for source in row.sources or ("",)]
        words += [f"{pair} stands twice" for pair in sorted({p for p in pairs if pairs.count(p) > 1})]
        words += [f"{row.verb} is nobody's" for row in self.rows if not row.roles]
        return words

    def mermaid(self) -> str:
        """Return the diagram of the states for ``docs/``."""
        lines = ["stateDiagram-v2", *[f'    state "{s.label}" as {s.name}' for s in self.states]]
        for row in self.rows:
            for source in row.sources or ("[*]",):
                lines += [f"    {source} --> {target}: {row.label}" for target in row.targets]
        return "\n".join([*lines, *[f"    {s.name} --> [*]" for s in self.states if s.final]])


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == () or (isinstance(value, str) and not value.strip())
