"""The way in: django-allauth's pages in plain words, answering 422 to what can't be right."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView, ReauthenticateView
from django.http import HttpResponse

from accounts.middleware import DEVICE
from clinic.forms import PasswordAgainForm, SignInForm


class _Unprocessable:
    """Shows a form that was refused with its own status."""

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)  # type: ignore[attr-defined,no-any-return]


class SignInView(_Unprocessable, LoginView):  # type: ignore[misc]
    form_class = SignInForm

    def get_form_class(self) -> type[SignInForm]:
        return self.form_class

    def form_valid(self, form: Any) -> HttpResponse:
        """A browser is either a patient's phone or a member of staff: the phone's session ends here."""
        if DEVICE in self.request.session:
            self.request.session.flush()
        return super().form_valid(form)  # type: ignore[no-any-return]


class PasswordAgainView(_Unprocessable, ReauthenticateView):  # type: ignore[misc]
    form_class = PasswordAgainForm

    def get_form_class(self) -> type[PasswordAgainForm]:
        return self.form_class


sign_in = SignInView.as_view()
reauthenticate = PasswordAgainView.as_view()
