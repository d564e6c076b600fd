"""The way back to one's own pages on a new phone: a code to the known number, then the PIN or the printed card."""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection

from accounts.models import Channel, Clinic, Device, Patient, Token
from accounts.queries import patient_of_clinic
from accounts.services.audit import record
from accounts.services.cards import CARD_REFUSED, CardRefused, find_card, replace_pin
from accounts.services.phones import bind_only_phone
from accounts.services.pins import check_pin
from accounts.services.throttles import TooManyTries, throttle
from accounts.services.tokens import LinkExpired, consume, hold_tokens
from accounts.signals import message_wanted
from accounts.states import ChannelKind, TokenKind
from accounts.tokens import derive_digits
from aftercare.tenancy import tenant

log = logging.getLogger(__name__)
CODE_LASTS, TRIES = timedelta(minutes=10), 3
HALF_AN_HOUR, DAY = timedelta(minutes=30), timedelta(days=1)
# By number, so that nobody is flooded with texts; by address wide enough for a clinic behind one.
PER_HALF_HOUR, PER_DAY, PER_ADDRESS = 3, 10, 30
# By clinic, so that nobody with a list of numbers runs up its bill.
PER_CLINIC = 100


class CodeWrong(Exception):
    """It is another code. The message says how many tries are left."""


def throttle_codes(number: str, *, address: str) -> None:
    """Counts one wish for a code, whether the number is known or not. Raises TooManyTries."""
    throttle("way back from", address, at_most=PER_ADDRESS, within=HALF_AN_HOUR)
    throttle("way back", number, at_most=PER_HALF_HOUR, within=HALF_AN_HOUR)
    throttle("way back in a day", number, at_most=PER_DAY, within=DAY)


def ask_code(number: str, *, at: datetime) -> list[int]:
    """Sends a code to everybody who has this number, in any clinic. Returns the ids of the tokens, never none.

    Where nobody can be reached a token that nobody was sent the code of stands in: what follows is the same.
    """
    found = [token.pk for clinic in _clinics() for token in _send_codes(clinic, number, at=at)]
    return found or [_stand_in(clinic, at=at).pk for clinic in _clinics()[:1]]


def way_back_code(token: Token) -> str:
    """The six digits of a WAY_BACK token, for the message that carries them. No row holds them."""
    return derive_digits(settings.SECRET_KEY, f"way back:{token.pk}:{token.hash}")


def use_code(tokens: Sequence[int], typed: str) -> Token:
    """The token whose code this is; it is used up. Raises CodeWrong, or LinkExpired when no try is left or time is over."""
    tried = _count_try(tokens)
    if not tried:
        raise LinkExpired("This code has run out, or was tried too often. Ask for a new one.")
    for token in tried:
        if hmac.compare_digest(way_back_code(token), typed) and _owner(token) and consume(token):
            return token
    left = TRIES - max(token.tries for token in tried)
    if not left:
        raise LinkExpired("That was not the code, three times. Ask for a new one.")
    raise CodeWrong(f"That is not the code. You can try {'once' if left == 1 else f'{left} times'} more.")


def who_proved(token_id: int) -> Patient | None:
    """Whose code was used, unless it was taken back since: the number changed, or the phones were ended."""
    token = Token.objects.filter(pk=token_id, kind=TokenKind.WAY_BACK, used_at__isnull=False, revoked_at=None).first()
    return _owner(token) if token else None


def come_back_with_pin(patient: Patient, *, pin: str, at: datetime) -> Device:
    """After the code: this is the patient's phone now. Raises PinRefused."""
    check_pin(patient, pin, at=at)
    with tenant(patient.clinic_id):
        hold_tokens(patient.pk)
        return bind_only_phone(patient, at=at)


def come_back_with_card(patient: Patient, *, card: str, pin: str, at: datetime) -> Device:
    """After the code, with the PIN forgotten: the card's code and a new PIN. Raises CardRefused."""
    with tenant(patient.clinic_id):
        hold_tokens(patient.pk)
        replace_pin(patient, card=card, pin=pin, at=at)
        return bind_only_phone(patient, at=at)


def come_back_by_card(*, card: str, pin: str, at: datetime) -> Device:
    """Without a code, for who gets no messages: the card's code and the PIN. Raises CardRefused, PinRefused."""
    token = find_card(card)
    patient = _owner(token) if token else None
    if token is None or patient is None:
        raise CardRefused(CARD_REFUSED)
    check_pin(patient, pin, at=at, instead="get a code first, then use this card")
    with tenant(patient.clinic_id):
        hold_tokens(patient.pk)
        if not consume(token):
            raise CardRefused(CARD_REFUSED)
        record("card_used", on=patient, at=at, by=patient)
        return bind_only_phone(patient, at=at)


def _clinics() -> list[Clinic]:
    return list(Clinic.objects.order_by("pk"))


def _send_codes(clinic: Clinic, number: str, *, at: datetime) -> Iterator[Token]:
    with tenant(clinic.pk):
        texts = Channel.objects.filter(kind=ChannelKind.SMS, address=number, patient__isnull=False)
        for text in texts.select_related("patient"):
            channel = _open_channel(text)
            if channel and _has_codes_left(clinic):
                token = _make_token(clinic, subject=text.patient.pk, at=at)
                record("way_back_asked", on=text.patient, at=at, by=None, facts={"channel": channel.kind})
                message_wanted.send(Token, patient=text.patient, token=token, kind="code", channel=channel, at=at)
                yield token


def _has_codes_left(clinic: Clinic) -> bool:
    try:
        throttle("way back at", str(clinic.pk), at_most=PER_CLINIC, within=HALF_AN_HOUR)
    except TooManyTries:
        log.warning("Codes are held back: too many were asked for at a clinic", extra={"clinic": clinic.pk})
        return False
    return True


def _open_channel(text: Channel) -> Channel | None:
    """Where the code may go: by text; after a STOP, without consent or without a provider of texts, by e-mail."""
    if text.may_send and settings.SMS_BASE_URL:
        return text
    emails = Channel.objects.filter(patient=text.patient, kind=ChannelKind.EMAIL) if settings.EMAIL_SERVER else ()
    return next((channel for channel in emails if channel.may_send), None)


def _stand_in(clinic: Clinic, *, at: datetime) -> Token:
    return _make_token(clinic, subject=uuid4(), at=at)


def _make_token(clinic: Clinic, *, subject: UUID, at: datetime) -> Token:
    """Its "hash" is a number drawn by lot, which the code is worked out from with a key that is in no table."""
    return Token.objects.create(
        kind=TokenKind.WAY_BACK, hash=secrets.token_hex(32), clinic=clinic, subject=subject, expires_at=at + CODE_LASTS
    )


def _count_try(tokens: Sequence[int]) -> list[Token]:
    """Takes one try of each token before anything is compared. Returns those that had one left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_token SET tries = tries + 1 WHERE id = ANY(%s) AND kind = %s AND tries < %s "
            "AND used_at IS NULL AND revoked_at IS NULL AND expires_at > now() RETURNING id",
            [list(tokens), TokenKind.WAY_BACK, TRIES],
        )
        counted = [pk for (pk,) in cursor.fetchall()]
    return list(Token.objects.filter(pk__in=counted))


def _owner(token: Token) -> Patient | None:
    return patient_of_clinic(token.subject, token.clinic_id)
