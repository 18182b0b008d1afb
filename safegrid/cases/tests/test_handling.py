"""What the main department does, and what the site answers."""

from datetime import timedelta
from decimal import Decimal

import pytest

from safegrid.cases import services
from safegrid.cases.models import Penalty, Recheck, RectificationOrder
from safegrid.cases.selectors import case_for
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible, Refused


def order(steps, case, **more):
    given = {
        "acting_user": steps.cast.fire_officer,
        "text": "清理安全出口",
        "deadline": clock.now() + timedelta(days=1),
        **more,
    }
    return services.order_rectification(case=case, **given)


def penalise(steps, case, **more):
    given = {"acting_user": steps.cast.fire_officer, "article": "消防法第六十条", "decision_number": "德消罚〔2025〕1号",
             "amount": "5000.00", **more}  # fmt: skip
    return services.penalise(case=case, **given)


def submit(steps, case, **more):
    user = more.pop("acting_user", steps.cast.site_contact)
    given = {"attachment_ids": steps.photo(user), "words": "已清理", **more}
    return services.submit_rectification(acting_user=user, case=case, **given)


def test_a_disposal_is_noted_in_the_trace_and_leaves_the_state(steps):
    case = services.record_disposal(
        acting_user=steps.cast.fire_officer, case=steps.handling(), words="到场检查，责令清理"
    )
    assert (case.state, case.stage) == ("handling", "handle")
    assert case.rectifiers == [str(steps.cast.fire_officer.id)]
    row = steps.traced(case, "cases.record_disposal")
    assert (row.role, row.changes["words"]) == ("department_officer", "到场检查，责令清理")


@pytest.mark.parametrize("person", ["lead_officer", "town_officer", "grid_member"])
def test_only_the_main_department_handles(steps, person):
    case = steps.handling()
    with pytest.raises(NotPermitted):
        services.record_disposal(acting_user=getattr(steps.cast, person), case=case, words="代办")
    with pytest.raises(NotVisible):
        services.record_disposal(acting_user=steps.cast.market_officer, case=case, words="代办")


def test_a_disposal_without_words_is_refused(steps):
    with pytest.raises(InvalidInput):
        services.record_disposal(acting_user=steps.cast.fire_officer, case=steps.handling(), words="")


def test_an_orders_deadline_becomes_the_limit_and_schedules_the_recheck(steps):
    deadline = clock.now() + timedelta(days=2)
    case = order(steps, steps.handling(), deadline=deadline)
    assert (case.due_at, case.order_served_at) == (deadline, clock.now())
    served = RectificationOrder.objects.get(county=case.county, case_id=case.id)
    assert (served.number, served.issued_by_id) == (f"{case.number}-1", steps.cast.fire_officer.id)
    assert Recheck.objects.get(county=case.county, case_id=case.id).scheduled_for == deadline


def test_a_second_order_has_its_own_number_and_moves_the_same_recheck(steps):
    later = clock.now() + timedelta(days=3)
    case = order(steps, order(steps, steps.handling()), deadline=later)
    numbers = RectificationOrder.objects.filter(county=case.county, case_id=case.id).values_list("number", flat=True)
    assert sorted(numbers) == [f"{case.number}-1", f"{case.number}-2"]
    assert Recheck.objects.get(county=case.county, case_id=case.id).scheduled_for == later


def test_an_order_gives_no_longer_than_the_kind_allows(steps):
    case = (
        steps.handling()
    )  # three calendar days at most: the first is not counted, and ends Saturday, so Monday at 24:00
    latest = clock.now().astimezone(clock.SHANGHAI).replace(day=11, hour=0, minute=0)
    with pytest.raises(InvalidInput, match="最长3日"):
        order(steps, case, deadline=latest + timedelta(seconds=1))
    assert order(steps, case, deadline=latest).due_at == latest


@pytest.mark.parametrize("wrong", [{"deadline": None}, {"text": ""}])
def test_an_order_needs_text_and_deadline(steps, wrong):
    with pytest.raises(InvalidInput) as refused:
        order(steps, steps.handling(), **wrong)
    assert set(refused.value.fields) == set(wrong)


def test_an_order_is_not_due_in_the_past(steps):
    with pytest.raises(InvalidInput):
        order(steps, steps.handling(), deadline=clock.now())


