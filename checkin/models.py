"""What the patient reported, as they said it. Answers and readings are only ever added."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.db import models

from accounts.models import Patient, StaffMember
from aftercare.models import TenantForeignKey, TenantModel
from aftercare.state import StateQuerySet
from checkin.states import CHECK_IN_MOVES, AnsweredBy, CheckInState, LogPace, Moment, QuestionnaireKind, SilentStage
from timeline.levels import Level
from timeline.models import Treatment


class CheckIn(TenantModel):
    """One check-in: for a time of the plan, or because somebody wanted to say how they feel.

    `key` comes from the page or the phone, so that a second tap and a second try are the same check-in. `step` is the
    prompt's in the plan, "" where there is none.
    """

    MOVES: ClassVar[Mapping[CheckInState, frozenset[CheckInState]]] = CHECK_IN_MOVES

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.UUIDField()
    patient = TenantForeignKey(Patient, models.PROTECT, related_name="check_ins")
    treatment = TenantForeignKey(Treatment, models.PROTECT, related_name="check_ins", null=True)
    moment = models.CharField(max_length=12, choices=[(moment, moment.value) for moment in Moment])
    step = models.CharField(max_length=40, blank=True)
    answered_by = models.CharField(max_length=8, choices=[(each, each.value) for each in AnsweredBy])
    entered_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    asks_directly = models.BooleanField()
    state = models.CharField(max_length=8, choices=[(state, state.value) for state in CheckInState])
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = StateQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["clinic", "key"], name="check_in_key_once")]
        indexes: ClassVar = [
            models.Index(fields=["clinic", "patient", "began_at"], name="check_in_by_patient"),
            models.Index(fields=["clinic", "treatment", "moment"], name="check_in_by_moment"),
        ]

    def __str__(self) -> str:
        return f"Check-in {self.pk}"


class Answer(TenantModel):
    """One answer. A correction is a row of its own with a higher number; nothing is overwritten.

    `answered_at` is when the person tapped, by their phone; `arrived_at` when we had it. Append-only.
    """

    id = models.BigAutoField(primary_key=True)
    check_in = TenantForeignKey(CheckIn, models.CASCADE, related_name="answers")
    number = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=40)
    answer = models.CharField(max_length=40)
    answered_at = models.DateTimeField()
    arrived_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "check_in", "number"], name="answer_number_once")
        ]

    def __str__(self) -> str:
        return self.question


class Reading(TenantModel):
    """What the rules made of a check-in after one answer: the level, which rules, of which version. Append-only."""

    id = models.BigAutoField(primary_key=True)
    check_in = TenantForeignKey(CheckIn, models.CASCADE, related_name="readings")
    number = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=12, choices=[(level, level.value) for level in Level])
    has_crisis = models.BooleanField()
    rules = models.JSONField()
    reasons = models.JSONField()
    version = models.CharField(max_length=64)
    read_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "check_in", "number"], name="reading_number_once")
        ]

    def __str__(self) -> str:
        return self.level


class SilentStep(TenantModel):
    """One step of the silence ladder that was taken: at most once a treatment, moment and stage."""

    id = models.BigAutoField(primary_key=True)
    treatment = TenantForeignKey(Treatment, models.CASCADE, related_name="silent_steps")
    moment = models.CharField(max_length=12, choices=[(moment, moment.value) for moment in Moment])
    stage = models.CharField(max_length=8, choices=[(stage, stage.value) for stage in SilentStage])
    taken_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "treatment", "moment", "stage"], name="silent_step_once")
        ]

    def __str__(self) -> str:
        return f"{self.moment} {self.stage}"


class Questionnaire(TenantModel):
    """One PHQ or GAD, as it was answered: `answers` are 0 to 3 in the order of its questions. Only added to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # From the page, so that a second tap is the same one.
    key = models.UUIDField()
    patient = TenantForeignKey(Patient, models.PROTECT, related_name="questionnaires")
    treatment = TenantForeignKey(Treatment, models.PROTECT, related_name="questionnaires", null=True)
    kind = models.CharField(max_length=8, choices=[(kind, kind.value) for kind in QuestionnaireKind])
    answers = models.JSONField()
    total = models.PositiveSmallIntegerField()
    answered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "patient", "key"], name="questionnaire_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.total}"


class DailyLog(TenantModel):
    """How one day was, 0 to 10 each, in the patient's own words "log": no instrument, and no score. Only added to.

    A correction is a row of its own for the same day: the last one counts. `mood` and `sleep` go from worst to best, `worry`
    from none to worst. `for_clinic` is what the patient wants the clinic to read; a private note is the journal's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # From the page, so that a second tap is the same one.
    key = models.UUIDField()
    patient = TenantForeignKey(Patient, models.PROTECT, related_name="logs")
    # The day by the patient's clock.
    day = models.DateField()
    mood = models.PositiveSmallIntegerField()
    sleep = models.PositiveSmallIntegerField()
    worry = models.PositiveSmallIntegerField()
    slept_minutes = models.PositiveSmallIntegerField(null=True)
    for_clinic = models.CharField(max_length=500, blank=True)
    logged_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "patient", "key"], name="daily_log_once"),
            models.CheckConstraint(
                condition=models.Q(mood__lte=10, sleep__lte=10, worry__lte=10), name="daily_log_is_of_ten"
            ),
            models.CheckConstraint(
                condition=models.Q(slept_minutes=None) | models.Q(slept_minutes__lte=24 * 60),
                name="daily_log_fits_a_day",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["clinic", "patient", "day"], name="daily_log_by_day")]

    def __str__(self) -> str:
        return str(self.day)


class LogChoice(TenantModel):
    """How often a patient wants to be asked for the log. Without a row it goes by the plan: daily, later weekly.

    `reminds_at` is when a message may say so, by the patient's clock; None, as it is without their yes, when none may.
    """

    id = models.BigAutoField(primary_key=True)
    patient = TenantForeignKey(Patient, models.CASCADE, related_name="+")
    pace = models.CharField(max_length=8, choices=[(pace, pace.value) for pace in LogPace])
    reminds_at = models.TimeField(null=True)
    chosen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["clinic", "patient"], name="log_choice_once")]
        indexes: ClassVar = [
            models.Index(fields=["clinic"], condition=models.Q(reminds_at__isnull=False), name="log_choice_reminds")
        ]

    def __str__(self) -> str:
        return self.pace
