"""One view for every verb of the table: its form, and its use."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from safegrid.cases import access, forms, services
from safegrid.cases.web.common import case_or_404
from safegrid.cases.workflow import CASE, CaseRow
from safegrid.foundation.errors import SafeGridError
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import form_status, handle, render_part, web_user

UNMASK = "unmask_reporter"


@login_required
@require_http_methods(["GET", "POST"])
def verb(request: HttpRequest, county: int, case_id: UUID, verb: str) -> HttpResponse:
    """Show the form of a verb that the user may use on the case now, or use it.

    A verb that is no longer possible when its form comes in is refused with the reason, above what was typed.
    """
    user = web_user(request)
    case = case_or_404(user, county, case_id)
    row = _row(user, case, verb, posted=request.method == "POST")
    if verb == UNMASK:
        return _unmask(request, user, case, row)
    specs = forms.specs_of(user, case, row)
    data, wrong = forms.keep_photos(request, user, county, specs) if request.method == "POST" else (None, {})
    form = forms.CaseForm(
        specs, data, title=f"{row.label}", submit=row.label, version=case.version, action=request.path,
        is_danger=verb in forms.DANGER, auto_id=f"id_{verb}_%s",
    )  # fmt: skip
    for name, said in wrong.items():
        form.add_error(name, said)

    def act(**cleaned: Any) -> Any:
        values = forms.values_of(user, case, row, cleaned)
        return getattr(services, verb)(acting_user=user, case=case, version=cleaned.get("version"), **values)

    there = reverse("cases:detail", args=[county, case.pk])
    response = handle(request, form, act, done=f"{case.number} 已{row.label}", to=lambda _: _after(user, case, there))
    if response is not None:
        return response
    context = {"form": form, "case": case, "row": row, "back": there, "swap": "#verb", "confirm": _question(row),
               "is_conflict": form_status(form) == 409}  # fmt: skip
    title = f"{row.label} {case.number}"
    return render_part(request, "cases/_verb.html", context, title=title, status=form_status(form))


def _row(user: Actor, case: Any, verb: str, *, posted: bool) -> CaseRow:
    """Return the row of the table; for a form already filled in, also one that is not possible any more."""
    if verb not in CASE.verb_labels or not any(row.verb == verb and row.sources for row in CASE.rows):
        raise Http404
    for row in access.verbs_for(user, case):
        if row.verb == verb:
            return row
    for known in CASE.rows:
        if posted and known.verb == verb and isinstance(known, CaseRow):
            return known
    raise Http404("现在不能进行这项操作，请回到案件页面查看")


def _after(user: Actor, case: Any, there: str) -> str:
    """Return where to go after a verb: to the case, or to the list when it is out of the user's sight now."""
    return there if access.sees(user, case.county, case.pk) else reverse("cases:county", args=[case.county])


def _question(row: CaseRow) -> str:
    return f"确定“{row.label}”吗？操作将记入全过程留痕。" if row.verb in forms.DANGER else ""


def _unmask(request: HttpRequest, user: Actor, case: Any, row: CaseRow) -> HttpResponse:
    """Show the caller's name and phone once, for a reason; they are in no redirect and no message."""
    specs = forms.specs_of(user, case, row)
    data = request.POST if request.method == "POST" else None
    form = forms.CaseForm(specs, data, title=row.label, submit="查看", action=request.path, auto_id=f"id_{UNMASK}_%s")
    context: dict[str, Any] = {"form": form, "case": case, "row": row, "swap": "#verb"}
    context["back"] = reverse("cases:detail", args=[case.county, case.pk])
    title = f"{row.label} {case.number}"
    if form.is_bound and form.is_valid():
        try:
            name, phone = services.unmask_reporter(acting_user=user, case=case, **form.cleaned_data)
        except SafeGridError as error:
            form.add_error(None, error.message)
            form.status = error.status
        else:
            response = render_part(
                request, "cases/_unmasked.html", {**context, "name": name, "phone": phone}, title=title
            )
            response.headers["Cache-Control"] = "no-store"
            return response
    return render_part(request, "cases/_verb.html", context, title=title, status=form_status(form))
