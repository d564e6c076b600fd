"""The way in: password and second step, a passkey alone, and the proof once more before something that matters."""

from __future__ import annotations

import json
from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.views import LoginView
from allauth.core import ratelimit
from allauth.core.internal.ratelimit import respond_429
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal.auth import begin_authentication
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import member_of, own_page, sign_in_of
from accounts.middleware import ASKED_FOR, DEVICE, LEFT, AppRequest
from accounts.models import User
from accounts.second_steps import SecondSteps, second_steps
from accounts.services.sign_ins import confirm, move_sign_in
from accounts.services.ways_in import record_wrong_proof
from aftercare.http import get_or_post, render_page, see_other
from clinic.sign_in_forms import (
    CodeAgainForm,
    PasskeyAgainForm,
    PasskeySignInForm,
    PasswordAgainForm,
    SecondCodeForm,
    SecondPasskeyForm,
    SignInForm,
)
from clinic.views.common import go_to

SIGN_IN = "account/login.html"
# django-allauth says so in a form's error: too many tries, by the person's name.
_TOO_MANY = {"too_many_login_attempts", "rate_limited"}


class SignInView(LoginView):  # type: ignore[misc]
    """Django-allauth's, which counts the tries and asks for the second step."""

    form_class = SignInForm

    def get_form_class(self) -> type[SignInForm]:
        return self.form_class

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "left": self.request.session.get(LEFT)}

    def form_valid(self, form: Any) -> HttpResponseBase:
        _end_phone(self.request)
        return super().form_valid(form)  # type: ignore[no-any-return]

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=refusal(form))  # type: ignore[no-any-return]


class PasskeySignInView(LoginWebAuthnView):  # type: ignore[misc]
    """A script asks it for a challenge; the form brings the answer."""

    def get_form_class(self) -> type[PasskeySignInForm]:
        return PasskeySignInForm

    def form_valid(self, form: Any) -> HttpResponseBase:
        _end_phone(self.request)
        return super().form_valid(form)  # type: ignore[no-any-return]

    def form_invalid(self, form: Any) -> HttpResponse:
        trouble = form.errors["credential"][0]
        return render_page(self.request, SIGN_IN, form=SignInForm(), trouble=trouble, status=refusal(form))


sign_in = SignInView.as_view()
passkey_sign_in = PasskeySignInView.as_view()


@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
@get_or_post
def second_step_at_sign_in(request: HttpRequest) -> HttpResponse:
    """After the right password: a passkey, a code of the app, or a recovery code."""
    stage = request._login_stage  # type: ignore[attr-defined]
    user, form = stage.login.user, None
    has = second_steps(user)
    if not has.steps:
        return stage.abort()  # type: ignore[no-any-return]
    if request.method == "POST":
        forms = SecondCodeForm if "code" in request.POST else SecondPasskeyForm
        form = forms(request.POST, user=user)
        if form.is_valid():
            form.save()
            return stage.exit()  # type: ignore[no-any-return]
        _note_passkey(form, user)
    ways = _ways(user, has, form, code=SecondCodeForm)
    return render_page(request, "mfa/authenticate.html", has, **ways, status=refusal(form) if form else 200)


@sensitive_post_parameters("password", "code")
@own_page
@get_or_post
def reauthenticate(request: AppRequest) -> HttpResponse:
    """Proof once more. Afterwards on to what was asked for, with what was posted."""
    user, form = member_of(request).user, None
    has = second_steps(user)
    if request.method == "POST":
        if not ratelimit.consume(request, action="reauthenticate", user=user):
            return respond_429(request)  # type: ignore[no-any-return]
        form = _posted_proof(request, user)
        if form.is_valid():
            form.save()
            return _go_on(request)
        _note_passkey(form, user)
    password = form if isinstance(form, PasswordAgainForm) else PasswordAgainForm(user=user)
    ways = _ways(user, has, form, code=CodeAgainForm)
    status = refusal(form) if form else 200
    asked_for = request.session.get(ASKED_FOR)
    return render_page(
        request,
        "account/reauthenticate.html",
        has,
        **ways,
        password_form=password,
        to=(asked_for or {}).get("to", ""),
        status=status,
    )


def refusal(form: Form) -> int:
    """The status of a form that was refused: 429 when it was one try too many."""
    codes = {error.code for errors in form.errors.as_data().values() for error in errors}
    return 429 if codes & _TOO_MANY else 422


def _posted_proof(request: AppRequest, user: User) -> Any:
    if "password" in request.POST:
        return PasswordAgainForm(request.POST, user=user)
    forms = CodeAgainForm if "code" in request.POST else PasskeyAgainForm
    return forms(request.POST, user=user)


def _ways(user: User, has: SecondSteps, form: Form | None, *, code: type[Form]) -> dict[str, Any]:
    """What the page needs of each way: the form that was refused, and a fresh challenge for the passkey."""
    code_form = form if isinstance(form, code) else code(user=user)  # type: ignore[call-arg]
    options = json.dumps(begin_authentication(user)) if has.has_passkey else ""
    return {"form": form, "code_form": code_form, "options": options}


def _note_passkey(form: Form, user: User) -> None:
    """Of a refused code django-allauth tells us, of a refused passkey not."""
    if "credential" in form.fields and form.data.get("credential"):
        record_wrong_proof(user, step="webauthn", at=timezone.now())


def _go_on(request: AppRequest) -> HttpResponse:
    """Under a new session key, as after every proof."""
    confirm(sign_in_of(request))
    request.session.cycle_key()
    move_sign_in(sign_in_of(request), session_key=request.session.session_key or "")
    asked_for = request.session.pop(ASKED_FOR, None)
    if asked_for is None:
        return go_to("my_account")
    if asked_for["fields"] is None:
        return see_other(asked_for["path"])
    return render_page(request, "account/go_on.html", **asked_for)


def _end_phone(request: HttpRequest) -> None:
    """A browser is either a patient's phone or a member of staff: the phone's session ends here."""
    if DEVICE in request.session:
        request.session.flush()
