"""Loads the demonstration county once; a second call only prints who may sign in."""

from __future__ import annotations

import random
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from demo.county import COUNTY, geography, patrols, planning, register, staff
from demo.county.history import History, sites_by_grid
from safegrid.duties import services as duties
from safegrid.duties.selectors import rules
from safegrid.foundation import clock, sealing
from safegrid.orgs.selectors import by_code
from safegrid.regions.selectors import children, codes_of_county

SEED = 2017
DAYS = 92


class Command(BaseCommand):
    help = "Load the demonstration county: real names and codes, invented sites and people, three months of history."

    def handle(self, *args: Any, **options: Any) -> None:
        if codes_of_county(COUNTY):
            self.stderr.write("演示县已经装好")
            return
        end = timezone.now()
        with clock.simulated(end - timedelta(days=DAYS)) as time_now:
            people = self._county(random.Random(SEED))
            history = History(random.Random(SEED + 1), people, time_now, sites_by_grid(people))
            with tqdm(total=history.plan(end), desc="三个月的工作", unit="件", file=sys.stderr) as bar:
                for behind in history.run(end):
                    bar.update(behind)
            self.stderr.write("巡查计划 …")
            patrols.plan(list(people.members.values()))
            self.stderr.write("划分方案 …")
            planning.plan(people.lead)
            sealing.seal_all()
        self.stderr.write(f"巡查 {history.visits} 次，上报案件 {history.reported} 件")
        for why, number in history.refused.most_common():
            self.stderr.write(f"  未能办成 {number} 次：{why}")
        for username, password, label in people.accounts:
            self.stdout.write(f"{username:<12} {password:<18} {label}")

    def _county(self, rng: random.Random) -> staff.Staff:
        self.stderr.write("区划与近似边界 …")
        geography.draw(rng)
        self.stderr.write("机构、职责与人员 …")
        people = staff.set_up(rng)
        self.stderr.write("网格与派驻 …")
        staff.post(rng, people)
        total = register.SITES + 2 * len(register.DIRECT)
        with (
            tempfile.TemporaryDirectory() as scratch,
            tqdm(total=total, desc="监管对象", unit="家", file=sys.stderr) as bar,
        ):

            def show(read: int) -> None:
                bar.update(read - bar.n)

            report = register.bring_in(rng, Path(scratch), show)
        self.stderr.write(f"监管对象 {report.created} 家，拒绝 {report.refused} 家")
        if report.refused:
            raise CommandError(f"演示数据有误：{report.first_problems[0].message}")
        someone = next(iter(sites_by_grid(people).values()))[0]
        staff.contact_of(rng, people, someone)
        self._leave_gaps(people)
        return people

    def _leave_gaps(self, people: staff.Staff) -> None:
        """Leave a conflict and a rule that has run out, as real counties have them."""
        town = children(str(COUNTY))[-1].code
        for code in ("MSB", "CTB"):
            body = by_code(COUNTY, code)
            if body is not None:
                duties.add_rule(acting_user=people.lead, county=COUNTY, department=body, site_type="venue", industry_prefix="90",
                                town=town, words="两家各自认为归自己管")  # fmt: skip
        covering = rules(people.lead, county=COUNTY).filter(
            site_type="household", industry_prefix="", hazard_kind="", part="main"
        )
        for rule in covering[:1]:
            duties.end_rule(acting_user=people.lead, rule=rule, reason="到期未续")
