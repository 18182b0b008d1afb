"""The field app's pages at ``/m/``: the shell that the build makes, its worker, its manifest. They hold no data."""

from __future__ import annotations

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

app_name = "field"
BUILT = Path(__file__).parent / "static" / "field"
# Where browsers allow a page without HTTPS what the app lives on: workers, keys, the position, the camera.
NEAR = {"localhost", "127.0.0.1", "[::1]"}
MANIFEST = "application/manifest+json"
ENTRANCE = "/m/"


@require_safe
@ensure_csrf_cookie
def app(request: HttpRequest, where: str = "") -> HttpResponse:
    """Show the app; ``where`` is for its own router: a screen, or the code of a site that a camera read (``q/…``)."""
    if "." in where.rsplit("/", 1)[-1] and not where.startswith("q/"):
        raise Http404("没有这个文件")
    if not (request.is_secure() or request.get_host().rsplit(":", 1)[0] in NEAR or request.get_host() in NEAR):
        secure = f"https://{request.get_host().rsplit(':', 1)[0]}{request.get_full_path()}"
        return render(request, "field/https.html", {"secure": secure}, status=403)
    shell = BUILT / "index.html"
    if not shell.is_file():
        return render(request, "field/not_built.html", status=503)
    return _file(shell, "text/html; charset=utf-8")


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Give the service worker from the place that lets it answer for all of ``/m/``; browsers ask for a newer one each time."""
    response = _file(BUILT / "sw.js", "text/javascript; charset=utf-8")
    response.headers["Service-Worker-Allowed"] = ENTRANCE
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    return _file(BUILT / "manifest.webmanifest", MANIFEST)


def _file(file: Path, media_type: str) -> HttpResponse:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise Http404("手机应用尚未构建") from None
    response = HttpResponse(content, content_type=media_type)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


urlpatterns = [
    path("", app, name="app"),
    path("sw.js", worker, name="worker"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("<path:where>", app, name="screen"),
]
