"""The page on which a file is uploaded: the form, and below it what the last upload did or would do."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from safegrid.foundation.errors import InvalidInput, SafeGridError
from safegrid.foundation.tabular import ImportReport, Table, template_workbook
from safegrid.foundation.web import FieldSpec, VerbForm, form_status, web_user
from safegrid.regions.uploads import keep_refused, on_disk

SHOWN = 200
FILE = FieldSpec("file", "文件", "file", required=True, help="Excel 或 CSV，表头见模板")
MODE = FieldSpec("mode", "遇到有问题的行", "choice", required=True, initial="all_or_nothing",
                 choices=[("all_or_nothing", "全部不导入，改好再来"), ("skip_bad", "跳过有问题的行，其余导入")])  # fmt: skip
DRY_RUN = FieldSpec("dry_run", "只检查，不导入", "flag", initial=True)


def import_page(
    request: HttpRequest, specs: Sequence[FieldSpec], load: Callable[..., tuple[ImportReport, list[str]]], *, title: str,
    back: str, template: str = "",
) -> HttpResponse:  # fmt: skip
    """Answer an upload. ``load`` gets the cleaned fields and returns the report and what wants a look; ``specs`` end with
    ``DRY_RUN``; ``template``: where an empty file is fetched. The refused rows of any upload are fetched at ``regions:refused``."""
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
                key = keep_refused(report, user_id=user.id, watermark=user.label)
                context |= {"report": report.as_dict(), "summary": report.summary(), "warnings": warnings[:SHOWN],
                            "warning_count": len(warnings), "is_dry_run": form.cleaned_data["dry_run"],
                            "refused_url": reverse("regions:refused", args=[key]) if key else ""}  # fmt: skip
    return render(request, "regions/import.html", context, status=form_status(form))


def table_page(
    request: HttpRequest, county: int, run: Callable[..., ImportReport], *, title: str, back: str, template: str
) -> HttpResponse:
    """Answer the upload of a table to one county; ``run(acting_user=, county=, path=, mode=, dry_run=)`` returns the report."""
    user = web_user(request)

    def load(file: Any, **values: Any) -> tuple[ImportReport, list[str]]:
        with on_disk(file) as path:
            return run(acting_user=user, county=county, path=path, **values), []

    return import_page(request, [FILE, MODE, DRY_RUN], load, title=title, back=back, template=template)


def template_file(table: Table, name: str) -> FileResponse:
    """Answer with the empty workbook of a table, under the file name ``name``."""
    with tempfile.TemporaryDirectory(prefix="safegrid-template-") as folder:
        path = Path(folder) / "template.xlsx"
        template_workbook(table, path)
        file = path.open("rb")  # the open file outlives its name
    return FileResponse(file, as_attachment=True, filename=name)
