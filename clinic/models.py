"""What staff tick of a visit, how it was discharged, who called afterwards, and the papers for a day without the app."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import StaffMember
from aftercare.models import TenantForeignKey, TenantModel
from alerts.states import Tried
from timeline.models import Treatment


class DischargeItem(TenantModel):
    """One item of a visit's lists (in treatment, recovering, before leaving) that staff ticked, who and when.

    `key` is the item's in the protocol version. `note` is what was typed beside it, such as who gave a medicine.
    """

    id = models.BigAutoField(primary_key=True)
    treatment = TenantForeignKey(Treatment, models.CASCADE, related_name="discharge_items")
    key = models.CharField(max_length=40)
    note = models.CharField(max_length=200, blank=True)
    done_at = models.DateTimeField()
    done_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "treatment", "key"], name="item_ticked_once")
        ]

    def __str__(self) -> str:
        return self.key


class Discharge(TenantModel):
    """How a visit was discharged: written once, in the transaction that moves the treatment.

    `open_items` are the keys of required items that were not ticked; with any of them, or without the door word, `clinician`
    and `reason` say who decided and why. `called_at` is the call after 24 hours.
    """

    class Door(models.TextChoices):
        WORD = "word", "The door word was right"
        OTHER = "other", "Somebody else, or known another way"
        NOBODY = "nobody", "Nobody came"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    treatment = TenantForeignKey(Treatment, models.CASCADE, related_name="discharges")
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    door = models.CharField(max_length=8, choices=Door)
    with_whom = models.CharField(max_length=80, blank=True)
    open_items = models.JSONField(default=list)
    clinician = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    reason = models.CharField(max_length=300, blank=True)
    medicines = models.CharField(max_length=300, blank=True)
    next_contact_at = models.DateTimeField(null=True)
    called_at = models.DateTimeField(null=True)
    called_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "treatment"], name="discharged_once"),
            models.CheckConstraint(
                condition=Q(open_items=[], door="word") | (Q(clinician__isnull=False) & ~Q(reason="")),
                name="discharge_exception_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(called_at=None, called_by=None) | Q(called_at__isnull=False, called_by__isnull=False),
                name="discharge_called_by_whom_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"Discharge of {self.treatment_id}"


class BadEnd(TenantModel):
    """What was said and done when a visit ended badly: written once, in the transaction that moves the treatment.

    Apart from Discharge, since a visit that was discharged may end badly afterwards. `is_escort_told` is None where
    that was not noted. `went_to` is a hospital, say. `called_at` is the next contact, once made.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    treatment = TenantForeignKey(Treatment, models.CASCADE, related_name="bad_ends")
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    said = models.CharField(max_length=300, blank=True)
    went_to = models.CharField(max_length=80, blank=True)
    is_escort_told = models.BooleanField(null=True)
    next_contact_at = models.DateTimeField(null=True)
    called_at = models.DateTimeField(null=True)
    called_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "treatment"], name="ended_badly_once"),
            models.CheckConstraint(
                condition=Q(called_at=None, called_by=None) | Q(called_at__isnull=False, called_by__isnull=False),
                name="bad_end_called_by_whom_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"Bad end of {self.treatment_id}"


class ContactCall(TenantModel):
    """One try of the call that was promised after a visit. Only added to: once the patient was reached, it is over.

    `key` is of the form, so that a second tap is the same call. `after_bad_end`: of the contact that was set when the visit
    ended badly, a promise of its own; whoever was reached before that is called again.
    """

    id = models.BigAutoField(primary_key=True)
    treatment = TenantForeignKey(Treatment, models.PROTECT, related_name="contact_calls")
    tried = models.CharField(max_length=8, choices=[(tried, tried.value) for tried in Tried])
    said = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField()
    after_bad_end = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "key"], name="contact_call_once_per_key"),
            models.UniqueConstraint(
                fields=["clinic", "treatment", "after_bad_end"],
                condition=Q(tried=Tried.REACHED),
                name="contact_reached_once",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["treatment", "at"], name="contact_call_by_treatment")]

    def __str__(self) -> str:
        return self.tried


class DowntimePack(TenantModel):
    """One PDF of today's patients, for a day without the app. `made_by` is None when it was made at opening time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    pdf = models.BinaryField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["clinic", "made_at"], name="pack_by_time")]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M}"
