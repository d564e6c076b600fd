"""Pages that ask first: what an act does, and what it does not, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Clinic
from clinic.acts import CANCEL, END, PUBLISH, RETIRE, SIGN, START, Act
from clinic.queries.fates import on_its_way_line
from timeline.models import ProtocolVersion, Treatment
from timeline.phases import clock_words


@dataclass(frozen=True, slots=True)
class Ask:
    """A heading, what will happen in a line each, and the words on the button that posts to `url`."""

    url: str
    heading: str
    points: tuple[str, ...]
    button: str


def ask_treatment(act: Act, treatment: Treatment, *, clinic: Clinic, at: datetime) -> Ask:
    """What the page before a visit's act says. Only for START, END and CANCEL."""
    return _TREATMENT_ASKS[act](treatment, ZoneInfo(clinic.zone), at)


def ask_version(act: Act, version: ProtocolVersion) -> Ask:
    """What the page before a version's act says. Only for SIGN, PUBLISH and RETIRE."""
    return _VERSION_ASKS[act](version)


def _ask_start(treatment: Treatment, zone: ZoneInfo, at: datetime) -> Ask:
    return Ask(
        url=START.url,
        heading=f"Start the visit of {treatment.patient}",
        points=(
            f"It is planned for {clock_words(treatment.planned_for, zone=zone, today=at)}.",
            *_history_points(treatment),
            "This can't be taken back. Hour 0 can be corrected later.",
        ),
        button=START.label,
    )


def _history_points(treatment: Treatment) -> tuple[str, ...]:
    if treatment.patient.history is not None:
        return ()
    return ("Nobody has asked for the history yet. Advice for this patient is without its cautions until then.",)


def _ask_end(treatment: Treatment, zone: ZoneInfo, at: datetime) -> Ask:
    begun = clock_words(treatment.started_at, zone=zone, today=at) if treatment.started_at else ""
    return Ask(
        url=END.url,
        heading=f"End the treatment of {treatment.patient}",
        points=(f"It started at {begun}.", "This can't be taken back. A wrong time can be corrected."),
        button=END.label,
    )


def _ask_cancel(treatment: Treatment, zone: ZoneInfo, at: datetime) -> Ask:
    return Ask(
        url=CANCEL.url,
        heading=f"Cancel the visit of {treatment.patient}?",
        points=(
            f"The visit planned for {clock_words(treatment.planned_for, zone=zone, today=at)} will not take place.",
            "The patient's page says so at once. This can't be undone; you can plan a new visit.",
            *filter(None, [on_its_way_line(treatment)]),
        ),
        button=CANCEL.label,
    )


def _ask_sign(version: ProtocolVersion) -> Ask:
    return Ask(
        url=SIGN.url,
        heading=f"Sign {_called(version)}?",
        points=(
            "You have read all of it, and you take responsibility for this exact document.",
            "Your name stands under it on the pages of patients. A signed version never changes.",
        ),
        button=SIGN.label,
    )


def _ask_publish(version: ProtocolVersion) -> Ask:
    return Ask(
        url=PUBLISH.url,
        heading=f"Put {_called(version)} in use?",
        points=(
            "New visits get it from now on. The version in use now, if there is one, retires.",
            "Visits that are planned or under way keep the version they have.",
        ),
        button=PUBLISH.label,
    )


def _ask_retire(version: ProtocolVersion) -> Ask:
    return Ask(
        url=RETIRE.url,
        heading=f"Take {_called(version)} out of use?",
        points=(
            "No new visit gets it. Visits that have it keep it.",
            "This can't be undone; you can make a new draft from it.",
        ),
        button=RETIRE.label,
    )


def _called(version: ProtocolVersion) -> str:
    return f"{version.protocol.name}, version {version.number}"


_TREATMENT_ASKS: dict[Act, Callable[[Treatment, ZoneInfo, datetime], Ask]] = {
    START: _ask_start,
    END: _ask_end,
    CANCEL: _ask_cancel,
}
_VERSION_ASKS: dict[Act, Callable[[ProtocolVersion], Ask]] = {
    SIGN: _ask_sign,
    PUBLISH: _ask_publish,
    RETIRE: _ask_retire,
}
