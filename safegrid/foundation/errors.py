"""What a verb may raise. The API turns each into problem+json, the console into a message; nothing else does."""

from __future__ import annotations

from collections.abc import Mapping


class SafeGridError(Exception):
    """A refusal the user can understand: ``message`` in Chinese says what to do; ``code`` is stable for programs."""

    code = "error"
    status = 400

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class InvalidInput(SafeGridError):
    """Fields are missing or wrong: ``fields`` maps a field's name to what is wrong with it."""

    code = "invalid_input"
    status = 422

    def __init__(self, fields: Mapping[str, str], message: str = "") -> None:
        super().__init__(message or "；".join(fields.values()))
        self.fields = dict(fields)


class NotVisible(SafeGridError):
    """It does not exist, or lies outside the user's scope: both answer alike."""

    code = "not_found"
    status = 404

    def __init__(self, message: str = "没有找到这条记录，或它不在您的管辖范围内") -> None:
        super().__init__(message)


class NotPermitted(SafeGridError):
    """The user sees the row, but none of the user's roles may use this verb on it."""

    code = "not_permitted"
    status = 403


class WrongState(SafeGridError):
    """The verb does not start from the state the row is in."""

    code = "wrong_state"
    status = 409


class Conflict(SafeGridError):
    """Somebody else was first: the row has changed since it was read."""

    code = "conflict"
    status = 409

    def __init__(self, message: str = "其他人刚刚处理过这条记录，请刷新后再试") -> None:
        super().__init__(message)


class Refused(SafeGridError):
    """A rule of the domain forbids it; the message names the rule."""

    code = "refused"
    status = 409
