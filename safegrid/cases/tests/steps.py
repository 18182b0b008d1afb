"""Short cuts for the tests of cases: cases brought into a state by the real verbs, photographs, the queue, the trace."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from django_q.models import OrmQ
from PIL import Image

from safegrid.accounts.models import User
from safegrid.cases import said, services
from safegrid.cases.models import Case
from safegrid.files.services import store
from safegrid.foundation import clock, queue
from safegrid.foundation.models import TraceRow
from safegrid.notices.models import Notice
from tests.cast import Cast

# A Wednesday of a year whose holidays are known, nine in the morning.
MORNING = datetime(2025, 3, 5, 9, 0, tzinfo=clock.SHANGHAI)
_colours = count()


class Steps:
    """Brings a case along, each step by whoever does it in life. ``kind`` and ``site`` may be set before the first step."""

    def __init__(self, cast: Cast, time: clock.SimulatedClock) -> None:
        self.cast, self.time = cast, time
        _ = cast.kinds, cast.duty_rules, cast.town_officer, cast.lead_officer
        self.kind = cast.general_kind.code
        self.site = cast.site

    def photo(self, user: User | None) -> list[UUID]:
        """Return a list of one new photograph uploaded by ``user``."""
        n = next(_colours)
        file = io.BytesIO()
        Image.new("RGB", (8, 8), (n % 256, n // 256 % 256, 7)).save(file, "PNG")
        return [store(acting_user=user, county=self.cast.county, data=file.getvalue(), name="photo.png").id]

    def spot(self) -> dict[str, float]:
        return {"longitude": self.site.longitude, "latitude": self.site.latitude}

    def reported(self, **more: Any) -> Case:
        given = {
            "acting_user": self.cast.grid_member, "county": self.cast.county, "kind": self.kind, "channel": "member",
            "words": "安全出口堆满纸箱", "site": self.site, **more,
        }  # fmt: skip
        if "attachment_ids" not in given:
            given["attachment_ids"] = self.photo(given["acting_user"])
        return services.report(**given)

    def registered(self, **more: Any) -> Case:
        case = self.reported(**more)
        return services.register(acting_user=self.cast.town_officer, case=case, kind=case.kind, severity=case.severity)

    def dispatched(self, **more: Any) -> Case:
        case = self.registered(**more)
        return services.dispatch(acting_user=self.cast.lead_officer, case=case, department_id=self.cast.fire.id,
                                 reason="消防职责")  # fmt: skip

    def handling(self, **more: Any) -> Case:
        return services.receive(acting_user=self.cast.fire_officer, case=self.dispatched(**more))

    def ordered(self, **more: Any) -> Case:
        case = self.handling(**more)
        return services.order_rectification(acting_user=self.cast.fire_officer, case=case, text="清理安全出口",
                                            deadline=clock.now() + timedelta(days=1))  # fmt: skip

    def rectified(self, **more: Any) -> Case:
        return self.fed_back(self.handling(**more))

    def fed_back(self, case: Case) -> Case:
        officer = self.cast.fire_officer
        return services.feed_back(acting_user=officer, case=case, result="已清理", attachment_ids=self.photo(officer))

    def rechecked(self, **more: Any) -> Case:
        return self.passed(self.rectified(**more))

    def passed(self, case: Case) -> Case:
        officer = self.cast.town_officer
        return services.recheck_pass(acting_user=officer, case=case, attachment_ids=self.photo(officer), **self.spot())

    def closed(self, **more: Any) -> Case:
        return services.close(acting_user=self.cast.lead_officer, case=self.rechecked(**more))

    def colleague(self, user: User, username: str) -> User:
        """Return another person with the same role as ``user``."""
        role = user.roles.get()
        return self.cast.person(username, username, role.kind, role.place, department_id=role.department_id)

    def in_state(self, state: str, **more: Any) -> Case:
        """Return a case that was simply written in ``state``, for what needs no history."""
        now = clock.now()
        values = {
            "county": self.cast.county, "number": f"330521-250305-{next(_colours):05d}", "state": state,
            "kind": self.kind, "severity": "general", "nature": "hazard", "channel": "member", "words": "安全出口堆满纸箱",
            "place_kind": "site", "site": self.site, "town": self.site.town, "village": self.site.village,
            "grid_id": self.site.grid_id, "reported_at": now, "updated_at": now, "department": self.cast.fire, **more,
        }  # fmt: skip
        case = Case.objects.create(**values)
        said.keep(case, case.site.name if case.site else "")
        return case

    def work(self) -> None:
        """Let the queue's worker do what is waiting."""
        while waiting := list(OrmQ.objects.order_by("id")):
            for row in waiting:
                task = row.task
                row.delete()
                queue.run(*task["args"])

    def told(self, user: User, kind: str) -> list[str]:
        """Return the titles in the user's inbox of one kind, after the queue was worked off."""
        self.work()
        with_kind = Notice.objects.filter(county=self.cast.county, recipient_id=user.id, kind=kind)
        return list(with_kind.order_by("created_at", "id").values_list("title", flat=True))

    def traced(self, case: Case, action: str) -> TraceRow:
        """Return the latest trace row of an action on ``case``."""
        rows = TraceRow.objects.filter(county=case.county, object_id=case.id, action=action)
        return rows.order_by("-at", "-id")[0]


@pytest.fixture
def steps(cast: Cast) -> Iterator[Steps]:
    """The cast with cases, on a simulated clock that stands at ``MORNING``."""
    with clock.simulated(MORNING) as time:
        yield Steps(cast, time)
