"""The verbs of accounts. Each is atomic, checks who acts, leaves a trace; ``acting_user=None`` is the system itself."""

from safegrid.accounts.services.accounts import (
    change_account,
    change_own_contact,
    close_account,
    open_account,
    resume_account,
    suspend_account,
    unmask_phone,
)
from safegrid.accounts.services.break_glass import break_glass, end_break_glass
from safegrid.accounts.services.passwords import change_password, reset_password
from safegrid.accounts.services.roles import delegate, end_role, grant_role, resume_role, suspend_role
from safegrid.accounts.services.second_factor import (
    confirm_second_factor,
    enrol_second_factor,
    new_recovery_codes,
    reset_second_factor,
    verify_second_factor,
)
from safegrid.accounts.services.sessions import begin_session, end_device, end_session, sign_out_everywhere
from safegrid.accounts.services.tokens import issue_token, revoke_token, user_of_token

__all__ = [
    "begin_session",
    "break_glass",
    "change_account",
    "change_own_contact",
    "change_password",
    "close_account",
    "confirm_second_factor",
    "delegate",
    "end_break_glass",
    "end_device",
    "end_role",
    "end_session",
    "enrol_second_factor",
    "grant_role",
    "issue_token",
    "new_recovery_codes",
    "open_account",
    "reset_password",
    "reset_second_factor",
    "resume_account",
    "resume_role",
    "revoke_token",
    "sign_out_everywhere",
    "suspend_account",
    "suspend_role",
    "unmask_phone",
    "user_of_token",
    "verify_second_factor",
]
