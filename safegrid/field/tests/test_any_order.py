"""However a phone sends its acts, in whatever order and however often: each is done once, with the same answer every time."""

from __future__ import annotations

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safegrid.cases.models import Case
from safegrid.field.models import FieldOperation
from safegrid.field.tests.phone import COUNTY
from safegrid.field.tests.pictures import picture
from safegrid.foundation.models import TraceRow
from safegrid.patrols.models import Visit

ACTS = 5
sends = st.lists(st.lists(st.integers(0, ACTS - 1), min_size=1, max_size=8), max_size=5)


def acts_of(phone):
    """Two visits and three reports: the second report after the first visit, the third after both."""
    site, photo = str(phone.cast.site.id), phone.upload(picture(1))
    first = phone.operation("stand.visit", {"site_id": site})
    second = phone.operation("stand.visit", {"site_id": site})
    words = {"site_id": site, "photos": [photo]}
    return [
        first,
        second,
        phone.operation("stand.report", {**words, "words": "一"}),
        phone.operation("stand.report", {**words, "words": "二"}, depends_on=[first["id"]]),
        phone.operation("stand.report", {**words, "words": "三"}, depends_on=[first["id"], second["id"]]),
    ]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=sends)
def test_any_order_and_repetition_leaves_each_act_once(phone, sent):
    with transaction.atomic():
        acts, told = acts_of(phone), {}
        for chosen in [*sent, range(ACTS), range(ACTS)]:
            for answer in phone.answers(*[acts[n] for n in chosen]):
                assert answer["status"] in {"done", "later"}
                if answer["status"] == "done":
                    assert told.setdefault(answer["id"], answer["result"]) == answer["result"]
        assert told.keys() == {act["id"] for act in acts}
        assert FieldOperation.objects.filter(county=COUNTY).count() == ACTS
        assert (Visit.objects.filter(county=COUNTY).count(), Case.objects.filter(county=COUNTY).count()) == (2, 3)
        assert TraceRow.objects.filter(county=COUNTY, action="cases.report").count() == 3
        transaction.set_rollback(True)
