"""Every figure of every sheet against the rows; the lists behind them; several counties added up; refusals."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safegrid.accounts.models import Role
from safegrid.cases.indices import INDICES, indices
from safegrid.cases.models import Case
from safegrid.cases.tests.steps import MORNING
from safegrid.cases.tests.test_indices import case_specs, written
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.patrols.models import Visit
from safegrid.sites.models import Site
from safegrid.statistics import selectors, services
from safegrid.statistics.tests import naive

TODAY, DAY = MORNING.date(), timedelta(days=1)
SINCE, UNTIL = TODAY - 2 * DAY, TODAY + DAY


def sheet(user, name, place=None, since=SINCE, until=UNTIL, **more):
    return selectors.sheets(selectors.asked(user, place, since, until, **more), name)[name]


def values(found):
    return {line.key: dict(line.values) for line in found.lines}


def rate(counts, over, under):
    return counts[over] / counts[under] if counts[under] else None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(case_specs, max_size=10), place=st.sampled_from(["330521", "330521001", "330521001001"]),
       excused=st.booleans())  # fmt: skip
def test_sheets_of_cases_are_what_the_rows_say(cast, drawn, place, excused):
    with clock.simulated(MORNING), transaction.atomic():
        for number, spec in enumerate(drawn):
            written(cast, number, spec)
        services.keep(cast.county, places=True)
        rows = naive.sums(cast.county, MORNING, SINCE, UNTIL)
        level = {6: 3, 9: 4, 12: 5}[len(place)]
        total = Counter()
        by_kind, by_part = defaultdict(Counter), defaultdict(Counter)
        for (_, at_level, at, by, key), counts in rows.items():
            if (at_level, at, by) == (level, place, ""):
                total.update(counts)
            if (at_level, at, by) == (level, place, "kind"):
                by_kind[key].update(counts)
            if at_level == level + 1 and at.startswith(place) and not by:
                by_part[at].update(counts)

        def named(name):
            return f"excused_{name}" if excused and f"excused_{name}" in EXCUSED else name

        shown = values(sheet(cast.lead_officer, "indices", place, excused=excused))
        for index in INDICES:
            over, under = named(index.over), named(index.under)
            assert (shown[index.name]["over"], shown[index.name]["under"]) == (total[over], total[under])
            assert shown[index.name]["rate"] == rate(total, over, under)
        headline = values(sheet(cast.lead_officer, "headline", place, excused=excused))
        for name in ("reported", "registered", "closed", "open_now", "major"):
            assert headline[name]["now"] == total[name]
        assert headline["overdue_now"]["now"] == total[named("overdue_now")]
        closing = values(sheet(cast.lead_officer, "closing", place))
        assert {name: line["count"] for name, line in closing.items()} == {name: total[name] for name in closing}
        kinds = values(sheet(cast.lead_officer, "kinds", place, excused=excused))
        assert kinds.keys() == {key for key, counts in by_kind.items() if counts["reported"]}
        for key, line in kinds.items():
            assert {n: line[n] for n in ("reported", "registered", "closed", "open_now")} == {
                n: by_kind[key][n] for n in ("reported", "registered", "closed", "open_now")
            }
            assert line["closed_in_time"] == rate(by_kind[key], named("closed_in_time"), named("should_close"))
        if level < 5:
            for key, line in values(sheet(cast.lead_officer, "comparison", place, excused=excused)).items():
                assert line["reported"] == by_part[key]["reported"]
                for index in INDICES:
                    assert line[index.name] == rate(by_part[key], named(index.over), named(index.under))
        transaction.set_rollback(True)


EXCUSED = {f"excused_{name}" for name in ("should_handle", "handled_in_time", "should_close", "closed_in_time",
                                          "should_recheck", "rechecked_in_time", "overdue_now")}  # fmt: skip


def test_the_indices_are_those_that_cases_reckon_themselves(steps):
    case = steps.handling()
    steps.closed()
    steps.time.move_to(case.due_at + timedelta(hours=1))
    services.keep(case.county)
    (line,) = indices(steps.cast.lead_officer, case.county, since=SINCE, until=UNTIL)
    shown = values(sheet(steps.cast.lead_officer, "indices"))
    assert {name: one["rate"] for name, one in shown.items()} == line.rates
    (theirs,) = indices(steps.cast.town_officer, case.county, since=SINCE, until=UNTIL)
    shown = values(sheet(steps.cast.town_officer, "indices"))
    assert {name: one["rate"] for name, one in shown.items()} == theirs.rates


def test_every_number_of_cases_opens_a_list_of_just_so_many(steps):
    overdue = steps.handling()
    steps.closed()
    steps.site = steps.cast.other_site
    steps.reported(acting_user=steps.cast.other_grid_member)
    steps.time.move_to(overdue.due_at + timedelta(hours=1))
    services.keep(overdue.county)
    user = steps.cast.lead_officer
    for place in ("330521", "330521001", "330521101"):
        question = selectors.asked(user, place, SINCE, UNTIL)
        for index in INDICES:
            for name in (index.over, index.under):
                counted = question.count(question.totals[0], name)
                assert selectors.case_rows(question, name).count() == counted, (place, name)
        for name in ("kinds", "departments", "severities", "channels", "heat", "members", "comparison"):
            found = selectors.sheets(question, name)[name]
            for line in found.lines:
                for column in found.columns:
                    if column.drill:
                        here = selectors.asked(user, line.place, SINCE, UNTIL)
                        rows = selectors.case_rows(here, column.drill, line.by, line.group)
                        assert rows.count() == line.values[column.key], (place, name, line.label, column.key)
    assert overdue in selectors.case_rows(selectors.asked(user, None, SINCE, UNTIL), "overdue_now")


def lacking(cast):
    """Let the county lack one of everything; return how many sites there are."""
    _ = cast.site, cast.shop, cast.household, cast.far_grid, cast.grid_member, cast.other_site, cast.visit_norm
    Site.objects.filter(county=cast.county, id=cast.shop.id).update(grid_id=None, department_id=None)
    Site.objects.filter(county=cast.county, id=cast.household.id).update(is_directly_supervised=True)
    return 4


def test_coverage_counts_what_is_lacking_and_lists_it(cast):
    whole = lacking(cast)
    services.keep(cast.county, places=True)
    question = selectors.asked(cast.lead_officer)
    shown = values(selectors.sheets(question, "uncovered")["uncovered"])
    # far_grid and other_grid have nobody; no grid has officers; the next village's grid was never made.
    lacks = {name: (line["lacking"], line["whole"]) for name, line in shown.items()}
    villages = ("330521001001", "330521001002", "330521101020", "330521101022")
    assert lacks["villages_uncovered"] == (1, len(villages))
    assert lacks["grids_without_member"] == (2, 3)
    assert lacks["grids_lacking_officers"] == (3, 3)
    assert lacks["sites_without_grid"] == (1, whole - 1)
    assert lacks["sites_without_member"] == (1, whole - 1)
    assert lacks["sites_without_department"] == (2, whole)
    for name in ("sites_without_grid", "sites_without_member", "sites_without_department", "sites_not_visited"):
        assert selectors.site_rows(question, name).count() == shown[name]["lacking"], name
    assert {row.id for row in selectors.site_rows(question, "sites_without_member")} == {cast.other_site.id}
    assert [line.label for line in selectors.sheets(question, "villages")["villages"].lines] == ["吉祥社区居委会"]
    risk = values(selectors.sheets(question, "risk")["risk"])
    assert {name: line["sites"] for name, line in risk.items()} == {"red": 0, "orange": 1, "yellow": 0, "blue": 3}
    towns = values(selectors.sheets(question, "coverage")["coverage"])
    for name in ("sites_without_grid", "sites_without_member", "sites_without_department", "sites_not_visited"):
        assert sum(line[name] for line in towns.values()) == shown[name]["lacking"], name


def test_a_site_is_due_for_a_visit_when_the_last_that_took_place_is_longer_ago_than_its_norm(cast):
    norm = cast.visit_norm
    site, gap = cast.site, 365 // norm.visits_a_year
    Site.objects.filter(county=cast.county, id=site.id).update(site_type=norm.site_type, risk_grade=norm.risk_grade)
    with clock.simulated(clock.now() + timedelta(days=400)) as time:
        question = selectors.asked(cast.lead_officer)
        assert site in selectors.site_rows(question, "sites_not_visited")
        member = cast.member_of(cast.grid_member)
        for outcome, is_due in (("closed", True), ("done", False)):
            Visit.objects.create(
                county=cast.county, device_id=member.id if outcome == "done" else site.id, site=site, member_id=member.id,
                member_user_id=member.user_id, town=cast.town, village=cast.village, outcome=outcome,
                visited_at=time.time, recorded_at=time.time,
            )  # fmt: skip
            assert (site in selectors.site_rows(question, "sites_not_visited")) == is_due
        time.advance(timedelta(days=gap + 1))
        assert site in selectors.site_rows(question, "sites_not_visited")


def test_members_are_shown_with_their_visits_and_reports(round_):
    cast = round_.cast
    round_.record(round_.answer("EXIT", words="纸箱堵住出口"), attachment_ids=round_.photo())
    round_.record()
    services.keep(cast.county)
    today = clock.today()
    shown = sheet(cast.town_officer, "members", since=today - DAY, until=today)
    assert [line.label for line in shown.lines] == ["网格员甲"]
    assert {name: shown.lines[0].values[name] for name in ("visits", "done", "findings", "reported")} == {
        "visits": 2, "done": 2, "findings": 1, "reported": 1,
    }  # fmt: skip


def test_a_city_adds_up_its_counties_and_leads_to_each(steps):
    cast = steps.cast
    steps.closed()
    steps.dispatched()
    case = steps.reported()
    Case.objects.create(
        **{field.name: getattr(case, field.name) for field in Case._meta.concrete_fields
           if field.name not in ("id", "county", "site", "department", "merged_into", "town", "village", "number")},
        county=cast.foreign_county, town=cast.foreign_town, village=cast.foreign_village, number="F-1",
    )  # fmt: skip
    _ = cast.foreign_site
    for county in (cast.county, cast.foreign_county):
        services.keep(county, places=True)
    city = selectors.asked(cast.upper_level, None, SINCE, UNTIL)
    assert city.place == "3305"
    found = selectors.sheets(city, *selectors.SHEETS)
    assert values(found["headline"])["reported"]["now"] == 4
    assert {line.place: line.values["reported"] for line in found["comparison"].lines} == {"330521": 3, "330523": 1}
    parts = [values(selectors.sheets(selectors.asked(cast.upper_level, place, SINCE, UNTIL), "kinds")["kinds"])
             for place in ("330521", "330523")]  # fmt: skip
    whole = values(found["kinds"])
    for code, line in whole.items():
        assert line["reported"] == sum(part.get(code, {}).get("reported", 0) for part in parts)
    sites = [values(selectors.sheets(selectors.asked(cast.upper_level, place), "risk")["risk"]) for place in
             ("330521", "330523")]  # fmt: skip
    for grade, line in values(found["risk"]).items():
        assert line["sites"] == sum(part[grade]["sites"] for part in sites)
    with pytest.raises(NotVisible):
        selectors.case_rows(city, "reported")
    county = selectors.asked(cast.upper_level, "330523", SINCE, UNTIL)
    with cross_county("the rows of one county, for someone of the city"):
        assert selectors.case_rows(county, "reported").count() == 1
    assert {label: number for label, number, _ in selectors.desk_figures(cast.upper_level)} == {
        "未结案件": 3, "临近时限": 0, "已超时限": 0,
    }  # fmt: skip
    assert selectors.desk_figures(cast.lead_officer) == []


def test_a_province_and_the_nation_add_up_by_their_parts(steps):
    cast = steps.cast
    steps.reported()
    services.keep(cast.county, places=True)
    for place, part in (("33", "3305"), ("", "33")):
        user = cast.person(f"upper-{place}", "上级", "upper_level", place)
        question = selectors.asked(user, None, SINCE, UNTIL)
        found = selectors.sheets(question, "comparison", "headline", "coverage")
        assert {line.place: line.values["reported"] for line in found["comparison"].lines} == {part: 1}
        assert values(found["headline"])["reported"]["now"] == 1
        assert Role.objects.filter(user=user).count() == 1


def test_trends_stand_beside_last_month_and_last_year(steps):
    cast = steps.cast
    for months in (0, 1, 12):
        at = MORNING.replace(year=2025 if months < 12 else 2024, month=3 - months % 12)
        steps.in_state("registered", reported_at=at, registered_at=at, number=f"T-{months}")
    steps.in_state("reported", reported_at=MORNING, number="T-now")
    services.keep(cast.county)
    march = {"since": date(2025, 3, 1), "until": date(2025, 3, 31)}
    headline = values(sheet(cast.lead_officer, "headline", **march))["reported"]
    assert (headline["now"], headline["month"], headline["year"], headline["month_change"]) == (2, 1, 1, 1.0)
    filing = values(sheet(cast.lead_officer, "indices", **march))["filing"]
    assert (filing["rate"], filing["month"], filing["year"]) == (0.5, 1, 1)
    trend = values(sheet(cast.lead_officer, "trend", **march))
    assert len(trend) == 13
    assert [trend[month]["reported"] for month in ("2024-03-01", "2024-04-01", "2025-02-01", "2025-03-01")] == [
        1,
        0,
        1,
        2,
    ]


def test_a_sheet_bears_the_name_under_which_it_is_asked_for(cast):
    services.keep(cast.county, places=True)
    question = selectors.asked(cast.lead_officer)
    assert [sheet.name for sheet in selectors.sheets(question, *selectors.SHEETS).values()] == list(selectors.SHEETS)


def test_questions_that_make_no_sense_are_refused(cast):
    with pytest.raises(NotPermitted):
        selectors.asked(cast.fire_officer)
    for place in ("330523", "33", "", "330521x", "33052"):
        with pytest.raises(NotVisible):
            selectors.asked(cast.lead_officer, place)
    with pytest.raises(NotVisible):
        selectors.asked(cast.town_officer, "330521")
    with pytest.raises(InvalidInput):
        selectors.asked(cast.lead_officer, None, TODAY, TODAY - DAY)
    with pytest.raises(InvalidInput):
        selectors.asked(cast.lead_officer, None, date(1990, 1, 1), TODAY)
    question = selectors.asked(cast.lead_officer)
    for measure, by, key in (("near", "", ""), ("reported", "colour", ""), ("reported", "grid", "no-id")):
        with pytest.raises(NotVisible):
            selectors.case_rows(question, measure, by, key)
    with pytest.raises(NotVisible):
        selectors.site_rows(question, "reported")
    with pytest.raises(NotVisible):
        selectors.sheets(question, "nothing")
