"""What every context's pages are made with: lists with filters and export, forms of verbs, refusals shown in place."""

from safegrid.foundation.web.columns import Cell, Column
from safegrid.foundation.web.export import export_rows
from safegrid.foundation.web.filters import (
    BooleanFilter,
    ChoiceFilter,
    Choices,
    DateRangeFilter,
    Filter,
    FilterField,
    RegionFilter,
    TextFilter,
)
from safegrid.foundation.web.forms import FieldSpec, VerbForm
from safegrid.foundation.web.handling import form_status, go, handle, web_user
from safegrid.foundation.web.listing import ListPage, list_context, list_page
from safegrid.foundation.web.nav import NavItem
from safegrid.foundation.web.parts import render_part
from safegrid.foundation.web.saved import SavedView

__all__ = [
    "BooleanFilter",
    "Cell",
    "ChoiceFilter",
    "Choices",
    "Column",
    "DateRangeFilter",
    "FieldSpec",
    "Filter",
    "FilterField",
    "ListPage",
    "NavItem",
    "RegionFilter",
    "SavedView",
    "TextFilter",
    "VerbForm",
    "export_rows",
    "form_status",
    "go",
    "handle",
    "list_context",
    "list_page",
    "render_part",
    "web_user",
]
