"""The steps of a scenario as forms: what it is worked out with, its clusters, its exceptions, and the verbs of its life."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from safegrid.foundation.scope import Actor
from safegrid.foundation.web import FieldSpec, web_user
from safegrid.foundation.web.pages import county_with, form_page, read
from safegrid.planning import access, selectors, services
from safegrid.planning.web import parameters
from safegrid.planning.web.common import page_of, scenario_of

NAME = FieldSpec("name", "名称", required=True, max_length=100, help="如：武康街道 2026 年网格划分（按村）")
REASON = FieldSpec("reason", "原因", "textarea", required=True, max_length=200)
Specs = Callable[[Actor, Any], Sequence[FieldSpec]]


@dataclass(frozen=True)
class Step:
    """One form: ``verb`` says who may; ``action(user, scenario, **fields)`` calls the service."""

    verb: str
    label: str
    specs: Specs
    action: Callable[..., Any]
    words: str = ""
    is_danger: bool = False
    template: str = "console/form.html"


def _none(*_: Any) -> list[FieldSpec]:
    return []


def _plain(service: Callable[..., Any]) -> Callable[..., Any]:
    return lambda user, scenario, **fields: service(acting_user=user, scenario=scenario, **fields)


def _changing(changes: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
    """Return an action that turns a form's fields into changed parameters."""

    def action(user: Actor, scenario: Any, **fields: Any) -> Any:
        name = fields.pop("name", None)
        changed = changes(scenario, user=user, **fields)
        return services.change_scenario(acting_user=user, scenario=scenario, name=name, changes=changed)

    return action


STEPS: dict[str, Step] = {
    "settings": Step("change", "修改标准与参数", lambda _, row: [
        FieldSpec("name", "名称", required=True, max_length=100, initial=row.name), *parameters.settings(row)],
        _changing(parameters.read_settings), "修改后已有的计算结果作废，需要重新计算。"),
    "norms": Step("change", "修改巡查频次标准", lambda _, row: parameters.norms(row), _changing(parameters.read_norms),
                  "只用于本方案，不改变手册里的标准。工作量＝每年次数 ×（每次分钟数＋路程）。", template="planning/pairs.html"),
    "exclude": Step("change", "排除监管对象", lambda *_: parameters.EXCLUDE, _changing(parameters.exclude),
                    "直接监管的对象已自动排除。其他对象确需排除的，逐个说明理由。"),
    "include": Step("change", "恢复纳入", lambda _, row: parameters.excluded(row), _changing(parameters.include)),
    "relax": Step("change", "放宽村界", lambda _, row: parameters.villages(row), _changing(parameters.relax),
                  "所选村（社区）可以合划网格，乡镇界任何时候都不跨越。先复制方案再放宽，可以比较两者的代价。"),
    "unrelax": Step("change", "恢复村界", lambda _, row: parameters.relaxed(row), _changing(parameters.unrelax)),
    "lock": Step("change", "保留现有网格", parameters.lockable, _changing(parameters.lock),
                 "勾选的网格保持原边界和编码，不参与划分。"),
    "clusters": Step("find_clusters", "查找聚集区", lambda *_: [
        FieldSpec("distance_m", "相邻距离（米）", "number", required=True, initial=150, least=10, most=2000,
                  help="与最近的对象不超过这个距离，算在同一聚集区"),
        FieldSpec("at_least", "最少对象数", "integer", required=True, initial=30, least=3, most=5000)],
        lambda user, scenario, distance_m, **fields: services.find_clusters(
            acting_user=user, scenario=scenario, distance_m=float(distance_m), **fields),
        "按密度查找工商业聚集区，逐个确认后单独成网格。已有的查找结果会被替换。"),
    "check": Step("check", "检查数据", _none, _plain(services.check_scenario)),
    "start": Step("start", "开始计算", _none, _plain(services.start_run)),
    "stop": Step("stop", "停止计算", _none, _plain(services.stop_run)),
    "copy": Step("copy", "复制方案", lambda *_: [NAME], _plain(services.copy_scenario),
                 "复制参数、聚集区和例外；改一两个参数再计算，就可以并排比较。"),
    "approve": Step("approve", "批准方案", lambda *_: [
        FieldSpec("words", "批准意见", "textarea", max_length=300, help="有网格超出允许偏差时必填")],
        _plain(services.approve_scenario)),
    "send-back": Step("send_back", "退回修改", lambda *_: [REASON], _plain(services.send_back_scenario)),
    "publish": Step("publish", "发布方案", lambda *_: [
        FieldSpec("valid_from", "启用日期", "date", required=True, help="自这一天起按新网格管理；之前仍按原网格")],
        _plain(services.publish_scenario),
        "发布后生成新的网格版本并按规则编码；到启用日期，监管对象和未结案件按位置归入新网格，旧版本保留可查。"
        "发布不能撤销，只能再发布新方案。", is_danger=True),
    "discard": Step("discard", "作废方案", lambda *_: [REASON], _plain(services.discard_scenario), is_danger=True),
}  # fmt: skip


