"""Which rule wins: the one page on which the order of precedence stands (cases.md, rule 3). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class Rule:
    """A duty rule as the ranking sees it. Empty conditions fit everything."""

    id: UUID
    department_id: UUID
    part: str
    site_id: UUID | None
    industry_prefix: str
    hazard_kind: str
    site_type: str
    town: str
    village: str
    words: str
    valid_from: date
    valid_to: date | None

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True)
class Subject:
    """What responsibility is asked for: a site, or a place with a kind. ``kinds``: the hazard kind, then its parents."""

    site_id: UUID | None = None
    site_type: str = ""
    industry: str = ""
    kinds: tuple[str, ...] = ()
    town: str = ""
    village: str = ""


Rank = tuple[int, int, int, int, int]


def fits(rule: Rule, subject: Subject) -> bool:
    """Say whether every condition that the rule sets holds for the subject."""
    return (
        (rule.site_id is None or rule.site_id == subject.site_id)
        and subject.industry.startswith(rule.industry_prefix)
        and (not rule.hazard_kind or rule.hazard_kind in subject.kinds)
        and (not rule.site_type or rule.site_type == subject.site_type)
        and (not rule.town or rule.town == subject.town)
        and (not rule.village or rule.village == subject.village)
    )


def rank(rule: Rule, subject: Subject) -> Rank:
    """Return how specific a fitting rule is; greater wins.

    Site before industry (longer prefix first) before hazard kind (deeper first) before site type; then village before town
    before county.
    """
    depth = len(subject.kinds) - subject.kinds.index(rule.hazard_kind) if rule.hazard_kind else 0
    place = 2 if rule.village else 1 if rule.town else 0
    return (int(rule.site_id is not None), len(rule.industry_prefix), depth, int(bool(rule.site_type)), place)


@dataclass(frozen=True)
class Verdict:
    """``ranked``: fitting main rules in force, most specific first; ``winner`` is None when none fits or the best conflict."""

    ranked: Sequence[tuple[Rule, Rank]]
    winner: Rule | None
    conflicting: Sequence[Rule]
    assisting: Sequence[UUID]
    expired: Sequence[Rule]


def judge(rules: Iterable[Rule], subject: Subject, on: date) -> Verdict:
    """Rank every rule that fits; equal best ranks with different departments are a conflict.

    ``expired`` are rules that have run out and would have won today.
    """
    fitting = [rule for rule in rules if fits(rule, subject)]
    main = [rule for rule in fitting if rule.part == "main"]
    ranked = sorted(
        ((rule, rank(rule, subject)) for rule in main if rule.in_force(on)),
        key=lambda pair: (*(-n for n in pair[1]), str(pair[0].id)),
    )
    best = [rule for rule, its_rank in ranked if its_rank == ranked[0][1]]
    conflict = len({rule.department_id for rule in best}) > 1
    winner = best[0] if best and not conflict else None
    top = ranked[0][1] if ranked else (-1,) * 5
    expired = [r for r in main if r.valid_to is not None and r.valid_to < on and rank(r, subject) > top]
    helping = {r.department_id for r in fitting if r.part == "assisting" and r.in_force(on)}
    if winner is not None:
        helping.discard(winner.department_id)
    return Verdict(ranked, winner, best if conflict else [], sorted(helping, key=str), expired)
