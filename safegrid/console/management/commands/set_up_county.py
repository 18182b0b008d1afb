"""Makes an empty installation a county's: calendar, handbook, departments with their rules, ladder, first administrator."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from safegrid.accounts import services as accounts
from safegrid.accounts.selectors import who_holds
from safegrid.cases import services as cases
from safegrid.duties import services as duties
from safegrid.foundation import calendar, clock
from safegrid.foundation.errors import SafeGridError
from safegrid.handbook import services as handbook
from safegrid.regions import selectors as regions
from safegrid.sites import services as sites


class Command(BaseCommand):
    help = "开县：装入随附的工作日历、行业分类、网格手册、部门与责任规则、超期升级规则；没有管理员时开第一个管理员账号。可重复运行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("county", type=int, help="6 位县级代码；须已用 load_regions 装入行政区划")
        parser.add_argument("--admin", default="", metavar="用户名", help="第一个系统管理员的用户名")
        parser.add_argument("--name", default="系统管理员", metavar="姓名", help="其姓名")

    def handle(self, *, county: int, admin: str, name: str, **options: Any) -> None:
        if str(county) not in regions.names_of([str(county)]):
            raise CommandError(f"没有 {county} 这个县级代码，请先用 load_regions 装入行政区划")
        try:
            with transaction.atomic():
                self._content(county)
                password = self._first_admin(county, admin, name)
        except SafeGridError as error:
            raise CommandError(error.message) from error
        if password:
            self.stdout.write(f"系统管理员 {admin} 的初始密码（只显示这一次，首次登录须修改）：{password}")

    def _content(self, county: int) -> None:
        years = calendar.load_shipped_years(acting_user=None, county=county)
        sites.load_industries(acting_user=None)
        kinds = handbook.load_content(acting_user=None, county=county)
        rules = duties.load_content(acting_user=None, county=county)
        rungs = cases.load_default_ladder(county)
        self.stdout.write(
            f"{county} {regions.full_name(str(county))}：新装入日历 {len(years)} 年、隐患类别 {kinds} 个、"
            f"责任规则 {rules} 条、超期升级 {rungs} 级"
        )

    def _first_admin(self, county: int, username: str, name: str) -> str:
        """Open the first administrator's account and return its password; empty where the county has one already."""
        if who_holds(["system_admin"], county=county):
            return ""
        if not username:
            raise CommandError("本县还没有系统管理员，请用 --admin 给出用户名")
        user = accounts.open_account(acting_user=None, username=username, name=name, place=str(county))
        accounts.grant_role(
            acting_user=None,
            user=user,
            kind="system_admin",
            place=str(county),
            valid_from=clock.today(),
            reason="开县",
        )
        return accounts.reset_password(acting_user=None, user=user)