def test_the_contact_sees_the_case_once_an_order_is_served_and_never_who_reported(steps):
    contact, case = steps.cast.site_contact, steps.handling()
    with pytest.raises(NotVisible):
        case_for(contact, case.county, case.id)
    order(steps, case)
    seen = case_for(contact, case.county, case.id)
    assert (seen.reporter_id, seen.reporter_name, seen.reporter_role, seen.channel, seen.words) == (
        None,
        "",
        "",
        "",
        "",
    )
    assert steps.told(contact, "cases.order_rectification") == [f"责令限期整改：{case.number}"]


def test_the_contact_answers_the_order_and_the_department_learns_so(steps):
    case = submit(steps, steps.ordered())
    served = RectificationOrder.objects.get(county=case.county, case_id=case.id)
    assert (served.rectified_at, served.rectified_by_id) == (clock.now(), steps.cast.site_contact.id)
    assert str(steps.cast.site_contact.id) in case.rectifiers
    assert steps.told(steps.cast.fire_officer, "cases.submit_rectification")


def test_without_an_order_the_contact_finds_no_case(steps):
    with pytest.raises(NotVisible):
        submit(steps, steps.handling())


def test_a_rectification_needs_its_photograph(steps):
    with pytest.raises(InvalidInput):
        submit(steps, steps.ordered(), attachment_ids=())


def test_the_department_does_not_answer_its_own_order(steps):
    with pytest.raises(NotPermitted):
        submit(steps, steps.ordered(), acting_user=steps.cast.fire_officer)


def test_an_order_served_in_an_earlier_life_of_the_case_is_no_order_now(steps):
    case = steps.in_state("handling", order_served_at=clock.now())
    with pytest.raises(Refused):
        submit(steps, case)


def test_a_penalty_is_entered_with_its_amount(steps):
    case = penalise(steps, steps.handling())
    row = Penalty.objects.get(county=case.county, case_id=case.id)
    assert (row.amount, row.department_id) == (Decimal("5000.00"), steps.cast.fire.id)
    assert steps.traced(case, "cases.penalise").changes["decision_number"] == "德消罚〔2025〕1号"


def test_a_decision_is_entered_once(steps):
    case = penalise(steps, steps.handling())
    with pytest.raises(InvalidInput) as refused:
        penalise(steps, case)
    assert "decision_number" in refused.value.fields


@pytest.mark.parametrize("amount", ["-1", "many", "0.001", "NaN", "99999999999", None, ""])
def test_an_amount_that_is_none_is_refused(steps, amount):
    with pytest.raises(InvalidInput) as refused:
        penalise(steps, steps.handling(), amount=amount)
    assert set(refused.value.fields) == {"amount"}


def test_a_warning_costs_nothing(steps):
    case = penalise(steps, steps.handling(), amount=0)
    assert Penalty.objects.get(county=case.county, case_id=case.id).amount == 0


def test_a_transfer_names_the_body_and_its_paper(steps):
    case = steps.handling()
    with pytest.raises(InvalidInput) as refused:
        services.transfer_out(acting_user=steps.cast.fire_officer, case=case, body="", paper="")
    assert set(refused.value.fields) == {"body", "paper"}
    case = services.transfer_out(acting_user=steps.cast.fire_officer, case=case, body="公安局", paper="移送〔2025〕3号")
    assert case.state == "handling"
    assert steps.told(steps.cast.lead_officer, "cases.transfer_out")


def test_feeding_back_stops_the_handling_clock_and_asks_for_the_recheck(steps):
    case = steps.rectified()
    assert (case.state, case.stage, case.rectified_at) == ("rectified", "recheck", clock.now())
    assert case.timers.get(stage="handle").paused_at == clock.now()
    assert steps.told(steps.cast.town_officer, "cases.feed_back") == [f"反馈结果：{case.number}"]


@pytest.mark.parametrize("wrong", [{"result": ""}, {"attachment_ids": ()}])
def test_feeding_back_needs_result_and_photograph(steps, wrong):
    officer = steps.cast.fire_officer
    given = {"result": "已清理", "attachment_ids": steps.photo(officer), **wrong}
    with pytest.raises(InvalidInput) as refused:
        services.feed_back(acting_user=officer, case=steps.handling(), **given)
    assert set(refused.value.fields) == set(wrong)
