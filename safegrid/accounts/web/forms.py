"""Forms whose fields need more than a ``FieldSpec``: passwords and codes."""

from __future__ import annotations

from typing import Any

from django import forms

from safegrid.foundation.web import FieldSpec, VerbForm


class SignInForm(forms.Form):
    username = forms.CharField(
        label="用户名",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="密码",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """A time-based code or a recovery code."""

    code = forms.CharField(
        label="验证码",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none"}),
    )


class PasswordForm(VerbForm):
    """Old and new password; the new one twice."""

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__([FieldSpec(name, label, required=True) for name, label in PASSWORDS], data, **options)
        for name, field in self.fields.items():
            complete = "current-password" if name == "old" else "new-password"
            field.widget = forms.PasswordInput(attrs={"autocomplete": complete})
            field.strip = False  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("new") and given.get("again") is not None and given["new"] != given["again"]:
            self.add_error("again", "两次输入的新密码不一致")
        return given


PASSWORDS = (("old", "原密码"), ("new", "新密码"), ("again", "再次输入新密码"))
