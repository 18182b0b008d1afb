"""What phones get for patrol and send from it: sites, planned visits and routes; visits, skips, additions and corrections."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from safegrid.files.selectors import attachments_of
from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, InvalidInput
from safegrid.foundation.fieldwork import Received
from safegrid.foundation.ids import uuid7
from safegrid.patrols.codes import code_of
from safegrid.patrols.field import FEEDS, OPERATIONS, TASKS
from safegrid.patrols.models import PlannedVisit, Visit
from safegrid.patrols.tests.planning import Patch
from safegrid.sites.field import OPERATIONS as SITE_OPERATIONS
from safegrid.sites.models import ChangeRequest, Site

TODAY = date(2025, 3, 5)
COUNTY = 330521


def feed(name, user):
    return dict(next(one for one in FEEDS if one.name == name).rows(user, COUNTY))


def tasks(user):
    return list(TASKS[0].rows(user, COUNTY))


def send(kind, user, payload, *, at=None, uploads=None):
    """Carry out an operation as the engine does, with ``uploads``: upload id → attachment id."""
    operation = next(one for one in (*OPERATIONS, *SITE_OPERATIONS) if one.kind == kind)
    read, known = operation.schema.model_validate(payload), uploads or {}
    assert set(operation.photos(read)) == set(known)
    received = Received(
        uuid7(), uuid7(), at or clock.now() - timedelta(minutes=5), lambda ids: [known[one] for one in ids]
    )
    return operation.run(user, COUNTY, read, received)


def test_the_sites_of_a_member_with_masked_contacts_checklist_and_code(round_):
    cast = round_.cast
    _ = cast.contact, cast.shop, cast.next_site
    found = feed("sites", cast.grid_member)
    assert set(found) == {str(cast.site.id), str(cast.shop.id)}
    row = found[str(cast.site.id)]
    assert (row["checklist_id"], row["qr"]) == (cast.checklist.id, code_of(COUNTY, cast.site.id))
    assert row["contacts"][0]["phone"] == "138****8000"
    assert found[str(cast.shop.id)]["checklist_id"] is None


def test_a_committee_gets_its_villages_sites_without_codes_and_no_tasks(round_):
    cast = round_.cast
    _ = cast.household, cast.next_site
    found = feed("sites", cast.committee)
    assert set(found) == {str(cast.site.id), str(cast.household.id)}
    assert {row["qr"] for row in found.values()} == {""}
    assert "*" in found[str(cast.household.id)]["name"]
    assert (feed("visits", cast.committee), feed("route", cast.committee), tasks(cast.committee)) == ({}, {}, [])


def test_what_is_supervised_directly_or_elses_is_not_on_the_phone(round_):
    cast = round_.cast
    assert feed("sites", cast.outsider) == {}
    Site.objects.filter(county=COUNTY, id=cast.site.id).update(is_directly_supervised=True)
    assert feed("sites", cast.grid_member) == {}


def test_when_a_site_was_last_visited_and_how_often_it_should_be(patch):
    site = patch.site(grade="orange", visited=TODAY - timedelta(days=9))
    assert feed("visits", patch.user)[str(site.id)] == {
        "last_visit_on": TODAY - timedelta(days=9), "last_outcome": "done", "visits_a_year": 26, "minutes": 20, "open_cases": 0,
    }  # fmt: skip


def test_planned_visits_are_tasks_and_the_route_names_them(patch):
    late = patch.site(grade="red", visited=TODAY - timedelta(days=20))
    patch.site(grade="red", visited=TODAY - timedelta(days=6))
    patch.plan()
    found = tasks(patch.user)
    assert {task.id for task in found} == {str(row.id) for row in patch.open()}
    assert next(task for task in found if task.site_id == late.id).urgency == "overdue"
    route = feed("route", patch.user)
    hours = route[TODAY.isoformat()]["hours"]  # by which the phone plans the day anew
    assert (hours["begins"], hours["ends"], hours["breaks"]) == (8 * 60 + 30, 17 * 60 + 30, [(12 * 60, 14 * 60)])
    named = {call["task_id"] for day in route.values() for call in day["calls"]}
    assert named == {row.id for row in patch.open() if row.position is not None}
    assert route[TODAY.isoformat()]["start"] is not None
    assert tasks(patch.cast.next_grid_member) == []


def test_what_found_no_place_stands_with_todays_route(patch):
    patch.norm("shop", "red", 52, minutes=400)
    site = patch.site(grade="red", visited=TODAY - timedelta(days=20))
    patch.plan()
    assert feed("route", patch.user)[TODAY.isoformat()]["left_out"][:1] == [site.id]
    assert "工作时间排不下" in tasks(patch.user)[0].words


def payload(round_, **more):
    cast = round_.cast
    answers = [{"item_id": str(one.item_id), "value": one.value} for one in round_.answers()]
    return {"site_id": str(cast.site.id), "checklist_id": str(cast.checklist.id), "outcome": "done", "answers": answers,
            "checked_in_by": "position", "longitude": cast.site.longitude, "latitude": cast.site.latitude, "accuracy_m": 8.0,
            "person_met": "沈安全", **more}  # fmt: skip


def test_a_visit_is_recorded_as_of_when_it_was_made_with_photos_and_signature(round_):
    cast, (photo,), (signature,) = round_.cast, round_.photo(), round_.photo()
    uploads = {uuid4(): photo, uuid4(): signature}
    first, second = uploads
    made = clock.now() - timedelta(days=3)
    done = send("patrols.visit", cast.grid_member, payload(round_, photos=[str(first)], signature=str(second)), at=made,
                uploads=uploads)  # fmt: skip
    visit = Visit.objects.get(county=COUNTY, id=done["id"])
    assert (visit.visited_at, visit.recorded_at, visit.person_met) == (made, clock.now(), "沈安全")
    assert {one.purpose for one in attachments_of(visit)} == {"visit", "signature"}


def test_a_finding_reports_its_case_with_its_own_photos(round_):
    exit_, (photo,), upload = round_.items["EXIT"], round_.photo(), uuid4()
    answers = [{"item_id": str(one.item_id), "value": one.value} for one in round_.answers() if one.item_id != exit_.id]
    answers.append({"item_id": str(exit_.id), "value": "no", "words": "堆满纸箱", "photos": [str(upload)]})
    done = send("patrols.visit", round_.cast.grid_member, payload(round_, answers=answers), uploads={upload: photo})
    assert len(done["cases"]) == done["findings"] == 1


def test_a_code_is_only_looked_at_where_one_checked_in_by_it(round_):
    code = code_of(COUNTY, round_.cast.site.id)
    done = send("patrols.visit", round_.cast.grid_member, payload(round_, checked_in_by="qr", qr=code))
    assert Visit.objects.get(county=COUNTY, id=done["id"]).checked_in_by == "qr"
    with pytest.raises(InvalidInput) as refused:
        send("patrols.visit", round_.cast.grid_member, payload(round_, checked_in_by="qr"))
    assert set(refused.value.fields) == {"qr"}


@pytest.mark.parametrize("site", ["next_site", "foreign_site"])
def test_a_site_that_is_not_the_members_is_a_conflict_with_words(round_, site):
    elsewhere = getattr(round_.cast, site)
    with pytest.raises(Conflict) as refused:
        send("patrols.visit", round_.cast.grid_member, payload(round_, site_id=str(elsewhere.id)))
    assert "不归您的网格" in refused.value.message
    assert not Visit.objects.filter(county=COUNTY).exists()


def test_skipping_and_adding_from_the_phone(patch):
    site = patch.site(grade="red", visited=TODAY - timedelta(days=20))
    other = patch.site(grade="blue", visited=TODAY - timedelta(days=2))
    patch.plan()
    row = patch.one(site)
    done = send("patrols.skip", patch.user, {"task_id": str(row.id), "site_id": str(site.id), "reason": "下雨"})
    assert done["on"] > TODAY
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    assert send("patrols.add", patch.user, {"site_id": str(other.id), "on": yesterday})["on"] == TODAY
    by_site = send("patrols.skip", patch.user, {"site_id": str(other.id), "reason": "关门"})
    assert PlannedVisit.objects.get(county=COUNTY, id=by_site["id"]).skips == 1


def test_skipping_what_is_not_ones_own_and_adding_elsewhere_are_conflicts(patch):
    site = patch.site(grade="red", visited=TODAY - timedelta(days=20))
    patch.plan()
    with pytest.raises(Conflict):
        send("patrols.skip", patch.cast.next_grid_member, {"task_id": str(patch.one(site).id), "reason": "x"})
    with pytest.raises(Conflict):
        send("patrols.add", patch.user, {"site_id": str(patch.cast.next_site.id)})
    with pytest.raises(InvalidInput):
        send("patrols.skip", patch.user, {"reason": "x"})


def test_a_correction_of_a_site_becomes_a_change_request(cast):
    _ = cast.town_officer
    values = {"employees": 12}
    done = send("sites.propose_change", cast.grid_member,
                {"site_id": str(cast.site.id), "version": cast.site.version, "values": values, "reason": "现场核对"})  # fmt: skip
    kept = ChangeRequest.objects.get(county=COUNTY, id=done["id"])
    assert (kept.values, kept.words, kept.state) == (values, "现场核对", "waiting")


def test_a_correction_of_what_has_changed_or_gone_is_a_conflict_and_wrong_values_are_named(cast):
    stale = {"site_id": str(cast.site.id), "version": cast.site.version + 1, "values": {"employees": 12}}
    with pytest.raises(Conflict):
        send("sites.propose_change", cast.grid_member, stale)
    with pytest.raises(Conflict):
        send("sites.propose_change", cast.grid_member, {"site_id": str(cast.next_site.id), "values": {"employees": 1}})
    with pytest.raises(InvalidInput) as refused:
        send("sites.propose_change", cast.grid_member, {"site_id": str(cast.site.id), "values": {"status": "closed"}})
    assert set(refused.value.fields) == {"reason"}


def test_a_feed_asks_as_often_for_many_sites_as_for_few(cast, django_assert_max_num_queries):
    with clock.simulated(clock.now()):
        patch = Patch(cast, sites=30)
        patch.plan()
        feed("sites", patch.user)
        for name, most in (("sites", 8), ("visits", 6), ("route", 5)):
            with django_assert_max_num_queries(most):
                feed(name, patch.user)
        with django_assert_max_num_queries(3):
            tasks(patch.user)
