"""Signing in and out, one's own account, and the link of an invitation. The names of django-allauth are those it looks for.

Its other pages stay closed: no sign-up, no e-mail, no password by mail.
"""

from allauth.account.views import account_inactive, logout
from django.urls import path

from clinic.views import duty, joining, my_account, second_step
from clinic.views.sign_in import passkey_sign_in, reauthenticate, second_step_at_sign_in, sign_in

urlpatterns = [
    path("login/", sign_in, name="account_login"),
    path("login/passkey/", passkey_sign_in, name="mfa_login_webauthn"),
    path("login/second-step/", second_step_at_sign_in, name="mfa_authenticate"),
    path("logout/", logout, name="account_logout"),
    path("inactive/", account_inactive, name="account_inactive"),
    path("reauthenticate/", reauthenticate, name="account_reauthenticate"),
    path("join/", joining.join_team, name="join_team"),
    path("join/<str:secret>/", joining.open_join, name="open_join"),
    path("me/", my_account.my_account, name="my_account"),
    path("me/sign-outs/", my_account.my_sign_outs, name="my_sign_outs"),
    path("me/phone/", duty.my_phone, name="my_phone"),
    path("me/password/", my_account.my_password, name="my_password"),
    path("me/second-step/", second_step.second_step, name="second_step"),
    path("me/second-step/passkey/", second_step.add_passkey, name="add_passkey"),
    path("me/second-step/app/", second_step.add_app, name="add_app"),
    path("me/second-step/codes/", second_step.recovery_codes, name="recovery_codes"),
    path("me/second-step/<int:step_id>/remove/", second_step.remove_second_step, name="remove_second_step"),
]
