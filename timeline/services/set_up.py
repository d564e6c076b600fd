"""What the patient finished of the set-up before a visit."""

from __future__ import annotations

from datetime import datetime

from timeline.models import SetUpStep, Treatment


def finish_part(treatment: Treatment, key: str, *, at: datetime) -> SetUpStep:
    """A part of PARTS is done; done again, the first time stays. Inside tenant()."""
    step, _ = SetUpStep.objects.get_or_create(
        clinic_id=treatment.clinic_id, treatment=treatment, key=key, defaults={"done_at": at}
    )
    return step


def open_part(treatment: Treatment, key: str) -> bool:
    """A part is to be done again: what the patient said there was taken back. False when it was open already."""
    gone, _ = SetUpStep.objects.filter(treatment=treatment, key=key).delete()
    return bool(gone)
