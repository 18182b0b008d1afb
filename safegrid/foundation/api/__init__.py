"""What every context's ``api.py`` is made with: who asks, pages, writes that happen once, errors."""

from safegrid.foundation.api.auth import AUTH, current_user, register_token_lookup
from safegrid.foundation.api.idempotency import idempotent
from safegrid.foundation.api.pages import Page, paginate
from safegrid.foundation.api.problems import PROBLEMS, Problem
from safegrid.foundation.api.service import SafeGridAPI

__all__ = [
    "AUTH",
    "PROBLEMS",
    "Page",
    "Problem",
    "SafeGridAPI",
    "current_user",
    "idempotent",
    "paginate",
    "register_token_lookup",
]
