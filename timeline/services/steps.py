"""What the patient says to a small step of the plan."""

from __future__ import annotations

from datetime import datetime

from timeline.models import StepAnswer, Treatment
from timeline.states import Answer


def answer_step(treatment: Treatment, *, step: str, answer: Answer, at: datetime) -> StepAnswer:
    """The patient did a small step, or not now. A double tap changes nothing twice."""
    row, _ = StepAnswer.objects.update_or_create(
        clinic_id=treatment.clinic_id,
        treatment=treatment,
        step=step,
        defaults={"answer": answer, "answered_at": at},
    )
    return row


def undo_answer(treatment: Treatment, *, step: str) -> None:
    """Takes the answer to a small step back."""
    StepAnswer.objects.filter(treatment=treatment, step=step).delete()
