"""Forms of verbs, built from field descriptions, since the verbs of a workflow are rows of a table and not classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator

from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.geometry import area_from_text
from safegrid.foundation.web.filters import Choices, listed
from safegrid.foundation.web.words import translated, translated_choices

Kind = Literal[
    "text", "textarea", "choice", "choices", "flag", "date", "datetime", "integer", "number", "photo", "photos", "file",
    "user", "department", "region", "point", "area", "hidden",
]  # fmt: skip
MOST_PHOTOS = 9


@dataclass(frozen=True)
class FieldSpec:
    """One field. ``choices``: (value, label), or what returns them. ``initial``: shown before anything is typed.

    Cleaned values: text → str; date, datetime (aware) as such; integer → int, number → Decimal; choice → str;
    choices → list[str]; user, department → UUID; region → code; point → (longitude, latitude) in WGS 84 degrees;
    area → a polygon or multipolygon as it was typed or drawn (degrees, of the datum declared beside it);
    photo, file → an uploaded file; photos → list of them. What is left empty is "" for texts, [] for lists, else None.
    """

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    choices: Choices = ()
    help: str = ""
    initial: Any = None
    max_length: int = 1000
    least: float | None = None
    most: float | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    """What the field's island on the page is told: ``data-<name>`` of an area."""


class VerbForm(forms.Form):
    """The form of one verb. With ``version`` (what the user saw of the row) a hidden field carries it back.

    Templates read ``form.title``, ``form.submit``, ``form.action``, ``form.is_danger`` and of each field ``field.field.spec``.
    """

    status = 422  # of the answer that shows the form with errors; a refusal sets its own

    def __init__(
        self,
        specs: Sequence[FieldSpec],
        data: Mapping[str, Any] | None = None,
        files: Any = None,
        *,
        title: str = "",
        submit: str = "确定",
        action: str = "",
        version: int | None = None,
        is_danger: bool = False,
        initial: Mapping[str, Any] | None = None,
        auto_id: str = "id_%s",
    ) -> None:
        super().__init__(data, files, initial=dict(initial or {}), auto_id=auto_id)
        self.title, self.submit, self.action, self.is_danger = title, submit, action, is_danger
        hidden = [FieldSpec("version", "版本", "hidden", initial=version)] if version is not None else []
        for spec in (*specs, *hidden):
            self.fields[spec.name] = _field(spec)
        if hidden:
            self.fields["version"] = _mark(forms.IntegerField(widget=forms.HiddenInput, initial=version), hidden[0])

    def show(self, error: InvalidInput) -> None:
        """Put what the service found beside the fields; findings on fields not shown go above the form."""
        for name, words in error.fields.items():
            if name in self.fields:
                self.add_error(name, words)
            else:
                self.add_error(None, words)


class _Several(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several files at once; cleaned to a list."""

    def __init__(self, **options: Any) -> None:
        attributes = {"accept": "image/*", "multiple": True}
        super().__init__(widget=_Several(attrs=attributes), **options)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = [one for one in (data if isinstance(data, (list, tuple)) else [data]) if one]
        if not given:
            super().clean(None, initial)
            return []
        if len(given) > MOST_PHOTOS:
            raise forms.ValidationError(f"一次最多 {MOST_PHOTOS} 张照片")
        return [super(PhotosField, self).clean(one, initial) for one in given]


class PointField(forms.CharField):
    """``longitude,latitude`` in degrees, as the map writes it."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            longitude, latitude = (float(part) for part in text.replace("，", ",").split(","))
        except ValueError as error:
            raise forms.ValidationError("位置应写作“经度,纬度”，如 120.000000,30.500000") from error
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            raise forms.ValidationError("经度应在 -180 到 180 之间，纬度应在 -90 到 90 之间")
        return longitude, latitude


class AreaField(forms.CharField):
    """An area as text: GeoJSON, or its corners line by line; the map island writes the former."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return area_from_text(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


def _field(spec: FieldSpec) -> forms.Field:
    common: dict[str, Any] = {
        "label": spec.label, "required": spec.required, "help_text": spec.help, "initial": spec.initial,
    }  # fmt: skip
    return _mark(_plain(spec, common) or _choosing(spec, common), spec)


def _plain(spec: FieldSpec, common: dict[str, Any]) -> forms.Field | None:
    bounds = {"min_value": spec.least, "max_value": spec.most}
    match spec.kind:
        case "text":
            return forms.CharField(max_length=spec.max_length, **common)
        case "textarea":
            return forms.CharField(max_length=spec.max_length, widget=forms.Textarea(attrs={"rows": 3}), **common)
        case "hidden":
            return forms.CharField(widget=forms.HiddenInput, **common)
        case "flag":
            return forms.BooleanField(**common)
        case "date":
            return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **common)
        case "datetime":
            widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
            return forms.DateTimeField(widget=widget, **common)
        case "integer":
            return forms.IntegerField(**bounds, **common)  # type: ignore[arg-type]
        case "number":
            return forms.DecimalField(**bounds, **common)  # type: ignore[arg-type]
        case "photos":
            return PhotosField(**common)
        case "photo":
            return forms.FileField(widget=forms.FileInput(attrs={"accept": "image/*"}), **common)
        case "file":
            return forms.FileField(widget=forms.FileInput, **common)
        case "point":
            return PointField(max_length=60, **common)
        case "area":
            island = {"data-island": "area", **{f"data-{name}": value for name, value in spec.data.items()}}
            attributes = {"rows": 4, "spellcheck": "false", "autocomplete": "off", **island}
            return AreaField(widget=forms.Textarea(attrs=attributes), **common)
    return None


def _choosing(spec: FieldSpec, common: dict[str, Any]) -> forms.Field:
    choices = translated_choices(listed(spec.choices))
    if spec.kind == "choices":
        return forms.MultipleChoiceField(choices=choices, **common)
    if spec.kind == "region" and not choices:
        digits = RegexValidator(r"^(\d{6}|\d{9}|\d{12})$", "应为 6、9 或 12 位区划代码")
        return forms.CharField(validators=[digits], **common)
    offered = [("", translated("请选择")), *choices]
    if spec.kind in {"user", "department"}:
        return forms.TypedChoiceField(choices=offered, coerce=UUID, empty_value=None, **common)
    return forms.ChoiceField(choices=offered, **common)


def _mark(field: forms.Field, spec: FieldSpec) -> forms.Field:
    field.spec = spec  # type: ignore[attr-defined]
    return field
