"""Phones that send the same thing at the same moment: run on PostgreSQL by the suite, on a SQLite file in a process of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

from django.db import connections
from django.test import override_settings

from safegrid.cases.models import Case
from safegrid.field.models import FieldOperation, FieldUpload
from safegrid.field.tests.phone import COUNTY, Phone
from safegrid.field.tests.pictures import picture
from safegrid.files.models import Attachment
from safegrid.foundation.models import TraceRow
from safegrid.patrols.models import Visit

AT_ONCE = 6


def at_once(act):
    gate = Barrier(AT_ONCE)

    def run(number):
        with closing(connections["default"]):
            gate.wait()
            return act(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def tabs(phone):
    """The same phone as often as there are threads: each with the same cookies."""
    made = []
    for _ in range(AT_ONCE):
        tab = Phone(phone.cast, phone.user, device_id=phone.id)
        tab.client.cookies = phone.client.cookies.copy()
        made.append(tab)
    return made


@override_settings(FIELD_AT_ONCE=100)
def everything_at_once(phone):
    """Send a photo's part, then acts, then pull, from many tabs together; say nothing where all came once."""
    several, data = tabs(phone), picture(1, 64)
    named, _ = phone.announce(data)
    parts = at_once(lambda n: several[n].put(named, 0, data))
    assert {part.status_code for part in parts} == {200}
    assert Attachment.objects.filter(county=COUNTY).count() == 1
    assert FieldUpload.objects.get(county=COUNTY).attachment_id is not None

    site = str(phone.cast.site.id)
    visit = phone.operation("stand.visit", {"site_id": site})
    reports = [
        phone.operation(
            "stand.report", {"words": f"第 {n} 件", "site_id": site, "photos": [named]}, depends_on=[visit["id"]]
        )
        for n in range(4)
    ]
    told = at_once(lambda n: several[n].answers(visit, *reports))
    assert all(answer["status"] == "done" for answers in told for answer in answers), told
    assert all(answers == told[0] for answers in told)
    assert FieldOperation.objects.filter(county=COUNTY).count() == 5
    assert (Visit.objects.filter(county=COUNTY).count(), Case.objects.filter(county=COUNTY).count()) == (1, 4)
    assert TraceRow.objects.filter(county=COUNTY, action="cases.report").count() == 4

    pulled = at_once(lambda n: several[n].pull(""))
    assert {answer.status_code for answer in pulled} == {200}
    assert len({answer.json()["cursor"] for answer in pulled}) == 1
    assert phone.pull(pulled[0].json()["cursor"]).json()["feeds"] == {}
