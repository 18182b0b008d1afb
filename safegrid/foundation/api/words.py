"""The words of the API's problems: titles by code, and what pydantic's findings are called in Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TITLES = {
    "error": ("请求没有成功", "请求没有成功，请检查后再试"),
    "invalid_input": ("填写有误", "有内容没有填对，请按字段提示修改"),
    "not_signed_in": ("未登录", "请先登录，或在请求头提供有效的访问令牌"),
    "csrf_failed": ("页面已过期", "页面已过期，请刷新后再试"),
    "not_permitted": ("没有权限", "您的角色不能进行这项操作"),
    "not_found": ("没有找到", "没有找到这条记录，或它不在您的管辖范围内"),
    "method_not_allowed": ("方法不支持", "这个地址不支持该请求方法"),
    "wrong_state": ("当前状态不允许", "当前状态不能进行这项操作"),
    "conflict": ("已被他人处理", "其他人刚刚处理过这条记录，请刷新后再试"),
    "refused": ("按规则不能办理", "按业务规则不能进行这项操作"),
    "bad_request": ("请求格式有误", "请求内容无法读取，请检查是否为完整的 JSON"),
    "too_large": ("内容过大", "上传的内容超过大小限制，请压缩或分批提交"),
    "too_many_requests": ("请求过于频繁", "请求过于频繁，请稍后再试"),
    "locked_out": ("登录已锁定", "密码错误次数过多，请稍后再试"),
    "wrong_password": ("登录失败", "用户名或密码不正确，或账号已停用"),
    "second_factor_required": ("需要验证码", "请输入验证器上的验证码"),
    "second_factor_enrol_required": ("需要设置验证器", "请先在电脑上登录，设置第二重验证"),
    "password_change_required": ("需要修改密码", "请先修改初始密码"),
    "damaged": ("文件损坏", "文件在传输中损坏，请重新上传"),
    "busy": ("系统繁忙", "系统正忙，请稍等几秒再试"),
    "fault": ("系统出错", "系统出错，本次操作没有生效。请稍后再试；仍不行时请把请求编号告诉管理员"),
}
ENGLISH = {
    "error": ("Request failed", "The request failed; check it and try again"),
    "invalid_input": ("Invalid input", "Some fields are missing or wrong; see fields"),
    "not_signed_in": ("Not signed in", "Sign in, or send a valid access token"),
    "csrf_failed": ("Page expired", "The page has expired; reload it and try again"),
    "not_permitted": ("Not permitted", "None of your roles may do this"),
    "not_found": ("Not found", "It does not exist or lies outside your scope"),
    "method_not_allowed": ("Method not allowed", "This address does not support the method"),
    "wrong_state": ("Wrong state", "This cannot be done in the present state"),
    "conflict": ("Conflict", "Somebody else was first; reload and try again"),
    "refused": ("Refused by a rule", "A rule forbids this"),
    "bad_request": ("Bad request", "The request cannot be read; is it complete JSON?"),
    "too_large": ("Too large", "The content exceeds the size limit; compress it or send it in parts"),
    "too_many_requests": ("Too many requests", "Too many requests; try again later"),
    "locked_out": ("Locked out", "Too many wrong passwords; try again later"),
    "wrong_password": ("Sign-in failed", "The user name or password is wrong, or the account is stopped"),
    "second_factor_required": ("Code required", "Enter the code of the authenticator"),
    "second_factor_enrol_required": (
        "Authenticator required",
        "Sign in on a computer first and set up the second factor",
    ),
    "password_change_required": ("Password change required", "Change the first password first"),
    "damaged": ("Damaged", "The file was damaged on its way; send it again"),
    "busy": ("Busy", "The system is busy; try again in a few seconds"),
    "fault": ("Fault", "Something failed and nothing was changed; try again, or tell the administrator the request_id"),
}

# pydantic's error types (docs.pydantic.dev/latest/errors/validation_errors); the rest are told by their own message.
FINDINGS = {
    "missing": "必填",
    "extra_forbidden": "不认识的字段",
    "string_type": "应为文字",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "string_pattern_mismatch": "格式不对",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为有限的数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "date_type": "应为日期，如 2025-03-01",
    "date_parsing": "应为日期，如 2025-03-01",
    "date_from_datetime_parsing": "应为日期，如 2025-03-01",
    "datetime_type": "应为时间，如 2025-03-01T08:00:00+08:00",
    "datetime_parsing": "应为时间，如 2025-03-01T08:00:00+08:00",
    "datetime_from_date_parsing": "应为时间，如 2025-03-01T08:00:00+08:00",
    "timezone_aware": "时间应带时区，如 +08:00",
    "uuid_type": "应为编号（UUID）",
    "uuid_parsing": "应为编号（UUID）",
    "enum": "应为 {expected} 之一",
    "literal_error": "应为 {expected} 之一",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "json_invalid": "不是完整的 JSON",
}


def fields_of(errors: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what is wrong with each field, by its dotted name without the part of the request it came in."""
    found: dict[str, str] = {}
    for error in errors:
        # ("body", "payload", "site", 0, "name"): the second is the name of the view's parameter, nobody else's business.
        path = [str(part) for part in error["loc"]]
        path = path[2:] if path[0] in {"body", "form"} and len(path) > 2 else path[1:]
        words = FINDINGS.get(error["type"])
        if words is None:
            context = error.get("ctx") or {}
            words = str(context.get("error") or "填写有误")
        else:
            words = words.format_map(_Known(error.get("ctx") or {}))
        found.setdefault(".".join(path) or "body", words)
    return found


class _Known(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return ""
