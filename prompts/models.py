"""Messages that leave on time. A row is the queue: it is written with its cause and claimed when it is due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Patient, Token
from accounts.states import ChannelKind
from aftercare.models import TenantForeignKey, TenantModel
from aftercare.state import StateQuerySet
from prompts.states import MOVES, Outcome, PromptState
from timeline.models import Treatment


class Prompt(TenantModel):
    """One message: sent once, inside its window, or not at all.

    It belongs to a treatment's plan; or to a `token`, when somebody asked for a code or an invitation. Its text is made when
    it leaves: no row holds a code. `address` is "" unless it goes where none of the patient's channels goes any more.
    `lease_until`, `begun_at` and `tries` are in no index, so that a claim stays a cheap update in the same page.
    `begun_at` is set before the message leaves: a row with it and without an end is never sent again.
    """

    MOVES: ClassVar[Mapping[PromptState, frozenset[PromptState]]] = MOVES

    id = models.BigAutoField(primary_key=True)
    patient = TenantForeignKey(Patient, models.CASCADE, related_name="prompts")
    treatment = TenantForeignKey(Treatment, models.CASCADE, related_name="prompts", null=True)
    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="+", null=True)
    step = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)
    asks = models.BooleanField()
    channel = models.CharField(max_length=8, choices=ChannelKind)
    address = models.CharField(max_length=254, blank=True, default="", db_default="")
    plan_number = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    window_ends_at = models.DateTimeField()
    state = models.PositiveSmallIntegerField(choices=[(state, state.name) for state in PromptState])
    lease_until = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)

    objects = StateQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "treatment", "step"], name="prompt_step_once"),
            models.UniqueConstraint(fields=["token"], name="prompt_token_once"),
            models.CheckConstraint(condition=Q(treatment=None) ^ Q(token=None), name="prompt_of_one_cause"),
            models.CheckConstraint(condition=Q(due_at__lt=models.F("window_ends_at")), name="prompt_window_is_open"),
            models.CheckConstraint(
                condition=Q(state=PromptState.SENT, sent_at__isnull=False) | ~Q(state=PromptState.SENT),
                name="prompt_sent_when",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state=PromptState.WAITING), name="prompt_due"),
            models.Index(fields=["patient"], name="prompt_by_patient"),
        ]

    def __str__(self) -> str:
        return self.step


class Attempt(TenantModel):
    """One try to send a prompt, and how it ended. An empty outcome after a kill means: nobody knows."""

    id = models.BigAutoField(primary_key=True)
    prompt = TenantForeignKey(Prompt, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=8, choices=ChannelKind)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True, choices=[(outcome, outcome.value) for outcome in Outcome])
    provider_id = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "prompt", "number"], name="attempt_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.number}"
