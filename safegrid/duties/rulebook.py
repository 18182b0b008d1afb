"""A county's duty rules in memory, indexed so that a million sites are matched without asking the database for each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, fields
from datetime import date

from safegrid.duties.models import DutyRule
from safegrid.duties.ranking import Rule, Subject, Verdict, judge
from safegrid.foundation.cache import CountyCache

_COLUMNS = [column.name for column in fields(Rule)]


@dataclass
class Rulebook:
    """All rules of a county, those of one site apart; verdicts of equal subjects are remembered for the day."""

    general: list[Rule]
    of_site: dict[object, list[Rule]]
    _judged: dict[tuple[Subject, date], Verdict] = field(default_factory=dict)

    def judge(self, subject: Subject, on: date) -> Verdict:
        """Return the verdict on ``subject`` on a day."""
        own = self.of_site.get(subject.site_id, [])
        if own:
            return judge([*own, *self.general], subject, on)
        alike = Subject(None, subject.site_type, subject.industry, subject.kinds, subject.town, subject.village)
        verdict = self._judged.get((alike, on))
        if verdict is None:
            if len(self._judged) > 50_000:
                self._judged.clear()
            verdict = self._judged[alike, on] = judge(self.general, alike, on)
        return verdict


def load(county: int) -> Rulebook:
    """Read the county's rules, past ones included (they raise alerts)."""
    of_site: dict[object, list[Rule]] = defaultdict(list)
    general: list[Rule] = []
    for values in DutyRule.objects.filter(county=county).values_list(*_COLUMNS):
        rule = Rule(*values)
        (of_site[rule.site_id] if rule.site_id else general).append(rule)
    return Rulebook(general, dict(of_site))


RULEBOOK = CountyCache("duties", load)
