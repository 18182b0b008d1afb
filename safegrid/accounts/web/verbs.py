"""What a system administrator may do with an account, as data: label, fields, service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from safegrid.accounts import access, bodies, selectors, services
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import FieldSpec

REASON = FieldSpec("reason", "原因", required=True, max_length=200)
PLACE = FieldSpec("place", "所属行政区划代码", max_length=12, help="2、4、6、9 或 12 位；全国留空")
OPEN = [
    FieldSpec("username", "用户名", required=True, max_length=60),
    FieldSpec("name", "姓名", required=True, max_length=60),
    PLACE,
    FieldSpec("phone", "手机号码", max_length=20),
    FieldSpec("email", "电子邮件", max_length=254),
]
CHANGE = [
    FieldSpec("name", "姓名", required=True, max_length=60),
    PLACE,
    FieldSpec("email", "电子邮件", max_length=254),
]


def GRANT(actor: Actor) -> list[FieldSpec]:  # noqa: N802  (stands beside the other lists of fields)
    """Return the fields of the role form, with the departments of the counties that ``actor`` administers."""
    counties = sorted(
        {holding.county for holding in actor.holdings() if holding.kind in access.ADMIN and holding.county}
    )
    departments = [choice for county in counties for choice in bodies.departments(county)]
    return [
        FieldSpec("kind", "角色", "choice", required=True, choices=selectors.kind_choices(access.BY_HAND),
                  help="网格员角色由派驻产生，不在此授予"),
        FieldSpec("place", "行政区划代码", max_length=12, help="县 6 位、乡镇 9 位、村 12 位"),
        FieldSpec("department_id", "部门", "department", choices=departments, help="部门经办必填"),
        FieldSpec("site_id", "监管对象编号", max_length=36, help="仅监管对象联系人填写"),
        FieldSpec("valid_from", "开始日期", "date", required=True, initial=clock.today()),
        FieldSpec("valid_to", "结束日期", "date", help="留空为长期"),
        FieldSpec("reason", "依据", max_length=200),
    ]  # fmt: skip


def _grant(*, acting_user: Any, user: Any, site_id: str, **values: Any) -> Any:
    try:
        site = UUID(site_id) if site_id else None
    except ValueError:
        raise InvalidInput({"site_id": "监管对象编号不正确"}) from None
    return services.grant_role(acting_user=acting_user, user=user, site_id=site, **values)


@dataclass(frozen=True)
class Verb:
    """One button of the account page. ``shows``: the page that prints the service's ``result``, the only time."""

    label: str
    action: Callable[..., Any]
    specs: list[FieldSpec] = field(default_factory=list)
    rule: str = ""
    words: str = ""
    offered: Callable[[Any], bool] = lambda user: user.is_active
    is_danger: bool = False
    prefill: bool = False
    shows: str | None = None
    result: str = "result"

    def allowed(self, actor: Actor, user: Any) -> bool:
        return access.can(actor, self.rule, user) if self.rule else user.pk != actor.id


VERBS: dict[str, Verb] = {
    "grant-role": Verb("授予角色", _grant),
    "change": Verb("修改资料", services.change_account, CHANGE, "change_account", prefill=True),
    "reset-password": Verb(
        "重置密码", services.reset_password, rule="reset_password", is_danger=True,
        words="生成一次性密码，只显示一次；该账号的登录和令牌全部失效，下次登录必须修改密码。",
        shows="accounts/one_time_password.html", result="password",
    ),
    "reset-second-factor": Verb(
        "重置第二重验证", services.reset_second_factor, rule="reset_second_factor", is_danger=True,
        words="用于手机遗失等情形；请先当面或电话核实身份。该账号下次登录须重新设置。",
    ),
    "unmask": Verb(
        "查看完整手机号", services.unmask_phone, [REASON], "unmask", shows="accounts/unmasked.html", result="phone",
    ),
    "suspend": Verb("停用", services.suspend_account, [REASON], "suspend_account", is_danger=True),
    "resume": Verb("启用", services.resume_account, [REASON], "resume_account", offered=lambda user: not user.is_active),
    "close": Verb(
        "注销", services.close_account, [REASON], "close_account", is_danger=True,
        words="终止全部角色并停用账号；账号保留，因为留痕中有它的名字。",
    ),
}  # fmt: skip
