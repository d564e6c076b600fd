"""Something shared, for tests that begin after it; and the browser of whoever was given it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Patient, Token
from accounts.states import TokenKind
from accounts.tokens import hash_secret, make_secret
from aftercare.tenancy import as_journal
from journal.models import Share
from journal.services import MadeShare, make_share
from tests.journal.writing import wrote

TEXT = "The light came in slowly, and I was not afraid. 🌿"
MIND = "My therapist Noor"


def a_share(
    patient: Patient,
    *,
    text: str = TEXT,
    whom: str = MIND,
    days: int = 7,
    key: UUID | None = None,
    entry_id: UUID | None = None,
    at: datetime | None = None,
) -> MadeShare:
    """Inside the clinic's tenant()."""
    at = at or timezone.now()
    entry_id = entry_id or wrote(patient, text, at=at).pk
    return make_share(patient, entry_id, whom=whom, days=days, seen=1, key=key or uuid4(), at=at)


def a_closed_share(patient: Patient) -> tuple[Share, str]:
    """A copy that no code opens, and its secret: made in no time, for tests of who comes as far as the cover."""
    at, secret = timezone.now(), make_secret()
    share = Share(pk=uuid4(), patient=patient, entry=wrote(patient, TEXT, at=at).pk, about=b"-", ring_key="-")
    share.clinic_id, share.wrapped, share.sealed = patient.clinic_id, b"-", b"-"
    share.made_at, share.ends_at = at, at + timedelta(days=7)
    with as_journal():
        share.save(force_insert=True)
    Token.objects.create(
        kind=TokenKind.SHARE,
        hash=hash_secret(secret),
        clinic_id=patient.clinic_id,
        subject=share.pk,
        expires_at=share.ends_at,
    )
    return share, secret


def path_of(made: MadeShare) -> str:
    return made.link.removeprefix(settings.PUBLIC_URL)


def followed(made: MadeShare, browser: Client | None = None) -> Client:
    """The browser in which the link was opened; nobody has typed the code yet."""
    browser = browser or Client()
    response = browser.get(path_of(made))
    assert (response.status_code, response["Location"]) == (303, "/shared/")
    return browser


def opened_share(made: MadeShare, browser: Client | None = None) -> Client:
    """The browser in which the link was opened and the code typed."""
    browser = followed(made, browser)
    assert browser.post("/shared/", {"code": made.code}).status_code == 303
    return browser


def run_out(made: MadeShare) -> None:
    """As if its days were over by the database's clock. Inside the clinic's tenant()."""
    past = timezone.now() - timedelta(seconds=1)
    Token.objects.filter(kind=TokenKind.SHARE, subject=made.share.pk).update(expires_at=past)
    with as_journal():
        Share.objects.filter(pk=made.share.pk).update(ends_at=past)


def kept_share(made: MadeShare) -> Share:
    with as_journal():
        return Share.objects.get(pk=made.share.pk)
