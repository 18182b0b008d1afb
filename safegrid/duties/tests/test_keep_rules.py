"""Adding and ending rules: who may, what is refused, what is left in the trace, what the sites then say."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from safegrid.duties import selectors, services
from safegrid.duties.models import DutyMatch, DutyRule
from safegrid.duties.ranking import Rule
from safegrid.duties.tasks import let_rules_begin_and_end
from safegrid.duties.wording import rank_words
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible, Refused
from safegrid.foundation.ids import uuid7
from safegrid.foundation.models import TraceRow
from safegrid.orgs.services import close_department
from safegrid.regions.selectors import name_of
from safegrid.sites.models import Site

MORNING = datetime(2025, 3, 5, 9, 0, tzinfo=clock.SHANGHAI)


@pytest.fixture
def county(cast):
    """The cast's sites with their rules, matched."""
    with clock.simulated(MORNING) as time:
        _ = cast.duty_rules, cast.site, cast.shop, cast.next_site, cast.other_site, cast.household
        services.rematch(cast.county)
        cast.time = time
        yield cast


def add(cast, **values):
    given = {"acting_user": cast.lead_officer, "county": cast.county, "department": cast.fire, **values}
    return services.add_rule(**given)


def match(site):
    return DutyMatch.objects.get(county=site.county, site_id=site.id)


def department_of(site):
    return Site.objects.get(county=site.county, id=site.id).department_id


def test_a_new_rule_takes_the_sites_it_covers_and_leaves_the_others(county):
    added = add(county, site_type="household", words="家庭户由消防指导")
    assert match(county.household).rule_id == added.id
    assert department_of(county.household) == county.fire.id
    assert department_of(county.shop) == county.market.id
    row = TraceRow.objects.get(county=county.county, action="duties.add_rule")
    assert row.object_id == added.id
    assert row.changes["department"] == "消防救援大队"


def test_an_ended_rule_gives_its_sites_back_to_the_next_one(county):
    rule = next(one for one in county.duty_rules if one.site_type == "shop")
    ended = services.end_rule(acting_user=county.lead_officer, rule=rule, reason="机构改革")
    assert ended.valid_to == date(2025, 3, 4)
    assert match(county.shop).state == "none"
    assert department_of(county.shop) is None
    row = TraceRow.objects.get(county=county.county, action="duties.end_rule")
    assert row.changes["reason"] == "机构改革"


def test_a_rule_ended_with_a_future_day_holds_until_then_and_the_schedule_ends_it(county):
    rule = next(one for one in county.duty_rules if one.site_type == "shop")
    services.end_rule(acting_user=county.lead_officer, rule=rule, reason="机构改革", valid_to=date(2025, 3, 6))
    assert department_of(county.shop) == county.market.id
    county.time.advance(timedelta(days=2))
    let_rules_begin_and_end()
    assert match(county.shop).state == "none"


def test_a_rule_written_ahead_begins_on_its_day(county):
    add(county, site_type="household", valid_from=date(2025, 3, 7))
    assert match(county.household).state == "none"
    let_rules_begin_and_end()
    assert match(county.household).state == "none"
    county.time.advance(timedelta(days=2))
    let_rules_begin_and_end()
    assert department_of(county.household) == county.fire.id


def test_two_equal_rules_make_a_conflict_that_names_both(county):
    rule = add(county, site_type="shop")
    found = match(county.shop)
    assert found.state == "conflict"
    assert str(rule.id) in found.conflicting
    assert len(found.conflicting) == 2
    assert department_of(county.shop) is None


def test_a_rule_for_a_hazard_kind_changes_no_site(county):
    _ = county.kinds
    before = list(DutyMatch.objects.filter(county=county.county).order_by("id").values())
    add(county, hazard_kind="FIRE-EXTINGUISHER")
    assert list(DutyMatch.objects.filter(county=county.county).order_by("id").values()) == before


@pytest.mark.parametrize(("field", "values"), [
    ("part", {"part": "boss"}), ("industry_prefix", {"industry_prefix": "C26"}), ("hazard_kind", {"hazard_kind": "NO"}),
    ("site_type", {"site_type": "castle"}), ("town", {"town": "330523001"}), ("town", {"village": "330521999001"}),
    ("valid_to", {"valid_from": date(2025, 3, 5), "valid_to": date(2025, 3, 4)}), ("words", {"words": "长" * 201}),
])  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_is_written(county, field, values):
    before = DutyRule.objects.filter(county=county.county).count()
    with pytest.raises(InvalidInput) as refused:
        add(county, **values)
    assert field in refused.value.fields
    assert DutyRule.objects.filter(county=county.county).count() == before


