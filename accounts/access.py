"""Who may open a page: one decorator per audience, deny by default."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url

from accounts.middleware import ASKED_FOR, HOLDS_FOR, LEFT
from accounts.models import Device, Patient, SignIn, StaffMember
from accounts.states import Role
from aftercare.http import hold_form, is_from_us, is_secret

View = Callable[Concatenate[Any, ...], HttpResponse]


def _elsewhere(request: Any, url: str) -> HttpResponse:
    """A redirect for a page; for htmx an answer that moves the whole page instead of a part of it.

    A form that a page of ours sent is held: who was signed out meanwhile comes back in and sends it again.
    """
    why = {settings.LOGIN_URL: "signed_out", settings.STRANGER_URL: "phone_gone"}.get(url)
    if why and request.method == "POST" and is_from_us(request):
        return hold_form(request, why=why, status=401, door=resolve_url(url))
    return _go(request, url)


def _go(request: HttpRequest, url: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = redirect(url).url
        return response
    return redirect(url)


def patient_page(view: View) -> View:
    """Only with a bound phone. Staff are sent to their board, strangers to the welcome page (in the demo: to its start).

    A phone that an invitation opened for set-up alone is sent to the set-up page.
    """

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.device is None:
            return _to_own_start(request)
        if not request.device.is_full:
            return _go(request, settings.SET_UP_URL)
        return view(request, *args, **kwargs)

    guarded.audience = "patient"  # type: ignore[attr-defined]
    return guarded


def set_up_page(view: View) -> View:
    """Like patient_page, and for a phone that may do no more than the set-up before the visit."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs) if request.device else _to_own_start(request)

    guarded.audience, guarded.is_for_set_up = "patient", True  # type: ignore[attr-defined]
    return guarded


def _to_own_start(request: Any) -> HttpResponse:
    return _elsewhere(request, settings.LOGIN_REDIRECT_URL if request.staff else settings.STRANGER_URL)


def staff_page(*, roles: Collection[Role] = tuple(Role)) -> Callable[[View], View]:
    """Only for signed-in, active staff of these roles; with a password alone nobody is that."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.staff is None:
                return _go(request, settings.SECOND_STEP_URL) if request.newcomer else _to_sign_in(request)
            if request.staff.role not in roles:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.audience = "staff"  # type: ignore[attr-defined]
        guarded.roles = frozenset(roles)  # type: ignore[attr-defined]
        return guarded

    return decorate


def own_page(view: View) -> View:
    """For each member of staff about themselves, and before they have a second step."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.staff is None and request.newcomer is None:
            return _to_sign_in(request)
        return view(request, *args, **kwargs)

    guarded.audience, guarded.roles = "staff", frozenset(Role)  # type: ignore[attr-defined]
    return guarded


def _to_sign_in(request: Any) -> HttpResponse:
    if request.user.is_authenticated:
        # The sign-in page would send them straight back here.
        return render(request, "account/no_clinic.html", status=403)
    _remember_place(request)
    return _elsewhere(request, settings.LOGIN_URL)


def _remember_place(request: Any) -> None:
    """Where somebody was whose sign-in ran out. Without the query: it may hold a name."""
    left = request.session.get(LEFT)
    if left and request.method == "GET":
        asked_by = getattr(request, "htmx", None)
        path = urlsplit(asked_by.current_url_abs_path or "").path if asked_by else request.path
        request.session[LEFT] = {**left, "path": path}


def confirmed_page(*, to: str) -> Callable[[View], View]:
    """Inside staff_page or own_page: only within five minutes of proving who it is. What was posted is not lost.

    `to` says what for, as after "You want to".
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.standing.is_confirmed:
                request.session[ASKED_FOR] = _asked_for(request, to)
                return _go(request, settings.CONFIRM_URL)
            return view(request, *args, **kwargs)

        guarded.is_confirmed = True  # type: ignore[attr-defined]
        return guarded

    return decorate


def _asked_for(request: Any, to: str) -> dict[str, Any]:
    fields = [(name, value) for name, values in request.POST.lists() for value in values if not is_secret(name)]
    return {
        "path": request.get_full_path(),
        "to": to,
        "fields": fields if request.method == "POST" else None,
        "until": (request.standing.at + HOLDS_FOR).timestamp(),
    }


def demo_page(view: View) -> View:
    """Only in demo mode; elsewhere the page does not exist."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    guarded.audience = "demo"  # type: ignore[attr-defined]
    return guarded


def patient_of(request: Any) -> Patient:
    """The patient of a patient_page."""
    patient: Patient = request.patient
    return patient


def device_of(request: Any) -> Device:
    """The phone of a patient_page or a set_up_page."""
    device: Device = request.device
    return device


def staff_of(request: Any) -> StaffMember:
    """The staff member of a staff_page."""
    staff: StaffMember = request.staff
    return staff


def member_of(request: Any) -> StaffMember:
    """The member of staff of an own_page, who may still be without a second step."""
    member: StaffMember = request.staff or request.newcomer
    return member


def sign_in_of(request: Any) -> SignIn:
    """The sign-in of this browser, on a staff_page or an own_page."""
    sign_in: SignIn = request.standing.sign_in
    return sign_in


def public_page(view: View) -> View:
    """For anybody, known or not: said on purpose, so that a page without an audience stands out."""
    view.audience = "public"  # type: ignore[attr-defined]
    return view
