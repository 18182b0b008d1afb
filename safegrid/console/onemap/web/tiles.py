"""One vector tile: drawn for its reader, kept by what it shows, sent again only when that has changed."""

from __future__ import annotations

import gzip

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_GET

from safegrid.console.onemap import mvt
from safegrid.console.onemap.kept import Tiles
from safegrid.console.onemap.layers import LAYERS, Layer
from safegrid.console.onemap.mercator import Tile
from safegrid.console.onemap.web.common import asked

KEPT = Tiles(64 * 1024 * 1024)
TYPE = "application/vnd.mapbox-vector-tile"


@login_required
@require_GET
def tile(request: HttpRequest, county: int, layer: str, z: int, x: int, y: int) -> HttpResponse:
    """Answer a tile of ``layer`` (see ``LAYERS``); 404 for other layers, and for what is no tile."""
    what, where = asked(request, county), Tile(z, x, y)
    if layer not in LAYERS or not where.is_drawn:
        raise Http404
    found = LAYERS[layer](what)
    etag = f'"{found.digest}-{z}-{x}-{y}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = _sent(request, drawn(found, where))
    answer.headers["ETag"] = etag
    # The browser may keep it, and asks each time whether it still holds: it never shows what somebody else has seen.
    answer.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(answer, ["Cookie", "Accept-Encoding"])
    return answer


def drawn(layer: Layer, where: Tile) -> bytes:
    """Return the tile, compressed."""
    return KEPT.get((layer.digest, where), lambda: gzip.compress(mvt.encode(layer.draw(where)), 5, mtime=0))


def _sent(request: HttpRequest, packed: bytes) -> HttpResponse:
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(packed, content_type=TYPE, headers={"Content-Encoding": "gzip"})
    return HttpResponse(gzip.decompress(packed), content_type=TYPE)
