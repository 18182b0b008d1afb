"""Limits are inherited, written kinds are read at once, and a verb taken back leaves the catalogue as it was."""

import pytest
from django.db import transaction

from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused
from safegrid.foundation.models import TraceRow
from safegrid.foundation.worktime import TimeLimit
from safegrid.handbook import selectors, services
from safegrid.handbook.catalogue import CATALOGUE
from safegrid.handbook.models import HazardKind


@pytest.fixture
def county(cast):
    _ = cast.kinds
    HazardKind.objects.filter(county=cast.county).update(limits={}, handle_max={})
    CATALOGUE.changed(cast.county)
    return cast


def days(value):
    return {"value": value, "unit": "working_days"}


def set_limits(cast, code, limits, **more):
    given = {"acting_user": cast.lead_officer, "county": cast.county, "code": code, "limits": limits, **more}
    return services.change_limits(**given)


def limit(cast, stage="handle", code="FIRE-EXIT-BLOCKED", severity="general"):
    return selectors.limit(cast.county, code, severity, stage)


def test_without_limits_of_its_own_a_kind_has_those_of_its_severity(county):
    general = CATALOGUE.get(county.county).severity_limits
    assert limit(county) == general["general"]["handle"]
    assert limit(county, severity="major") == general["major"]["handle"]


def test_a_kind_inherits_from_its_parent_stage_by_stage_until_it_has_its_own(county):
    set_limits(county, "FIRE", {"handle": days(6), "recheck": days(2)})
    assert (limit(county), limit(county, "recheck")) == (TimeLimit(6, "working_days"), TimeLimit(2, "working_days"))
    set_limits(county, "FIRE-EXIT-BLOCKED", {"handle": days(3)})
    assert (limit(county), limit(county, "recheck")) == (TimeLimit(3, "working_days"), TimeLimit(2, "working_days"))
    assert limit(county, code="ELEC-WIRE-PRIVATE") != TimeLimit(6, "working_days")


def test_raising_the_severity_never_leaves_more_time(county):
    set_limits(county, "FIRE-EXIT-BLOCKED", {"handle": days(60)})
    assert limit(county) == TimeLimit(60, "working_days")
    major = CATALOGUE.get(county.county).severity_limits["major"]["handle"]
    assert limit(county, severity="major") == major


def test_the_longest_order_is_inherited_too(county):
    general = selectors.handle_max(county.county, "FIRE-EXIT-BLOCKED", "general")
    set_limits(county, "FIRE", {}, handle_max=days(4))
    assert (
        selectors.handle_max(county.county, "FIRE-EXIT-BLOCKED", "general") == TimeLimit(4, "working_days") != general
    )


def test_changed_limits_are_traced_with_before_and_after(county):
    set_limits(county, "FIRE", {"handle": days(6)})
    set_limits(county, "FIRE", {"handle": days(7)})
    row = TraceRow.objects.filter(county=county.county, action="handbook.change_limits").order_by("-at", "-id")[0]
    assert row.changes["limits"] == [{"handle": days(6)}, {"handle": days(7)}]
    assert row.actor_id == county.lead_officer.id


@pytest.mark.parametrize("limits", [
    {"handle": {"value": 0, "unit": "working_days"}}, {"handle": {"value": 3, "unit": "weeks"}}, {"handle": {"value": 3}},
    {"dance": {"value": 3, "unit": "working_days"}},
])  # fmt: skip
def test_a_limit_that_makes_no_sense_is_refused_and_named(county, limits):
    with pytest.raises(InvalidInput) as refused:
        set_limits(county, "FIRE", limits)
    assert set(refused.value.fields) == set(limits)


class UndoneError(Exception):
    """Takes a verb back."""


def test_a_verb_taken_back_leaves_the_catalogue_as_it_was(county):
    before = limit(county)

    def change_and_fail():
        with transaction.atomic():
            set_limits(county, "FIRE", {"handle": days(99)})
            assert limit(county) == TimeLimit(99, "working_days")
            raise UndoneError

    with pytest.raises(UndoneError):
        change_and_fail()
    assert limit(county) == before


def add(cast, **values):
    given = {"acting_user": cast.lead_officer, "county": cast.county, "code": "FIRE-NEW", "parent_code": "FIRE",
             "name": "电动自行车进楼", "nature": "hazard", "severity": "general", **values}  # fmt: skip
    return services.add_kind(**given)


def test_an_added_kind_is_offered_under_its_group(county):
    add(county)
    assert ("FIRE-NEW", f"{selectors.kind_names(county.county)['FIRE']} › 电动自行车进楼") in selectors.kind_choices(
        county.county
    )
    assert selectors.ancestors(county.county, "FIRE-NEW") == ["FIRE-NEW", "FIRE"]
    assert TraceRow.objects.get(county=county.county, action="handbook.add_kind").changes["code"] == "FIRE-NEW"


