"""What the patient's hand on messages shows: fewer, a pause and a stop, or how to take each back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Channel, Patient
from prompts.models import MessageChoice
from prompts.queries.push import takes_push
from prompts.routes import PUSH, USUAL
from prompts.schedule import PAUSE_LASTS
from prompts.taps import STOP_UNDO
from timeline.phases import clock_words


@dataclass(frozen=True, slots=True)
class Hand:
    """`paused` is until when, "" where no pause holds; `pause_ends` when one would end that begins now.

    `can_stop`: a way out was agreed to, and not stopped.
    `undo_until` is how long a stop of everything can be undone, "" where it can't, where that brings no way back, or where
    some way is open again.
    """

    is_fewer: bool
    paused: str
    pause_ends: str
    can_stop: bool
    undo_until: str

    @property
    def is_used(self) -> bool:
        """Whether there is something to stop, or to take back."""
        return self.is_fewer or self.can_stop or bool(self.paused or self.undo_until)


def choice_for(patient: Patient) -> MessageChoice:
    """What this patient chose; unsaved, and all as planned, where they never did. One query."""
    found = MessageChoice.objects.filter(patient=patient).first()
    return found or MessageChoice(clinic_id=patient.clinic_id, patient=patient)


def hand_of(patient: Patient, at: datetime) -> Hand:
    """Two queries, and what hand_on asks for."""
    channels = list(Channel.objects.filter(patient=patient))
    return hand_on(choice_for(patient), channels, zone=ZoneInfo(patient.zone), at=at)


def hand_on(choice: MessageChoice, channels: Collection[Channel], *, zone: ZoneInfo, at: datetime) -> Hand:
    """No query; one where notes are all that a stop ended."""
    until, stopped_at = choice.paused_until, choice.stopped_at
    ended = {each.kind for each in channels if stopped_at and each.stopped_at == stopped_at and each.failed_at is None}
    can_stop = any(each.consented_at and not each.stopped_at and each.kind in USUAL for each in channels)
    undo_until = stopped_at + STOP_UNDO if stopped_at and ended and not can_stop else None
    if undo_until and at < undo_until and ended == {PUSH} and not takes_push(choice.patient_id):
        undo_until = None
    return Hand(
        is_fewer=choice.is_fewer,
        paused=clock_words(until, zone=zone, today=at) if until and at < until else "",
        pause_ends=clock_words(at + PAUSE_LASTS, zone=zone, today=at),
        can_stop=can_stop,
        undo_until=clock_words(undo_until, zone=zone, today=at) if undo_until and at < undo_until else "",
    )
