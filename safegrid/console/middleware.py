"""Turns refusals that a page lets pass into the page that explains them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from safegrid.console import errors
from safegrid.foundation.errors import SafeGridError


class Refusals:
    """``SafeGridError`` raised by a view becomes the error page of its status; a fragment gets the words alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return errors.refusal(request, exception) if isinstance(exception, SafeGridError) else None