def test_a_leaf_below_which_a_kind_is_added_becomes_a_group(county):
    add(county, parent_code="FIRE-EXIT-BLOCKED")
    assert not selectors.hazard_kind(county.county, "FIRE-EXIT-BLOCKED").is_leaf
    assert "FIRE-EXIT-BLOCKED" not in dict(selectors.kind_choices(county.county))


@pytest.mark.parametrize(("field", "values"), [
    ("code", {"code": "FIRE"}), ("code", {"code": ""}), ("code", {"code": "带 空格"}), ("parent_code", {"parent_code": "NO"}),
    ("name", {"name": " "}), ("name", {"name": "长" * 121}), ("nature", {"nature": "x"}), ("severity", {"severity": "x"}),
])  # fmt: skip
def test_a_wrong_field_of_a_new_kind_is_named(county, field, values):
    with pytest.raises(InvalidInput) as refused:
        add(county, **values)
    assert set(refused.value.fields) == {field}


def retire(cast, code, reason="并入其他类别", user=None):
    return services.retire_kind(acting_user=user or cast.lead_officer, county=cast.county, code=code, reason=reason)


def test_a_retired_kind_leaves_the_forms_and_keeps_its_name_and_limits(county):
    before = limit(county)
    assert not retire(county, "FIRE-EXIT-BLOCKED").is_active
    assert "FIRE-EXIT-BLOCKED" not in dict(selectors.kind_choices(county.county))
    assert selectors.hazard_kind(county.county, "FIRE-EXIT-BLOCKED").name
    assert limit(county) == before
    row = TraceRow.objects.get(county=county.county, action="handbook.retire_kind")
    assert row.changes["reason"] == "并入其他类别"


def test_a_group_in_use_a_retired_kind_and_a_missing_reason_are_refused(county):
    with pytest.raises(Refused):
        retire(county, "FIRE")
    with pytest.raises(InvalidInput):
        retire(county, "FIRE-EXIT-BLOCKED", reason=" ")
    retire(county, "FIRE-EXIT-BLOCKED")
    with pytest.raises(Refused):
        retire(county, "FIRE-EXIT-BLOCKED")


@pytest.mark.parametrize("person", ["leader", "town_officer", "fire_officer", "grid_member", "auditor", "outsider"])
def test_only_the_lead_office_writes_kinds_limits_and_norms(county, person):
    user = getattr(county, person)
    _ = county.visit_norm
    with pytest.raises(NotPermitted):
        add(county, acting_user=user)
    with pytest.raises(NotPermitted):
        retire(county, "FIRE-EXIT-BLOCKED", user=user)
    with pytest.raises(NotPermitted):
        set_limits(county, "FIRE", {}, acting_user=user)
    with pytest.raises(NotPermitted):
        set_norm(county, acting_user=user)
    with pytest.raises(NotPermitted):
        services.load_content(acting_user=user, county=county.county)


def set_norm(cast, **values):
    given = {"acting_user": cast.lead_officer, "county": cast.county, "site_type": "enterprise", "risk_grade": "orange",
             "visits_a_year": 24, "minutes": 50, **values}  # fmt: skip
    return services.set_visit_norm(**given)


def test_a_norm_is_set_read_and_traced(county):
    _ = county.visit_norm
    set_norm(county)
    norm = selectors.visit_norm(county.county, "enterprise", "orange")
    assert (norm.visits_a_year, norm.minutes) == (24, 50)
    row = TraceRow.objects.get(county=county.county, action="handbook.set_visit_norm")
    assert row.changes == {"visits_a_year": [12, 24], "minutes": [40, 50]}


@pytest.mark.parametrize(("field", "values"), [
    ("visits_a_year", {"visits_a_year": 367}), ("visits_a_year", {"visits_a_year": -1}), ("minutes", {"minutes": 0}),
    ("minutes", {"minutes": 481}), ("site_type", {"site_type": "castle"}), ("site_type", {"risk_grade": "pink"}),
])  # fmt: skip
def test_a_norm_out_of_bounds_is_refused_and_named(county, field, values):
    _ = county.visit_norm
    with pytest.raises(InvalidInput) as refused:
        set_norm(county, **values)
    assert field in refused.value.fields


def test_the_shipped_content_fills_an_empty_county_once_and_keeps_what_is_there(cast):
    added = services.load_content(acting_user=None, county=cast.county)
    assert added > 50
    assert selectors.checklist_for(cast.county, "enterprise", "2641") is not None
    set_limits(cast, "FIRE", {"handle": days(1)})
    assert services.load_content(acting_user=None, county=cast.county) == 0
    assert selectors.hazard_kind(cast.county, "FIRE").limits == {"handle": days(1)}
    assert CATALOGUE.get(cast.foreign_county).kinds == {}
