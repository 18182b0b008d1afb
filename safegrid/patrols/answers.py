"""What a member answers to a checklist, and whether that is whole. Pure but for the handbook's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from safegrid.foundation.errors import InvalidInput

YES, NO, NOT_APPLICABLE = "yes", "no", "na"


@dataclass(frozen=True)
class Answer:
    """The answer to one item: ``value`` is yes (in order), no (a finding) or na for yes/no items, else what was given.

    ``attachment_ids``: photographs of it (of a finding put right: from before). ``put_right_on_spot`` with ``after_ids``: it
    was put right before the member's eyes. ``keep_on_visit``: a minor finding that is noted but reports no case.
    ``together_with``: the item whose case this finding belongs to as well.
    """

    item_id: UUID
    value: str
    words: str = ""
    attachment_ids: Sequence[UUID] = ()
    put_right_on_spot: bool = False
    after_ids: Sequence[UUID] = ()
    keep_on_visit: bool = False
    together_with: UUID | None = None


def is_finding(item: Any, answer: Answer) -> bool:
    """Say whether an answer is a finding: "no" to a yes/no item."""
    return bool(item.answer_kind == "yes_no" and answer.value == NO)


def checked(items: Sequence[Any], answers: Sequence[Answer]) -> list[tuple[Any, Answer]]:
    """Return each answered item with its answer in the checklist's order; raise ``InvalidInput`` naming what is missing."""
    given = {answer.item_id: answer for answer in answers}
    known = {item.id for item in items}
    problems: dict[str, str] = {}
    if len(given) != len(answers):
        problems["answers"] = "有检查项回答了两次"
    if given.keys() - known:
        problems["answers"] = "有回答不属于这份检查表，请更新检查表后重填"
    reporting = {item.id for item in items if item.hazard_kind}
    for item in items:
        words = _fault(item, given.get(item.id), given, reporting)
        if words:
            problems[f"answers.{item.code}"] = f"“{item.text}”{words}"
    if problems:
        raise InvalidInput(problems)
    return [(item, given[item.id]) for item in items if item.id in given]


def _fault(item: Any, answer: Answer | None, given: dict[UUID, Answer], reporting: set[UUID]) -> str:
    if answer is None or not answer.value:
        answered_by_photo = answer is not None and item.answer_kind == "photo" and answer.attachment_ids
        return "尚未回答" if item.is_mandatory and not answered_by_photo else ""
    if item.answer_kind == "yes_no" and answer.value not in (YES, NO, NOT_APPLICABLE):
        return "只能回答是、否或不适用"
    if item.answer_kind == "number" and not _is_number(answer.value):
        return "应填数字"
    if answer.put_right_on_spot and not (answer.attachment_ids and answer.after_ids):
        return "当场整改须有整改前、后的照片"
    if answer.together_with and not _reports(answer.together_with, given, reporting):
        return "所并入的检查项没有上报隐患"
    return ""


def _reports(item_id: UUID, given: dict[UUID, Answer], reporting: set[UUID]) -> bool:
    """Say whether an item's answer reports a case of its own."""
    answer = given.get(item_id)
    own = answer is not None and answer.value == NO and not answer.together_with and not answer.keep_on_visit
    return own and item_id in reporting


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
