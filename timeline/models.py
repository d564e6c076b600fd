"""What happens hour by hour: protocols and their versions, treatments, and what the patient did of the small steps."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Patient, StaffMember
from accounts.phones import validate_stored_phone
from aftercare.models import TenantForeignKey, TenantModel
from aftercare.state import StateQuerySet
from timeline.document import ProtocolDocument
from timeline.packs import read_visit_lists_for
from timeline.protocol import parse
from timeline.states import (
    TREATMENT_MOVES,
    UNDER_WAY,
    VERSION_MOVES,
    Answer,
    BadEnding,
    TreatmentState,
    VersionState,
    VitalMoment,
)
from timeline.visit_lists import VisitLists

_parsed: dict[str, ProtocolDocument] = {}


class Protocol(TenantModel):
    """A clinic's way of giving aftercare for one route. What it says is in its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["clinic", "key"], name="protocol_key_once")]

    def __str__(self) -> str:
        return self.name


class ProtocolVersion(TenantModel):
    """One document of a protocol. Once published it never changes: a database trigger sees to it."""

    MOVES: ClassVar[Mapping[VersionState, frozenset[VersionState]]] = VERSION_MOVES

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    protocol = TenantForeignKey(Protocol, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=[(state, state.value) for state in VersionState])
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    signed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    signed_name = models.CharField(max_length=120, blank=True)
    signed_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)

    objects = StateQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "protocol", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["clinic", "protocol"], condition=Q(state=VersionState.PUBLISHED), name="version_one_published"
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None, signed_name="")
                | Q(signed_at__isnull=False, signed_by__isnull=False) & ~Q(signed_name=""),
                name="version_signed_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=Q(state=VersionState.DRAFT, published_at=None)
                | Q(published_at__isnull=False) & ~Q(state=VersionState.DRAFT),
                name="version_published_when",
            ),
        ]

    def __str__(self) -> str:
        return f"Version {self.number}"

    @property
    def is_signed(self) -> bool:
        return self.signed_at is not None

    @property
    def document(self) -> ProtocolDocument:
        """The parsed document; parsed once per content, however many rows hold it."""
        if self.digest not in _parsed:
            _parsed[self.digest] = parse(self.content)
        return _parsed[self.digest]


class Treatment(TenantModel):
    """One dosing visit. It keeps the protocol version it began with; zone and quiet hours too, unless the patient travels."""

    MOVES: ClassVar[Mapping[TreatmentState, frozenset[TreatmentState]]] = TREATMENT_MOVES

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = TenantForeignKey(Patient, models.PROTECT, related_name="treatments")
    protocol_version = TenantForeignKey(ProtocolVersion, models.PROTECT, related_name="treatments")
    state = models.CharField(max_length=12, choices=[(state, state.value) for state in TreatmentState])
    planned_for = models.DateTimeField()
    zone = models.CharField(max_length=64)
    quiet_starts_at = models.TimeField()
    quiet_ends_at = models.TimeField()
    planned_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    # What was given besides, as far as it changes advice; None until somebody said (see timeline/facts.py).
    given = models.JSONField(null=True)
    # Where the patient is tonight and whom to ask there, as they told it: for whoever answers an alert.
    tonight_at = models.CharField(max_length=200, blank=True, default="", db_default="")
    second_contact = models.CharField(max_length=80, blank=True, default="", db_default="")
    second_phone = models.CharField(
        max_length=16, blank=True, default="", db_default="", validators=[validate_stored_phone]
    )
    is_alone_tonight = models.BooleanField(null=True)
    # An upper-arm cuff at home. Nobody is asked to buy or find one.
    has_cuff = models.BooleanField(default=False, db_default=False)
    hour_zero = models.DateTimeField(null=True)
    # When staff expect the patient to be ready to leave, as they last said it: the escort's page shows it.
    ready_at = models.DateTimeField(null=True)
    # A fact beside the state: the patient is home, and who said so ("escort", "patient" or "staff").
    home_safe_at = models.DateTimeField(null=True)
    home_safe_by = models.CharField(max_length=8, blank=True, default="", db_default="")
    plan_number = models.PositiveIntegerField(default=0)
    discharged_at = models.DateTimeField(null=True)
    discharged_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    ended_badly_at = models.DateTimeField(null=True)
    ended_badly_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    ended_badly_reason = models.CharField(
        max_length=16, blank=True, choices=[(reason, reason.value) for reason in BadEnding]
    )
    closed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    objects = StateQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["clinic", "patient"], condition=Q(state__in=UNDER_WAY), name="treatment_one_under_way"
            ),
            models.UniqueConstraint(
                fields=["clinic", "patient"], condition=Q(state=TreatmentState.PLANNED), name="treatment_one_planned"
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{verb}_at": None, f"{verb}_by": None})
                    | Q(**{f"{verb}_at__isnull": False, f"{verb}_by__isnull": False}),
                    name=f"treatment_{verb}_by_whom_and_when",
                )
                for verb in ("started", "ended", "discharged", "cancelled", "ended_badly")
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("started_at")), name="treatment_ends_after_start"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["clinic", "patient", "planned_for"], name="treatment_by_patient")]

    def __str__(self) -> str:
        return f"Treatment {self.pk}"

    @property
    def document(self) -> ProtocolDocument:
        version: ProtocolVersion = self.protocol_version
        return version.document

    @property
    def lists(self) -> VisitLists:
        """The version's own; the shipped ones of its route for a version from before there were any."""
        return self.document.lists or read_visit_lists_for(self.document.route)

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY


