"""What patients chose about messages."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from accounts.models import Patient
from prompts.models import MessageChoice


def choices_of(patient_ids: Collection[UUID]) -> dict[UUID, MessageChoice]:
    """By patient, for those who chose something. One query; none for nobody."""
    if not patient_ids:
        return {}
    return {choice.patient_id: choice for choice in MessageChoice.objects.filter(patient_id__in=patient_ids)}


def choice_of(patient_id: UUID, *, clinic_id: UUID) -> MessageChoice:
    """This patient's choices; unsaved, and all as planned, where they never chose."""
    return choices_of({patient_id}).get(patient_id) or MessageChoice(clinic_id=clinic_id, patient_id=patient_id)


def is_paused(patient_id: UUID, at: datetime) -> bool:
    """Whether nothing may come to this patient just now, as they asked. One query."""
    return MessageChoice.objects.filter(patient_id=patient_id, paused_until__gt=at).exists()


def held_choice(patient: Patient) -> MessageChoice:
    """This patient's choices, made where there are none, and held until the transaction ends: two taps come one by one."""
    MessageChoice.objects.get_or_create(clinic_id=patient.clinic_id, patient=patient)
    held: MessageChoice = MessageChoice.objects.select_for_update().get(patient=patient)
    return held
