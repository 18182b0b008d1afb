"""What a log may say of an unforeseen error: where it happened, not whose data were in hand."""

from __future__ import annotations

import traceback


def describe(error: BaseException) -> str:
    """Return the error's class and the places it passed, without its message.

    A database's message quotes the row it refused, so messages may hold names and phones; logs must not.
    """
    lines = [type(error).__qualname__]
    for frame in traceback.extract_tb(error.__traceback__)[-12:]:
        lines.append(f"  {frame.filename}:{frame.lineno} {frame.name}")
    if error.__cause__ is not None and error.__cause__ is not error:
        lines.append(f"caused by {type(error.__cause__).__qualname__}")
    return "\n".join(lines)
