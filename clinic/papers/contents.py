"""What a downtime pack holds, in words and times that are ready to print. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaperPerson:
    """Somebody to phone. `note` says more, such as how far a ride is."""

    name: str
    phone: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PaperAlert:
    """One alert that is not over. `is_red`: somebody is paged for it."""

    level: str
    is_red: bool
    patient: str
    record_number: str
    phone: str
    reasons: str
    since: str
    taken: str


@dataclass(frozen=True, slots=True)
class PaperCall:
    """One call that is due today."""

    due: str
    patient: str
    phone: str
    why: str


@dataclass(frozen=True, slots=True)
class PaperPatient:
    """One patient of the day. The record number always stands beside the name: not every script can be printed."""

    name: str
    record_number: str
    born_on: str
    where: str
    protocol: str
    phone: str
    hour_zero: str
    hour_24: str
    driver: PaperPerson | None
    stayer: PaperPerson | None
    tonight_at: str
    contact: PaperPerson | None
    company: str
    due: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackContents:
    """One downtime pack. `numbers` are (what, number); `procedures` (level, what the clinic does). `paper`: "letter" or "a4"."""

    clinic: str
    day: str
    made: str
    paper: str
    on_call: tuple[PaperPerson, ...]
    on_call_until: str
    numbers: tuple[tuple[str, str], ...]
    alerts: tuple[PaperAlert, ...]
    calls: tuple[PaperCall, ...]
    patients: tuple[PaperPatient, ...]
    procedures: tuple[tuple[str, str], ...]
