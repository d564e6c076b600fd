"""The copy of all that is kept of a patient, gathered from every app; and the wish that the clinic deletes the rest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.copies import Copy, put_together
from accounts.models import Patient, StaffMember
from accounts.queries import DELETION_ASKED, DELETION_SEEN, deletion_wish
from accounts.services.audit import record
from accounts.signals import copy_wanted, deletion_wanted


def make_copy(patient: Patient, *, kind: str, at: datetime) -> Copy:
    """Everything, in words that the patient can read. Whoever asks has checked the PIN. `kind` is "page" or "data"."""
    with transaction.atomic():
        answers: list[Any] = [answer for _, answer in copy_wanted.send(Patient, patient=patient, at=at)]
        record("copy_made", on=patient, at=at, by=patient, facts={"kind": kind})
        return put_together(answers, made_at=at, zone=patient.zone)


def ask_deletion(patient: Patient, *, at: datetime) -> datetime:
    """Since when the patient asks the clinic to delete what it keeps.

    Asked again, nothing new comes of it until the clinic is done with the first: then it is a wish of its own.
    """
    with transaction.atomic():
        # Of two taps at once the second waits here, and finds the first.
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        last = deletion_wish(patient)
        if last and last.seen_at is None:
            return last.asked_at
        record(DELETION_ASKED, on=patient, at=at, by=patient)
        deletion_wanted.send(Patient, patient=patient, at=at, number=last.number + 1 if last else 1)
        return at


def note_deletion_seen(patient: Patient, *, by: StaffMember, at: datetime) -> None:
    """Somebody at the clinic is done with the wish, whatever came of it: the patient reads when, and may ask again."""
    record(DELETION_SEEN, on=patient, at=at, by=by)
