"""The link of an invitation: somebody new, or somebody who comes back, picks a password."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts.access import public_page
from accounts.middleware import AppRequest
from accounts.models import StaffMember, Token
from accounts.services import LinkExpired, find_token
from accounts.services.staff import join
from accounts.states import TokenKind
from accounts.tokens import hash_secret
from aftercare.http import render_page
from clinic.sign_in_forms import NewPasswordForm
from clinic.views.common import get_or_post, go_to, typed

JOINING = "joining"


@public_page
@require_safe
def open_join(request: AppRequest, secret: str) -> HttpResponse:
    """The link's address. Changes nothing: it keeps the hash for this browser and moves on to a clean address."""
    stored = hash_secret(secret)
    if find_token(TokenKind.STAFF_INVITATION, stored) is None:
        return _gone(request, stored)
    request.session[JOINING] = stored
    return redirect("join_team")


@sensitive_post_parameters("password1", "password2")
@public_page
@get_or_post
def join_team(request: AppRequest) -> HttpResponse:
    """A POST picks the password, and goes straight on to the second step."""
    stored = str(request.session.get(JOINING, ""))
    token = find_token(TokenKind.STAFF_INVITATION, stored) if stored else None
    if token is None:
        return _gone(request, stored)
    member = StaffMember.objects.select_related("user", "clinic", "clinic__country").get(pk=token.subject)
    request.clinic = member.clinic  # all that the page may tell: whose name it shows
    form = NewPasswordForm(typed(request), user=member.user)
    if not form.is_bound or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render_page(
            request, "account/join.html", member, form=form, other=_other(request, member), status=status
        )
    try:
        joined = join(token, password=form.cleaned_data["password1"], at=timezone.now())
    except LinkExpired:
        return _gone(request, stored)
    # Whoever this browser was before, it is no more.
    request.session.flush()
    login(request, joined.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return go_to("second_step")


def _other(request: AppRequest, member: StaffMember) -> StaffMember | None:
    """Who is signed in here now, when it is somebody else: a manager who tries the link, for one."""
    here = request.staff or request.newcomer
    return here if here and here.pk != member.pk else None


def _gone(request: AppRequest, stored: str) -> HttpResponse:
    """Whoever holds the link may know why it opens nothing."""
    link = Token.objects.filter(kind=TokenKind.STAFF_INVITATION, hash=stored).first() if stored else None
    why = "unknown" if link is None else "used" if link.used_at else "withdrawn" if link.revoked_at else "ran_out"
    return render_page(request, "account/join_gone.html", why=why, status=410)
