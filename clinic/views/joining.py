"""The link of an invitation: somebody new, or somebody who comes back, picks a password."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts.access import public_page
from accounts.middleware import AppRequest
from accounts.models import StaffMember
from accounts.services import LinkExpired, find_token, invitation_state
from accounts.services.staff import join
from accounts.states import TokenKind
from accounts.tokens import hash_secret
from aftercare.http import get_or_post, render_page, show_form, typed
from clinic.queries.team import invited, staff_invitation
from clinic.sign_in_forms import NewPasswordForm
from clinic.views.common import go_to

JOINING = "joining"


@public_page
@require_safe
def open_join(request: AppRequest, secret: str) -> HttpResponse:
    """The link's address. Changes nothing: it keeps the hash for this browser and moves on to a clean address."""
    stored = hash_secret(secret)
    if find_token(TokenKind.STAFF_INVITATION, stored) is None:
        return _gone(request, stored, at=timezone.now())
    request.session[JOINING] = stored
    return redirect("join_team")


@sensitive_post_parameters("password1", "password2")
@public_page
@get_or_post
def join_team(request: AppRequest) -> HttpResponse:
    """A POST picks the password, and goes straight on to the second step."""
    stored, at = str(request.session.get(JOINING, "")), timezone.now()
    token = find_token(TokenKind.STAFF_INVITATION, stored) if stored else None
    if token is None:
        return _gone(request, stored, at=at)
    member = invited(token)
    request.clinic = member.clinic  # all that the page may tell: whose name it shows
    form = NewPasswordForm(typed(request), user=member.user)
    if not form.is_valid():
        return show_form(request, "account/join.html", form, member, other=_other(request, member))
    try:
        joined = join(token, password=form.cleaned_data["password1"], at=at)
    except LinkExpired:
        return _gone(request, stored, at=at)
    # Whoever this browser was before, it is no more.
    logout(request)
    login(request, joined.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return go_to("second_step")


def _other(request: AppRequest, member: StaffMember) -> StaffMember | None:
    """Who is signed in here now, when it is somebody else: a manager who tries the link, for one."""
    here = request.staff or request.newcomer
    return here if here and here.pk != member.pk else None


def _gone(request: AppRequest, stored: str, *, at: datetime) -> HttpResponse:
    """Whoever holds the link may know why it opens nothing."""
    link = staff_invitation(stored)
    state = invitation_state(link, at=at) if link else "unknown"
    return render_page(request, "account/join_gone.html", state=state, status=410)
