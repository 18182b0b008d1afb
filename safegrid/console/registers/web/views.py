"""The doors of saved views; each leads back to the list."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from safegrid.console import views
from safegrid.foundation.errors import InvalidInput, SafeGridError
from safegrid.foundation.web import web_user
from safegrid.foundation.web.pages import read


@login_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the list as it is shown under a name."""
    path, query = request.POST.get("path", ""), request.POST.get("query", "")
    try:
        view = views.save_view(acting_user=web_user(request), path=path, query=query, name=request.POST.get("name", ""),
                               is_default=request.POST.get("is_default") == "yes")  # fmt: skip
    except InvalidInput as error:
        messages.error(request, "；".join(error.fields.values()))
    except SafeGridError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"已保存视图“{view.name}”")
        query = view.query
    return HttpResponseRedirect(f"{path}?{query or 'view=all'}" if views.is_page(path) else "/")


@login_required
@require_POST
def default(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Make a view the list's default, or take that back."""
    user = web_user(request)
    view = read(user, views.view_for, view_id)
    views.set_default(acting_user=user, view=view, is_default=not view.is_default)
    messages.success(request, f"以后打开此列表时使用“{view.name}”" if view.is_default else "已取消默认视图")
    return HttpResponseRedirect(f"{view.path}?{view.query or 'view=all'}")


@login_required
@require_POST
def delete(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Forget a view."""
    user = web_user(request)
    view = read(user, views.view_for, view_id)
    views.delete_view(acting_user=user, view=view)
    messages.success(request, f"已删除视图“{view.name}”")
    return HttpResponseRedirect(f"{view.path}?view=all")
