"""The days of the replay: each inspection a visit, each serious one a case that travels to its close."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction

from demo.replay.city import COUNTY, City
from demo.replay.source import Inspection
from safegrid.cases import services as cases
from safegrid.cases.firing import fire_timers
from safegrid.cases.models import Case, CaseTimer, Recheck
from safegrid.cases.selectors import case_for
from safegrid.duties.selectors import explain
from safegrid.foundation import queue
from safegrid.foundation.bulk import look_again
from safegrid.foundation.clock import SHANGHAI, SimulatedClock
from safegrid.foundation.errors import SafeGridError
from safegrid.foundation.ids import uuid7
from safegrid.handbook.selectors import items_of
from safegrid.patrols.answers import Answer
from safegrid.patrols.models import Visit, VisitAnswer
from safegrid.patrols.selectors import answers_of
from safegrid.patrols.services import record_visit
from safegrid.sites.selectors import by_codes

SHARE_FAILED = 0.08  # of the simulated rechecks
DELAYS = {  # hours from one step to the next, at least and at most
    "register": (0.5, 6), "dispatch": (0.5, 4), "receive": (1, 12), "record_disposal": (4, 48), "feed_back": (12, 200),
    "assign_recheck": (1, 12), "recheck": (4, 60), "close": (2, 30),
}  # fmt: skip
FILLED = (Case, CaseTimer, Recheck, Visit, VisitAnswer)
# Days after which the database is to count what has come: by itself it does once a minute, which here is a tenth of the work.
COUNTED_AFTER = frozenset({0, 3, 15, 63})
NEXT = dict(zip(DELAYS, [*list(DELAYS)[1:], ""], strict=True))


@dataclass
class Tally:
    """What went in and what came of it; ``refused`` counts reasons."""

    inspections: int = 0
    visits: int = 0
    reporting: int = 0
    cases: int = 0
    verbs: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    minor_only: int = 0

    def add(self, other: Tally) -> None:
        """Count what another process did, too."""
        for name in ("inspections", "visits", "reporting", "cases", "minor_only"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.verbs += other.verbs
        self.refused += other.refused


class Together(Protocol):
    """Those who share a replay: each carries out what happens in its own towns, and all live through a day together."""

    def is_leader(self) -> bool:
        """Wait for the others; say whether this one does what is to be done once."""

    def meet(self) -> None:
        """Wait for the others."""

    def any_due(self, own: int) -> bool:
        """Say whether somebody still has something to do; ``own``: how much this one has."""


class Alone:
    """Nobody else is there."""

    def is_leader(self) -> bool:
        return True

    def meet(self) -> None:
        pass

    def any_due(self, own: int) -> bool:
        return own > 0


@dataclass
class Replay:
    """One run, or one process's part of it. The heap holds what is due next: (moment, number, verb, case).

    Chance is drawn for each town by itself, so that it does not matter how many processes share the towns.
    """

    city: City
    clock: SimulatedClock
    seed: int
    refused_sites: Mapping[str, str]
    together: Together = field(default_factory=Alone)
    tally: Tally = field(default_factory=Tally)
    _due: list[tuple[datetime, int, str, Any]] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=count)
    _chance: dict[str, random.Random] = field(default_factory=dict)

    def run(self, inspections: Mapping[date, list[Inspection]], first: date, last: date) -> Iterator[int]:
        """Live through every day from ``first`` until nothing is due after ``last``; yield how many inspections are behind."""
        for number in count():
            day = first + timedelta(days=number)
            if day > last and not self.together.any_due(len(self._due)):
                return
            todays = inspections.get(day, [])
            self._live(day, todays, is_counted=number in COUNTED_AFTER)
            yield len(todays)

    def _live(self, day: date, todays: list[Inspection], *, is_counted: bool) -> None:
        """Carry out a day's inspections and what is due on it, in one transaction; then let time do its part."""
        end = _at(day + timedelta(days=1), 0)
        with queue.without("cases.tell"):
            with transaction.atomic():
                self._inspect(day, todays)
                while self._due and self._due[0][0] < end:
                    moment, _, verb, case = heapq.heappop(self._due)
                    self.clock.move_to(moment)
                    self._step(verb, case)
            self.clock.move_to(end)
            if self.together.is_leader():
                fire_timers()
                for model in FILLED if is_counted else ():
                    look_again(model)
        self.together.meet()

    def _inspect(self, day: date, todays: list[Inspection]) -> None:
        sites = by_codes(COUNTY, {one.license for one in todays}) if todays else {}
        for number, inspection in enumerate(todays):
            self.tally.inspections += 1
            self.tally.reporting += inspection.reports
            self.clock.move_to(_at(day, 9 + 8 * number / len(todays)))
            site = sites.get(inspection.license)
            if site is None:
                self.tally.refused[self.refused_sites.get(inspection.license, "台账中没有这个对象")] += 1
                continue
            try:
                self._visit(site, inspection)
            except SafeGridError as error:
                self.tally.refused[error.message] += 1

    def _visit(self, site: Any, inspection: Inspection) -> None:
        member = self.city.members[site.town]
        checklist = self.city.checklists[site.site_type]
        answers = _answers(items_of(checklist), inspection, self.city.photos[member.id])
        visit = record_visit(
            acting_user=member,
            device_id=uuid7(),
            site=site,
            outcome="done",
            visited_at=self.clock.time,
            checklist=checklist,
            answers=answers,
            longitude=site.longitude,
            latitude=site.latitude,
            accuracy_m=8.0,
            words=f"原始检查编号 {inspection.key}",
        )
        self.tally.visits += 1
        reported = {answer.case_id for answer in answers_of(visit) if answer.case_id} if inspection.reports else set()
        for case_id in reported:
            self.tally.cases += 1
            self._plan("register", case_for(self.city.lead_officer, COUNTY, case_id))
        if visit.findings and not reported:
            self.tally.minor_only += 1

    def _plan(self, verb: str, case: Any) -> None:
        least, most = DELAYS[verb]
        moment = self.clock.time + timedelta(hours=self._chance_in(case.town).uniform(least, most))
        heapq.heappush(self._due, (moment, next(self._number), verb, case))

    def _step(self, verb: str, case: Any) -> None:
        done, case = getattr(self, f"_{verb}")(case)
        self.tally.verbs[done] += 1
        following = "feed_back" if done == "recheck_fail" else NEXT[verb]
        if following:
            self._plan(following, case)

    def _register(self, case: Any) -> tuple[str, Any]:
        lead = self.city.lead_officer
        return "register", cases.register(acting_user=lead, case=case, kind=case.kind, severity=case.severity)

    def _dispatch(self, case: Any) -> tuple[str, Any]:
        found = explain(county=COUNTY, site=case.site, hazard_kind=case.kind)
        done = cases.dispatch(acting_user=self.city.lead_officer, case=case, department_id=found.main.id)
        return "dispatch", done

    def _receive(self, case: Any) -> tuple[str, Any]:
        return "receive", cases.receive(acting_user=self._officer(case), case=case)

    def _record_disposal(self, case: Any) -> tuple[str, Any]:
        return "record_disposal", cases.record_disposal(
            acting_user=self._officer(case), case=case, words="现场责令改正"
        )

    def _feed_back(self, case: Any) -> tuple[str, Any]:
        officer = self._officer(case)
        photo = self.city.photos[officer.id]
        return "feed_back", cases.feed_back(acting_user=officer, case=case, result="已改正", attachment_ids=[photo])

    def _assign_recheck(self, case: Any) -> tuple[str, Any]:
        officer = self.city.town_officers[case.town]
        done = cases.assign_recheck(acting_user=self.city.lead_officer, case=case, rechecker_id=officer.id)
        return "assign_recheck", done

    def _recheck(self, case: Any) -> tuple[str, Any]:
        officer = self.city.town_officers[case.town]
        given = {"acting_user": officer, "case": case, "attachment_ids": [self.city.photos[officer.id]],
                 "longitude": case.longitude, "latitude": case.latitude}  # fmt: skip
        if self._chance_in(case.town).random() < SHARE_FAILED:
            return "recheck_fail", cases.recheck_fail(**given, reason="尚未完全改正")
        return "recheck_pass", cases.recheck_pass(**given)

    def _close(self, case: Any) -> tuple[str, Any]:
        return "close", cases.close(acting_user=self.city.lead_officer, case=case)

    def _chance_in(self, town: str) -> random.Random:
        if town not in self._chance:
            self._chance[town] = random.Random(f"{self.seed}/{town}")
        return self._chance[town]

    def _officer(self, case: Any) -> Any:
        return self.city.officers[case.department_id]


def _at(day: date, hour: float) -> datetime:
    return (datetime.combine(day, time(0), SHANGHAI) + timedelta(hours=hour)).astimezone(UTC)


def _answers(items: list[Any], inspection: Inspection, photo: UUID) -> list[Answer]:
    """Answer the three items; the worst finding reports the case, a lesser serious one goes with it, minor ones stay."""
    found = {"critical": inspection.critical, "serious": inspection.serious, "minor": inspection.minor}
    of_code = {item.code: item for item in items}
    answers = []
    for code, findings in found.items():
        item = of_code[code]
        if not findings:
            answers.append(Answer(item.id, "yes"))
            continue
        words = f"{findings} 处"
        lesser = code == "serious" and inspection.critical > 0
        answers.append(
            Answer(item.id, "no", words, keep_on_visit=True)
            if code == "minor"
            else Answer(item.id, "no", words, together_with=of_code["critical"].id)
            if lesser
            else Answer(item.id, "no", words, attachment_ids=[photo])
        )
    return answers
