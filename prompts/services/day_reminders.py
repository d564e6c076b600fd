"""The reminder of a day of the patient's: at most one a day, by day, and only by a way out that is open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import Channel, Patient
from accounts.states import ChannelKind
from prompts.models import MessageChoice, Prompt
from prompts.routes import ways_for
from prompts.schedule import DayReminder
from prompts.services.choices import choices_of
from prompts.services.known import Choice
from prompts.states import PromptState, Reason
from timeline.document import QuietHours
from timeline.models import Treatment
from timeline.phases import is_night
from timeline.states import TreatmentState

LOG = "log"
# While a visit's own messages may still come, nothing else does (clinical.md, 4.3 and 6).
VISIT_LASTS = timedelta(hours=24)
# What ends for one of these may wait again on the same day; for any other reason it is over.
CHANGED, NOT_NOW = "not needed any more", "not at this time"


def send_day_reminders(reminders: Mapping[UUID, DayReminder], *, clinic_id: UUID, at: datetime) -> list[Prompt]:
    """By patient: writes those that a way out is open for, at most one a patient and day. Returns the rows that wait now.

    Inside the caller's transaction. A row that is there stays as it is, but for one that was stopped before it left, as
    something had changed: that waits anew. Six queries and two that write, for one or for hundreds; none for nobody.
    """
    if not reminders:
        return []
    choices = choices_of(reminders.keys())
    ways = _first_ways(reminders.keys() - held_back(reminders.keys(), choices=choices, at=at), choices=choices)
    days = {reminders[patient_id].asked_on for patient_id in ways}
    there = {
        (row.patient_id, row.asked_on): row
        for row in Prompt.objects.select_for_update().filter(patient_id__in=ways, asked_on__in=days)
    }
    placed = [
        _placed(
            there.get((patient_id, reminders[patient_id].asked_on))
            or Prompt(clinic_id=clinic_id, patient_id=patient_id),
            reminders[patient_id],
            channel=channel,
            at=at,
        )
        for patient_id, channel in ways.items()
        if _may_wait(there.get((patient_id, reminders[patient_id].asked_on)))
    ]
    # Of two who look at the same moment, the second finds the row of the first.
    Prompt.objects.bulk_create([row for row in placed if row._state.adding], ignore_conflicts=True)
    Prompt.objects.bulk_update([row for row in placed if not row._state.adding], _PLACED)
    return placed


def stop_day_reminders(patient_id: UUID, *, at: datetime, by: str = "") -> int:
    """What waits is stopped, as something that it was made by has changed; where it still holds, the next look makes it
    anew. `by` is the kind of channel that alone is meant. Returns how many were stopped."""
    waiting = Prompt.objects.filter(patient_id=patient_id, asked_on__isnull=False, begun_at=None)
    if by:
        waiting = waiting.filter(channel=by)
    return waiting.move(to=PromptState.CANCELLED, reason=CHANGED, ended_at=at)


def held_back(
    patient_ids: Collection[UUID], *, choices: Mapping[UUID, Choice | MessageChoice], at: datetime
) -> frozenset[UUID]:
    """Those to whom no reminder of a day may leave now: by night, by their own wish, or for a visit. Two queries; none for
    nobody."""
    if not patient_ids:
        return frozenset()
    paused = {patient_id for patient_id, choice in choices.items() if choice.paused_until and choice.paused_until > at}
    asleep = {patient.pk for patient in Patient.objects.filter(pk__in=patient_ids) if _is_asleep(patient, at)}
    since = at - VISIT_LASTS
    visits = Treatment.objects.filter(
        Q(state=TreatmentState.IN_TREATMENT) | Q(hour_zero__gt=since) | Q(ended_badly_at__gt=since),
        patient_id__in=patient_ids,
    )
    return frozenset({*paused, *asleep, *visits.values_list("patient_id", flat=True)})


def _is_asleep(patient: Patient, at: datetime) -> bool:
    return is_night(at, ZoneInfo(patient.zone), QuietHours(patient.quiet_starts_at, patient.quiet_ends_at))


def _first_ways(patient_ids: Collection[UUID], *, choices: Mapping[UUID, MessageChoice]) -> dict[UUID, str]:
    """By patient: the way that it takes, of those who have one out. One query."""
    kinds: dict[UUID, set[str]] = {patient_id: set() for patient_id in patient_ids}
    for patient_id, kind in Channel.objects.filter(Channel.OPEN, patient_id__in=patient_ids).values_list(
        "patient_id", "kind"
    ):
        kinds[patient_id].add(kind)
    firsts = {
        patient_id: ways_for(ways, first=choices[patient_id].first_way if patient_id in choices else "")[0]
        for patient_id, ways in kinds.items()
    }
    return {patient_id: way for patient_id, way in firsts.items() if way != ChannelKind.IN_APP}


def _may_wait(row: Prompt | None) -> bool:
    return row is None or (
        row.state == PromptState.CANCELLED
        and row.begun_at is None
        and row.reason in {CHANGED, NOT_NOW, Reason.WITHDRAWN}
    )


_PLACED = ("channel", "plan_number", "due_at", "window_ends_at", "state", "reason", "lease_until", "ended_at")


def _placed(row: Prompt, reminder: DayReminder, *, channel: str, at: datetime) -> Prompt:
    """`plan_number` is the fence, as in a plan: a claim of before completes nothing. One whose hour is over is due now."""
    row.asked_on, row.step, row.kind, row.asks = reminder.asked_on, LOG, LOG, True
    row.channel, row.plan_number = channel, 1 if row.plan_number is None else row.plan_number + 1
    row.due_at, row.window_ends_at = max(reminder.due_at, at), reminder.window_ends_at
    row.state, row.reason, row.lease_until, row.ended_at = PromptState.WAITING, "", None, None
    return row
