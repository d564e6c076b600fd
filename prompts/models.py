"""Messages that leave on time. A row is the queue: it is written with its cause and claimed when it is due."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Clinic, Device, Escort, Patient, Token
from accounts.states import ChannelKind
from aftercare.models import TenantForeignKey, TenantModel
from aftercare.state import StateQuerySet
from prompts.states import MOVES, Outcome, PromptState, ReplyKind, Report
from timeline.models import Treatment


class Prompt(TenantModel):
    """One message: sent once, inside its window, or not at all.

    It belongs to a treatment's plan; or to a `token`, when somebody asked for a code or an invitation; or to the day of the
    patient's that it is about, `asked_on`, of which each has one at most. Its text is made when it leaves: no row holds a
    code. `address` is "" unless it goes where none of the patient's channels goes any more.
    `lease_until`, `begun_at` and `tries` are in no index, so that a claim stays a cheap update in the same page. A visit's
    and a clinic's rows are found by the beginning of the rule that a step is there once: each index costs at each write.
    `begun_at` is set before the message leaves: a row with it and without an end is never sent again.
    Of a row that is unknown `lease_until` says when a look-up had its last turn with it.
    """

    MOVES: ClassVar[Mapping[PromptState, frozenset[PromptState]]] = MOVES

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", editable=False, db_index=False)
    patient = TenantForeignKey(Patient, models.CASCADE, related_name="prompts", db_index=False)
    treatment = TenantForeignKey(Treatment, models.CASCADE, related_name="prompts", null=True, db_index=False)
    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="+", null=True, db_index=False)
    asked_on = models.DateField(null=True)
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
            models.UniqueConstraint(fields=["token"], condition=Q(token__isnull=False), name="prompt_token_once"),
            models.UniqueConstraint(
                fields=["clinic", "patient", "asked_on"], condition=Q(asked_on__isnull=False), name="prompt_day_once"
            ),
            models.CheckConstraint(
                condition=Q(treatment__isnull=False, token=None, asked_on=None)
                | Q(treatment=None, token__isnull=False, asked_on=None)
                | Q(treatment=None, token=None, asked_on__isnull=False),
                name="prompt_of_one_cause",
            ),
            models.CheckConstraint(condition=Q(due_at__lt=models.F("window_ends_at")), name="prompt_window_is_open"),
            models.CheckConstraint(
                condition=Q(state=PromptState.SENT, sent_at__isnull=False) | ~Q(state=PromptState.SENT),
                name="prompt_sent_when",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state=PromptState.WAITING), name="prompt_due"),
            models.Index(fields=["patient"], name="prompt_by_patient"),
            models.Index(fields=["ended_at"], condition=Q(state=PromptState.UNKNOWN), name="prompt_unknown"),
        ]

    def __str__(self) -> str:
        return self.step


class Attempt(TenantModel):
    """One try to send a prompt, and how it ended. An empty outcome after a kill means: nobody knows.

    `report` is what the provider said later; it never goes back to one that says less (prompts/receipts.py).
    """

    id = models.BigAutoField(primary_key=True)
    prompt = TenantForeignKey(Prompt, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=8, choices=ChannelKind)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True, choices=[(outcome, outcome.value) for outcome in Outcome])
    provider_id = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=32, blank=True)
    report = models.CharField(
        max_length=12, blank=True, default="", db_default="", choices=[(report, report.value) for report in Report]
    )
    report_code = models.CharField(max_length=32, blank=True, default="", db_default="")
    reported_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "prompt", "number"], name="attempt_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.number}"


class MessageChoice(TenantModel):
    """What a patient chose about messages. Without a row everything is as the clinic's plan has it.

    `first_way` comes before the others, "" for the usual order (prompts/routes.py). `alias` stands in a message in place of
    the clinic's sender name. `is_fewer` leaves tips out. Until `paused_until` nothing leaves and nothing shows; `paused_from`
    is when that began, or the pause that it follows on. `stopped_at` is when every way out was ended at one tap, which can
    be undone for a while.
    """

    id = models.BigAutoField(primary_key=True)
    patient = TenantForeignKey(Patient, models.CASCADE, related_name="+")
    first_way = models.CharField(max_length=8, choices=ChannelKind, blank=True, default="")
    alias = models.CharField(max_length=24, blank=True, default="")
    is_fewer = models.BooleanField(default=False)
    paused_from = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["clinic", "patient"], name="message_choice_once")]

    def __str__(self) -> str:
        return self.first_way or "as planned"


class PushSubscription(TenantModel):
    """One browser that takes notices, at an address of its push service, sealed for its keys. `gone_at`: the service knows
    it no more, or the phone was ended; it is never asked again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = TenantForeignKey(Patient, models.CASCADE, related_name="+")
    device = TenantForeignKey(Device, models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=1000)
    public_key = models.CharField(max_length=120)
    auth_secret = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    # A phone that is signed out takes nothing any more.
    ALIVE: ClassVar = Q(gone_at=None, device__revoked_at=None)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "endpoint"], name="push_endpoint_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["clinic", "patient"], condition=Q(gone_at=None), name="push_by_patient")
        ]

    def __str__(self) -> str:
        return f"Notices since {self.made_at:%Y-%m-%d}"


class Reply(TenantModel):
    """A text that somebody sent us: a patient, or an escort of theirs. `words` are kept only where a person has to read them."""

    id = models.BigAutoField(primary_key=True)
    patient = TenantForeignKey(Patient, models.CASCADE, related_name="+")
    escort = TenantForeignKey(Escort, models.CASCADE, related_name="+", null=True)
    kind = models.CharField(max_length=8, choices=[(kind, kind.value) for kind in ReplyKind])
    words = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["clinic", "patient", "at"], name="reply_by_patient")]

    def __str__(self) -> str:
        return self.kind


class HeardText(models.Model):
    """A text that came in, by the provider's id. Of all clinics, outside their walls."""

    provider_id = models.CharField(primary_key=True, max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="heard_text_at")]

    def __str__(self) -> str:
        return self.provider_id


class WayHold(models.Model):
    """A provider that asked for quiet: nothing of its kind is claimed before `until`. Of all clinics, outside their walls."""

    kind = models.CharField(primary_key=True, max_length=8, choices=ChannelKind)
    until = models.DateTimeField()
    code = models.CharField(max_length=32, blank=True)

    def __str__(self) -> str:
        return self.kind


class HookCount(models.Model):
    """Whether what the text provider brings fits our signature: one row, of all clinics, outside their walls.

    `refused` is how many did not since one did, counted no further than to the few that are no slip any more;
    `refused_from` and `refused_at` are the first and the last of them.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    refused = models.PositiveSmallIntegerField(default=0)
    refused_from = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="hook_count_is_one")]

    def __str__(self) -> str:
        return f"{self.refused} refused"
