"""Anybody, any verb, any order: whatever is pressed, a case stays a case of the table."""

from datetime import timedelta

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from safegrid.cases import services
from safegrid.cases.access import role_for, sees
from safegrid.cases.firing import fire_timers
from safegrid.cases.models import Case, CaseTimer, Extension, OverdueAppeal, Suspension
from safegrid.cases.tests.steps import MORNING, Steps
from safegrid.cases.timers import MAIN_STAGES
from safegrid.cases.workflow import OPEN, ROWS, STAGE_OF
from safegrid.foundation import clock
from safegrid.foundation.errors import SafeGridError, WrongState
from safegrid.foundation.models import TraceRow

PEOPLE = ("lead_officer", "second_lead_officer", "lead_chief", "leader", "town_officer", "fire_officer", "market_officer",
          "grid_member", "site_contact", "upper_level", "outsider", None)  # fmt: skip
VERBS = sorted({row.verb for row in ROWS if row.sources} - {"unmask_reporter"})
MOVES = {(row.verb, source): {*row.targets, *([source] if row.may_stay or not row.targets else [])}
         for row in ROWS for source in row.sources}  # fmt: skip
KINDS = ("FIRE-EXIT-BLOCKED", "FIRE-EXTINGUISHER", "FIRE-EXIT-FEW", "HEALTH-NOISE", "ACCIDENT-ORDINARY")


