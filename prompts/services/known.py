"""What nearly every prompt hangs on, read for all the clinics of a batch at once, each inside its own walls."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from accounts.states import ChannelKind
from aftercare.prepared import array, prepared
from prompts.services.rows import Claimed

_READ = "SELECT * FROM prompts_read_by_clinic(%s::uuid[], %s::uuid[], %s::uuid[], %s::boolean[])"


class Sender(NamedTuple):
    """A clinic, as its messages name it. `phone` as stored, "" for none."""

    name: str
    phone: str


class Choice(NamedTuple):
    """What a patient chose, as far as a message hangs on it."""

    first_way: str
    alias: str
    paused_until: datetime | None


class OpenWay(NamedTuple):
    """A way to a patient that they agreed to, did not stop, and that has not failed."""

    clinic_id: UUID
    kind: str
    address: str
    id: str

    @property
    def pk(self) -> UUID:
        return UUID(self.id)


class Known(NamedTuple):
    """Clinics by id, the states of visits by treatment, choices by patient, and open ways by patient, each by its kind:
    those of patients to whom something may leave the app."""

    senders: Mapping[UUID, Sender]
    states: Mapping[UUID, str]
    choices: Mapping[UUID, Choice]
    ways: Mapping[UUID, Mapping[str, OpenWay]]


def read_known(prompts: Collection[Claimed]) -> Known:
    """In one statement, and past the ORM: of many clinics, this is most of what a message costs.

    In an open transaction its clinic is the same afterwards.
    """
    senders: dict[UUID, Sender] = {}
    states: dict[UUID, str] = {}
    choices: dict[UUID, Choice] = {}
    ways: dict[UUID, dict[str, OpenWay]] = {}
    clinics = {prompt.patient_id: prompt.clinic_id for prompt in prompts if prompt.channel != ChannelKind.IN_APP}
    for what, about, words, more, until in _rows(list(prompts)):
        if what == "clinic":
            senders[about] = Sender(words, more)
        elif what == "visit":
            states[about] = words
        elif what == "choice":
            choices[about] = Choice(words, more, until)
        else:
            ways.setdefault(about, {})[what] = OpenWay(clinics[about], what, words, more)
    return Known(senders, states, choices, ways)


def _rows(prompts: Sequence[Claimed]) -> list[tuple[str, UUID, str, str, datetime | None]]:
    with prepared() as cursor:
        cursor.execute(
            _READ,
            [
                array(prompt.clinic_id.hex for prompt in prompts),
                array(prompt.patient_id.hex for prompt in prompts),
                array(prompt.treatment_id and prompt.treatment_id.hex for prompt in prompts),
                array(prompt.channel != ChannelKind.IN_APP for prompt in prompts),
            ],
        )
        found: list[tuple[str, UUID, str, str, datetime | None]] = cursor.fetchall()
    return found
