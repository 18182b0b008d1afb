"""One's own settings: contact, second factor, tokens, sessions, substitutes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from safegrid.accounts import access, phones, selectors, services
from safegrid.accounts.web.people import user_of, visible_or_404
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused, SafeGridError
from safegrid.foundation.web import FieldSpec, VerbForm, form_status, handle
from safegrid.regions import selectors as regions

CONTACT = [
    FieldSpec("phone", "手机号码", max_length=20, help="留空则保留原号码"),
    FieldSpec("email", "电子邮件", max_length=254),
]
TOKEN = [
    FieldSpec("name", "名称", required=True, max_length=60, help="写明给哪个程序使用"),
    FieldSpec("days", "有效天数", "integer", required=True, initial=90, least=1, most=365),
]
DELEGATE = [
    FieldSpec("substitute", "代行人用户名", required=True, max_length=60),
    FieldSpec("valid_from", "开始日期", "date", required=True),
    FieldSpec("valid_to", "结束日期", "date", required=True),
    FieldSpec("reason", "原因", required=True, max_length=200),
]
BREAK_GLASS = [
    FieldSpec("place", "县级行政区划代码（6 位）", required=True, max_length=6),
    FieldSpec("hours", "时长（小时）", "integer", required=True, initial=2, least=1, most=8),
    FieldSpec("reason", "原因", "textarea", required=True, max_length=300, help="写入该县的全过程留痕"),
]


@never_cache
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    roles = selectors.roles_of(user)
    names = regions.names_of({role.place for role in roles})
    context = {
        "profile": selectors.profile(user),
        "roles": [(role, names.get(role.place, role.place or "全国"), role.kind in access.DELEGABLE) for role in roles],
        "lent": selectors.lent_by(user),
        "needs_second_factor": selectors.needs_second_factor(user),
        "codes_left": selectors.recovery_codes_left(user),
        "tokens": selectors.tokens_of(user),
        "token_form": VerbForm(TOKEN, submit="创建令牌", action=reverse("profile_issue_token")),
        "sessions": phones.told(selectors.sessions_of(user)),
        "this_session": request.session.session_key,
        "contact_form": VerbForm(
            CONTACT, submit="保存", action=reverse("profile_contact"), initial={"email": user.email}
        ),
        "is_admin": access.administers(user),
        "break_glass": selectors.own_break_glass(user),
    }
    return render(request, "accounts/profile.html", context)


def _form_page(request: HttpRequest, title: str, specs: list[FieldSpec], action: Any, done: str) -> HttpResponse:
    form = VerbForm(specs, request.POST or None)
    response = handle(request, form, action, done=done, to=reverse("profile"))
    if response is not None:
        return response
    context = {"title": title, "form": form, "back": reverse("profile")}
    return render(request, "console/form.html", context, status=form_status(form))


@login_required
def contact(request: HttpRequest) -> HttpResponse:
    user = user_of(request)

    def change(**values: Any) -> None:
        services.change_own_contact(acting_user=user, user=user, **values)

    return _form_page(request, "修改联系方式", CONTACT, change, "联系方式已保存")


@require_POST
@never_cache
@login_required
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Replace the recovery codes and show the new ones, once."""
    user = user_of(request)
    if not user.is_verified():  # type: ignore[attr-defined]
        messages.error(request, "请先设置第二重验证")
        return redirect("profile")
    codes = services.new_recovery_codes(acting_user=user)
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "target": reverse("profile")})


@never_cache
@login_required
def issue_token(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = VerbForm(TOKEN, request.POST or None, submit="创建令牌")
    if request.method == "POST" and form.is_valid():
        verified = user.is_verified()  # type: ignore[attr-defined]
        try:
            token, words = services.issue_token(acting_user=user, verified=verified, **form.cleaned_data)
        except InvalidInput as error:
            form.show(error)
        except (NotPermitted, Refused) as error:
            form.add_error(None, error.message)
            form.status = error.status
        else:
            return render(request, "accounts/token_made.html", {"token": token, "words": words})
    context = {"title": "创建访问令牌", "form": form, "back": reverse("profile")}
    return render(request, "console/form.html", context, status=form_status(form))


@require_POST
@login_required
def revoke_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    user = user_of(request)
    services.revoke_token(acting_user=user, token=visible_or_404(selectors.token_for, user, token_id))
    messages.success(request, "令牌已撤销")
    return redirect("profile")


@require_POST
@login_required
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    user = user_of(request)
    session = visible_or_404(selectors.session_for, user, session_id)
    services.end_session(acting_user=user, session=session)
    messages.success(request, "已注销这台手机" if session.is_device else "已结束该处登录")
    return redirect("profile")


@require_POST
@login_required
def end_others(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    ended = services.sign_out_everywhere(acting_user=user, user=user, keep=request.session.session_key)
    messages.success(request, f"已结束其他 {ended} 处登录")
    return redirect("profile")


@login_required
def delegate(request: HttpRequest, role_id: UUID) -> HttpResponse:
    """Lend one's own role to a substitute (AB角)."""
    user = user_of(request)
    role = visible_or_404(selectors.role_for, user, role_id)

    def lend(substitute: str, **values: Any) -> None:
        found = selectors.by_username(substitute.strip())
        if found is None:
            raise InvalidInput({"substitute": "没有这个用户"})
        services.delegate(acting_user=user, role=role, substitute=found, **values)

    return _form_page(request, f"指定代行人：{role.get_kind_display()}", DELEGATE, lend, "代行已生效")


@require_POST
@login_required
def end_role(request: HttpRequest, role_id: UUID) -> HttpResponse:
    """Take a lent role back, or give up a role of one's own."""
    user = user_of(request)
    role = next((one for one in selectors.lent_by(user) if one.pk == role_id), None)
    role = role or visible_or_404(selectors.role_for, user, role_id)
    try:
        services.end_role(acting_user=user, role=role, reason="本人收回或放弃")
    except SafeGridError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "角色已终止")
    return redirect("profile")


@login_required
def break_glass(request: HttpRequest) -> HttpResponse:
    user = user_of(request)

    def open_it(**values: Any) -> None:
        services.break_glass(acting_user=user, **values)

    return _form_page(request, "应急访问", BREAK_GLASS, open_it, "应急访问已启用，到时自动失效")


@require_POST
@login_required
def end_break_glass(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    for open_access in selectors.own_break_glass(user):
        services.end_break_glass(acting_user=user, access=open_access)
    messages.success(request, "应急访问已结束")
    return redirect("profile")
