from datetime import timedelta
from decimal import Decimal

from safegrid.cases.around import KINDS, read, rows
from safegrid.cases.models import CaseTimer, OverdueAppeal, Penalty
from safegrid.foundation import clock
from safegrid.foundation.together import rows_beside


def test_rows_read_together_are_the_rows(steps, django_assert_num_queries):
    case, other = steps.closed(), steps.ordered()
    Penalty.objects.create(county=330521, case=case, department_id=steps.cast.fire.id, article="第一条", decision_number="罚1",
                           amount=Decimal("1200.50"), decided_by_id=steps.cast.fire_officer.id,
                           decided_at=clock.now() + timedelta(microseconds=7))  # fmt: skip
    OverdueAppeal.objects.create(county=330521, case=case, timer_id=case.timers.first().id, reason="“引号”\n'换行'",
                                 asked_by_id=steps.cast.fire_officer.id, asked_at=clock.now(), first_accepts=True)  # fmt: skip
    for one in (case, other):
        with django_assert_num_queries(1):
            found = rows_beside(KINDS, "case_id", 330521, one.id)
        for kind in KINDS:
            stored = list(kind.objects.filter(county=330521, case_id=one.id).order_by("id"))
            assert [vars_of(row) for row in found[kind]] == [vars_of(row) for row in stored]
    assert found[CaseTimer]


def test_once_read_nothing_is_asked_again(steps, django_assert_num_queries):
    case = steps.ordered()
    read(case)
    with django_assert_num_queries(0):
        assert rows(case, CaseTimer)


def vars_of(row):
    return {name: (type(value), value) for name, value in vars(row).items() if not name.startswith("_")}
