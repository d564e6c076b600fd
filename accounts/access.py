"""Who may open a page: one decorator per audience, deny by default."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import Patient, StaffMember
from accounts.states import Role

View = Callable[Concatenate[Any, ...], HttpResponse]


def _elsewhere(request: HttpRequest, url: str) -> HttpResponse:
    """A redirect for a page; for htmx an answer that moves the whole page instead of a part of it."""
    if getattr(request, "htmx", False):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = redirect(url).url
        return response
    return redirect(url)


def patient_page(view: View) -> View:
    """Only with a bound phone. Staff are sent to their board, strangers to the welcome page (in the demo: to its start)."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.patient is None:
            return _elsewhere(request, settings.LOGIN_REDIRECT_URL if request.staff else settings.STRANGER_URL)
        return view(request, *args, **kwargs)

    guarded.audience = "patient"  # type: ignore[attr-defined]
    return guarded


def staff_page(*, roles: Collection[Role] = tuple(Role)) -> Callable[[View], View]:
    """Only for signed-in, active staff of these roles."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.staff is None and request.user.is_authenticated:
                # The sign-in page would send them straight back here.
                return render(request, "account/no_clinic.html", status=403)
            if request.staff is None:
                return _elsewhere(request, settings.LOGIN_URL)
            if request.staff.role not in roles:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.audience = "staff"  # type: ignore[attr-defined]
        guarded.roles = frozenset(roles)  # type: ignore[attr-defined]
        return guarded

    return decorate


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


def staff_of(request: Any) -> StaffMember:
    """The staff member of a staff_page."""
    staff: StaffMember = request.staff
    return staff


def public_page(view: View) -> View:
    """For anybody, known or not: said on purpose, so that a page without an audience stands out."""
    view.audience = "public"  # type: ignore[attr-defined]
    return view
