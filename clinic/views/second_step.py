"""Adding a second step: a passkey or an app, then recovery codes. And taking one away."""

from __future__ import annotations

import json

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.utils import decrypt, encrypt
from allauth.mfa.webauthn.internal.auth import begin_registration
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import confirmed_page, member_of, own_page, sign_in_of, staff_page
from accounts.middleware import AppRequest
from accounts.models import User
from accounts.sealing import SealBroken
from accounts.second_steps import second_steps
from accounts.services import second_steps as services
from accounts.services.second_steps import LastSecondStep, SignInTooWeak
from aftercare.http import get_or_post, render_page, typed
from aftercare.qr import qr_svg
from clinic.sign_in_forms import AddAppForm, AddPasskeyForm
from clinic.views.common import go_to
from clinic.views.sign_in import refusal

# The secret of an app that is being set up, sealed; it stays until the first right code.
PENDING_APP = "pending_app"


@own_page
@require_safe
def second_step(request: AppRequest) -> HttpResponse:
    """Which one to add. Staff who have none yet see no other page."""
    return render_page(request, "mfa/index.html", second_steps(member_of(request).user))


@own_page
@confirmed_page(to="add a passkey")
@get_or_post
def add_passkey(request: AppRequest) -> HttpResponse:
    """`?kind=key`: one that can't check who holds it. It is a second step only, and never opens alone."""
    member, is_key = member_of(request), request.GET.get("kind") == "key"
    form = AddPasskeyForm(typed(request), initial={"name": sign_in_of(request).browser[:40]})
    if form.is_bound and form.is_valid():
        try:
            services.add_passkey(
                member,
                sign_in=sign_in_of(request),
                at=timezone.now(),
                name=form.cleaned_data["name"],
                credential=form.cleaned_data["credential"],
                opens_alone=form.opens_alone,
            )
        except SignInTooWeak as error:
            form.add_error(None, str(error))
        else:
            return _added(request, "The passkey is added.")
    options = json.dumps(begin_registration(member.user, not is_key))
    status = refusal(form) if form.is_bound else 200
    return render_page(request, "mfa/webauthn/add_form.html", form=form, options=options, is_key=is_key, status=status)


@own_page
@confirmed_page(to="add an app")
@get_or_post
def add_app(request: AppRequest) -> HttpResponse:
    """A code for the camera and the key as letters; the first code of the app makes it count."""
    member = member_of(request)
    secret = _pending_secret(request)
    form = AddAppForm(typed(request), user=member.user, secret=secret)
    if form.is_bound and form.is_valid():
        try:
            services.add_app(member, sign_in=sign_in_of(request), at=timezone.now(), secret=secret)
        except SignInTooWeak as error:
            form.add_error(None, str(error))
        else:
            del request.session[PENDING_APP]
            return _added(request, "The app is added.")
    return render_page(
        request,
        "mfa/totp/activate_form.html",
        form=form,
        qr=qr_svg(_app_address(member.user, secret)),
        key=[secret[start : start + 4] for start in range(0, len(secret), 4)],
        status=refusal(form) if form.is_bound else 200,
    )


@staff_page()
@confirmed_page(to="make recovery codes")
@get_or_post
def recovery_codes(request: AppRequest) -> HttpResponse:
    """A POST makes fresh codes and shows them this once; the ones before stop working."""
    member = member_of(request)
    has = second_steps(member.user)
    if not has.steps:
        return go_to("second_step")
    codes = services.make_recovery_codes(member, at=timezone.now()) if request.method == "POST" else []
    shown = [" ".join(code[start : start + 5] for start in range(0, len(code), 5)) for code in codes]
    return render_page(request, "mfa/recovery_codes/index.html", has, codes=shown, member=member)


@staff_page()
@confirmed_page(to="remove a second step")
@get_or_post
def remove_second_step(request: AppRequest, step_id: int) -> HttpResponse:
    """Asks first. The last one stays."""
    member, trouble = member_of(request), ""
    step = next((step for step in second_steps(member.user).steps if step.id == step_id), None)
    if step is None:
        if request.method == "POST":
            return go_to("my_account")  # a second tap: it is gone
        raise Http404
    if request.method == "POST":
        try:
            services.remove_second_step(member, step_id, at=timezone.now())
        except LastSecondStep as error:
            trouble = str(error)
        else:
            messages.success(request, f"{step.name} is removed.")
            return go_to("my_account")
    return render_page(request, "mfa/remove.html", step, trouble=trouble, status=409 if trouble else 200)


def _added(request: AppRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    has_codes = second_steps(member_of(request).user).codes_left
    return go_to("my_account" if has_codes else "recovery_codes")


def _pending_secret(request: AppRequest) -> str:
    """The same on each look, so that a reload does not void what the camera saw."""
    try:
        if sealed := request.session.get(PENDING_APP):
            return str(decrypt(sealed))
    except SealBroken:
        pass
    secret: str = generate_totp_secret()
    request.session[PENDING_APP] = encrypt(secret)
    return secret


def _app_address(user: User, secret: str) -> str:
    return str(get_adapter().build_totp_url(user, secret))
