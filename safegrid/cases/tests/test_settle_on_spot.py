"""A minor hazard put right before the member's eyes, and what the town station says to it."""

import pytest

from safegrid.cases import services
from safegrid.cases.models import Case
from safegrid.files.models import AttachmentUse
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused, WrongState


def settle(steps, **more):
    member = more.pop("acting_user", steps.cast.grid_member)
    given = {"kind": steps.cast.minor_kind.code, "words": "灭火器压力不足，已更换", "site": steps.site,
             "before_ids": steps.photo(member), "after_ids": steps.photo(member), **more}  # fmt: skip
    return services.settle_on_spot(acting_user=member, county=steps.cast.county, **given)


def test_the_station_confirms_and_the_case_is_closed(steps):
    case = settle(steps)
    assert (case.state, case.is_settled_on_spot, case.severity) == ("reported", True, "minor")
    done = services.confirm_on_spot(acting_user=steps.cast.town_officer, case=case)
    assert (done.state, done.stage, done.closed_at) == ("closed", "", done.updated_at)
    assert not done.timers.filter(stopped_at__isnull=True).exists()
    assert steps.told(steps.cast.grid_member, "cases.confirm_on_spot")


def test_the_photographs_are_kept_as_before_and_after(steps):
    case = settle(steps)
    uses = AttachmentUse.objects.filter(county=case.county, object_id=case.id)
    assert sorted(uses.values_list("purpose", flat=True)) == ["after", "before"]


def test_a_refused_settlement_goes_on_as_a_report(steps):
    case = services.refuse_on_spot(acting_user=steps.cast.town_officer, case=settle(steps), reason="照片看不出整改")
    assert (case.state, case.is_settled_on_spot, case.stage) == ("reported", False, "accept")
    services.register(acting_user=steps.cast.town_officer, case=case, kind=case.kind, severity="minor")


@pytest.mark.parametrize("field", ["before_ids", "after_ids", "words"])
def test_both_photographs_and_words_are_asked_for(steps, field):
    with pytest.raises(InvalidInput) as refused:
        settle(steps, **{field: ()})
    assert field in refused.value.fields
    assert not Case.objects.filter(county=steps.cast.county).exists()


def test_a_kind_that_is_never_minor_cannot_be_settled(steps):
    with pytest.raises(Refused, match="不能当场整改"):
        settle(steps, kind=steps.cast.major_kind.code)


def test_only_a_member_settles(steps):
    with pytest.raises(NotPermitted):
        settle(steps, acting_user=steps.cast.committee, channel="committee")


def test_a_settled_case_is_not_registered_before_it_is_decided(steps):
    case = settle(steps)
    with pytest.raises(Refused, match="确认"):
        services.register(acting_user=steps.cast.town_officer, case=case, kind=case.kind, severity="minor")


def test_nobody_confirms_the_own_settlement(steps):
    both = steps.cast.grid_member
    both.roles.create(kind="town_officer", place=steps.cast.town, valid_from=both.roles.get().valid_from)
    both.forget_holdings()
    with pytest.raises(NotPermitted, match="他人"):
        services.confirm_on_spot(acting_user=both, case=settle(steps))


def test_the_lead_office_leaves_it_to_the_station(steps):
    with pytest.raises(NotPermitted):
        services.confirm_on_spot(acting_user=steps.cast.lead_officer, case=settle(steps))


def test_an_ordinary_report_cannot_be_confirmed(steps):
    with pytest.raises(NotPermitted):
        services.confirm_on_spot(acting_user=steps.cast.town_officer, case=steps.reported())


def test_a_refusal_needs_its_reason(steps):
    with pytest.raises(InvalidInput):
        services.refuse_on_spot(acting_user=steps.cast.town_officer, case=settle(steps), reason="")


def test_what_is_confirmed_is_not_confirmed_again(steps):
    case = services.confirm_on_spot(acting_user=steps.cast.town_officer, case=settle(steps))
    with pytest.raises(WrongState):
        services.confirm_on_spot(acting_user=steps.cast.town_officer, case=case)
