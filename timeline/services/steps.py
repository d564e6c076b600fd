"""What the patient says to a small step of the plan."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from timeline.models import StepAnswer, Treatment
from timeline.signals import step_done
from timeline.states import Answer


def answer_step(treatment: Treatment, *, step: str, answer: Answer, at: datetime) -> StepAnswer:
    """The patient did a small step, or not now. A double tap changes nothing twice."""
    with transaction.atomic():
        was_done = StepAnswer.objects.filter(treatment=treatment, step=step, answer=Answer.DONE).exists()
        row, _ = StepAnswer.objects.update_or_create(
            clinic_id=treatment.clinic_id,
            treatment=treatment,
            step=step,
            defaults={"answer": answer, "answered_at": at},
        )
        if was_done != (answer == Answer.DONE):
            step_done.send(StepAnswer, treatment=treatment, step=step, is_done=not was_done, at=at)
        return row


def undo_answer(treatment: Treatment, *, step: str, at: datetime) -> None:
    """Takes the answer to a small step back."""
    with transaction.atomic():
        answers = StepAnswer.objects.filter(treatment=treatment, step=step)
        was_done = answers.filter(answer=Answer.DONE).exists()
        answers.delete()
        if was_done:
            step_done.send(StepAnswer, treatment=treatment, step=step, is_done=False, at=at)
