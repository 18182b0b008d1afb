"""Opening files; every answer forbids the browser to guess types or run anything."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.urls import path
from django.views.decorators.http import require_GET

from safegrid.files import selectors, services
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.web import web_user

app_name = "files"
DAY = 24 * 3600


def _answer(file: object, media_type: str, name: str, *, download: bool) -> FileResponse:
    response = FileResponse(file, content_type=media_type, as_attachment=download, filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = f"private, max-age={DAY}, immutable"
    return response


@login_required
@require_GET
def open_file(request: HttpRequest, county: int, attachment_id: UUID) -> FileResponse:
    user = web_user(request)
    try:
        attachment = selectors.attachment_for(user, county, attachment_id)
        file = services.opened(acting_user=user, attachment=attachment)
    except (NotVisible, FileNotFoundError) as error:
        raise Http404("没有找到这个文件") from error
    name = attachment.original_name or services.path_of(attachment).rsplit("/", 1)[-1]
    return _answer(file, attachment.media_type, name, download=attachment.media_type == "application/pdf")


@login_required
@require_GET
def thumbnail(request: HttpRequest, county: int, attachment_id: UUID) -> FileResponse:
    try:
        attachment = selectors.attachment_for(web_user(request), county, attachment_id)
        file = default_storage.open(services.path_of(attachment, thumbnail=True))
    except (NotVisible, FileNotFoundError) as error:
        raise Http404("没有找到这个文件") from error
    return _answer(file, "image/webp", "thumbnail.webp", download=False)


urlpatterns = [
    path("files/<int:county>/<uuid:attachment_id>/", open_file, name="open"),
    path("files/<int:county>/<uuid:attachment_id>/thumbnail/", thumbnail, name="thumbnail"),
]
