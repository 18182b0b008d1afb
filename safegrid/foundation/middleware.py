"""What happens around every request: who asks, from which device, for the trace; and what nobody has read of it."""

from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponse

from safegrid.foundation import trace
from safegrid.foundation.ids import uuid7

DEVICE_LENGTH = 200
PIECE, MOST_UNREAD = 64 * 1024, 20 * 1024 * 1024


def request_context(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Give each request an id and keep its device for the trace; let nobody keep the answer unless its view says so.

    Offices share computers: after one has signed out, "back" must not show the next what the last has seen.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request_id = str(uuid7())
        device = request.headers.get("User-Agent", "")[:DEVICE_LENGTH]
        with trace.context(request_id=request_id, device=device):
            response = get_response(request)
        response.headers["X-Request-Id"] = request_id
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


def whole_request(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Take the rest of a request that was answered before it was read: refused for want of a session, of room, of a right.

    Otherwise the server has to hang up, and a client that is still sending may never see its answer.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        with suppress(OSError, ValueError):  # it has hung up itself, or says nothing sensible of its length
            left = min(int(request.META.get("CONTENT_LENGTH") or 0), MOST_UNREAD)
            while left > 0 and not hasattr(request, "_body") and (piece := request.read(min(PIECE, left))):
                left -= len(piece)
        return response

    return middleware
