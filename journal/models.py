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
from journal.states import EntryKind, KeyActor, KeyDeed, UrgeAnswer


class JournalKey(TenantModel):
    """A patient's own key, wrapped by a key of the ring (`ring_key` names it). Without this row nothing of theirs opens.

    `retired_at`: since when nothing is sealed with it any more. It stays for as long as backups hold what it sealed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = TenantForeignKey(Patient, models.DO_NOTHING, related_name="+")
    version = models.PositiveSmallIntegerField()
    ring_key = models.CharField(max_length=32)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "patient", "version"], name="journal_key_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="journal_key_version_counts_up"),
        ]

    def __str__(self) -> str:
        return f"Key {self.version}"


class JournalEntry(TenantModel):
    """One sealed text, and sealed beside it what else was picked. Its id comes from the page: a second try is the same entry.

    `writer`, `number` and `revision` say which open page wrote it last, with its how manieth saving, and how often it was
    written in all: see journal/revisions.py.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    patient = TenantForeignKey(Patient, models.DO_NOTHING, related_name="+")
    kind = models.CharField(max_length=12, choices=[(kind, kind.value) for kind in EntryKind])
    sealed = models.BinaryField()
    about = models.BinaryField(null=True)
    writer = models.UUIDField(null=True)
    number = models.PositiveIntegerField(default=0, db_default=0)
    revision = models.PositiveIntegerField(default=1, db_default=1)
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
    deed = models.CharField(max_length=16, choices=[(deed, deed.value) for deed in KeyDeed])
    actor = models.CharField(
        max_length=8,
        choices=[(actor, actor.value) for actor in KeyActor],
        default=KeyActor.PATIENT,
        db_default="patient",
    )
    entry = models.UUIDField(null=True)
    share = models.UUIDField(null=True)
    # How many texts were opened at once.
    count = models.PositiveIntegerField(default=1, db_default=1)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["clinic", "patient", "at"], name="key_event_by_patient")]

    def __str__(self) -> str:
        return self.deed


class ParkedUrge(TenantModel):
    """One line of the "Not today" box: sealed until `opens_at`, then handed back once. Its id comes from the page."""

    id = models.UUIDField(primary_key=True, editable=False)
    patient = TenantForeignKey(Patient, models.DO_NOTHING, related_name="+")
    sealed = models.BinaryField()
    parked_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    answer = models.CharField(max_length=8, blank=True, choices=[(each, each.value) for each in UrgeAnswer])
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="urge_answer_has_its_time",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["clinic", "patient", "opens_at"], name="urge_by_patient")]

    def __str__(self) -> str:
        return str(self.pk)


class Share(TenantModel):
    """A copy of one text for somebody else, under a key of its own. Without `wrapped`, once it has ended, it opens nowhere.

    The secret of its link is a token of kind "share". The code is kept as a hash; each try at it counts before it is looked
    at. `about` is sealed under the patient's key: whom it is for.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    patient = TenantForeignKey(Patient, models.DO_NOTHING, related_name="+")
    entry = models.UUIDField()
    about = models.BinaryField()
    ring_key = models.CharField(max_length=32)
    wrapped = models.BinaryField(null=True)
    sealed = models.BinaryField(null=True)
    code_hash = models.CharField(max_length=128)
    misses = models.PositiveSmallIntegerField(default=0)
    rests_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_at=None, wrapped__isnull=False, sealed__isnull=False)
                | Q(ended_at__isnull=False, wrapped=None, sealed=None),
                name="ended_share_holds_nothing",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["clinic", "patient", "made_at"], name="share_by_patient")]

    def __str__(self) -> str:
        return str(self.pk)


class Canary(models.Model):
    """Something known, sealed under each key of the ring: a ring that can't open it is the wrong one, and writes nothing.

    Outside row-level security: it is about no clinic and holds no secret.
    """

    ring_key = models.CharField(max_length=32, primary_key=True)
    wrapped = models.BinaryField()

    def __str__(self) -> str:
        return self.ring_key
