"""The pages of a run: what would happen and the form, then how far it is, then what became of each row."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from safegrid.console.registers import runs
from safegrid.foundation import clock
from safegrid.foundation.errors import SafeGridError
from safegrid.foundation.tabular import write_workbook
from safegrid.foundation.web import form_status, render_part, web_user
from safegrid.foundation.web.export import MEDIA_TYPE
from safegrid.foundation.web.pages import read

UNSENT = frozenset({"csrfmiddlewaretoken"})


@login_required
@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest, county: int, bulk_run_id: UUID) -> HttpResponse:
    """Show a run of the user's own; a post confirms it."""
    user = web_user(request)
    run, chosen = read(user, runs.run_for, county, bulk_run_id)
    here = reverse("console:bulk", args=[county, run.id])
    if run.state != "draft":
        if request.method == "POST":
            return HttpResponseRedirect(here)
        return _progress(request, run, chosen)
    form = runs.form_of(user, run, chosen, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values = {name: given for name, given in request.POST.lists() if name not in UNSENT}
        try:
            runs.confirm_run(acting_user=user, run=run, values=values)
        except SafeGridError as error:
            form.add_error(None, error.message)
        else:
            if run.total <= runs.AT_ONCE:
                runs.carry_out(county, run.id)
            return HttpResponseRedirect(here)
    context = {"title": f"批量{chosen.label}", "run": run, "form": form, "preview": runs.preview(user, run, chosen),
               "back": run.back, "label": chosen.label, "most": runs.SHOWN}  # fmt: skip
    return render(request, "console/bulk.html", context, status=form_status(form))


def _progress(request: HttpRequest, run: Any, chosen: Any) -> HttpResponse:
    tally = runs.tally(run)
    refused = [line for line, _ in zip(runs.lines_of(run, "refused"), range(runs.SHOWN), strict=False)]
    context = {"run": run, "label": chosen.label, "tally": tally, "refused": refused, "most": runs.SHOWN,
               "is_done": run.state == "done"}  # fmt: skip
    return render_part(request, "console/_bulk_progress.html", context, title=f"批量{chosen.label}")


@login_required
@require_GET
def result(request: HttpRequest, county: int, bulk_run_id: UUID) -> HttpResponse:
    """Answer what became of each row as a workbook."""
    user = web_user(request)
    run, chosen = read(user, runs.run_for, county, bulk_run_id)
    at = clock.now().astimezone(clock.SHANGHAI)
    with tempfile.TemporaryDirectory(prefix="safegrid-bulk-") as folder:
        path = Path(folder) / "result.xlsx"
        rows = ((line.name or str(line.row_id), line.get_outcome_display(), line.reason) for line in runs.lines_of(run))
        write_workbook(path, ["对象", "结果", "原因"], rows, f"{user.label} {at:%Y-%m-%d %H:%M}", banner=True)
        file = path.open("rb")  # outlives its name: gone when the last byte was sent
    name = f"批量{chosen.label}结果-{at:%Y%m%d-%H%M}.xlsx"
    response: Any = FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPE)
    return response  # type: ignore[no-any-return]
