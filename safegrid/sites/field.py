"""What the register of sites takes from phones: what is wrong with a site's entry, or a site that is not in it.

The rows of sites themselves are offered by ``patrols.field``, which knows their checklists and codes.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Schema

from safegrid.foundation.errors import Conflict, InvalidInput, NotVisible
from safegrid.foundation.fieldwork import Operation, Received
from safegrid.foundation.scope import Actor
from safegrid.sites import selectors, services
from safegrid.sites.schemas import SiteProposalValues


class ProposalIn(Schema):
    """``site_id`` None: a new site. ``version``: of the site as the phone showed it. ``values``: only what is to change."""

    site_id: UUID | None = None
    version: int | None = None
    values: SiteProposalValues
    reason: str = ""


def propose_change(user: Actor, county: int, payload: ProposalIn, received: Received) -> dict[str, Any]:
    """Propose the change to the town station; a site that has changed or gone since the phone last saw it is a conflict."""
    site = None
    if payload.site_id is not None:
        try:
            site = selectors.site_for(user, county, payload.site_id)
        except NotVisible:
            raise Conflict("这个监管对象已不归您管，变更申请没有提交，请联系乡镇安监站") from None
        if payload.version is not None and payload.version != site.version:
            raise Conflict("这个监管对象的登记已被修改，请按最新登记核对后重新申请")
    values = payload.values.dict(exclude_unset=True)
    try:
        made = services.propose_change(acting_user=user, county=county, values=values, site=site, words=payload.reason)
    except InvalidInput as error:  # the phone calls the words of a request its reason
        raise InvalidInput(
            {"reason" if name == "words" else name: said for name, said in error.fields.items()}
        ) from None
    return {"id": made.id, "state": made.state}


OPERATIONS = (Operation("sites.propose_change", "变更监管对象信息", ProposalIn, propose_change),)
