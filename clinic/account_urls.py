"""Signing in and out, under the names that django-allauth looks for. Its other pages stay closed: no sign-up, no e-mail."""

from allauth.account.views import account_inactive, logout
from django.urls import path

from clinic.views.sign_in import reauthenticate, sign_in

urlpatterns = [
    path("login/", sign_in, name="account_login"),
    path("logout/", logout, name="account_logout"),
    path("inactive/", account_inactive, name="account_inactive"),
    path("reauthenticate/", reauthenticate, name="account_reauthenticate"),
]
