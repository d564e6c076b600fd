"""Who picks a patient up: the link of each, how far they are, and what they ticked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.db import models

from accounts.models import Escort, Patient, StaffMember, Token
from aftercare.models import TenantForeignKey, TenantModel
from aftercare.state import StateQuerySet
from pickup.states import PICKUP_MOVES, PickupState
from timeline.models import Treatment
from timeline.queries.home_card import neutral_name


class PickupLink(TenantModel):
    """One escort's list for one visit. Its `token` is the link: when that is over or revoked, this opens nothing.

    `name` is what the patient calls the escort, `said_name` what the escort typed. `made_by` is None when the patient made it.
    A link made anew is a new row; the earlier one's token is revoked.
    """

    MOVES: ClassVar[Mapping[PickupState, frozenset[PickupState]]] = PICKUP_MOVES

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    treatment = TenantForeignKey(Treatment, models.CASCADE, related_name="pickups")
    escort = TenantForeignKey(Escort, models.PROTECT, related_name="pickups")
    token = models.OneToOneField(Token, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    drives = models.BooleanField()
    stays = models.BooleanField()
    state = models.CharField(max_length=12, choices=[(state, state.value) for state in PickupState])
    said_name = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    confirmed_at = models.DateTimeField(null=True)
    on_the_way_at = models.DateTimeField(null=True)
    outside_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    home_safe_at = models.DateTimeField(null=True)
    cant_come_at = models.DateTimeField(null=True)
    # Asked by text whether they are home: once.
    nudged_at = models.DateTimeField(null=True)

    objects = StateQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["clinic", "treatment"], name="pickup_by_treatment")]

    def __str__(self) -> str:
        return self.name

    @property
    def spoken_name(self) -> str:
        """What the escort calls themselves; before they said it, what the patient calls them."""
        return self.said_name or self.name

    @property
    def patient_name(self) -> str:
        """What this escort's pages call the patient."""
        patient: Patient = self.treatment.patient
        return patient.name_for_escorts

    @property
    def sender(self) -> str:
        """What this escort's pages call the clinic: nothing of what it treats."""
        return neutral_name(self.treatment.patient)


class PickupTick(TenantModel):
    """One duty that an escort has ticked. Two who tick the same at once are one row: the first."""

    id = models.BigAutoField(primary_key=True)
    treatment = TenantForeignKey(Treatment, models.CASCADE, related_name="pickup_ticks")
    link = TenantForeignKey(PickupLink, models.CASCADE, related_name="ticks")
    duty = models.CharField(max_length=40)
    ticked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "treatment", "duty"], name="duty_ticked_once")
        ]

    def __str__(self) -> str:
        return self.duty
