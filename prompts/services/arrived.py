"""What a text does that somebody sent us: ends or starts texts, is kept for a person to read, and is answered neutrally."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Clinic, Patient
from accounts.queries import Texter, default_country, texters
from accounts.services import TooManyTries, start_texts, stop_all_ways, stop_texts, throttle
from aftercare.tenancy import EachClinic
from prompts.models import Reply
from prompts.replies import means_danger, read_reply, says_more, stops_all
from prompts.services.choices import choice_of
from prompts.signals import reply_left
from prompts.states import ReplyKind
from prompts.words import Answer, answer_text, nobody_answer

PICTURE = "[a picture or a file, which is not kept]"
# The provider may bring a text twice.
IS_AGAIN = timedelta(minutes=2)
HOUR = timedelta(hours=1)
# A machine that answers ours is answered once an hour; somebody afraid, or who asks for a thing, a few times more.
_ANSWERS_AN_HOUR = {"words": 1, "danger": 3, "asked": 5}
KEEPS_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class _Hit:
    """Somebody with this number, the clinic that they belong to, and what their messages say that they are from."""

    clinic: Clinic
    person: Texter
    sender_name: str


def take_stop(number: str, body: str, *, at: datetime) -> str:
    """Ends texts to this number, or every way where the words mean all; returns the answer, "" for none.

    Words beside it are for a person all the same, and are answered that once.
    """
    try:
        (stop_all_ways if stops_all(body) else stop_texts)(number, at=at)
    finally:
        answer = take_words(number, body, at=at, kind=ReplyKind.OTHER) if says_more(body) else ""
    return answer


def keep_stop(number: str, *, at: datetime) -> None:
    """That this number said STOP, for each person of the clinic whose it is. Inside the transaction that ended texts."""
    for person in texters(number):
        _kept(person, ReplyKind.STOP, "", at=at)


def take_words(number: str, body: str, *, at: datetime, kind: ReplyKind | None = None) -> str:
    """Any text but STOP. Returns the answer, "" for none."""
    kind = kind or read_reply(body)
    try:
        if kind == ReplyKind.START:
            start_texts(number, at=at)
    finally:
        hits = _hits(number, kind, body, at=at)
    asks = kind in {ReplyKind.START, ReplyKind.HELP}
    if not _may_answer(number, "asked" if asks else "danger" if means_danger(body) else "words"):
        return ""
    return _answer(hits, kind, at=at)


def _hits(number: str, kind: ReplyKind, body: str, *, at: datetime) -> list[_Hit]:
    """Everybody with this number, whoever's patient; what they texted is kept with each of them. Words of danger always."""
    may_keep = means_danger(body) or _counts("texts-kept", number, at_most=KEEPS_AN_HOUR)
    found, clinics = list[_Hit](), EachClinic()
    for clinic in Clinic.objects.select_related("country"):
        with clinics.turn(clinic.pk):
            people = texters(number)
            for person in people if may_keep else ():
                _keep(person, kind, body, at=at)
            found += [_Hit(clinic, person, _sender_name(clinic, person)) for person in people]
    clinics.tell()
    return found


def _sender_name(clinic: Clinic, person: Texter) -> str:
    """To a patient the name of their own choice; an escort knows the clinic's alone."""
    own = "" if person.escort else choice_of(person.patient.pk, clinic_id=clinic.pk).alias
    return own or clinic.sender_name


def _keep(person: Texter, kind: ReplyKind, body: str, *, at: datetime) -> None:
    """For START that it came; for words, and a call for help, what was said: staff hear of it in the same transaction."""
    is_for_staff = kind in {ReplyKind.OTHER, ReplyKind.HELP}
    reply = _kept(person, kind, body if is_for_staff else "", at=at)
    if reply and is_for_staff:
        about: dict[str, Any] = {"patient": person.patient, "escort": person.escort, "reply_id": reply.pk, "at": at}
        reply_left.send(Reply, is_danger=means_danger(body), **about)


def _kept(person: Texter, kind: ReplyKind, words: str, *, at: datetime) -> Reply | None:
    """None for the same once more. Of two texts at once the second sees the first."""
    patient = Patient.objects.select_for_update(no_key=True).get(pk=person.patient.pk)
    same = Reply.objects.filter(patient=patient, escort=person.escort, kind=kind, words=words, at__gt=at - IS_AGAIN)
    if same.exists():
        return None
    return Reply.objects.create(
        clinic_id=patient.clinic_id, patient=patient, escort=person.escort, kind=kind, words=words, at=at
    )


def _answer(hits: Collection[_Hit], kind: ReplyKind, *, at: datetime) -> str:
    """By the name and the number of one of the clinics: first one that texts this number."""
    hit = min(hits, key=lambda one: not one.person.gets_texts, default=None)
    if hit is None:
        here = default_country()
        return nobody_answer(here.emergency if here else "")
    clinic, escort = hit.clinic, hit.person.escort
    is_open = clinic.is_open(at)
    return answer_text(
        _answer_kind(kind, are_on=hit.person.gets_texts),
        sender_name=hit.sender_name,
        phone=clinic.phone if is_open else clinic.after_hours_phone or clinic.phone,
        is_open=is_open or bool(clinic.after_hours_phone),
        emergency=clinic.country.emergency,
        language=(escort.language if escort else "") or "en",
    )


def _answer_kind(kind: ReplyKind, *, are_on: bool) -> Answer:
    if kind == ReplyKind.START:
        return "started" if are_on else "not_started"
    return "help" if kind == ReplyKind.HELP else "words"


def _may_answer(number: str, what: str) -> bool:
    return _counts(f"texts-answered-{what}", number, at_most=_ANSWERS_AN_HOUR[what])


def _counts(what: str, number: str, *, at_most: int) -> bool:
    try:
        throttle(what, number, at_most=at_most, within=HOUR)
    except TooManyTries:
        return False
    return True
