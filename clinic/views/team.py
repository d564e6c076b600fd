"""The people of the clinic: who they are, who comes in, who goes."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import confirmed_page, staff_of, staff_page
from accounts.middleware import AppRequest
from accounts.models import StaffMember
from accounts.services import staff as services
from accounts.services.staff import AddressTaken, Invitation, StaffActRefused
from aftercare.http import get_or_post, render_page, show_form, typed
from aftercare.qr import qr_svg
from clinic.queries import Ask
from clinic.queries import team as queries
from clinic.roles import MANAGES
from clinic.team_forms import InviteForm, RoleForm
from clinic.views.common import clinic_of, go_to
from timeline.phases import clock_words


@staff_page(roles=MANAGES)
@require_safe
def team(request: AppRequest) -> HttpResponse:
    page = queries.team(clinic_of(request), by=staff_of(request), at=timezone.now())
    return render_page(request, "clinic/team.html", page)


@staff_page(roles=MANAGES)
@require_safe
def team_member(request: AppRequest, member_id: UUID) -> HttpResponse:
    return _show(request, member_id)


@staff_page(roles=MANAGES)
@confirmed_page(to="invite somebody to the team")
@get_or_post
def invite_staff(request: AppRequest) -> HttpResponse:
    form, known = InviteForm(typed(request)), None
    if form.is_valid():
        try:
            return _link(request, services.invite_staff(by=staff_of(request), at=timezone.now(), **form.cleaned_data))
        except AddressTaken as error:
            known = queries.colleague_with(clinic_of(request), form.cleaned_data["email"])
            form.add_error("email", f"This is the address of {known}." if known else str(error))
        except StaffActRefused as error:
            form.add_error(None, str(error))
    return show_form(request, "clinic/invite_staff.html", form, known=known)


@staff_page(roles=MANAGES)
@confirmed_page(to="change a role")
@get_or_post
def change_role(request: AppRequest, member_id: UUID) -> HttpResponse:
    person = _member_or_404(request, member_id)
    form = RoleForm(typed(request), initial={"role": person.role})
    if not form.is_valid():
        return show_form(request, "clinic/change_role.html", form, person)
    return _do(
        request,
        person,
        lambda: services.change_role(person, role=form.cleaned_data["role"], by=staff_of(request), at=timezone.now()),
        said="The role is changed.",
    )


@staff_page(roles=MANAGES)
@confirmed_page(to="end somebody’s access")
@get_or_post
def deactivate_staff(request: AppRequest, member_id: UUID) -> HttpResponse:
    person = _member_or_404(request, member_id)
    if request.method != "POST":
        return _ask(request, person, queries.ask_deactivate_staff(person))
    return _do(
        request,
        person,
        lambda: services.deactivate(person, by=staff_of(request), at=timezone.now()),
        said=f"{person} is signed out everywhere, and can't sign in any more.",
    )


@staff_page(roles=MANAGES)
@confirmed_page(to="make a new link for somebody")
@get_or_post
def invite_again(request: AppRequest, member_id: UUID) -> HttpResponse:
    """A fresh link: for who comes back, who lost the second step, and whose link ran out."""
    person = _member_or_404(request, member_id)
    if request.method != "POST":
        return _ask(request, person, queries.ask_invite_again(person))
    try:
        return _link(request, services.invite_again(person, by=staff_of(request), at=timezone.now()))
    except StaffActRefused as error:
        return _show(request, member_id, conflict=str(error))


@staff_page(roles=MANAGES)
@confirmed_page(to="take an invitation back")
@get_or_post
def withdraw_invitation(request: AppRequest, member_id: UUID) -> HttpResponse:
    person = _member_or_404(request, member_id)
    if request.method != "POST":
        return _ask(request, person, queries.ask_withdraw_invitation(person))
    return _do(
        request,
        person,
        lambda: services.withdraw_invitation(person, by=staff_of(request), at=timezone.now()),
        said="The link does not work any more.",
    )


def _member_or_404(request: AppRequest, member_id: UUID) -> StaffMember:
    if person := queries.member_or_none(clinic_of(request), member_id):
        return person
    raise Http404


def _ask(request: AppRequest, person: StaffMember, ask: Ask) -> HttpResponse:
    if person.pk == staff_of(request).pk:
        return _show(request, person.pk, conflict="You can't do this to yourself. Ask another manager.")
    return render_page(request, "clinic/ask_staff.html", person, ask=ask)


def _do(request: AppRequest, person: StaffMember, act: Callable[[], object], *, said: str) -> HttpResponse:
    try:
        act()
    except StaffActRefused as error:
        return _show(request, person.pk, conflict=str(error))
    messages.success(request, said)
    return go_to("clinic:team_member", person.pk)


def _show(request: AppRequest, member_id: UUID, *, conflict: str = "") -> HttpResponse:
    page = queries.team_member(clinic_of(request), member_id, by=staff_of(request), at=timezone.now())
    if page is None:
        raise Http404
    status = 409 if conflict else 200
    return render_page(request, "clinic/team_member.html", page, conflict=conflict, status=status)


def _link(request: AppRequest, invitation: Invitation) -> HttpResponse:
    """The link, this once: only its hash is kept."""
    address = settings.PUBLIC_URL + reverse("open_join", args=[invitation.secret])
    until = clock_words(invitation.expires_at, zone=ZoneInfo(clinic_of(request).zone), today=timezone.now())
    person = invitation.member
    return render_page(request, "clinic/staff_link.html", person, address=address, qr=qr_svg(address), until=until)
