"""From a posted form to a verb and back: done and away, or the form again with what was wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from safegrid.foundation.errors import InvalidInput, NotVisible, SafeGridError
from safegrid.foundation.scope import Actor

if TYPE_CHECKING:
    from safegrid.foundation.web.forms import VerbForm


def web_user(request: HttpRequest) -> Actor:
    """Return who is signed in; only in views behind the sign-in."""
    return cast(Actor, request.user)


def handle(
    request: HttpRequest,
    form: VerbForm,
    action: Callable[..., Any],
    *,
    done: str = "已保存",
    to: str | Callable[[Any], str],
) -> HttpResponse | None:
    """Call ``action`` with the cleaned fields and go to ``to`` with the message ``done``.

    Return None where the form is to be shown (again): not posted, not valid, or refused by the service. Then render it with
    status ``form_status(form)``. ``to``: a URL, or what makes one of the action's result. Raises ``Http404`` for what is
    not visible.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        result = action(**form.cleaned_data)
    except InvalidInput as error:
        form.show(error)
        return None
    except NotVisible as error:
        raise Http404(error.message) from error
    except SafeGridError as error:
        form.add_error(None, error.message)
        form.status = error.status
        return None
    messages.success(request, done)
    return go(request, to(result) if callable(to) else to)


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Redirect; a request by htmx is told to load the whole page anew."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def form_status(form: VerbForm) -> int:
    """Return the HTTP status for showing the form: 200 fresh, 422 with errors in it, 409/403 for a refusal."""
    return form.status if form.is_bound and form.errors else 200
