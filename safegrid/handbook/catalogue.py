"""A county's hazard kinds, limits and norms, as every verb needs them: loaded once, asked often."""

from __future__ import annotations

from dataclasses import dataclass, field

from safegrid.foundation.cache import CountyCache
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.worktime import TimeLimit
from safegrid.handbook.models import Checklist, ChecklistItem, ChecklistState, HazardKind, SeverityLimit, VisitNorm

HANDLE_MAX = "handle_max"


@dataclass(frozen=True)
class Catalogue:
    """The handbook's tables of one county, by their keys."""

    kinds: dict[str, HazardKind]
    severity_limits: dict[str, dict[str, TimeLimit]]
    norms: dict[tuple[str, str], VisitNorm]
    checklists: list[Checklist]
    items: dict[object, list[ChecklistItem]] = field(default_factory=dict)

    def kind(self, code: str) -> HazardKind:
        """Return a kind; raise ``InvalidInput`` for a code that is not in the county's catalogue."""
        try:
            return self.kinds[code]
        except KeyError:
            raise InvalidInput({"kind": f"隐患类别“{code}”不在本县目录中"}) from None

    def ancestors(self, code: str) -> list[str]:
        """Return the kind's own code, then its parents' up to the root."""
        codes: list[str] = []
        while code and code not in codes and code in self.kinds:
            codes.append(code)
            code = self.kinds[code].parent_code
        return codes

    def limit(self, code: str, severity: str, stage: str) -> TimeLimit:
        """Return the limit of a stage: the kind's own, else its nearest parent's, else the severity's.

        A limit set on a kind holds for the kind's own severity; another severity falls back to the severity's limit when
        that one is shorter, so that raising a case to major never leaves it more time.
        """
        general = self.severity_limits[severity][stage]
        for ancestor in self.ancestors(code):
            stated = self.kinds[ancestor].limits.get(stage)
            if stated:
                own = TimeLimit.from_dict(stated)
                return own if self.kinds[code].severity == severity else min(own, general, key=_hours)
        return general

    def stated_by(self, code: str, stage: str) -> HazardKind | None:
        """Return the kind that states the limit of a stage (``handle_max`` too): the kind itself or a parent, else None."""
        for ancestor in self.ancestors(code):
            kind = self.kinds[ancestor]
            if kind.handle_max if stage == HANDLE_MAX else kind.limits.get(stage):
                return kind
        return None

    def handle_max(self, code: str, severity: str) -> TimeLimit:
        """Return the longest time that a rectification order may give."""
        for ancestor in self.ancestors(code):
            if self.kinds[ancestor].handle_max:
                return TimeLimit.from_dict(self.kinds[ancestor].handle_max)
        return self.severity_limits[severity][HANDLE_MAX]

    def checklist(self, site_type: str, industry: str) -> Checklist | None:
        """Return the published checklist of the site type with the longest fitting industry prefix."""
        fitting = [c for c in self.checklists if c.site_type == site_type and industry.startswith(c.industry_prefix)]
        return max(fitting, key=lambda c: (len(c.industry_prefix), c.code), default=None)


def _hours(limit: TimeLimit) -> float:
    """Roughly how long a limit is, in hours, to compare units: a working day is taken for 24, a working hour for 3."""
    return limit.value * {"urgent_hours": 1, "working_hours": 3, "working_days": 24, "calendar_days": 24}[limit.unit]


def _load(county: int) -> Catalogue:
    limits = {
        row.severity: {stage: TimeLimit.from_dict(limit) for stage, limit in row.limits.items()}
        for row in SeverityLimit.objects.filter(county=county)
    }
    checklists = list(Checklist.objects.filter(county=county, state=ChecklistState.PUBLISHED))
    items: dict[object, list[ChecklistItem]] = {checklist.id: [] for checklist in checklists}
    for item in ChecklistItem.objects.filter(county=county, checklist_id__in=list(items)).order_by("position"):
        items[item.checklist_id].append(item)
    return Catalogue(
        kinds={kind.code: kind for kind in HazardKind.objects.filter(county=county).order_by("position", "id")},
        severity_limits=limits,
        norms={(n.site_type, n.risk_grade): n for n in VisitNorm.objects.filter(county=county)},
        checklists=checklists,
        items=items,
    )


CATALOGUE = CountyCache("handbook", _load)