@login_required
def step(request: HttpRequest, county: int, scenario_id: UUID, step: str) -> HttpResponse:
    """Show and carry out one step: ``STEPS``."""
    user, row = scenario_of(request, county, scenario_id)
    one = STEPS.get(step)
    if one is None or not access.can(user, one.verb, row):
        raise Http404
    made = page_of(row)

    def act(**fields: Any) -> Any:
        return one.action(user, row, **fields)

    def there(result: Any) -> str:
        return page_of(result) if step == "copy" else made

    return form_page(
        request, one.specs(user, row), act, title=f"{one.label}：{row.name}", to=there, back=made, submit=one.label,
        done=f"{one.label}：已完成", is_danger=one.is_danger, words=one.words, template=one.template,
    )  # fmt: skip


@login_required
def create(request: HttpRequest) -> HttpResponse:
    """Begin a scenario: its territory and its name; everything else has a default that the next page shows."""
    user = web_user(request)
    county = county_with(user, access.VERBS["create"])
    places = selectors.towns(user, county)
    specs = [
        FieldSpec("town", "划分范围", "choice", choices=[(code or "all", name) for code, name in places], required=True,
                  initial=request.GET.get("town", "")),
        NAME,
    ]  # fmt: skip

    def act(town: str, name: str) -> Any:
        chosen = "" if town == "all" else town
        return services.create_scenario(acting_user=user, county=county, name=name, town=chosen)

    return form_page(request, specs, act, title="新建划分方案", to=page_of, back=reverse("planning:list"), submit="新建",
                     done="已新建，请核对标准与参数",
                     words="可以整县一起划，也可以逐个乡镇划；乡镇界任何时候都不跨越。")  # fmt: skip


@login_required
def cluster_verb(request: HttpRequest, county: int, cluster_id: UUID, verb: str) -> HttpResponse:
    """Confirm a cluster, which gets grids of its own, or refuse it with a reason."""
    user = web_user(request)
    row = read(user, selectors.cluster_for, county, cluster_id)
    if verb not in {"confirm", "refuse"} or not access.can(user, f"{verb}_cluster", row.scenario):
        raise Http404
    back = f"{page_of(row.scenario)}#clusters"
    if verb == "confirm":
        name = FieldSpec("name", "聚集区名称", required=True, max_length=100, initial=row.name)
        return form_page(
            request, [name], lambda name: services.confirm_cluster(acting_user=user, cluster=row, name=name),
            title=f"确认聚集区：{row.name}", to=back, back=back, submit="确认", done="已确认，将单独成网格",
            words="确认后，该聚集区可以跨村，单独划分网格。",
        )  # fmt: skip
    return form_page(
        request, [REASON], lambda reason: services.refuse_cluster(acting_user=user, cluster=row, reason=reason),
        title=f"不单独成网格：{row.name}", to=back, back=back, submit="不单独成网格", done="已记录",
    )  # fmt: skip
