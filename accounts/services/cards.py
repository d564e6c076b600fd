"""The printed card: a code that lies at home and stands in for a PIN that was forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Patient, StaffMember, Token
from accounts.services.audit import record
from accounts.services.pins import set_pin
from accounts.services.throttles import throttle
from accounts.services.tokens import consume, find_token, revoke_tokens
from accounts.states import TokenKind
from accounts.tokens import CARD_LENGTH, hash_secret, make_code
from aftercare.tenancy import tenant

CARD_LASTS = timedelta(days=30)
CARD_REFUSED = "This card code does not work. Check each letter. Was it used, or is it old? Ask for a new card."


class CardRefused(Exception):
    """The code is wrong, was used, has run out, or is somebody else's: it is never said which."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is printed once."""

    code: str
    expires_at: datetime


def make_card(patient: Patient, *, by: StaffMember, at: datetime) -> Card:
    """A new card; the one before ends. Inside tenant()."""
    revoke_tokens(patient.pk, kinds=[TokenKind.RECOVERY_CARD], at=at)
    card = Card(code=make_code(CARD_LENGTH), expires_at=at + CARD_LASTS)
    Token.objects.create(
        kind=TokenKind.RECOVERY_CARD,
        hash=hash_secret(card.code),
        clinic_id=patient.clinic_id,
        subject=patient.pk,
        made_by=by,
        expires_at=card.expires_at,
    )
    record("card_made", on=patient, at=at, by=by)
    return card


def find_card(code: str) -> Token | None:
    return find_token(TokenKind.RECOVERY_CARD, hash_secret(code))


def throttle_cards_from(address: str) -> None:
    """Counts one try with a card's code, by where it comes from. Raises TooManyTries."""
    throttle("card from", address, at_most=10, within=timedelta(minutes=10))


def throttle_cards_of(browser: str) -> None:
    """Counts one try with a card's code, by the phone or the session that it comes from. Raises TooManyTries."""
    throttle("card of", browser, at_most=5, within=timedelta(days=1))


def replace_pin(patient: Patient, *, card: str, pin: str, at: datetime) -> None:
    """A new PIN by the card's code, which is used up. Raises CardRefused."""
    with tenant(patient.clinic_id):
        token = find_card(card)
        if token is None or token.subject != patient.pk or not consume(token):
            raise CardRefused(CARD_REFUSED)
        set_pin(patient, pin)
        record("card_used", on=patient, at=at, by=patient)


def change_pin(patient: Patient, *, pin: str, at: datetime) -> None:
    """A new PIN of somebody who just gave the old one. Inside tenant()."""
    set_pin(patient, pin)
    record("pin_changed", on=patient, at=at, by=patient)