def machine(cast):
    class AnyOrder(RuleBasedStateMachine):
        """Each example runs in a savepoint of its own, on a clock of its own."""

        def __init__(self):
            super().__init__()
            self.undo = transaction.atomic()
            self.undo.__enter__()
            self.simulated = clock.simulated(MORNING)
            self.steps = Steps(cast, self.simulated.__enter__())
            self.acts, self.cases, self.photos = {}, [], {}

        def teardown(self):
            self.simulated.__exit__(None, None, None)
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

        @initialize(kinds=st.lists(st.sampled_from(KINDS), min_size=2, max_size=2))
        def some_cases(self, kinds):
            for kind, bring in zip(kinds, (self.steps.reported, self.steps.handling), strict=True):
                self.steps.kind = kind
                case = bring()
                self.cases.append(case.id)
                self.acts[case.id] = case.version

        @rule(n=st.integers(0, 1), who=st.sampled_from(PEOPLE), verb=st.sampled_from(VERBS), stale=st.booleans(),
              data=st.data())  # fmt: skip
        def press_anything(self, n, who, verb, stale, data):
            self.press(self.fresh(n), who and getattr(cast, who), verb, data, stale=stale and data.draw(st.booleans()))

        @rule(n=st.integers(0, 1), data=st.data())
        def press_what_is_offered(self, n, data):
            for _ in range(4):
                case = self.fresh(n)
                offered = self.offered(case)
                if offered:
                    verb = data.draw(st.sampled_from(sorted(offered)))
                    self.press(case, data.draw(st.sampled_from(offered[verb])), verb, data)

        def offered(self, case):
            """Return who may press what on the case, by verb."""
            found = {}
            for user in (getattr(cast, who) for who in PEOPLE if who):
                if sees(user, case.county, case.id):
                    for row in ROWS:
                        if row.verb in VERBS and case.state in row.sources and role_for(user, row, case)[0]:
                            found.setdefault(row.verb, []).append(user)
            return found

        @rule(hours=st.sampled_from([1, 5, 30, 400]))
        def time_passes(self, hours):
            self.steps.time.advance(timedelta(hours=hours))
            fire_timers()
            before = {case_id: self.state(case_id) for case_id in self.cases}
            services.resume_suspended()
            for case_id, state in before.items():
                self.acts[case_id] += self.state(case_id) != state

        def fresh(self, n):
            return Case.objects.get(county=cast.county, id=self.cases[n])

        def state(self, case_id):
            return Case.objects.get(county=cast.county, id=case_id).state

        def press(self, case, user, verb, data, stale=False):
            before = case.state
            given = self.fields(case, user, verb, data)
            version = case.version - 1 if stale else None
            try:
                with transaction.atomic():
                    done = getattr(services, verb)(acting_user=user, case=case, version=version, **given)
            except SafeGridError as refused:
                if isinstance(refused, WrongState):
                    assert (verb, before) not in MOVES
                return
            assert not stale
            assert done.state in MOVES[verb, before]
            self.acts[case.id] += 1

        def photo_of(self, user):
            key = user and user.id
            if key not in self.photos:
                self.photos[key] = self.steps.photo(user)
            return self.photos[key]

        def fields(self, case, user, verb, data):
            rows = [row for row in ROWS if row.verb == verb]
            names = {name for row in rows for name in row.required}
            now = clock.now()
            asked = {model: model.objects.filter(county=case.county, case_id=case.id).order_by("-id").first()
                     for model in (Extension, Suspension, OverdueAppeal)}  # fmt: skip
            timer = (
                CaseTimer.objects.filter(county=case.county, case_id=case.id, stage="handle").order_by("-id").first()
            )
            values = {
                "kind": lambda: data.draw(st.sampled_from(KINDS)),
                "severity": lambda: data.draw(st.sampled_from(["minor", "general", "major"])),
                "department_id": lambda: data.draw(st.sampled_from([cast.fire.id, cast.market.id])),
                "into_id": lambda: data.draw(st.sampled_from(self.cases)),
                "verifier_id": lambda: cast.grid_member.id, "rechecker_id": lambda: cast.grid_member.id,
                "attachment_ids": lambda: self.photo_of(user),
                "longitude": lambda: 120.01, "latitude": lambda: 30.51,
                "deadline": lambda: now + timedelta(hours=20), "until": lambda: (case.due_at or now) + timedelta(hours=3),
                "until_day": lambda: clock.today() + timedelta(days=9),
                "amount": lambda: 100, "decision_number": lambda: f"罚{case.id}{case.version}",
                "referred_up_to": lambda: "3305",
                "timer_id": lambda: timer and timer.id,
                "appeal_id": lambda: asked[OverdueAppeal] and asked[OverdueAppeal].id,
                "accepts": lambda: data.draw(st.booleans()),
            }  # fmt: skip
            given = {name: values.get(name, lambda: "已现场核实")() for name in sorted(names)}
            if verb == "recheck_pass":
                given["with_member_id"] = cast.grid_member.id
            if verb in ("dispatch", "feed_back"):
                given["reason"] = "按职责"
            if verb == "decide_appeal":
                given["words"] = "已核"
            return given

        @invariant()
        def nothing_is_deleted_and_every_act_counts_once(self):
            for case in Case.objects.filter(county=cast.county, id__in=self.cases):
                assert case.version == self.acts[case.id]
                acts = TraceRow.objects.filter(county=cast.county, object_id=case.id).exclude(
                    action__in=("cases.timer", "cases.escalate")
                )
                assert acts.count() == case.version
            assert Case.objects.filter(county=cast.county).count() == len(self.cases)
            numbers = Case.objects.filter(county=cast.county).values_list("number", flat=True)
            assert len(set(numbers)) == len(self.cases)

        @invariant()
        def only_the_stage_of_the_state_runs_and_the_case_knows_it(self):
            for case in Case.objects.filter(county=cast.county):
                live = list(CaseTimer.objects.filter(county=cast.county, case_id=case.id, stopped_at__isnull=True))
                assert len({timer.stage for timer in live}) == len(live)
                running = [timer for timer in live if timer.paused_at is None and timer.stage in MAIN_STAGES]
                stage = STAGE_OF.get(case.state)
                assert [timer.stage for timer in running] == ([stage] if stage else []), (case.state, running)
                assert (case.stage, case.due_at) == ((stage, running[0].due_at) if stage else ("", None))
                if case.state not in OPEN:
                    assert not live

        @invariant()
        def marks_fit_the_state(self):
            for case in Case.objects.filter(county=cast.county):
                assert (case.merged_into_id is not None) == (case.state == "merged")
                assert (case.closed_at is not None) == (case.state == "closed")
                assert not (case.is_listed_major and case.state not in OPEN)
                waiting = Suspension.objects.filter(county=cast.county, case_id=case.id, decision="granted",
                                                    resumed_at__isnull=True)  # fmt: skip
                assert waiting.exists() == (case.state == "suspended")

    return AnyOrder


def test_whatever_is_pressed_a_case_stays_a_case_of_the_table(cast):
    for name in PEOPLE:
        if name:
            getattr(cast, name)
    _ = cast.kinds, cast.duty_rules, cast.site, cast.fire, cast.market
    run_state_machine_as_test(
        machine(cast),
        settings=settings(
            max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
