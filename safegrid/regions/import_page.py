"""The page on which a file is uploaded: the form, and below it what the last upload did or would do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from safegrid.foundation.errors import InvalidInput, SafeGridError
from safegrid.foundation.tabular import ImportReport
from safegrid.foundation.web import FieldSpec, VerbForm, form_status, web_user
from safegrid.regions.uploads import keep_refused

SHOWN = 200
MODE = FieldSpec("mode", "遇到有问题的行", "choice", required=True, initial="all_or_nothing",
                 choices=[("all_or_nothing", "全部不导入，改好再来"), ("skip_bad", "跳过有问题的行，其余导入")])  # fmt: skip
DRY_RUN = FieldSpec("dry_run", "只检查，不导入", "flag", initial=True)


def import_page(
    request: HttpRequest, specs: Sequence[FieldSpec], load: Callable[..., tuple[ImportReport, list[str]]], *, title: str,
    back: str, refused_url: Callable[[UUID], str] | None = None, template: str = "",
) -> HttpResponse:  # fmt: skip
    """Answer an upload. ``load`` gets the cleaned fields and returns the report and what wants a look; ``specs`` end with
    ``DRY_RUN``. ``refused_url``: where the workbook of refused rows is fetched; ``template``: of an empty file."""
    user, posted = web_user(request), request.method == "POST"
    form = VerbForm(specs, request.POST if posted else None, request.FILES if posted else None, submit="上传")
    context: dict[str, Any] = {"title": title, "form": form, "back": back, "template_url": template}
    if posted and form.is_valid():
        try:
            report, warnings = load(**form.cleaned_data)
        except InvalidInput as error:
            form.show(error)
        except SafeGridError as error:
            form.add_error(None, error.message)
            form.status = error.status
        else:
            with report:
                key = keep_refused(report, user_id=user.id, watermark=user.label) if refused_url else None
                context |= {"report": report.as_dict(), "summary": report.summary(), "warnings": warnings[:SHOWN],
                            "warning_count": len(warnings), "is_dry_run": form.cleaned_data["dry_run"],
                            "refused_url": refused_url(key) if refused_url and key else ""}  # fmt: skip
    return render(request, "regions/import.html", context, status=form_status(form))
