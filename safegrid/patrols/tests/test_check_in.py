"""Checking in by the site's code, the signature, the planned visit a visit is, and visits made before a site changed hands."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from safegrid.files.selectors import attachments_of
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotVisible
from safegrid.foundation.models import TraceRow
from safegrid.grids.models import Posting, SiteGrid
from safegrid.patrols.codes import address_of, code_of, is_code_of
from safegrid.patrols.models import PlannedVisit, SiteCodeKey, Visit
from safegrid.sites.models import DirectSupervision, Site

TODAY = date(2025, 3, 5)


def test_a_code_is_long_the_sites_own_and_stays(cast):
    code = code_of(cast.county, cast.site.id)
    assert len(code) == 24
    assert code == code_of(cast.county, cast.site.id)
    assert code != code_of(cast.county, cast.shop.id)
    assert address_of("https://a.example", cast.county, cast.site.id) == f"https://a.example/m/q/{code}"
    assert is_code_of(cast.county, cast.site.id, f" https://other.example/m/q/{code.lower()} ")
    assert not is_code_of(cast.county, cast.shop.id, code)
    assert SiteCodeKey.objects.get(county=cast.county).secret != ""


def test_by_the_code_no_reason_is_asked_for_however_far(round_):
    far = {"longitude": round_.cast.site.longitude + 0.01}
    visit = round_.record(**far, qr=address_of("https://a.example", round_.cast.county, round_.cast.site.id))
    assert (visit.checked_in_by, visit.far_reason) == ("qr", "")
    assert visit.distance_m > 900
    assert TraceRow.objects.get(county=visit.county, action="patrols.record_visit").changes["checked_in_by"] == "qr"


def test_another_sites_code_is_refused(round_):
    with pytest.raises(InvalidInput) as refused:
        round_.record(qr=code_of(round_.cast.county, round_.cast.shop.id))
    assert set(refused.value.fields) == {"qr"}
    assert not Visit.objects.filter(county=round_.cast.county).exists()


@pytest.mark.parametrize(("where", "how"), [({}, "position"), ({"longitude": None, "latitude": None}, "")])
def test_else_how_one_checked_in_follows_from_the_position(round_, where, how):
    assert round_.record(**where).checked_in_by == how


def test_the_signature_is_kept_apart_from_the_photos(round_):
    (photo,), (signature,) = round_.photo(), round_.photo()
    visit = round_.record(attachment_ids=[photo], signature_id=signature)
    assert {one.id: one.purpose for one in attachments_of(visit)} == {photo: "visit", signature: "signature"}


def test_a_signature_of_anothers_upload_takes_the_visit_back(round_):
    with pytest.raises(InvalidInput):
        round_.record(signature_id=round_.photo(round_.cast.town_officer)[0])
    assert not Visit.objects.filter(county=round_.cast.county).exists()


# The planned visit


def planned(cast, due_by=TODAY, **more) -> PlannedVisit:
    member = cast.member_of(cast.grid_member)
    return PlannedVisit.objects.create(
        county=cast.county, member_id=member.id, member_user_id=cast.grid_member.id, site=cast.site, grid_id=cast.grid.id,
        town=cast.town, village=cast.village, minutes=20, due_by=due_by, on=TODAY, **{"reason": "regular", **more},
    )  # fmt: skip


def states(cast) -> dict:
    return dict(PlannedVisit.objects.filter(county=cast.county).values_list("id", "state"))


def test_a_visit_ticks_off_the_first_planned_one_and_says_so_in_the_trace(round_):
    later, first = planned(round_.cast, TODAY + timedelta(days=7)), planned(round_.cast)
    visit = round_.record()
    assert states(round_.cast) == {first.id: "done", later.id: "planned"}
    first.refresh_from_db()
    assert (first.visit_id, first.done_on) == (visit.id, TODAY)
    assert TraceRow.objects.get(county=visit.county, action="patrols.record_visit").changes["planned"] == str(first.id)


def test_or_the_one_it_names_even_where_the_plan_has_dropped_it_meanwhile(round_):
    dropped, other = planned(round_.cast, state="dropped"), planned(round_.cast)
    round_.record(task_id=dropped.id)
    assert states(round_.cast) == {dropped.id: "done", other.id: "planned"}


@pytest.mark.parametrize("named", ["done", "unknown", "of another site"])
def test_one_that_is_none_of_this_site_or_done_before_costs_nothing(round_, named):
    cast, first = round_.cast, planned(round_.cast)
    other = {"done": lambda: planned(cast, state="done", visit_id=uuid4()).id, "unknown": uuid4,
             "of another site": lambda: planned(cast, state="done").id}[named]()  # fmt: skip
    if named == "of another site":
        PlannedVisit.objects.filter(county=cast.county, id=other).update(site=cast.shop, state="planned")
    round_.record(task_id=other)
    assert states(cast)[first.id] == "done"


def test_what_was_asked_for_besides_is_settled_with_it(round_):
    first, added = planned(round_.cast, TODAY - timedelta(days=2)), planned(round_.cast, reason="added")
    round_.record()
    assert states(round_.cast) == {first.id: "done", added.id: "dropped"}


def test_sent_again_it_ticks_off_nothing_more(round_):
    first, second = planned(round_.cast), planned(round_.cast, TODAY + timedelta(days=7))
    given = round_.given()
    round_.record(**given)
    round_.record(**given)
    assert states(round_.cast) == {first.id: "done", second.id: "planned"}


# A site that is no longer the member's


def handed_over(cast, on: date) -> None:
    """The site goes to the next grid, as ``grids`` writes it."""
    SiteGrid.objects.filter(county=cast.county, site_id=cast.site.id).update(valid_to=on - timedelta(days=1))
    SiteGrid.objects.create(
        county=cast.county, site_id=cast.site.id, grid=cast.next_grid, assigned_by="hand", valid_from=on
    )
    Site.objects.filter(county=cast.county, id=cast.site.id).update(grid_id=cast.next_grid.id)


def test_what_was_visited_before_the_site_changed_hands_is_taken(round_):
    handed_over(round_.cast, TODAY - timedelta(days=2))
    visit = round_.record(visited_at=clock.now() - timedelta(days=3))
    assert visit.site_id == round_.cast.site.id


def test_on_the_day_it_changes_hands_either_may_have_been_there(round_):
    handed_over(round_.cast, TODAY)
    assert round_.record(visited_at=clock.now() - timedelta(minutes=90))


def test_what_was_visited_afterwards_is_not(round_):
    handed_over(round_.cast, TODAY - timedelta(days=4))
    with pytest.raises(NotVisible):
        round_.record(visited_at=clock.now() - timedelta(days=2))


def test_who_had_no_posting_there_then_is_refused(round_):
    cast = round_.cast
    handed_over(cast, TODAY - timedelta(days=2))
    member = cast.member_of(cast.grid_member)
    Posting.objects.filter(county=cast.county, member=member).update(valid_from=TODAY - timedelta(days=1))
    with pytest.raises(NotVisible):
        round_.record(visited_at=clock.now() - timedelta(days=10))


def test_supervised_directly_since_then_what_was_visited_before_is_taken(round_):
    cast = round_.cast
    Site.objects.filter(county=cast.county, id=cast.site.id).update(is_directly_supervised=True)
    DirectSupervision.objects.create(county=cast.county, site=cast.site, reason="x", authority="y",
                                     valid_from=TODAY - timedelta(days=5))  # fmt: skip
    assert round_.record(visited_at=clock.now() - timedelta(days=8))
    with pytest.raises(NotVisible):
        round_.record(visited_at=clock.now() - timedelta(minutes=8))
