"""What staff know of a patient's past: the flags that change advice, and the assessment before a first treatment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction

from accounts.models import Patient, StaffMember
from accounts.queries import ASSESSMENT_RECORDED, HISTORY_RECORDED, last_change
from accounts.services.audit import record
from aftercare.state import AlreadyMoved


class NotSure(Exception):
    """The patient was not sure of something that staff were about to confirm."""


def record_history(
    patient: Patient, *, flags: Iterable[str] | None, seen: int, by: StaffMember, at: datetime
) -> Patient:
    """Replaces the flags (see timeline/facts.py): empty for "none of these", None for "not asked yet".

    `seen` is the id of the last change that the person saw, 0 for none: somebody else's since then raises AlreadyMoved.
    """
    with transaction.atomic():
        patient = _lock(patient, HISTORY_RECORDED, seen=seen)
        was, patient.history = patient.history, None if flags is None else sorted(flags)
        patient.save(update_fields=["history"])
        record(HISTORY_RECORDED, on=patient, at=at, by=by, facts={"flags": patient.history, "was": was})
        return patient


def tell_history(patient: Patient, told: Mapping[str, str], *, at: datetime) -> Patient:
    """What the patient says of their past: flag: "yes", "no" or "not_sure". It counts once staff have confirmed it."""
    with transaction.atomic():
        patient = Patient.objects.select_for_update().get(pk=patient.pk)
        patient.history_told, patient.history_told_at = dict(told), at
        patient.save(update_fields=["history_told", "history_told_at"])
        record("history_told", on=patient, at=at, by=patient, facts={"told": patient.history_told})
        return patient


def confirm_history(patient: Patient, *, told_at: datetime, seen: int, by: StaffMember, at: datetime) -> Patient:
    """Puts on record what the patient told at `told_at`, as it is. `seen` is as for record_history.

    Raises AlreadyMoved, also when the patient has said something else since; NotSure when the patient was not sure.
    """
    with transaction.atomic():
        patient = _lock(patient, HISTORY_RECORDED, seen=seen)
        told = patient.history_told or {}
        if patient.history_told_at != told_at:
            words = "The patient changed this meanwhile."
            raise AlreadyMoved(words, happened_at=patient.history_told_at, by=patient.pk)
        if "not_sure" in told.values():
            raise NotSure("The patient was not sure of all of it. Ask, and note it here.")
        was, patient.history = patient.history, sorted(flag for flag, answer in told.items() if answer == "yes")
        patient.save(update_fields=["history"])
        facts = {"flags": patient.history, "was": was, "as_told_at": told_at.isoformat()}
        record(HISTORY_RECORDED, on=patient, at=at, by=by, facts=facts)
        return patient


def record_assessment(
    patient: Patient, *, assessed_on: date, assessed_by: str, seen: int, by: StaffMember, at: datetime
) -> Patient:
    """Keeps on which day, on the clinic's calendar, and by whom the patient was assessed.

    `seen` is as for record_history. Raises AlreadyMoved.
    """
    with transaction.atomic():
        patient = _lock(patient, ASSESSMENT_RECORDED, seen=seen)
        was = patient.assessed_on and patient.assessed_on.isoformat()
        patient.assessed_on, patient.assessed_by = assessed_on, assessed_by
        patient.save(update_fields=["assessed_on", "assessed_by"])
        facts = {"assessed_on": assessed_on.isoformat(), "was": was}
        record(ASSESSMENT_RECORDED, on=patient, at=at, by=by, facts=facts)
        return patient


def _lock(patient: Patient, action: str, *, seen: int) -> Patient:
    """The row as it is now, which nobody else changes before this transaction ends."""
    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    change = last_change(locked, action)
    if change and change.id != seen:
        raise AlreadyMoved(f"{change.they} changed this meanwhile.", happened_at=change.at, by=change.by)
    return locked