def test_a_site_of_another_county_and_a_foreign_or_closed_department_are_refused(county):
    with pytest.raises(InvalidInput) as refused:
        add(county, site_id=county.foreign_site.id)
    assert "site_id" in refused.value.fields
    with pytest.raises(InvalidInput):
        add(county, department=county.foreign_department)
    close_department(acting_user=None, department=county.fire, reason="撤销")
    with pytest.raises(InvalidInput) as refused:
        add(county)
    assert "department" in refused.value.fields


@pytest.mark.parametrize("person", ["leader", "town_officer", "fire_officer", "grid_member", "auditor", "outsider"])
def test_only_the_lead_office_writes_rules(county, person):
    with pytest.raises(NotPermitted):
        add(county, acting_user=getattr(county, person))
    with pytest.raises(NotPermitted):
        services.end_rule(acting_user=getattr(county, person), rule=county.duty_rules[0], reason="试试")


def test_ending_asks_for_a_reason_and_happens_once(county):
    rule = county.duty_rules[0]
    with pytest.raises(InvalidInput):
        services.end_rule(acting_user=county.lead_officer, rule=rule, reason=" ")
    services.end_rule(acting_user=county.lead_officer, rule=rule, reason="改革")
    with pytest.raises(Refused):  # seen before the other one ended it
        services.end_rule(acting_user=county.second_lead_officer, rule=rule, reason="改革")
    again = DutyRule.objects.get(county=county.county, id=rule.id)
    with pytest.raises(Refused):
        services.end_rule(acting_user=county.lead_officer, rule=again, reason="改革")


def test_the_shipped_rules_come_once_with_their_departments(cast):
    _ = cast.lead_department
    cast_kinds = services.load_content(acting_user=None, county=cast.county)
    assert cast_kinds > 0
    assert services.load_content(acting_user=None, county=cast.county) == 0
    assert DutyRule.objects.filter(county=cast.county).count() == cast_kinds


def test_explain_tells_every_step_in_words(county):
    add(county, industry_prefix="264", words="涂料制造")
    told = selectors.explain(county=county.county, site=county.site)
    assert told.main == county.fire
    assert [(s.rank_words, s.wins) for s in told.steps] == [("行业 264", True), ("行业 26", False)]
    assert told.steps[0].why == "涂料制造"
    assert told.as_dict()["main"] == str(county.fire.id)


def test_explain_for_a_hazard_looks_at_the_kind_and_its_parents(county):
    _ = county.kinds
    told = selectors.explain(county=county.county, hazard_kind="FIRE-EXIT-BLOCKED", town=county.town)
    assert told.main == county.fire
    assert selectors.explain(county=county.county, hazard_kind="ELEC", town=county.town).main is None


def test_explain_of_a_conflict_has_no_department_and_an_expired_rule_raises_an_alert(county):
    add(county, site_type="shop")
    assert selectors.explain(county=county.county, site=county.shop).main is None
    rule = next(one for one in county.duty_rules if one.industry_prefix == "26")
    services.end_rule(acting_user=county.lead_officer, rule=rule, reason="到期")
    assert "到期" in selectors.explain(county=county.county, site=county.site).alerts[0]


def test_gaps_and_conflicts_are_read_inside_ones_place(county):
    add(county, site_type="shop")
    for person in (county.lead_officer, county.leader, county.town_officer):
        assert {m.site_id for m in selectors.sites_without_department(person)} == {county.household.id}
        assert {m.site_id for m in selectors.sites_in_conflict(person)} == {county.shop.id, county.next_site.id}
    for person in (county.other_town_officer, county.grid_member, county.outsider, county.market_officer):
        assert not selectors.sites_without_department(person).exists()
        assert not selectors.sites_in_conflict(person).exists()


def test_rules_are_read_by_whoever_works_in_the_county(county):
    rule = county.duty_rules[0]
    assert selectors.rule_for(county.grid_member, county.county, rule.id) == rule
    with pytest.raises(NotVisible):
        selectors.rule_for(county.outsider, county.county, rule.id)


def test_what_a_rule_fits_is_said_in_words_that_officials_read(cast):
    everything = Rule(
        uuid7(),
        uuid7(),
        "main",
        cast.site.id,
        "26",
        cast.general_kind.code,
        "shop",
        cast.town,
        "",
        "",
        date(2026, 1, 1),
        None,
    )
    assert (
        rank_words(cast.county, everything)
        == f"指定对象 · 行业 26 · 隐患类别 {cast.general_kind.name} · 小商铺 · {name_of(cast.town)}"
    )
    nothing = replace(everything, site_id=None, industry_prefix="", hazard_kind="", site_type="", town="")
    assert rank_words(cast.county, nothing) == "全县兜底"
