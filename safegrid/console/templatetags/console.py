"""What the console's templates share: icons, form controls, a block printed twice."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, Select, SelectMultiple
from django.template.base import Parser, Token
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils.formats import localize
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from safegrid.foundation import clock
from safegrid.foundation.web.words import translated, translated_choices

register = template.Library()


@register.simple_tag
def icon(name: str, words: str = "") -> SafeString:
    """Return an icon of the sprite: hidden from readers of the screen, or with ``words`` read out for it."""
    sprite = static("console/icons.svg")
    if words:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>', words, sprite, name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name)


@register.inclusion_tag("console/_history.html")
def history_of(row: Any) -> dict[str, Any]:
    """The card of what was done to a row: for pages of those who see the row."""
    from safegrid.console.county.history import history  # knows the contexts, whose templates load this library

    return {"events": history(row)}


@register.filter
def control(field: BoundField) -> SafeString:
    """Return the input of a form's field with the console's classes, tied to its help and errors."""
    widget = field.field.widget
    attributes: dict[str, Any] = {"class": _class_of(widget)}
    described = []
    if field.help_text:
        described.append(f"{field.auto_id}_help")
    if field.errors:
        attributes["class"] += " is-invalid"
        attributes["aria-invalid"] = "true"
        described.append(f"{field.auto_id}_errors")
    if described:
        attributes["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attributes)


def _class_of(widget: Any) -> str:
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    if isinstance(widget, Select) and not isinstance(widget, SelectMultiple):
        return "form-select"
    return "form-control"


@register.filter
def plainly(value: Any) -> Any:
    """Return a fact as lists show it: 2026-03-02, 2026-03-02 12:00 (Asia/Shanghai), yes or no in Chinese."""
    if isinstance(value, datetime):
        return f"{value.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    return translated(value, by_parts=False)


@register.filter
def grouped(value: Any) -> str:
    """Return a whole number with its thousands apart, as the statistics show theirs."""
    return f"{value:,}"


@register.filter
def tr(value: Any) -> Any:
    """Return a label, written in Chinese in Python, in the language chosen."""
    return translated(value)


@register.filter
def tr_all(value: Any) -> Any:
    """Return what a chart is drawn from with every text that the catalogue knows in the language chosen."""
    if isinstance(value, dict):
        return {name: tr_all(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [tr_all(part) for part in value]
    return translated(value, by_parts=False)


@register.filter
def own(form: Any, name: str) -> Any:
    """Return an attribute of the form itself: ``form.title`` in a template is the field named so, where there is one."""
    return getattr(form, name, "")


@register.filter
def kind_of(field: BoundField) -> str:
    """Return how a field is to be laid out: the kind of its ``FieldSpec``, else its widget's type."""
    spec = getattr(field.field, "spec", None)
    if spec is not None:
        return str(spec.kind)
    return "flag" if isinstance(field.field.widget, CheckboxInput) else "text"


EMPTY = '<span class="text-secondary">—</span>'
CLASSES = {"number": ' class="text-end"', "date": ' class="text-nowrap"', "time": ' class="text-nowrap"'}


@register.simple_tag
def table_rows(page: Any) -> SafeString:
    """Return the lines of a list's table. Written here, not as a template: fifty lines of ten cells took most of a page's time."""
    starts = [f'<td data-label="{escape(translated(one.label))}"{CLASSES.get(one.kind, "")}>' for one in page.columns]
    lines = [
        _tick(page, line)
        + "".join([f"{start}{_cell(cell)}</td>" for start, cell in zip(starts, line.cells, strict=True)])
        for line in page.rows
    ]
    return SafeString("".join([f"<tr>{line}</tr>\n" for line in lines]))


def _tick(page: Any, line: Any) -> str:
    """Return the box that chooses a row for a bulk action, where the list has any."""
    if not getattr(page, "actions", None):
        return ""
    label = escape(f"{gettext('选择')} {line.cells[0].value}")
    value = f"{line.row.county}-{line.row.pk}"
    return (
        f'<td class="tick" data-label="{gettext("选择")}"><input class="form-check-input" type="checkbox" form="bulk-form"'
        f' name="row" value="{value}" aria-label="{label}"></td>'
    )


def _cell(cell: Any) -> str:
    value, kind = cell.value, cell.kind
    if kind == "badge":
        shown = (
            f'<span class="badge bg-{escape(cell.tone or "gray")}-lt">{_said(translated(value))}</span>'
            if value
            else EMPTY
        )
    elif kind == "flag":
        shown = gettext("是") if value else f'<span class="text-secondary">{gettext("否")}</span>'
    else:
        shown = EMPTY if value is None or value == "" else _unbroken(value, _said(translated(value, by_parts=False)))
    return f'<a href="{escape(cell.url)}">{shown}</a>' if cell.url else shown


SHORT, SHORT_CODE = 5, 20  # letters that stay on one line: of words, and of codes and numbers


def _unbroken(value: Any, shown: str) -> str:
    """Keep codes and short words whole: a browser breaks them at hyphens and between any two Chinese characters."""
    if isinstance(value, str) and (len(value) <= SHORT or (value.isascii() and len(value) <= SHORT_CODE)):
        return f'<span class="text-nowrap">{shown}</span>'
    return shown


def _said(value: Any) -> str:
    """Return a value as a template prints it: escaped unless marked safe, moments in Asia/Shanghai."""
    if isinstance(value, str):
        return conditional_escape(value)
    return conditional_escape(localize(plainly(value)))


@register.simple_tag
def options(field: Any) -> SafeString:
    """Return the choices of a filter, the given one selected; a catalogue has more of them than a page has lines."""
    given = str(field.value)
    return SafeString("".join([
        f'<option value="{escape(value)}"{" selected" if str(value) == given else ""}>{conditional_escape(label)}</option>'
        for value, label in translated_choices(field.choices)
    ]))  # fmt: skip


@register.filter
def numbered(field: Any, position: int) -> str:
    """Return an id for a filter's input: several may share one name, as the levels of a place do."""
    return f"filter-{field.name}-{field.label}-{position}".replace(" ", "")


@register.filter
def given(field: BoundField) -> list[str]:
    """Return the values chosen in a field of several choices, as text."""
    value = field.value()
    return [str(one) for one in value] if isinstance(value, (list, tuple, set)) else []


class _Again(template.Node):
    def __init__(self, name: str) -> None:
        self.name = name

    def render(self, context: template.Context) -> SafeString:
        blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
        block = blocks.get_block(self.name) if blocks is not None else None
        return block.render(context) if block is not None else SafeString("")


@register.tag
def again(parser: Parser, token: Token) -> _Again:
    """``{% again title %}``: print a block a second time, since a template may name each block only once."""
    _, name = token.split_contents()
    return _Again(name)
