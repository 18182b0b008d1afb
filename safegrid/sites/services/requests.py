"""Changes that those in the field propose and the town station reviews."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from safegrid.accounts.selectors import who_holds
from safegrid.foundation import clock, trace
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, WrongState
from safegrid.foundation.scope import Actor
from safegrid.notices.services import tell
from safegrid.sites.access import can_at, require, require_at
from safegrid.sites.checks import clean
from safegrid.sites.models import ChangeRequest, ReviewState, Site, SiteStatus
from safegrid.sites.services.registry import (
    ENDED,
    create_site,
    end_site,
    restore_site,
    shown,
    write_changes,
)

MOST_WORDS, MOST_REASON = 300, 200


@transaction.atomic
def propose_change(
    *,
    acting_user: Actor,
    county: int,
    values: Mapping[str, Any],
    site: Site | None = None,
    words: str = "",
) -> ChangeRequest:
    """Propose other values for a site (``status`` among them), or, without ``site``, a new one; nothing changes yet.

    The values are those of ``register_site``. Raises ``InvalidInput`` for wrong ones and where nothing would change.
    """
    given = dict(values)
    status = given.pop("status", None)
    cleaned = clean(county, given, before=site) if given or site is None else {}
    if site is None:
        require_at(acting_user, "propose_change", county, cleaned["town"], cleaned["village"])
        town, village = cleaned["town"], cleaned["village"]
    else:
        require(acting_user, "propose_change", site)
        cleaned = {name: value for name, value in cleaned.items() if value != getattr(site, name)}
        town, village = site.town, site.village
        if status is not None and status != site.status:
            cleaned["status"] = _status(status)
    problems = {}
    if not cleaned:
        problems["values"] = "所填内容与现有登记一致，没有需要变更的内容"
    if len(words) > MOST_WORDS or ("status" in cleaned and not words.strip()):
        problems["words"] = f"请说明情况，不超过 {MOST_WORDS} 字"
    if problems:
        raise InvalidInput(problems)
    row = ChangeRequest(county=county, site=site, town=town, village=village, values=cleaned, words=words.strip(),
                        based_on_version=site.version if site else 0, proposed_by_id=acting_user.id,
                        proposed_at=clock.now())  # fmt: skip
    row.save(force_insert=True)
    facts = shown(site or Site(county=county, **cleaned), cleaned)
    trace.record(acting_user=acting_user, action="sites.propose_change", target=row, changes={
        **facts, "site": site.id if site else None, "words": row.words})  # fmt: skip
    reviewers = [user.id for user in who_holds(["town_officer"], county=county, town=town)]
    what = site.shown_name if site else "新增监管对象"
    tell(county=county, recipients=reviewers, kind="sites.propose_change", title=f"变更申请待审核：{what}", body=row.words,
         target=row, key=f"sites.propose_change:{row.id}")  # fmt: skip
    return row


def _status(given: Any) -> str:
    if given not in (*ENDED, SiteStatus.ACTIVE):
        raise InvalidInput({"status": "请选择在册、停业、注销或迁出"})
    return str(given)


@transaction.atomic
def accept_change(*, acting_user: Actor | None, request: ChangeRequest) -> Site:
    """Apply a proposed change; returns the site as it is now.

    Raises ``WrongState`` when it was reviewed before, ``Conflict`` when the site has changed since it was proposed.
    """
    _review(acting_user, request, "accept_change", ReviewState.ACCEPTED, "")
    values = dict(request.values)
    if request.site_id is None:
        site = create_site(acting_user, request.county, values, source="变更申请")
    else:
        site = Site.objects.get(county=request.county, id=request.site_id)
        if site.version != request.based_on_version:
            raise Conflict("提出申请之后该对象已被修改，请按最新内容核对：可不予采纳并请申请人重新提出")
        site = _apply(acting_user, site, values, request.words)
    ChangeRequest.objects.filter(county=request.county, id=request.id).update(site_id=site.id)
    request.site_id = site.id
    return site


def _apply(acting_user: Actor | None, site: Site, values: dict[str, Any], words: str) -> Site:
    status = values.pop("status", None)
    site = write_changes(acting_user, site, values)
    if status == SiteStatus.ACTIVE:
        return restore_site(acting_user, site, words[:MOST_REASON])
    if status is not None:
        return end_site(acting_user, site, words[:MOST_REASON], status)
    return site


@transaction.atomic
def refuse_change(*, acting_user: Actor | None, request: ChangeRequest, reason: str) -> ChangeRequest:
    """Refuse a proposed change; the reason is told to whoever proposed it."""
    if not reason.strip() or len(reason) > MOST_REASON:
        raise InvalidInput({"reason": f"请填写不予采纳的原因，不超过 {MOST_REASON} 字"})
    _review(acting_user, request, "refuse_change", ReviewState.REFUSED, reason.strip())
    return request


def _review(user: Actor | None, request: ChangeRequest, verb: str, state: ReviewState, reason: str) -> None:
    if not can_at(user, verb, request.county, request.town, request.village):
        raise NotPermitted("只有所在乡镇的安监站可以审核变更申请")
    if user is not None and request.proposed_by_id == user.id:
        raise NotPermitted("不能审核自己提出的变更申请")
    now = clock.now()
    waiting = ChangeRequest.objects.filter(county=request.county, id=request.id, state=ReviewState.WAITING)
    reviewer = user.id if user else None
    if waiting.update(state=state, reviewed_by_id=reviewer, reviewed_at=now, review_reason=reason) != 1:
        raise WrongState("这条变更申请已经审核过")
    request.state, request.reviewed_by_id, request.reviewed_at, request.review_reason = state, reviewer, now, reason
    facts = {"site": request.site_id, "state": [ReviewState.WAITING.value, state.value], "reason": reason}
    trace.record(acting_user=user, action=f"sites.{verb}", target=request, changes=facts)
    tell(county=request.county, recipients=[request.proposed_by_id], kind=f"sites.{verb}", title=f"您的变更申请{state.label}",
         body=reason, target=request, key=f"sites.{verb}:{request.id}")  # fmt: skip
