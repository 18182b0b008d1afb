"""Who is responsible, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from django.db.models import Q, QuerySet

from safegrid.duties.access import visible, visible_matches
from safegrid.duties.models import DutyMatch, DutyRule, MatchState, Part
from safegrid.duties.ranking import Rule, Subject, Verdict
from safegrid.duties.rulebook import RULEBOOK
from safegrid.duties.wording import rank_words
from safegrid.foundation import clock
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor
from safegrid.handbook.selectors import ancestors
from safegrid.orgs.selectors import department, departments, names_of
from safegrid.sites.access import visible as visible_sites


class SiteLike(Protocol):
    """What the rules look at of a site."""

    id: UUID
    county: int
    site_type: str
    industry: str
    town: str
    village: str


@dataclass(frozen=True)
class Step:
    """One fitting rule, in words: by what it fits, whose it is, whether it wins and why."""

    rule_id: UUID
    department_id: UUID
    department_name: str
    rank_words: str
    wins: bool
    why: str


@dataclass(frozen=True)
class Explanation:
    """The answer to "why this department": ``main`` is None when nothing fits or the best rules conflict."""

    main: Any
    rule_id: UUID | None
    steps: list[Step]
    assisting: list[UUID]
    conflicts: list[UUID]
    alerts: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, to be kept with a case as it was dispatched."""
        return {
            "main": str(self.main.id) if self.main else None,
            "rule": str(self.rule_id) if self.rule_id else None,
            "steps": [
                {
                    "rule": str(s.rule_id),
                    "department": s.department_name,
                    "by": s.rank_words,
                    "wins": s.wins,
                    "why": s.why,
                }
                for s in self.steps
            ],
            "assisting": [str(one) for one in self.assisting],
            "conflicts": [str(one) for one in self.conflicts],
            "alerts": self.alerts,
        }


def subject_of(county: int, site: SiteLike | None, *, hazard_kind: str = "", town: str = "", village: str = "",
               site_type: str = "", industry: str = "") -> Subject:  # fmt: skip
    """Return what the rules are asked about; a site's own facts come before those given."""
    kinds = tuple(ancestors(county, hazard_kind)) if hazard_kind else ()
    if site is not None:
        return Subject(site.id, site.site_type, site.industry, kinds, site.town, site.village)
    return Subject(None, site_type, industry, kinds, town, village)


def explain(*, county: int, site: SiteLike | None = None, hazard_kind: str = "", town: str = "", village: str = "",
            site_type: str = "", industry: str = "", on: date | None = None) -> Explanation:  # fmt: skip
    """Return the department responsible for a site or a hazard at a place, with every rule that fits and why one won."""
    subject = subject_of(county, site, hazard_kind=hazard_kind, town=town, village=village, site_type=site_type,
                         industry=industry)  # fmt: skip
    verdict = RULEBOOK.get(county).judge(subject, on or clock.today())
    wanted = {rule.department_id for rule, _ in verdict.ranked} | {rule.department_id for rule in verdict.expired}
    names = names_of(county, wanted) if wanted else {}
    return Explanation(
        main=department(county, verdict.winner.department_id) if verdict.winner else None,
        rule_id=verdict.winner.id if verdict.winner else None,
        steps=[_step(county, rule, verdict, names) for rule, _ in verdict.ranked],
        assisting=list(verdict.assisting),
        conflicts=[rule.id for rule in verdict.conflicting],
        alerts=[
            f"规则“{rank_words(county, rule)} → {names.get(rule.department_id, '')}”已于 {rule.valid_to} 到期，请续期或另行指定"
            for rule in verdict.expired
        ],
    )


def _step(county: int, rule: Rule, verdict: Verdict, names: dict[UUID, str]) -> Step:
    wins = rule is verdict.winner
    if wins:
        why = rule.words or "条件最具体"
    elif rule in verdict.conflicting:
        why = "与同等具体的规则部门不同，请牵头部门协调"
    else:
        why = "有更具体的规则"
    return Step(rule.id, rule.department_id, names.get(rule.department_id, ""), rank_words(county, rule), wins, why)


def rules(user: Actor, *, county: int | None = None) -> QuerySet[DutyRule]:
    """Return the rules the user may read, with their departments."""
    found: QuerySet[DutyRule] = visible(user).select_related("department")
    return found.filter(county=county) if county else found


def rule_for(user: Actor, county: int, rule_id: UUID) -> DutyRule:
    """Return one rule; raise ``NotVisible`` when there is none in the user's scope."""
    found: DutyRule | None = visible(user).filter(county=county, id=rule_id).first()
    if found is None:
        raise NotVisible
    return found


def sites_without_department(user: Actor) -> QuerySet[DutyMatch]:
    """Return the matches of sites that no rule gives to anybody."""
    return visible_matches(user).filter(state=MatchState.NONE)


def sites_in_conflict(user: Actor) -> QuerySet[DutyMatch]:
    """Return the matches of sites that equally specific rules give to different departments."""
    return visible_matches(user).filter(state=MatchState.CONFLICT)


def expired_rules(user: Actor, on: date | None = None) -> QuerySet[DutyRule]:
    """Return the rules that have run out."""
    return rules(user).filter(valid_to__lt=on or clock.today())


def sites_of(user: Actor, matches: Iterable[DutyMatch]) -> dict[UUID, Any]:
    """Return the sites of matches that the user may see, by id."""
    ids: dict[int, list[UUID]] = defaultdict(list)
    for match in matches:
        ids[match.county].append(match.site_id)
    return {
        site.id: site
        for county, wanted in ids.items()
        for site in visible_sites(user).filter(county=county, id__in=wanted)
    }


def rules_by_id(county: int, rule_ids: Iterable[UUID]) -> dict[UUID, DutyRule]:
    """Return rules of a county with their departments, by id."""
    rows = DutyRule.objects.filter(county=county, id__in=list(rule_ids)).select_related("department")
    return {row.id: row for row in rows}


def words_of(rule: DutyRule) -> str:
    """Return in Chinese by what a rule fits."""
    return rank_words(rule.county, Rule(**{name: getattr(rule, name) for name in Rule.__dataclass_fields__}))


def in_force(on: date) -> Q:
    """Return the condition "in force on a day" on rules."""
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gte=on))


PARTS = Part.choices


@dataclass(frozen=True)
class Coverage:
    """For one department: its part ("main", "assisting" or "") at each column of the coverage table."""

    department: Any
    parts: list[str]


def coverage(user: Actor, county: int, columns: Sequence[tuple[str, Collection[str]]]) -> list[Coverage]:
    """Return for every active department which of ``columns`` its rules in force speak of.

    A column is ("site_type", {type}) or ("industry_prefix", {division, …}); a rule belongs to a column of industries when
    its prefix begins with one of the divisions. Being the main department outweighs assisting.
    """
    parts: dict[UUID, list[str]] = defaultdict(lambda: [""] * len(columns))
    for rule in rules(user, county=county).filter(in_force(clock.today())):
        for number, (name, values) in enumerate(columns):
            value = getattr(rule, name)
            if (value[:2] if name == "industry_prefix" else value) in values:
                line = parts[rule.department_id]
                line[number] = rule.part if line[number] != Part.MAIN else line[number]
    return [Coverage(one, parts[one.id]) for one in departments(county)]


def matches_of(county: int, site_ids: Iterable[UUID]) -> dict[UUID, DutyMatch]:
    """Return the materialised matches of sites by site."""
    return {m.site_id: m for m in DutyMatch.objects.filter(county=county, site_id__in=list(site_ids))}
