"""The pages of accounts."""

from django.urls import URLPattern, path
from django.views.i18n import set_language

from safegrid.accounts.web import administration, profile, second_factor, sign_in
from safegrid.foundation.web import NavItem

NAV = [NavItem("账号", "account_list", icon="users", roles=frozenset({"system_admin"}))]

urlpatterns: list[URLPattern] = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("second-factor/", second_factor.second_factor, name="second_factor"),
    path("second-factor/enrol/", second_factor.enrol, name="second_factor_enrol"),
    path("password/", second_factor.password, name="password"),
    path("language/", set_language, name="set_language"),
    path("profile/", profile.profile, name="profile"),
    path("profile/contact/", profile.contact, name="profile_contact"),
    path("profile/recovery-codes/", profile.recovery_codes, name="profile_recovery_codes"),
    path("profile/tokens/", profile.issue_token, name="profile_issue_token"),
    path("profile/tokens/<uuid:token_id>/revoke/", profile.revoke_token, name="profile_revoke_token"),
    path("profile/sessions/<uuid:session_id>/end/", profile.end_session, name="profile_end_session"),
    path("profile/sessions/end-others/", profile.end_others, name="profile_end_others"),
    path("profile/roles/<uuid:role_id>/delegate/", profile.delegate, name="profile_delegate"),
    path("profile/roles/<uuid:role_id>/end/", profile.end_role, name="profile_end_role"),
    path("profile/break-glass/", profile.break_glass, name="profile_break_glass"),
    path("profile/break-glass/end/", profile.end_break_glass, name="profile_end_break_glass"),
    path("accounts/", administration.account_list, name="account_list"),
    path("accounts/open/", administration.open_account, name="account_open"),
    path("accounts/roles/<uuid:role_id>/end/", administration.end_role, name="account_end_role"),
    path("accounts/phones/<uuid:session_id>/end/", administration.end_device, name="account_end_device"),
    path("accounts/<uuid:user_id>/", administration.account, name="account"),
    path("accounts/<uuid:user_id>/<slug:verb>/", administration.account_verb, name="account_verb"),
]
