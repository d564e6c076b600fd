"""What patients write for themselves. Only the journal's own database role may touch these tables, and no other app reads them.

A patient is not joined by a name here, so that no page comes to an entry by following a patient.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Patient
from aftercare.models import TenantForeignKey, TenantModel
from journal.states import EntryKind, KeyDeed


class JournalKey(TenantModel):
    """A patient's own key, wrapped by a key of the ring (`ring_key` names it). Without this row nothing of theirs opens."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = TenantForeignKey(Patient, models.DO_NOTHING, related_name="+")
    version = models.PositiveSmallIntegerField()
    ring_key = models.CharField(max_length=32)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "patient", "version"], name="journal_key_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="journal_key_version_counts_up"),
        ]

    def __str__(self) -> str:
        return f"Key {self.version}"


class JournalEntry(TenantModel):
    """One sealed text. Its id is made by the page, so that a second try is the same entry."""

    id = models.UUIDField(primary_key=True, editable=False)
    patient = TenantForeignKey(Patient, models.DO_NOTHING, related_name="+")
    kind = models.CharField(max_length=12, choices=[(kind, kind.value) for kind in EntryKind])
    sealed = models.BinaryField()
    written_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["clinic", "patient", "written_at"], name="entry_by_patient")]

    def __str__(self) -> str:
        return str(self.pk)


class KeyEvent(TenantModel):
    """What was done with a patient's key, for the patient to see. Only added to."""

    id = models.BigAutoField(primary_key=True)
    patient = TenantForeignKey(Patient, models.DO_NOTHING, related_name="+")
    deed = models.CharField(max_length=12, choices=[(deed, deed.value) for deed in KeyDeed])
    entry = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["clinic", "patient", "at"], name="key_event_by_patient")]

    def __str__(self) -> str:
        return self.deed


class Canary(models.Model):
    """Something known, sealed under each key of the ring: a ring that can't open it is the wrong one, and writes nothing.

    Outside row-level security: it is about no clinic and holds no secret.
    """

    ring_key = models.CharField(max_length=32, primary_key=True)
    wrapped = models.BinaryField()

    def __str__(self) -> str:
        return self.ring_key
