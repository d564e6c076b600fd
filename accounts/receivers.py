"""Keeps sign-ins and the audit trail in step with Django's and django-allauth's own signals; adds to a patient's copy.

Each signed-in browser has a row: begun when somebody is signed in, whichever way, and ended when they are signed out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.utils import timezone

from accounts.browsers import name_browser
from accounts.copies import Section
from accounts.kept import sections
from accounts.models import Patient, SignIn, User
from accounts.second_steps import CODES
from accounts.services.sign_ins import begin_sign_in, end_sign_ins
from accounts.services.ways_in import (
    record_recovery_code,
    record_sign_in,
    record_sign_out,
    record_wrong_password,
    record_wrong_proof,
)
from accounts.standing import standing_of
from aftercare.sessions import session_hash


def on_signed_in(*, request: HttpRequest, user: User, **_: Any) -> None:
    if not request.session.session_key:
        request.session.create()
    proofs = get_authentication_records(request, user)
    is_strong = any(proof["method"] == "mfa" for proof in proofs)
    browser = name_browser(request.META.get("HTTP_USER_AGENT", ""))
    key, at = request.session.session_key or "", timezone.now()
    if begin_sign_in(user, session_key=key, browser=browser, is_strong=is_strong):
        record_sign_in(user, ways=[proof.get("type") or proof["method"] for proof in proofs], at=at)
    else:
        record_wrong_proof(user, step="second step", at=at)


def on_signed_out(*, request: HttpRequest, user: User | None, **_: Any) -> None:
    key = request.session.session_key
    standing = standing_of(key) if key else None
    ended = end_sign_ins(SignIn.objects.filter(session_hash=session_hash(key))) if key else 0
    if standing and user and ended:
        record_sign_out(user, why=standing.over, at=timezone.now())


def on_sign_in_refused(*, credentials: dict[str, Any], **_: Any) -> None:
    record_wrong_password(credentials.get("email") or "", at=timezone.now())


def on_second_step_used(*, user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == CODES:
        record_recovery_code(user, at=timezone.now())


def on_second_step_refused(*, user: User, authenticator: Authenticator, **_: Any) -> None:
    record_wrong_proof(user, step=authenticator.type, at=timezone.now())


def on_copy_wanted(sender: Any, *, patient: Patient, at: datetime, **_: Any) -> list[Section]:
    return sections(patient, at)
