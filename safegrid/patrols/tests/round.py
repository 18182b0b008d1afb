"""A member's round, for the tests of patrols: visits recorded as the phone sends them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image

from safegrid.accounts.models import User
from safegrid.files.services import store
from safegrid.foundation import clock
from safegrid.handbook.models import ChecklistItem
from safegrid.patrols.answers import Answer
from safegrid.patrols.models import Visit, VisitAnswer
from safegrid.patrols.services import record_visit
from tests.cast import Cast

MORNING = datetime(2025, 3, 5, 9, 0, tzinfo=clock.SHANGHAI)
_colours = count()


class Round:
    """``record(EXIT="no")`` records a visit of the grid's member to the paint factory; items not named are in order."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        _ = cast.checklist, cast.duty_rules, cast.town_officer, cast.lead_officer, cast.grid_member, cast.site
        self.items = {i.code: i for i in ChecklistItem.objects.filter(county=cast.county, checklist=cast.checklist)}

    def photo(self, user: User | None = None) -> list[UUID]:
        n = next(_colours)
        file = io.BytesIO()
        Image.new("RGB", (8, 8), (n % 256, n // 256 % 256, 99)).save(file, "PNG")
        user = user or self.cast.grid_member
        return [store(acting_user=user, county=self.cast.county, data=file.getvalue(), name="photo.png").id]

    def answer(self, code: str, value: str = "no", **more: Any) -> Answer:
        if value == "no" and "attachment_ids" not in more:
            more["attachment_ids"] = self.photo()
        return Answer(self.items[code].id, value, **more)

    def answers(self, *given: Answer) -> list[Answer]:
        """Return a whole set of answers: those given, the other mandatory items in order."""
        known = {answer.item_id for answer in given}
        usual = {"EXIT": "yes", "EXTINGUISHER": "yes", "STAFF": "12"}
        rest = [Answer(self.items[c].id, v) for c, v in usual.items() if self.items[c].id not in known]
        return [*given, *rest]

    def given(self, *answers: Answer, **more: Any) -> dict[str, Any]:
        cast = self.cast
        return {
            "acting_user": cast.grid_member, "device_id": uuid4(), "site": cast.site, "outcome": "done",
            "visited_at": clock.now() - timedelta(minutes=5), "checklist": cast.checklist,
            "answers": self.answers(*answers), "longitude": cast.site.longitude, "latitude": cast.site.latitude,
            "accuracy_m": 8.0, "person_met": "沈安全", **more,
        }  # fmt: skip

    def record(self, *answers: Answer, **more: Any) -> Visit:
        return record_visit(**self.given(*answers, **more))

    def rows(self, visit: Visit) -> dict[str, VisitAnswer]:
        found = VisitAnswer.objects.filter(county=visit.county, visit_id=visit.id)
        return {row.item_code: row for row in found}


@pytest.fixture
def round_(cast: Cast) -> Iterator[Round]:
    """The member's round on a simulated clock that stands at ``MORNING``."""
    with clock.simulated(MORNING):
        yield Round(cast)
