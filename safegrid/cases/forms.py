"""Forms of the verbs, made from the rows of the table and the fields it names; nothing here knows a single verb's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from safegrid.cases import choices, finding
from safegrid.cases.fields import FIELDS, Field, Kind
from safegrid.cases.workflow import CaseRow
from safegrid.files import services as files
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import FieldSpec, VerbForm
from safegrid.foundation.web.forms import MOST_PHOTOS, PhotosField

POINT = ("longitude", "latitude")
KEPT = "_kept"  # the hidden field with the ids of photographs that were stored before the form came back
DANGER = frozenset(
    {"reject", "cancel", "merge", "unmerge", "waive_recheck", "reopen", "penalise", "transfer_out", "delist"}
)
ASIDE = DANGER | {
    "return_",
    "dispute",
    "assign_verification",
    "reclassify",
    "refuse_on_spot",
}  # not the usual next step
PLAIN: dict[Kind, Any] = {
    Kind.TEXT: "text", Kind.LONG_TEXT: "textarea", Kind.PHOTOS: "photos", Kind.MOMENT: "datetime", Kind.DATE: "date",
    Kind.MONEY: "number", Kind.CASE: "text",
}  # fmt: skip
YES_NO = [("yes", "是，采纳"), ("no", "否，不采纳")]
STARTS_WITH = frozenset({"kind", "severity"})  # of a verb's fields, those that begin with what the case has


class _KeptPhotos(PhotosField):
    """Photographs are stored before the form is checked (``keep_photos``), so there is nothing left to clean."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return []


class CaseForm(VerbForm):
    """A verb's form whose photographs survive an error: they are stored once and carried on by id."""

    def __init__(self, specs: Sequence[FieldSpec], data: Any = None, **options: Any) -> None:
        photos = [spec for spec in specs if spec.kind == "photos"]
        hidden = [FieldSpec(spec.name + KEPT, spec.label, "hidden") for spec in photos]
        super().__init__([*specs, *hidden], data, **options)
        for spec in photos:
            kept = ids_of(data, spec.name) if data is not None else []
            shown = f"已上传 {len(kept)} 张，可继续添加" if kept else spec.help
            field = _KeptPhotos(label=spec.label, required=spec.required and not kept, help_text=shown)
            field.spec = spec  # type: ignore[attr-defined]
            self.fields[spec.name] = field
            self.fields[spec.name + KEPT].required = False
        for spec in specs:
            if spec.kind == "choice" and len(spec.choices) > 12:  # type: ignore[arg-type]
                self.fields[spec.name].widget.attrs["data-searchable"] = "yes"

    def show(self, error: InvalidInput) -> None:
        point = {("point" if name in POINT else name): words for name, words in error.fields.items()}
        super().show(InvalidInput(point, error.message))


def keep_photos(
    request: HttpRequest, user: Actor, county: int, specs: Sequence[FieldSpec]
) -> tuple[Any, dict[str, str]]:
    """Store the photographs that came with a form; return its data with their ids, and what was wrong by field."""
    data, wrong = request.POST.copy(), {}
    for spec in specs:
        if spec.kind != "photos":
            continue
        kept = [str(one) for one in ids_of(data, spec.name)]
        for upload in request.FILES.getlist(spec.name):
            if len(kept) >= MOST_PHOTOS:
                wrong[spec.name] = f"一次最多 {MOST_PHOTOS} 张照片"
                break
            try:
                stored = files.store(acting_user=user, county=county, data=upload.read(), name=upload.name or "")
                kept.append(str(stored.id))
            except InvalidInput as error:
                wrong[spec.name] = f"{upload.name}：{error.message}"
        data[spec.name + KEPT] = ",".join(dict.fromkeys(kept))
    return data, wrong


def ids_of(data: Mapping[str, Any], name: str) -> list[UUID]:
    """Return the ids of the photographs kept for a field; what is no id is left out."""
    found = []
    for part in (data.get(name + KEPT) or "").split(","):
        try:
            found.append(UUID(part))
        except ValueError:
            continue
    return found


def fields_of(row: CaseRow) -> list[tuple[Field, bool]]:
    """Return (field, whether it is required) of a row of the table, in its order."""
    names = [(name, True) for name in row.required] + [(name, False) for name in row.optional]
    return [(FIELDS[name], required) for name, required in names]


def specs_of(user: Actor, case: Any, row: CaseRow) -> list[FieldSpec]:
    """Return the fields of a verb's form on a case, longitude and latitude as one point."""
    specs: list[FieldSpec] = []
    for field, required in fields_of(row):
        if field.name == "latitude":
            continue
        if field.name == "longitude":
            specs.append(FieldSpec("point", "位置", "point", required=required, max_length=60))
        else:
            specs.append(_spec(user, case, row.verb, field, required=required))
    return specs


def _spec(user: Actor, case: Any, verb: str, field: Field, *, required: bool) -> FieldSpec:
    kind = field.kind
    initial = getattr(case, field.name) if field.name in STARTS_WITH else None
    common: dict[str, Any] = {"required": required, "max_length": field.max_length or 1000, "initial": initial}
    if kind is Kind.YES_NO:
        chosen: dict[str, Any] = {"kind": "choice", "choices": YES_NO} if required else {"kind": "flag"}
        return FieldSpec(field.name, field.label, **chosen, required=required)
    if kind is Kind.CASE:
        offered = choices.of_field(user, case, verb, field.name, kind)
        said = "；".join(label for _, label in offered)
        common["initial"] = offered[0][0] if offered else None
        return FieldSpec(field.name, f"{field.label}（编号）", "text", help=said and f"相似案件：{said}", **common)
    if kind in PLAIN:
        return FieldSpec(field.name, field.label, PLAIN[kind], **common)
    offered = choices.of_field(user, case, verb, field.name, kind)
    spec = FieldSpec(field.name, field.label, "choice", choices=offered, **common)
    if verb == "dispatch" and kind is Kind.DEPARTMENT:
        main, why = choices.suggested_department(case)
        spec = replace(spec, initial=str(main) if main else None, help=why)
    return spec


def values_of(user: Actor, case: Any, row: CaseRow, cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the verb's function from what the form cleaned; raise ``InvalidInput``."""
    values: dict[str, Any] = {}
    for field, required in fields_of(row):
        name = field.name
        if name in POINT:
            point = cleaned.get("point")
            values[name] = point[POINT.index(name)] if point else None
        elif field.kind is Kind.PHOTOS:
            values[name] = ids_of(cleaned, name)
        elif field.kind is Kind.CASE:
            values[name] = _case_id(user, case, name, cleaned.get(name, ""))
        elif field.kind is Kind.YES_NO:
            values[name] = cleaned.get(name) == "yes" if required else bool(cleaned.get(name))
        elif field.kind in (Kind.USER, Kind.DEPARTMENT, Kind.RULE, Kind.TIMER, Kind.APPEAL):
            values[name] = UUID(cleaned[name]) if cleaned.get(name) else None
        else:
            values[name] = cleaned.get(name)
    return values


def _case_id(user: Actor, case: Any, name: str, number: str) -> UUID | None:
    if not number.strip():
        return None
    found = finding.by_number(user, case.county, number)
    if found is None:
        raise InvalidInput({name: "没有这个编号的案件，或它不在您的管辖范围内"})
    return found
