"""Where a patient is tonight, and whom to ask there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Clinic, Patient
from accounts.phones import show_phone
from accounts.queries import last_change
from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.services import TONIGHT_RECORDED, TONIGHT_WHILE

_ALONE = {True: "Alone tonight", False: "Somebody is there", None: "Not asked who is there"}


@dataclass(frozen=True, slots=True)
class Tonight:
    """What is on record of one visit's night. `is_open`: it can still be changed; `said` and `seen` only for its page."""

    treatment_id: UUID
    patient: Patient
    is_open: bool
    where: str
    contact: str
    phone: str
    phone_to_call: str
    is_alone: bool
    alone: str
    has_cuff: bool
    said: str = ""
    seen: int = 0

    @property
    def is_known(self) -> bool:
        """Whether anything at all is on record."""
        return bool(self.where or self.contact or self.phone or self.has_cuff) or self.alone != _ALONE[None]


def tonight_card(treatment: Treatment) -> Tonight:
    """For a page that only shows it: no query, where the patient is at hand."""
    return Tonight(
        treatment_id=treatment.pk,
        patient=treatment.patient,
        is_open=treatment.state in TONIGHT_WHILE,
        where=treatment.tonight_at,
        contact=treatment.second_contact,
        phone=show_phone(treatment.second_phone) if treatment.second_phone else "",
        phone_to_call=treatment.second_phone,
        is_alone=treatment.is_alone_tonight is True,
        alone=_ALONE[treatment.is_alone_tonight],
        has_cuff=treatment.has_cuff,
    )


def tonight(treatment: Treatment, *, clinic: Clinic, at: datetime) -> Tonight:
    """One query."""
    change, card = last_change(treatment, TONIGHT_RECORDED), tonight_card(treatment)
    if change is None:
        return card
    when = clock_words(change.at, zone=ZoneInfo(clinic.zone), today=at)
    return replace(card, said=f"{change.who}, {when}", seen=change.id)
