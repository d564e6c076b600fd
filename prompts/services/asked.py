"""One-off messages: a code, an invitation, a test, a note to the number before. Their words are made when they leave.

Who waits for one with the phone in their hand gets it whatever the hour: a code, a test, and an invitation while the one
whom it is for may be there with whoever sent it. Nobody waits for the rest, and none of it leaves in quiet hours: a note to
the number before, and an invitation later on, wait for their end (`leaves_at`); a nudge, a reminder of the set-up and a text
to an escort are over when the night begins, by the token that each is made with.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Channel, Patient, Token
from accounts.states import ChannelKind
from prompts.models import Prompt
from prompts.schedule import after_night
from prompts.services.calling_off import call_off
from prompts.states import PromptState
from prompts.taps import NUDGE
from timeline.document import QuietHours

CODE, INVITATION, NOTICE, TEST = "code", "invitation", "notice", "test"
SET_UP, ESCORT = "set_up", "escort"
# Of these, what we send by ourselves: a pause holds it, and it ends with the yes to the app.
UNASKED = frozenset({SET_UP, NUDGE})
Kind = Literal["code", "invitation", "notice", "nudge", "test", "set_up", "escort"]
# Whoever asked for a code waits for it now: later it helps nobody.
CODE_WAITS = timedelta(minutes=30)
WAITS_FOR_MORNING = frozenset({INVITATION, NOTICE})
# So long the patient may be there with whoever sent them an invitation.
IS_THERE = timedelta(minutes=30)
# A patient's own clock: the zone, and the quiet hours in it.
Clock = tuple[ZoneInfo, QuietHours]


def send_asked_for(
    patient: Patient, *, token: Token, kind: Kind, channel: Channel, at: datetime, to: str = "", step: str = ""
) -> Prompt:
    """A message of its own, due at once, or as quiet hours end (`leaves_at`); in no plan and in no budget.

    Runs inside the caller's transaction, in the patient's clinic. No row holds the code or the link. Asked for twice with
    the same token, it is still one message. `to` is where it goes when that is no channel of the patient's any more, or
    never was. `step` is what it counts as; else its kind.
    """
    ends_at = min(token.expires_at, at + CODE_WAITS) if kind == CODE else token.expires_at
    prompt, _ = Prompt.objects.get_or_create(
        token=token,
        defaults={
            "clinic_id": patient.clinic_id,
            "patient": patient,
            "step": step or kind,
            "kind": kind,
            "asks": False,
            "channel": channel.kind,
            "address": to,
            "plan_number": 0,
            "due_at": leaves_at(kind, asked_at=at, at=at, clock=_clock(patient)),
            "window_ends_at": ends_at,
            "state": PromptState.WAITING,
        },
    )
    return prompt


def leaves_at(kind: str, *, asked_at: datetime, at: datetime, clock: Clock) -> datetime:
    """When what was asked for at `asked_at` may leave, at `at` or later."""
    is_waited_for = kind not in WAITS_FOR_MORNING or (kind == INVITATION and at < asked_at + IS_THERE)
    zone, quiet = clock
    return at if is_waited_for else after_night(at, zone=zone, quiet=quiet)


def clocks_of(patient_ids: Collection[UUID]) -> dict[UUID, Clock]:
    """By patient. One query; none for nobody."""
    return (
        {patient.pk: _clock(patient) for patient in Patient.objects.filter(pk__in=patient_ids)} if patient_ids else {}
    )


def _clock(patient: Patient) -> Clock:
    return ZoneInfo(patient.zone), QuietHours(patient.quiet_starts_at, patient.quiet_ends_at)


def stop_notes(address: str, *, by: ChannelKind, at: datetime) -> int:
    """No note leaves for this address any more. Inside a clinic. Returns how many were stopped."""
    return call_off(Prompt.objects.filter(channel=by, address=address), reason="channel stopped", at=at)


def stop_asked_for(patient_id: UUID, *, by: ChannelKind, at: datetime) -> int:
    """Nothing more by this channel, codes included. Returns how many were stopped."""
    rows = Prompt.objects.filter(patient_id=patient_id, channel=by, address="", begun_at=None)
    waiting = rows.exclude(token=None)
    return waiting.move(to=PromptState.CANCELLED, reason="channel stopped", ended_at=at)


def stop_escort_notes(escort_id: UUID, *, at: datetime) -> int:
    """No text to this escort any more. Returns how many were stopped."""
    waiting = Prompt.objects.filter(token__subject=escort_id, kind=ESCORT, begun_at=None)
    return waiting.move(to=PromptState.CANCELLED, reason="channel stopped", ended_at=at)
