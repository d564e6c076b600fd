"""Takes a journal away with its patient, inside the transaction that does so."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from journal.services import destroy_journals


def on_patients_forgotten(sender: Any, *, patient_ids: Collection[UUID], **_: Any) -> None:
    destroy_journals(patient_ids)
