"""What the patient finished of the set-up before a visit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from timeline.models import HomeTick, SetUpStep, Treatment
from timeline.states import TreatmentState


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


def ask_part_anew(key: str) -> int:
    """What this part shows has changed: it is open again for each visit of this clinic that has not begun."""
    steps = SetUpStep.objects.filter(key=key, treatment__state=TreatmentState.PLANNED)
    return steps.delete()[0]


def tick_home(treatment: Treatment, *, added: Collection[str], taken_away: Collection[str], at: datetime) -> None:
    """Things at home that are ready now, or not any more. Ticked twice, the first time stays.

    One after the other, inside the caller's transaction: what is counted after it knows of every tick before it.
    """
    Treatment.objects.select_for_update(no_key=True).get(pk=treatment.pk)
    HomeTick.objects.bulk_create(
        [
            HomeTick(clinic_id=treatment.clinic_id, treatment=treatment, item=item, ticked_at=at)
            for item in sorted(added)
        ],
        ignore_conflicts=True,
    )
    HomeTick.objects.filter(treatment=treatment, item__in=taken_away).delete()
