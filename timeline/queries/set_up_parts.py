"""Fills the pages of the set-up's parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Channel, Patient
from accounts.phones import show_phone
from accounts.queries import consent_words, last_change, last_consent, last_test
from accounts.services import ways_to_test
from accounts.states import ChannelKind, ConsentKind
from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.queries.set_up import PartPlace, address_after, messages_line, part_place
from timeline.states import TreatmentState

TONIGHT_RECORDED = "tonight_recorded"


@dataclass(frozen=True, slots=True)
class AgreePage:
    """Consent to use the app. `said` is when the patient said yes, in `wording` as it was then; empty before that.
    `taken_back` is when they took it back, "" where their last word is no such no."""

    part: PartPlace
    wording: str
    said: str
    taken_back: str
    next: str


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach the patient: where it goes, the exact words of its consent, and what holds.

    `answer` is "yes" or "no" once the patient has said it, whatever staff were told before.
    """

    address: str
    wording: str
    is_on: bool
    answer: str


@dataclass(frozen=True, slots=True)
class ReachPage:
    """Texts and e-mails, and the test that the patient sent: `test` is "", "sent", "came" or "missed", `test_by` its kind of
    channel. `tests` are the kinds that can be tested; of these, `other_tests` with their words are those that were not.

    `messages` says how many will come by what is on now; "" once the visit has begun."""

    part: PartPlace
    texts: Way | None
    emails: Way | None
    test: str
    test_when: str
    test_by: str
    tests: tuple[str, ...]
    other_tests: tuple[tuple[str, str], ...]
    messages: str
    next: str

    @property
    def is_on(self) -> bool:
        return any(way and way.is_on for way in (self.texts, self.emails))


@dataclass(frozen=True, slots=True)
class ClockPage:
    """The time by the zone on record. `is_later`: a visit runs, whose messages keep the hours that were picked before."""

    part: PartPlace
    now: str
    is_later: bool


@dataclass(frozen=True, slots=True)
class NightPage:
    """Where the patient is that night. `said` is who wrote it down last and when, `seen` the id of that line."""

    part: PartPlace
    said: str
    seen: int


@dataclass(frozen=True, slots=True)
class PlainPart:
    """A part that needs no more than its place, and the address of the next one."""

    part: PartPlace
    next: str


def agree_page(treatment: Treatment, patient: Patient, at: datetime) -> AgreePage:
    """Three queries."""
    part, said = part_place(treatment, "agree"), last_consent(ConsentKind.APP, patient=patient)
    is_said = part.is_done and said is not None and said.given
    when = clock_words(said.at, zone=ZoneInfo(patient.zone), today=at) if said else ""
    return AgreePage(
        part=part,
        wording=said.wording if said and is_said else consent_words(ConsentKind.APP, patient=patient),
        said=when if is_said else "",
        taken_back=when if said and not said.given else "",
        next=address_after(treatment, "agree"),
    )


def reach_page(treatment: Treatment, patient: Patient, at: datetime) -> ReachPage:
    """Seven queries."""
    channels = {channel.kind: channel for channel in Channel.objects.filter(patient=patient)}
    test, tests = last_test(patient, at), [channel.kind for channel in ways_to_test(channels.values())]
    return ReachPage(
        part=part_place(treatment, "reach"),
        texts=_way(channels.get(ChannelKind.SMS), ConsentKind.TEXTS, patient),
        emails=_way(channels.get(ChannelKind.EMAIL), ConsentKind.EMAILS, patient),
        test={None: "sent", True: "came", False: "missed"}[test.came] if test else "",
        test_when=clock_words(test.sent_at, zone=ZoneInfo(patient.zone), today=at) if test else "",
        test_by=test.channel if test else "",
        tests=tuple(tests),
        other_tests=tuple((kind, _NOUNS[kind]) for kind in tests if test and kind != test.channel),
        messages=messages_line(treatment, patient) if treatment.state == TreatmentState.PLANNED else "",
        next=address_after(treatment, "reach"),
    )


_NOUNS = {
    ChannelKind.PUSH.value: "a note on this phone",
    ChannelKind.SMS.value: "a text",
    ChannelKind.EMAIL.value: "an e-mail",
}


def _way(channel: Channel | None, kind: ConsentKind, patient: Patient) -> Way | None:
    """None where the clinic has no number, or no address."""
    if channel is None or not channel.address:
        return None
    said = last_consent(kind, patient=patient)
    return Way(
        address=show_phone(channel.address) if kind == ConsentKind.TEXTS else channel.address,
        wording=consent_words(kind, patient=patient),
        is_on=channel.may_send,
        answer="" if said is None else "yes" if channel.may_send else "no",
    )


def clock_page(treatment: Treatment, patient: Patient, at: datetime) -> ClockPage:
    """One query."""
    return ClockPage(
        part=part_place(treatment, "clock"),
        now=clock_words(at, zone=ZoneInfo(patient.zone), today=at),
        is_later=treatment.hour_zero is not None,
    )


def night_page(treatment: Treatment, patient: Patient, at: datetime) -> NightPage:
    """Two queries."""
    change = last_change(treatment, TONIGHT_RECORDED)
    who = "" if change is None else "You" if change.by == patient.pk else change.they
    return NightPage(
        part=part_place(treatment, "tonight"),
        said=f"{who} wrote this down, {clock_words(change.at, zone=ZoneInfo(patient.zone), today=at)}."
        if change
        else "",
        seen=change.id if change else 0,
    )


def plain_part(treatment: Treatment, key: str) -> PlainPart:
    """Two queries."""
    return PlainPart(part=part_place(treatment, key), next=address_after(treatment, key))
