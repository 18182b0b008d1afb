"""Proposals for postings, confirmed or declined by the town's station."""

from __future__ import annotations

from django.db import transaction

from safegrid.foundation import clock, trace
from safegrid.foundation.errors import Conflict, InvalidInput, WrongState
from safegrid.foundation.scope import Actor
from safegrid.grids import selectors as grids
from safegrid.grids.services import post_member
from safegrid.planning import access
from safegrid.planning.models import PostingProposal, ProposalState


@transaction.atomic
def confirm_posting(*, acting_user: Actor | None, proposal: PostingProposal) -> PostingProposal:
    """Post the proposed member to the grid from the plan's day (today, where it has come), through the gates."""
    _begin(acting_user, "confirm_posting", proposal)
    day = max(clock.today(), proposal.scenario.published_from or clock.today())
    member, grid = grids.member(proposal.county, proposal.member_id), grids.grid(proposal.county, proposal.grid_id)
    _decide(acting_user, "confirm_posting", proposal, ProposalState.CONFIRMED)
    post_member(acting_user=acting_user, member=member, grid=grid, valid_from=day)
    return proposal


@transaction.atomic
def decline_posting(*, acting_user: Actor | None, proposal: PostingProposal, reason: str) -> PostingProposal:
    """Say that the proposed member will not serve the grid; somebody else is posted by the usual verbs."""
    _begin(acting_user, "decline_posting", proposal)
    if not reason.strip() or len(reason) > 200:
        raise InvalidInput({"reason": "请填写不采纳的原因，不超过 200 字"})
    _decide(acting_user, "decline_posting", proposal, ProposalState.DECLINED, reason.strip())
    return proposal


def _begin(acting_user: Actor | None, verb: str, proposal: PostingProposal) -> None:
    access.require(acting_user, verb, proposal)
    if proposal.state != ProposalState.WAITING:
        raise WrongState(f"这条派驻建议{ProposalState(proposal.state).label}，不能再次办理")


def _decide(
    acting_user: Actor | None, verb: str, proposal: PostingProposal, state: ProposalState, reason: str = ""
) -> None:
    values = {"state": state.value, "reason": reason, "decided_at": clock.now(),
              "decided_by_id": acting_user.id if acting_user else None}  # fmt: skip
    rows = PostingProposal.objects.filter(county=proposal.county, id=proposal.id, state=ProposalState.WAITING)
    if not rows.update(**values):
        raise Conflict
    for key, value in values.items():
        setattr(proposal, key, value)
    trace.record(acting_user=acting_user, action=f"planning.{verb}", target=proposal,
                 changes={"grid_id": proposal.grid_id, "member_id": proposal.member_id, "reason": reason})  # fmt: skip
