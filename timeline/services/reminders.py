"""Reminds whoever has not finished the set-up, at the clinic's times before the visit: once each, by a way that is open."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from accounts.models import Channel, Clinic, Device, Patient, Token
from accounts.queries import said_no_to_app
from accounts.services import open_invitation
from accounts.signals import message_wanted
from accounts.states import ChannelKind, TokenKind
from accounts.tokens import hash_secret
from timeline.document import QuietHours
from timeline.models import SetUpNote, Treatment
from timeline.queries import missing_parts, with_set_up
from timeline.reminders import Due, quiet_from, reminder_due
from timeline.signals import reminder_wanted
from timeline.states import TreatmentState

log = logging.getLogger(__name__)
# A note on the phone comes before a text, and a text before an e-mail; a phone has no address.
_WAYS = (ChannelKind.PUSH, ChannelKind.SMS, ChannelKind.EMAIL)


def remind_set_up(clinic: Clinic, *, at: datetime) -> int:
    """Sends what is due in this clinic. Returns how many. Two who look at the same moment send each once."""
    return sum(_reminded(treatment, due, at=at) for treatment, due in _due(clinic, at))


def _due(clinic: Clinic, at: datetime) -> Iterator[tuple[Treatment, Due]]:
    """The visits to come whose set-up is not finished, with the reminder that is due."""
    hours = [int(each) for each in clinic.reminder_hours]
    until = at + timedelta(hours=max(hours, default=0))
    rows = Treatment.objects.filter(
        state=TreatmentState.PLANNED, planned_for__gt=at, planned_for__lte=until
    ).select_related("patient")
    for treatment in with_set_up(rows).prefetch_related("set_up_notes").order_by("planned_for"):
        patient: Patient = treatment.patient
        due = reminder_due(
            hours,
            planned_for=treatment.planned_for,
            planned_at=treatment.planned_at,
            told=[note.hours for note in treatment.set_up_notes.all()],
            zone=ZoneInfo(patient.zone),
            quiet=_quiet(patient),
            at=at,
        )
        if due and missing_parts(treatment):
            yield treatment, due


def _reminded(treatment: Treatment, due: Due, *, at: datetime) -> bool:
    """Trouble with one patient's holds up nobody else's."""
    try:
        with transaction.atomic():
            return _remind(treatment, due, at=at)
    except Exception:
        log.exception("A reminder could not be sent", extra={"treatment": treatment.pk})
        return False


def _remind(treatment: Treatment, due: Due, *, at: datetime) -> bool:
    """Nothing is noted where no way is open or chosen, nothing would open, or the app was said no to: a later yes is still in
    time."""
    patient: Patient = treatment.patient
    channel = _channel(patient)
    if channel is None or not _can_open(patient, at=at) or not _may_go_out(patient):
        return False
    planned = Treatment.objects.select_for_update(no_key=True).filter(pk=treatment.pk, state=TreatmentState.PLANNED)
    # Read once the visit is held, as whoever takes their yes back holds it.
    if not planned.exists() or said_no_to_app(patient.pk) or not _noted(treatment, due, at=at):
        return False
    ends_at = min(treatment.planned_for, quiet_from(at, zone=ZoneInfo(patient.zone), quiet=_quiet(patient)))
    token = Token.objects.create(
        kind=TokenKind.SET_UP_NOTE,
        hash=hash_secret(secrets.token_urlsafe(16)),
        clinic_id=treatment.clinic_id,
        subject=patient.pk,
        expires_at=ends_at,
    )
    message_wanted.send(Token, patient=patient, token=token, kind="set_up", channel=channel, at=at)
    return True


def _noted(treatment: Treatment, due: Due, *, at: datetime) -> bool:
    """Whether we are the first with this reminder; those that it stands for are over with it."""
    key = {"clinic_id": treatment.clinic_id, "treatment": treatment}
    _, is_first = SetUpNote.objects.get_or_create(**key, hours=due.hours, defaults={"made_at": at, "was_sent": True})
    for hours in due.passed:
        SetUpNote.objects.get_or_create(**key, hours=hours, defaults={"made_at": at, "was_sent": False})
    return is_first


def _channel(patient: Patient) -> Channel | None:
    open_ways = Channel.objects.filter(Channel.OPEN, patient=patient, kind__in=_WAYS).exclude(
        ~Q(kind=ChannelKind.PUSH), address=""
    )
    return min(open_ways, key=lambda channel: _WAYS.index(ChannelKind(channel.kind)), default=None)


def _can_open(patient: Patient, *, at: datetime) -> bool:
    """Whether the message leads anywhere: to the phone's own set-up, or to an invitation that is still open."""
    has_phone = Device.objects.filter(patient=patient, revoked_at=None).exists()
    return has_phone or open_invitation(patient, at=at) is not None


def _may_go_out(patient: Patient) -> bool:
    """Not to who chose the app alone."""
    return all(may for _, may in reminder_wanted.send(Treatment, patient=patient))


def _quiet(patient: Patient) -> QuietHours:
    return QuietHours(patient.quiet_starts_at, patient.quiet_ends_at)
