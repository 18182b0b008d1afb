"""The fixed cast of the tests: one county with two towns of two villages each, its bodies, people, grids and sites.

    def test_a_member_sees_own_grid_only(cast):
        assert cast.site in visible(cast.grid_member)
        cast.api(cast.grid_member).get(f"/api/v1/sites/{cast.county}/{cast.next_site.id}").status_code == 404

Everything is made on first use, straight into the tables, so that a context's tests need no other context's services.
A square of 0.02 degrees is a village and a grid; they lie side by side from west to east, from 120.00 E, 30.50 N.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from uuid import UUID

import pytest
from django.test import Client

from safegrid.accounts.models import Role, User
from safegrid.foundation import cache
from safegrid.foundation.ids import uuid7
from safegrid.foundation.models import ScopeGrant
from safegrid.grids.models import Grid, GridMember, Posting
from safegrid.orgs.models import Department
from tests.doors import Api, signed_in
from tests.setting import SINCE, Setting


class Cast(Setting):
    """The people, on top of their setting."""

    password = "Grid-Safety-330521"

    def person(self, username: str, name: str, kind: str, place: str, **role: UUID | None) -> User:
        """Make an account with one role since ``SINCE``; its password is ``cast.password``."""
        user = User(username=username, name=name, place=place[:6])
        user.set_password(self.password)
        user.save()
        Role.objects.create(user=user, kind=kind, place=place, valid_from=SINCE, **role)
        return user

    @cached_property
    def lead_officer(self) -> User:
        return self.person("lead_officer", "牵头经办", "lead_officer", "330521", department_id=self.lead_department.id)

    @cached_property
    def second_lead_officer(self) -> User:
        """For what takes two different lead officers."""
        return self.person(
            "lead_officer_2", "牵头经办乙", "lead_officer", "330521", department_id=self.lead_department.id
        )

    @cached_property
    def lead_chief(self) -> User:
        return self.person("lead_chief", "牵头负责人", "lead_chief", "330521", department_id=self.lead_department.id)

    @cached_property
    def leader(self) -> User:
        return self.person("leader", "分管县领导", "leader", "330521")

    @cached_property
    def town_officer(self) -> User:
        return self.person("town_officer", "武康安监员", "town_officer", self.town)

    @cached_property
    def other_town_officer(self) -> User:
        return self.person("other_town_officer", "乾元安监员", "town_officer", self.other_town)

    @cached_property
    def lead_department_officer(self) -> User:
        """Of the lead office's own department, handling like any other."""
        return self._department_officer("emb_officer", "应急执法员", self.lead_department)

    @cached_property
    def fire_officer(self) -> User:
        return self._department_officer("fire_officer", "消防监督员", self.fire)

    @cached_property
    def market_officer(self) -> User:
        return self._department_officer("market_officer", "市场监管员", self.market)

    def _department_officer(self, username: str, name: str, department: Department) -> User:
        return self.person(username, name, "department_officer", "330521", department_id=department.id)

    @cached_property
    def grid_member(self) -> User:
        """Posted to ``grid``."""
        return self._posted("grid_member", "网格员甲", self.village, self.grid)

    @cached_property
    def next_grid_member(self) -> User:
        """Posted to the next village's grid."""
        return self._posted("next_grid_member", "网格员乙", self.next_village, self.next_grid)

    @cached_property
    def other_grid_member(self) -> User:
        """Posted to a grid of the other town."""
        return self._posted("other_grid_member", "网格员丙", self.other_village, self.other_grid)

    def _posted(self, username: str, name: str, village: str, grid: Grid) -> User:
        user = self.person(username, name, "grid_member", village)
        member = GridMember.objects.create(
            county=self.county, user_id=user.id, code=f"M-{village[6:]}", name=name, employer="德清县网格服务中心",
            town=village[:9], home_village=village, hired_on=SINCE,
        )  # fmt: skip
        posting = Posting.objects.create(county=self.county, member=member, grid=grid, valid_from=SINCE)
        self.grant(user, "grid", grid.id, posting.id)
        return user

    def grant(self, user: User, kind: str, key: UUID, source: UUID | None = None, county: int = 330521) -> ScopeGrant:
        """Let ``user`` see one grid, site or other thing since ``SINCE``."""
        return ScopeGrant.objects.create(
            county=county, user_id=user.id, kind=kind, key=key, source=source or uuid7(), valid_from=SINCE
        )

    def member_of(self, user: User) -> GridMember:
        """Return the member's own row."""
        return GridMember.objects.get(county=self.county, user_id=user.id)

    @cached_property
    def committee(self) -> User:
        return self.person("committee", "社区主任", "committee", self.village)

    @cached_property
    def hotline_officer(self) -> User:
        return self.person("hotline_officer", "热线坐席", "hotline_officer", "330521")

    @cached_property
    def site_contact(self) -> User:
        """The contact of ``site``."""
        return self.person("site_contact", "企业安全员", "site_contact", self.village, site_id=self.site.id)

    @cached_property
    def agency_expert(self) -> User:
        """Assigned to ``site``."""
        user = self.person("agency_expert", "机构专家", "agency_expert", "330521", agency_id=uuid7())
        self.grant(user, "site", self.site.id)
        return user

    @cached_property
    def auditor(self) -> User:
        return self.person("auditor", "审计员", "auditor", "330521")

    @cached_property
    def upper_level(self) -> User:
        """Of the city above the county."""
        return self.person("upper_level", "市级督导", "upper_level", "3305")

    @cached_property
    def system_admin(self) -> User:
        return self.person("system_admin", "系统管理员", "system_admin", "330521")

    @cached_property
    def reward_officer(self) -> User:
        return self.person("reward_officer", "奖励经办", "reward_officer", "330521")

    @cached_property
    def outsider(self) -> User:
        """A lead officer of another county: everything here must look nonexistent."""
        return self.person("outsider", "安吉经办", "lead_officer", "330523", department_id=self.foreign_department.id)

    def client(self, user: User | None) -> Client:
        """Return a browser in which ``user`` has signed in with both factors; None: nobody."""
        return signed_in(user)

    def api(self, user: User | None) -> Api:
        """Return a program that speaks JSON to the API as ``user``."""
        return Api(self.client(user))

    def everything(self) -> None:
        """Make all that the cast has to offer, for flows that meet things by searching and not by name."""
        for part in (Setting, Cast):
            for name, value in vars(part).items():
                if isinstance(value, cached_property):
                    getattr(self, name)

    def everyone(self) -> Iterator[tuple[str, User]]:
        """Yield (attribute, user) of every person of the cast, outsiders included."""
        for name in PEOPLE:
            yield name, getattr(self, name)


PEOPLE = (
    "lead_officer",
    "lead_chief",
    "leader",
    "town_officer",
    "other_town_officer",
    "lead_department_officer",
    "fire_officer",
    "market_officer",
    "grid_member",
    "next_grid_member",
    "committee",
    "hotline_officer",
    "site_contact",
    "agency_expert",
    "auditor",
    "upper_level",
    "system_admin",
    "reward_officer",
    "outsider",
)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """The cast, in the test's own transaction."""
    yield Cast()
    cache.forget_everything()
