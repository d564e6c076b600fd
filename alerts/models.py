"""What staff must act on. An alert, all its notices and the answer it came from are written in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import Patient, StaffMember
from aftercare.models import TenantForeignKey, TenantModel
from aftercare.state import StateQuerySet
from alerts.states import (
    ALERT_MOVES,
    NOTICE_MOVES,
    AlertState,
    Cause,
    Closing,
    NoticeChannel,
    NoticeState,
    Tried,
)
from timeline.levels import Level
from timeline.models import Treatment


class Alert(TenantModel):
    """Somebody of the staff has to act. Open until a person takes it, and never closed by itself.

    `source` names what it came from, so that the same cause makes one alert however often it is told. `lift` counts how
    often a worse answer raised it; each lift has notices of its own. `code` is what a person on duty texts back to take it.
    `due_at` is when somebody must have acted at call today; red levels are due at once.
    """

    MOVES: ClassVar[Mapping[AlertState, frozenset[AlertState]]] = ALERT_MOVES

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = TenantForeignKey(Patient, models.PROTECT, related_name="alerts")
    treatment = TenantForeignKey(Treatment, models.PROTECT, related_name="alerts", null=True)
    cause = models.CharField(max_length=12, choices=[(cause, cause.value) for cause in Cause])
    source = models.CharField(max_length=64)
    code = models.CharField(max_length=4)
    level = models.CharField(max_length=12, choices=[(level, level.value) for level in Level])
    lift = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=[(state, state.value) for state in AlertState])
    reasons = models.JSONField(default=list)
    rules = models.JSONField(default=list)
    opened_at = models.DateTimeField()
    lifted_at = models.DateTimeField()
    due_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    promised_for = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    closing = models.CharField(max_length=16, blank=True, choices=[(each, each.value) for each in Closing])
    done = models.CharField(max_length=1000, blank=True)
    is_reported = models.BooleanField(null=True)

    objects = StateQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "source"], name="alert_once_per_source"),
            models.UniqueConstraint(
                fields=["clinic", "code"], condition=~Q(state=AlertState.CLOSED), name="alert_code_once_while_open"
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{verb}_at": None, f"{verb}_by": None})
                    | Q(**{f"{verb}_at__isnull": False, f"{verb}_by__isnull": False}),
                    name=f"alert_{verb}_by_whom_and_when",
                )
                for verb in ("taken", "closed")
            ),
            models.CheckConstraint(
                condition=Q(state=AlertState.OPEN, taken_at=None, closed_at=None)
                | Q(state=AlertState.TAKEN, taken_at__isnull=False, closed_at=None)
                | Q(state=AlertState.CLOSED, closed_at__isnull=False),
                name="alert_state_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=AlertState.CLOSED) | ~Q(closing="") & ~Q(done=""), name="alert_closed_with_why"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["clinic", "opened_at"], condition=~Q(state=AlertState.CLOSED), name="alert_open"),
            models.Index(fields=["clinic", "patient", "opened_at"], name="alert_by_patient"),
        ]

    def __str__(self) -> str:
        return self.code


class AlertNotice(TenantModel):
    """One message to somebody on duty: due at its step's minute, sent at least once, with the alert's code.

    Who gets it is read when it leaves: `seat` 0 is the first on duty, 1 the second. `key` is the provider's idempotency key.
    `begun_at` stays None: a notice whose sending was cut short goes again when its lease is over.
    """

    MOVES: ClassVar[Mapping[NoticeState, frozenset[NoticeState]]] = NOTICE_MOVES

    id = models.BigAutoField(primary_key=True)
    alert = TenantForeignKey(Alert, models.CASCADE, related_name="notices")
    lift = models.PositiveSmallIntegerField()
    step = models.PositiveSmallIntegerField()
    seat = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=8, choices=[(channel, channel.value) for channel in NoticeChannel])
    key = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    need = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    state = models.PositiveSmallIntegerField(choices=[(state, state.name) for state in NoticeState])
    lease_until = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    to_staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    to_number = models.CharField(max_length=16, blank=True)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    provider_id = models.CharField(max_length=64, blank=True)
    report = models.CharField(max_length=16, blank=True)
    reported_at = models.DateTimeField(null=True)

    objects = StateQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["clinic", "alert", "lift", "step", "seat", "channel"], name="notice_step_once"
            ),
            models.CheckConstraint(
                condition=Q(state=NoticeState.SENT, sent_at__isnull=False) | ~Q(state=NoticeState.SENT),
                name="notice_sent_when",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state=NoticeState.WAITING), name="notice_due"),
            models.Index(fields=["alert"], name="notice_by_alert"),
            models.Index(fields=["ended_at"], condition=Q(state=NoticeState.FAILED), name="notice_failed"),
        ]

    def __str__(self) -> str:
        return f"Step {self.step}"


class CallLog(TenantModel):
    """One call about an alert: tried, reached, and what was said. Append-only."""

    id = models.BigAutoField(primary_key=True)
    alert = TenantForeignKey(Alert, models.CASCADE, related_name="calls")
    tried = models.CharField(max_length=8, choices=[(tried, tried.value) for tried in Tried])
    said = models.CharField(max_length=1000, blank=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.UUIDField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["clinic", "key"], name="call_once_per_key")]
        indexes: ClassVar = [models.Index(fields=["alert", "at"], name="call_by_alert")]

    def __str__(self) -> str:
        return self.tried


class OnCallShift(TenantModel):
    """Who answers alerts from when until when. `seat` 0 is paged first, 1 beside or after."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    seat = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="shift_ends_after_start"),
            models.CheckConstraint(condition=Q(seat__in=(0, 1)), name="shift_has_a_seat"),
        ]
        indexes: ClassVar = [models.Index(fields=["clinic", "ends_at"], name="shift_by_end")]

    def __str__(self) -> str:
        return f"{self.staff_id} from {self.starts_at:%Y-%m-%d %H:%M}"


class Heartbeat(models.Model):
    """When a part that must not stop was last alive. Outside row-level security: it belongs to no clinic."""

    name = models.CharField(max_length=32, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
