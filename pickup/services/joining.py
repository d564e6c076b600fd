"""An escort says yes: who they are, and what they agree to. And what they change of that later."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Escort
from accounts.services import end_escort, let_text, may_text, record, record_consent, speak, tell_number
from accounts.states import ConsentKind, ConsentWay
from alerts.services import raise_alert
from pickup.models import PickupLink
from pickup.queries.consents import agrees_to
from pickup.services.causes import STOPPED, nobody_comes
from pickup.states import PickupState
from timeline.services import finish_part
from timeline.set_up import STAYER_COMES
from timeline.states import TreatmentState

_STILL_TO_DRIVE = (TreatmentState.PLANNED, TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING)


def join(
    link: PickupLink, *, said_name: str, texts: bool, asked: bool, phone: str, at: datetime, language: str = "en"
) -> bool:
    """The first yes: `said_name` is what a scanner does not have. Returns whether it was the first.

    `texts` and `asked` are ticks of their own; `phone` as stored, or "" where one is known or none was given. `language` is
    the one that they read it in: consents are kept in it, and texts come in it.
    """
    with transaction.atomic():
        asked_for = PickupLink.objects.filter(pk=link.pk, state=PickupState.ASKED)
        if not asked_for.move(to=PickupState.CONFIRMED, confirmed_at=at, said_name=said_name):
            return False
        _speak(link, language)
        _consent(link, ConsentKind.PICKUP, given=True, at=at)
        if link.stays:
            finish_part(link.treatment, STAYER_COMES, at=at)
        record("escort_joined", on=link, at=at, by=link.escort)
        _allow(link, texts=texts, asked=asked, phone=phone, at=at)
        return True


def change_consents(
    link: PickupLink, *, texts: bool, asked: bool, phone: str, at: datetime, language: str = "en"
) -> None:
    """The escort's own switches. What stays as it was leaves no line."""
    with transaction.atomic():
        if link.stays and link.state != PickupState.CANT_COME:
            finish_part(link.treatment, STAYER_COMES, at=at)
        _speak(link, language)
        _allow(link, texts=texts, asked=asked, phone=phone, at=at)


def stop_helping(link: PickupLink, *, at: datetime) -> None:
    """The escort takes back their yes: their link opens nothing, and no text comes. The patient can name somebody else."""
    with transaction.atomic():
        _consent(link, ConsentKind.PICKUP, given=False, at=at)
        record(STOPPED, on=link, at=at, by=link.escort)
        state = link.treatment.state
        if state in _STILL_TO_DRIVE or (link.stays and state == TreatmentState.DISCHARGED):
            does = "drive" if link.drives and state in _STILL_TO_DRIVE else "stay"
            raise_alert(nobody_comes(link, f"{link.spoken_name} does not {does} any more.", at=at), at=at)
        end_escort(link.escort, by=link.escort, at=at)


def _speak(link: PickupLink, language: str) -> None:
    if link.escort.language != language:
        speak(link.escort, language=language)


def _allow(link: PickupLink, *, texts: bool, asked: bool, phone: str, at: datetime) -> None:
    escort: Escort = link.escort
    if phone and texts:
        tell_number(escort, phone=phone, by=escort, at=at)
    if texts != may_text(escort):
        let_text(escort, on=texts, at=at)
        _consent(link, ConsentKind.ESCORT_TEXTS, given=texts, at=at)
    if asked != agrees_to(link, ConsentKind.ESCORT_ASKED):
        _consent(link, ConsentKind.ESCORT_ASKED, given=asked, at=at)


def _consent(link: PickupLink, kind: ConsentKind, *, given: bool, at: datetime) -> None:
    record_consent(
        kind,
        given=given,
        patient=link.treatment.patient,
        escort=link.escort,
        way=ConsentWay.PICKUP,
        by=link.escort,
        at=at,
    )
