"""Sign-in and account: of allauth's addresses only those that we use, under the names it looks for."""

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.socialaccount.views import login_cancelled
from django.urls import path, re_path

from portal.accounts import came_from, first_run_views, keys, member_views, token_views
from portal.accounts.oidc import views as oidc
from portal.accounts.oidc.confirm import confirm_by_provider
from portal.accounts.own_account import change_password, end_other_sessions, end_session, own_account

urlpatterns = [
    path("first-run/", first_run_views.first_run, name="first-run"),
    path("first-run/<str:token>/", first_run_views.first_run_link, name="first-run-link"),
    path("login/", account.login, name="account_login"),
    path("login/code/", factor.authenticate, name="mfa_authenticate"),
    path("logout/", account.logout, name="account_logout"),
    path("account/", own_account, name="mfa_index"),
    path("account/closed/", account.account_inactive, name="account_inactive"),
    path("account/confirm/", came_from.by_password, name="account_reauthenticate"),
    path("account/confirm/code/", came_from.by_code, name="mfa_reauthenticate"),
    path("account/confirm/key/", keys.confirm, name="mfa_reauthenticate_webauthn"),
    path("account/password/", change_password, name="account_change_password"),
    path("account/second-factor/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/second-factor/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/keys/add/", keys.add, name="mfa_add_webauthn"),
    path("account/keys/<int:pk>/rename/", keys.rename, name="mfa_edit_webauthn"),
    path("account/keys/<int:pk>/remove/", keys.remove, name="mfa_remove_webauthn"),
    path("account/recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/sessions/end/", end_other_sessions, name="end-other-sessions"),
    path("account/sessions/<int:pk>/end/", end_session, name="end-session"),
    path("members/", member_views.members, name="members"),
    path("members/give/", member_views.give, name="give-role"),
    path("members/<int:pk>/take/", member_views.take, name="take-role"),
    path("members/invite/", member_views.invite_somebody, name="invite"),
    path("members/accounts/<int:pk>/link/", member_views.new_link, name="new-link"),
    path("members/accounts/<int:pk>/close/", member_views.close, name="close-account"),
    path("tokens/", token_views.tokens, name="tokens"),
    path("tokens/make/", token_views.make_token, name="make-token"),
    path("tokens/<int:pk>/revoke/", token_views.revoke, name="revoke-token"),
    path("account/confirm/provider/", confirm_by_provider, name="confirm-by-provider"),
    path("oidc/cancelled/", login_cancelled, name="socialaccount_login_cancelled"),
    path("oidc/<slug:provider_id>/login/", oidc.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/callback/", oidc.callback, name="openid_connect_callback"),
    path("password/", account.password_reset, name="account_reset_password"),
    path("password/sent/", account.password_reset_done, name="account_reset_password_done"),
    path("password/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]
