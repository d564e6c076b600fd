"""Who may open a copy: whoever came by its link, and its text for some minutes in the browser that had the code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from accounts.middleware import DEVICE
from accounts.models import Token
from accounts.services import find_token
from accounts.states import TokenKind
from aftercare.http import render_page
from aftercare.tenancy import tenant
from journal.services import is_alive
from journal.sharing import STAYS_OPEN

View = Callable[Concatenate[Any, ...], HttpResponse]
# The stored form of the secret that this browser was given last, whether it opens anything or not.
LINK = "shared"
# Which copy the code was typed for in this browser, and until when that counts.
OPENED = "shared_opened"
OVER = "journal/shared_over.html"
_LASTS, _EXPIRY = 60 * 60, "_session_expiry"


def guest_page(view: View) -> View:
    """Only with the link of a copy that can be opened. Sets request.share_token.

    Whatever opens nothing, guessed, run out, ended or never given, gets one page with the same words. Whoever else uses
    this browser is left out of the request, and so is the clinic: the page tells nothing but what it was made for.
    """

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        request.device = request.patient = request.staff = request.newcomer = request.standing = request.clinic = None
        token = find_token(TokenKind.SHARE, str(request.session.get(LINK, "")))
        if token is None or not _is_alive(token):
            return opens_nothing(request)
        request.share_token = token
        return view(request, *args, **kwargs)

    guarded.audience = "guest"  # type: ignore[attr-defined]
    return guarded


def _is_alive(token: Token) -> bool:
    with tenant(token.clinic_id):
        return is_alive(token)


def opens_nothing(request: HttpRequest) -> HttpResponse:
    """Nothing tells one link that opens nothing from another."""
    return render_page(request, OVER, status=410)


def token_of(request: Any) -> Token:
    """The token of a guest_page."""
    token: Token = request.share_token
    return token


def remember_link(request: HttpRequest, stored: str) -> None:
    """For an hour in a session of nobody else's; a session that is somebody's keeps its own time."""
    request.session[LINK] = stored
    request.session.pop(OPENED, None)
    if not {DEVICE, SESSION_KEY, _EXPIRY} & set(request.session.keys()):
        request.session.set_expiry(_LASTS)


def note_opened(request: Any, *, at: datetime) -> None:
    """The code was right."""
    request.session[OPENED] = [str(token_of(request).subject), (at + STAYS_OPEN).isoformat()]


def is_opened(request: Any, *, at: datetime) -> bool:
    """Whether the code of this very copy was typed here in the last minutes."""
    try:
        share, until = request.session.get(OPENED) or ("", "")
        return share == str(token_of(request).subject) and at < datetime.fromisoformat(until)
    except ValueError:
        return False


def close(request: HttpRequest) -> None:
    request.session.pop(OPENED, None)
