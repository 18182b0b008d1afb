"""Three months of work, made by calling what the users call, under a simulated clock."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction

from demo.county import COUNTY
from demo.county.acts import Acts
from demo.county.scenarios import SCENARIOS, Scenario, Step
from demo.county.staff import Staff, photo_of
from safegrid.cases import selectors as case_selectors
from safegrid.cases import services as cases
from safegrid.cases.firing import fire_timers
from safegrid.foundation import sealing
from safegrid.foundation.clock import SHANGHAI, SimulatedClock
from safegrid.foundation.errors import SafeGridError
from safegrid.foundation.ids import uuid7
from safegrid.foundation.testing import run_queue
from safegrid.handbook.selectors import checklist_for, hazard_kind, hazard_kinds, items_of
from safegrid.patrols.answers import Answer
from safegrid.patrols.selectors import answers_of, visits_due
from safegrid.patrols.services import record_visit
from safegrid.patrols.services.plans import start_night
from safegrid.sites.access import visible as visible_sites

VISITS = 2000
PLANNED_DAYS = 8  # so many days before the end visits begin to be planned
WORDS = ("现场发现问题，请尽快处理", "存在安全隐患，已口头提醒", "多次提醒未改", "影响周边群众安全", "需要部门到场处理")


@dataclass
class History:
    """The heap holds what happens next: (moment, number, what, with what)."""

    random: random.Random
    staff: Staff
    clock: SimulatedClock
    sites: dict[Any, list[Any]]
    refused: Counter[str] = field(default_factory=Counter)
    visits: int = 0
    reported: int = 0
    _due: list[tuple[datetime, int, str, Any]] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=count)
    _is_planned: bool = False

    def plan(self, end: datetime) -> int:
        """Plan every visit and report up to ``end``; return how many."""
        for scenario in SCENARIOS:
            for _ in range(scenario.count):
                self._at(
                    self._working(end - timedelta(days=self.random.uniform(*scenario.days_ago))), "report", scenario
                )
        for _ in range(VISITS):
            self._at(self._working(end - timedelta(days=self.random.uniform(0.1, 90))), "visit", None)
        return len(self._due)

    def _at(self, moment: datetime, what: str, given: Any) -> None:
        heapq.heappush(self._due, (moment, next(self._number), what, given))

    def _working(self, moment: datetime) -> datetime:
        """Move a moment outside working hours into those of the same day, or of the day before when it is still early."""
        local = moment.astimezone(SHANGHAI)
        if 8 <= local.hour < 18:
            return moment
        day = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=local.hour < 8)
        return day + timedelta(hours=self.random.uniform(8, 18))

    def run(self, end: datetime) -> Iterator[int]:
        """Live through the days; yield how many planned things are behind. One transaction, one round of messages a day."""
        while self._due:
            midnight = self._due[0][0].astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
            until, planned = min(end, midnight + timedelta(days=1)), 0
            if until > end - timedelta(days=PLANNED_DAYS) and not self._is_planned:
                self._is_planned = True
                start_night(COUNTY, midnight.date())
                run_queue()
            with transaction.atomic():
                while self._due and self._due[0][0] < until:
                    moment, _, what, given = heapq.heappop(self._due)
                    self.clock.move_to(moment)
                    planned += what in ("report", "visit")
                    self._live(what, given)
                self.clock.move_to(until)
                fire_timers()
            with transaction.atomic():
                run_queue()
            sealing.seal_all()
            yield planned
            if until == end:
                return

    def _live(self, what: str, given: Any) -> None:
        try:
            with transaction.atomic():
                getattr(self, f"_{what}")(given)
        except SafeGridError as error:
            step = given[1][0][0] if what == "step" else what
            self.refused[f"{step}：{error.message}"] += 1

    def _visit(self, _: None) -> None:
        site, member = self._planned() or self._somewhere()
        outcome = self.random.choices(["done", "closed", "refused", "moved"], [93, 5, 1, 1])[0]
        checklist = checklist_for(COUNTY, site.site_type, site.industry)
        answers = self._answers(member, checklist) if outcome == "done" else []
        record_visit(
            acting_user=member, device_id=uuid7(), site=site, outcome=outcome, visited_at=self.clock.time,
            checklist=checklist, answers=answers, longitude=site.longitude + self.random.gauss(0, 0.0002),
            latitude=site.latitude + self.random.gauss(0, 0.0002), accuracy_m=self.random.uniform(4, 30),
            words="" if outcome in ("done", "closed") else "负责人不配合" if outcome == "refused" else "已搬离，向邻居了解",
            person_met=site.name[:2] if outcome == "done" else "",
        )  # fmt: skip
        self.visits += 1

    def _answers(self, member: Any, checklist: Any, finding: Any = None, *, right_away: bool = False) -> list[Answer]:
        photo, answers = [photo_of(self.staff, member)], []
        for item in items_of(checklist):
            if finding is not None and item.id == finding.id:
                after = photo if right_away else ()
                answers.append(Answer(item.id, "no", self.random.choice(WORDS), photo, right_away, after))
            elif item.answer_kind == "yes_no":
                answers.append(Answer(item.id, self.random.choices(["yes", "na"], [9, 1])[0]))
            elif item.answer_kind == "number":
                answers.append(Answer(item.id, str(self.random.randint(1, 12))))
            else:
                answers.append(
                    Answer(item.id, "现场情况正常", attachment_ids=photo if item.answer_kind == "photo" else ())
                )
        return answers

    def _report(self, scenario: Scenario) -> None:
        case = self._bring_in(scenario)
        self.reported += 1
        self._follow(case, scenario.steps)

    def _follow(self, case: Any, steps: tuple[Step, ...]) -> None:
        if steps:
            _, least, most = steps[0]
            self._at(self.clock.time + timedelta(hours=self.random.uniform(least, most)), "step", (case, steps))

    def _step(self, given: tuple[Any, tuple[Step, ...]]) -> None:
        case, steps = given
        case = Acts(self.random, self.staff).carry_out(steps[0][0], case)
        self._follow(case, steps[1:])

    def _bring_in(self, scenario: Scenario) -> Any:
        if scenario.source == "told" or (scenario.source == "any" and self.random.random() < 0.3):
            return self._told()
        if scenario.source in ("spot", "any", "site") and self.random.random() < 0.85:
            found = self._found_on_visit(right_away=scenario.source == "spot")
            if found is not None:
                return found
        return self._seen(major=scenario.source == "major", right_away=scenario.source == "spot")

    def _found_on_visit(self, *, right_away: bool) -> Any:
        """A member's visit with one finding; None when the checklist of the site has none that fits."""
        site, member = self._somewhere()
        checklist: Any = checklist_for(COUNTY, site.site_type, site.industry)
        items = [i for i in items_of(checklist) if i.hazard_kind and i.answer_kind == "yes_no"]
        fitting = [
            i for i in items
            if hazard_kind(COUNTY, i.hazard_kind).severity != "major"
            and (not right_away or hazard_kind(COUNTY, i.hazard_kind).may_settle_on_spot)
        ]  # fmt: skip
        if not fitting:
            return None
        answers = self._answers(member, checklist, self.random.choice(fitting), right_away=right_away)
        visit = record_visit(
            acting_user=member, device_id=uuid7(), site=site, outcome="done", visited_at=self.clock.time,
            checklist=checklist, answers=answers, longitude=site.longitude, latitude=site.latitude, accuracy_m=9.0,
        )  # fmt: skip
        self.visits += 1
        case_id = next(answer.case_id for answer in answers_of(visit) if answer.case_id)
        return case_selectors.case_for(member, COUNTY, case_id)

    def _seen(self, *, major: bool, right_away: bool) -> Any:
        """What a member sees by the way, at a site or at a point of the grid."""
        site, member = self._somewhere()
        kinds = [
            k for k in hazard_kinds(COUNTY) if k.is_leaf and k.nature != "accident" and (k.severity == "major") == major
        ]
        if right_away:
            kinds = [k for k in kinds if k.may_settle_on_spot]
        kind, photo = self.random.choice(kinds), [photo_of(self.staff, member)]
        common = {
            "acting_user": member,
            "county": COUNTY,
            "kind": kind.code,
            "words": self.random.choice(WORDS),
            "site": site,
        }
        if right_away:
            return cases.settle_on_spot(**common, before_ids=photo, after_ids=photo)
        return cases.report(**common, channel="member", attachment_ids=photo, suspected_major=major)

    def _told(self) -> Any:
        """What comes in by telephone, from a committee, or from a station's own inspection."""
        site, _ = self._somewhere()
        kinds = [k for k in hazard_kinds(COUNTY) if k.is_leaf and k.nature != "accident" and k.severity != "major"]
        common = {
            "county": COUNTY,
            "kind": self.random.choice(kinds).code,
            "words": self.random.choice(WORDS),
            "site": site,
        }
        way = self.random.choice(("hotline", "hotline", "committee", "town"))
        if way == "hotline":
            return cases.report(acting_user=self.staff.hotline, channel=way, reporter_phone="10012345678", **common)
        if way == "committee":
            user, common["site"] = self._committee()
            return cases.report(acting_user=user, channel=way, attachment_ids=[photo_of(self.staff, user)], **common)
        user = self.staff.town_officers[site.town]
        return cases.report(acting_user=user, channel=way, attachment_ids=[photo_of(self.staff, user)], **common)

    def _committee(self) -> tuple[Any, Any]:
        """Return a committee and a site of its village."""
        everywhere = [site for sites in self.sites.values() for site in sites]
        own = [
            (user, site) for village, user in self.staff.committees for site in everywhere if site.village == village
        ]
        return self.random.choice(own)

    def _planned(self) -> tuple[Any, Any] | None:
        """Return a site that is due and the member who answers for it; None while nothing is planned."""
        if not self._is_planned:
            return None
        found = [row for row in visits_due(self.staff.lead, COUNTY)[:200] if row.grid_id in self.staff.members]
        row = self.random.choice(found) if found else None
        return (
            (row.site, self.staff.members[row.grid_id]) if row is not None and row.site.longitude is not None else None
        )

    def _somewhere(self) -> tuple[Any, Any]:
        """Return a site and the member who answers for it."""
        grid_id = self.random.choice(list(self.sites))
        return self.random.choice(self.sites[grid_id]), self.staff.members[grid_id]


def sites_by_grid(staff: Staff) -> dict[Any, list[Any]]:
    """Return the sites that members can visit, by grid."""
    found: dict[Any, list[Any]] = {}
    rows = visible_sites(staff.lead).filter(county=COUNTY, grid_id__isnull=False, is_directly_supervised=False)
    for site in rows.order_by("code"):
        if site.grid_id in staff.members:
            found.setdefault(site.grid_id, []).append(site)
    return found
