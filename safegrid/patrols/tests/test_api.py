"""Visits over the API: recorded once however often they are sent, read inside one's scope."""

from uuid import uuid4

from safegrid.cases.models import Case
from safegrid.foundation import clock
from safegrid.patrols.models import Visit


def body(round_, *answers, **more):
    cast = round_.cast
    written = [
        {
            "item_id": str(a.item_id),
            "value": a.value,
            "words": a.words,
            "attachment_ids": [str(i) for i in a.attachment_ids],
        }
        for a in round_.answers(*answers)
    ]
    return {
        "device_id": str(uuid4()), "site_id": str(cast.site.id), "checklist_id": str(cast.checklist.id), "outcome": "done",
        "visited_at": clock.now().isoformat(), "longitude": cast.site.longitude, "latitude": cast.site.latitude,
        "answers": written, **more,
    }  # fmt: skip


def test_a_visit_with_a_finding_is_recorded_read_and_answered_again(round_):
    cast = round_.cast
    member, address = cast.api(cast.grid_member), f"/api/v1/visits/{cast.county}"
    given = body(round_, round_.answer("EXIT", words="纸箱"), attachment_ids=[str(i) for i in round_.photo()])
    answer = member.post(address, given)
    assert answer.status_code == 201
    made = answer.json()
    case = Case.objects.get(county=cast.county)
    exit_ = next(one for one in made["answers"] if one["item_code"] == "EXIT")
    assert (exit_["is_finding"], exit_["case_id"], made["findings"]) == (True, str(case.id), 1)
    assert made["attachment_ids"] == given["attachment_ids"]
    again = member.post(address, given)  # a new key, the phone's same id
    assert (again.status_code, again.json()["id"]) == (201, made["id"])
    assert Visit.objects.filter(county=cast.county).count() == 1
    assert member.get(f"{address}/{made['id']}").json() == made
    listed = cast.api(cast.town_officer).get(address, site_id=str(cast.site.id)).json()
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    assert cast.api(cast.town_officer).get(address, site_id=str(cast.shop.id)).json()["items"] == []


def test_what_is_missing_comes_back_by_field_and_nothing_is_kept(round_):
    cast = round_.cast
    member, address = cast.api(cast.grid_member), f"/api/v1/visits/{cast.county}"
    far = member.post(address, body(round_, longitude=cast.site.longitude + 0.02))
    assert far.status_code == 422
    assert "far_reason" in far.json()["fields"]
    assert member.post(address, body(round_, checklist_id=str(uuid4()))).status_code == 422
    assert member.post(address, body(round_, visited_at="2025-03-05T09:00:00")).status_code == 422
    assert member.post(address, body(round_, site_id=str(cast.other_site.id))).status_code == 404
    assert not Visit.objects.filter(county=cast.county).exists()
