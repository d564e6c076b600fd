"""Ending copies: what could open them is deleted, and their links open nothing. What is left says when and for whom."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import Clinic, Patient, Token
from accounts.states import TokenKind
from aftercare.tenancy import as_journal, tenant
from journal.models import KeyEvent, Share
from journal.services.deeds import event
from journal.services.keys import newest_key
from journal.sharing import ENDS_AFTER
from journal.states import KeyActor, KeyDeed


def end_share(patient: Patient, share_id: UUID, *, at: datetime) -> None:
    """The patient's own act, at once. A second tap finds nothing left to end. Raises Share.DoesNotExist, also for others'."""
    with as_journal():
        newest_key(patient.pk)  # before any other row: see there
        Share.objects.only("pk").get(patient=patient, pk=share_id)
    end_shares(at=at, patient=patient, pk=share_id)


def end_shares(*, at: datetime, actor: KeyActor = KeyActor.PATIENT, **which: Any) -> int:
    """Ends the copies that `which` names and that are open still. Inside tenant(). Returns how many."""
    with transaction.atomic():
        with as_journal():
            rows = list(Share.objects.select_for_update().filter(ended_at=None, **which).order_by("pk"))
            Share.objects.filter(pk__in=[row.pk for row in rows]).update(
                ended_at=at, wrapped=None, sealed=None, code_hash=""
            )
            KeyEvent.objects.bulk_create(
                event(row, KeyDeed.SHARE_ENDED, actor=actor, entry=row.entry, share=row.pk, at=at) for row in rows
            )
        revoke_links([row.pk for row in rows])
        return len(rows)


def revoke_links(share_ids: Collection[UUID]) -> None:
    """The links of these copies open nothing from now on. Not as the journal's role: a token is none of its tables."""
    Token.objects.filter(kind=TokenKind.SHARE, subject__in=list(share_ids), revoked_at=None).update(revoked_at=Now())


def end_what_ran_out(*, at: datetime) -> int:
    """Ends the copies of every clinic whose days are over. Returns how many. Clock: the database's.

    Also those that had too many wrong codes, where the process that counted the last one did not come as far as ending it.
    The rest after it is waited for: the last try may have been the code, and is being looked at.
    """
    ended = 0
    for clinic_id in Clinic.objects.values_list("pk", flat=True):
        with tenant(clinic_id):
            ended += end_shares(at=at, actor=KeyActor.SERVICE, ends_at__lte=Now())
            ended += end_shares(at=at, actor=KeyActor.GUEST, misses__gte=ENDS_AFTER, rests_until__lte=Now())
    return ended
