"""One key on the desk: acts that need no further word, through the verbs' own addresses with the version that was seen."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from safegrid.cases import services
from safegrid.cases.models import Case
from safegrid.cases.tests.steps import steps as steps
from safegrid.console import desk
from safegrid.console.tests.test_pages import MOST_QUERIES
from safegrid.foundation.cache import distrust_everything
from safegrid.foundation.models import TraceRow
from safegrid.notices.models import Notice

FORM = re.compile(r'<form method="post" action="(/cases/[^"]+)".*?name="version" value="(\d+)"', re.S)


def keys(client):
    """The address and the version of every button on the rows of the desk."""
    return FORM.findall(client.get("/").content.decode())


def again(case):
    return Case.objects.get(county=case.county, id=case.id)


def on_spot(steps):
    member = steps.cast.grid_member
    return services.settle_on_spot(
        acting_user=member, county=steps.cast.county, kind=steps.cast.minor_kind.code, words="灭火器过期", site=steps.site,
        before_ids=steps.photo(member), after_ids=steps.photo(member),
    )  # fmt: skip


def test_a_department_receives_with_one_key(steps):
    case = steps.dispatched()
    client = steps.cast.client(steps.cast.fire_officer)
    [(address, version)] = keys(client)
    assert (address, int(version)) == (f"/cases/{case.county}/{case.id}/receive/", case.version)
    done = client.post(address, {"version": version}, follow=True)
    assert again(case).state == "handling"
    assert f"{case.number} 已接收" in done.content.decode()
    assert keys(client) == []
    assert TraceRow.objects.filter(county=case.county, object_id=case.id, action="cases.receive").count() == 1


def test_a_town_confirms_on_the_spot_with_one_key(steps):
    case = on_spot(steps)
    client = steps.cast.client(steps.cast.town_officer)
    [(address, version)] = keys(client)
    assert address == f"/cases/{case.county}/{case.id}/confirm_on_spot/"
    assert client.post(address, {"version": version}).status_code == 302
    assert again(case).state == "closed"


def test_what_was_changed_meanwhile_is_refused_with_words(steps):
    case = steps.dispatched()
    client = steps.cast.client(steps.cast.fire_officer)
    [(address, version)] = keys(client)
    Case.objects.filter(county=case.county, id=case.id).update(version=case.version + 1)
    refused = client.post(address, {"version": version})
    assert refused.status_code == 409
    assert "刷新案件" in refused.content.decode()
    assert again(case).state == "dispatched"


def test_the_second_of_two_keys_is_refused(steps):
    steps.dispatched()
    client = steps.cast.client(steps.cast.fire_officer)
    [(address, version)] = keys(client)
    assert client.post(address, {"version": version}).status_code == 302
    assert client.post(address, {"version": version}).status_code == 409


@pytest.mark.parametrize(("person", "status"), [("outsider", 404), ("leader", 403), ("town_officer", 403)])
def test_others_neither_see_the_key_nor_may_use_its_address(steps, person, status):
    case = steps.dispatched()
    client = steps.cast.client(getattr(steps.cast, person))
    assert keys(client) == []
    assert client.post(f"/cases/{case.county}/{case.id}/receive/", {"version": case.version}).status_code == status
    assert again(case).state == "dispatched"


def test_all_notices_are_read_with_one_key(cast):
    user = cast.lead_officer
    client = cast.client(user)
    assert "/notices/read-all/" not in client.get("/").content.decode()
    for person in (user, cast.town_officer):
        Notice.objects.create(county=cast.county, recipient_id=person.id, kind="cases.dispatch", title="x", key=str(person.id),
                              created_at=timezone.now())  # fmt: skip
    [address] = re.findall(r'action="(/notices/[^"]+)"', client.get("/").content.decode())
    assert "已将 1 条通知标为已读" in client.post(address, follow=True).content.decode()
    assert Notice.objects.filter(county=cast.county, read_at__isnull=True).get().recipient_id == cast.town_officer.id


def test_more_turns_than_the_desk_shows_lead_to_all_of_them(steps):
    first = steps.dispatched()
    client = steps.cast.client(steps.cast.fire_officer)
    assert "查看全部" not in client.get("/").content.decode()
    for number in range(desk.TURN_SHOWN):
        copy = again(first)
        copy.pk, copy.number, copy._state.adding = None, f"{first.number}-{number}", True
        copy.id = Case._meta.pk.get_default()
        copy.save(force_insert=True)
    page = client.get("/").content.decode()
    found = re.search(r'href="([^"]+)">查看全部 (\d+)<', page)
    assert found
    rows = client.get(found[1].replace("&amp;", "&")).content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    assert rows.count("<tr") == int(found[2]) == desk.TURN_SHOWN + 1
    assert len(keys(client)) == desk.TURN_SHOWN
    distrust_everything()
    with CaptureQueriesContext(connection) as asked:
        client.get("/")
    work = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(work) <= MOST_QUERIES, work
