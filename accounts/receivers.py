"""Each signed-in browser has a row: begun when Django signs somebody in, whichever way, and ended when it signs them out."""

from __future__ import annotations

from typing import Any

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from accounts.browsers import name_browser
from accounts.models import SignIn, User
from accounts.services.sign_ins import begin_sign_in, end_sign_ins
from aftercare.sessions import session_hash


def on_signed_in(*, request: HttpRequest, user: User, **_: Any) -> None:
    if not request.session.session_key:
        request.session.create()
    is_strong = any(record["method"] == "mfa" for record in get_authentication_records(request, user))
    browser = name_browser(request.META.get("HTTP_USER_AGENT", ""))
    begin_sign_in(user, session_key=request.session.session_key or "", browser=browser, is_strong=is_strong)


def on_signed_out(*, request: HttpRequest, **_: Any) -> None:
    if key := request.session.session_key:
        end_sign_ins(SignIn.objects.filter(session_hash=session_hash(key)))