class StepAnswer(TenantModel):
    """What the patient said to one small step: did it, or not now."""

    id = models.BigAutoField(primary_key=True)
    treatment = TenantForeignKey(Treatment, models.CASCADE, related_name="answers")
    step = models.CharField(max_length=40)
    answer = models.CharField(max_length=8, choices=[(answer, answer.value) for answer in Answer])
    answered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "treatment", "step"], name="step_answered_once")
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.answer}"


class SetUpStep(TenantModel):
    """One part of the set-up before a visit that the patient finished (timeline/set_up.py names them)."""

    id = models.BigAutoField(primary_key=True)
    treatment = TenantForeignKey(Treatment, models.CASCADE, related_name="set_up_steps")
    key = models.CharField(max_length=24)
    done_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "treatment", "key"], name="set_up_step_once")
        ]

    def __str__(self) -> str:
        return self.key


class HomeTick(TenantModel):
    """One thing at home that is ready, as the patient ticked it."""

    id = models.BigAutoField(primary_key=True)
    treatment = TenantForeignKey(Treatment, models.CASCADE, related_name="home_ticks")
    item = models.CharField(max_length=40)
    ticked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["clinic", "treatment", "item"], name="home_tick_once")]

    def __str__(self) -> str:
        return self.item


class SetUpNote(TenantModel):
    """One reminder before a visit, that of `hours` before it: at most once. Not sent where a nearer one stands for it."""

    id = models.BigAutoField(primary_key=True)
    treatment = TenantForeignKey(Treatment, models.CASCADE, related_name="set_up_notes")
    hours = models.PositiveSmallIntegerField()
    was_sent = models.BooleanField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "treatment", "hours"], name="set_up_note_once")
        ]

    def __str__(self) -> str:
        return f"{self.hours} hours before"


class VitalSigns(TenantModel):
    """One reading at the clinic: blood pressure in mmHg, pulse in beats a minute, oxygen in percent. Only added to.

    A later reading of the same moment stands in the place of an earlier one.
    """

    id = models.BigAutoField(primary_key=True)
    treatment = TenantForeignKey(Treatment, models.PROTECT, related_name="vital_signs")
    moment = models.CharField(max_length=12, choices=[(moment, moment.value) for moment in VitalMoment])
    systolic = models.PositiveSmallIntegerField()
    diastolic = models.PositiveSmallIntegerField()
    pulse = models.PositiveSmallIntegerField(null=True)
    oxygen = models.PositiveSmallIntegerField(null=True)
    taken_at = models.DateTimeField()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(systolic__gt=models.F("diastolic"), systolic__lte=300, diastolic__gte=20),
                name="vital_signs_can_be",
            )
        ]

    def __str__(self) -> str:
        return f"{self.systolic}/{self.diastolic}"
