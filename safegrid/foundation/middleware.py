"""Notes who asks, from which device, so that the trace can say so without every verb passing it along."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from safegrid.foundation import trace
from safegrid.foundation.ids import uuid7

DEVICE_LENGTH = 200


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
