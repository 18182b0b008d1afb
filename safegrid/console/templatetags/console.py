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
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from safegrid.foundation import clock

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
    return value


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


@register.filter
def beside(columns: list[Any], cells: list[Any]) -> list[tuple[Any, Any]]:
    """Return each column of a list with its cell of one row."""
    return list(zip(columns, cells, strict=True))


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
