"""What became of each message around one visit, each try, and how the people of it are reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import Channel, Clinic, Escort, Patient
from accounts.queries import last_consent
from accounts.states import ChannelKind, ConsentKind
from aftercare.dates import day_words
from clinic.queries.fates import ASKED_FOR, fate_of, tries_of, with_tries
from clinic.queries.reach_words import WayWords, held_words, way_words
from clinic.queries.replies import ReplyLine, replies_of
from clinic.queries.words import status_words
from clinic.roles import ANSWERS
from prompts.fates import BY, Fate, Sort, answer_words, mask, report_words
from prompts.models import MessageChoice, Prompt, PushSubscription, WayHold
from prompts.states import PromptState
from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.states import TreatmentState

# What was asked for without a visit of its own: from so long before this one, and replies of late.
AROUND = timedelta(days=14)
AT_MOST = 200
_GROUPS = {
    Sort.WRONG: "What went wrong",
    Sort.TO_COME: "Still to come",
    Sort.OUT: "Went out",
    Sort.LEFT_OUT: "Not sent, and not needed",
}
_FIRST_WAYS = {
    ChannelKind.PUSH: "notices first",
    ChannelKind.SMS: "texts first",
    ChannelKind.EMAIL: "e-mails first",
    ChannelKind.IN_APP: "in the app alone",
}


@dataclass(frozen=True, slots=True)
class TryLine:
    """One try: "4:10 pm by text", what the provider answered, and what it said later, "" for nothing."""

    when: str
    answer: str
    report: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message. `whom` is "" for the patient."""

    title: str
    whom: str
    due: str
    fate: Fate
    tries: tuple[TryLine, ...]


@dataclass(frozen=True, slots=True)
class MessageGroup:
    name: str
    rows: tuple[MessageRow, ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """One way to somebody. `whom` is "" for the patient; `to` says which number it is, and not the whole of it, or how many
    phones take notices. `held`: until when its provider takes nothing, "" where it does."""

    whom: str
    to: str
    way: WayWords
    held: str


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """The messages around one visit, what went wrong first; on the patient's clock, `their_zone`, "" where it is the clinic's.

    `replies` are for those who answer alerts, else None. `only_newest`: how many are shown of more, 0 where all are.
    """

    treatment_id: UUID
    patient: Patient
    protocol: str
    status: str
    summary: str
    groups: tuple[MessageGroup, ...]
    reached: tuple[Reached, ...]
    chosen: tuple[str, ...]
    replies: tuple[ReplyLine, ...] | None
    only_newest: int
    their_zone: str
    as_of: str


def visit_messages(treatment: Treatment, clinic: Clinic, at: datetime, *, role: str) -> MessagesPage:
    """Of a treatment with its patient and version: nine queries, for one message and for hundreds; ten with notices."""
    zone, patient = ZoneInfo(treatment.zone), treatment.patient
    escorts = {escort.pk: escort for escort in Escort.objects.filter(patient=patient)}
    newest = _prompts(treatment)
    rows = sorted(newest[:AT_MOST], key=lambda row: (row.due_at, row.pk))
    groups = tuple(_groups(_row(row, treatment, escorts, zone=zone, at=at) for row in rows))
    return MessagesPage(
        treatment_id=treatment.pk,
        patient=patient,
        protocol=treatment.protocol_version.protocol.name,
        status=status_words(treatment, zone=ZoneInfo(clinic.zone), at=at),
        summary=_summary(groups),
        groups=groups,
        reached=_reached(patient, escorts, zone=zone, at=at),
        chosen=(*_taken_back(patient, zone=zone, at=at), *_chosen(patient, zone=zone, at=at)),
        replies=replies_of(patient.pk, since=AROUND, zone=zone, at=at) if role in ANSWERS else None,
        only_newest=AT_MOST if len(newest) > AT_MOST else 0,
        their_zone=treatment.zone.replace("_", " ") if treatment.zone != clinic.zone else "",
        as_of=clock_words(at, zone=zone, today=at),
    )


def _prompts(treatment: Treatment) -> list[Prompt]:
    """Of the visit, and what was asked for around it, but for texts to escorts of another one: the newest, and one more than
    are shown. Two queries, and one for all tries."""
    asked_for = _around(treatment) & Q(treatment=None) & ~(Q(kind="escort") & ~Q(step=str(treatment.pk)))
    rows = Prompt.objects.filter(Q(treatment=treatment) | asked_for, patient=treatment.patient_id)
    return list(with_tries(rows).select_related("token").order_by("-due_at", "-pk")[: AT_MOST + 1])


def _around(treatment: Treatment) -> Q:
    """From two weeks before the visit until the next one; before the first and after the last one, all. So each message is on
    the page of some visit. One query."""
    others = Treatment.objects.filter(patient=treatment.patient_id).exclude(pk=treatment.pk)
    days = list(others.exclude(state=TreatmentState.CANCELLED).values_list("planned_for", flat=True))
    has_earlier = any(day < treatment.planned_for for day in days)
    until = min((day for day in days if day > treatment.planned_for), default=None)
    begins = Q(due_at__gt=treatment.planned_for - AROUND) if has_earlier else Q()
    return begins & (Q(due_at__lt=until) if until else Q())


def _row(
    prompt: Prompt, treatment: Treatment, escorts: Mapping[UUID, Escort], *, zone: ZoneInfo, at: datetime
) -> MessageRow:
    tries = tries_of(prompt, zone=zone, at=at)
    return MessageRow(
        title=_title(prompt, treatment),
        whom=_whom(escorts.get(prompt.token.subject)) if prompt.token and prompt.kind == "escort" else "",
        due=clock_words(prompt.due_at, zone=zone, today=at),
        fate=fate_of(prompt, zone=zone, at=at),
        tries=tuple(
            TryLine(
                f"{each.at} {BY[each.way]}",
                answer_words(each, is_leaving=prompt.state == PromptState.WAITING and each is tries[-1]),
                report_words(each),
            )
            for each in tries
        ),
    )


def _title(prompt: Prompt, treatment: Treatment) -> str:
    if prompt.asked_on:
        return f"Reminder of the log, {day_words(prompt.asked_on)}"
    if prompt.treatment_id is None:
        return ASKED_FOR.get(prompt.kind, "A note")
    titles = {template.key: template.title for template in treatment.document.prompts}
    return titles.get(prompt.step, prompt.step.replace("_", " "))


def _whom(escort: Escort | None) -> str:
    return f"To {escort.name}" if escort else "To an escort"


def _groups(rows: Iterable[MessageRow]) -> Iterable[MessageGroup]:
    by_sort: dict[Sort, list[MessageRow]] = {sort: [] for sort in _GROUPS}
    for row in rows:
        by_sort[row.fate.sort].append(row)
    return [MessageGroup(_GROUPS[sort], tuple(found)) for sort, found in by_sort.items() if found]


def _summary(groups: Sequence[MessageGroup]) -> str:
    counts = {group.name: group for group in groups}
    wrong, to_come, out = (counts.get(_GROUPS[sort]) for sort in (Sort.WRONG, Sort.TO_COME, Sort.OUT))
    words = [f"{len(wrong.rows)} went wrong." if wrong else "Nothing went wrong."]
    if to_come:
        words.append(f"{len(to_come.rows)} still to come, the next {to_come.rows[0].due}.")
    if out:
        words.append(f"{len(out.rows)} went out.")
    return " ".join(words) if groups else ""


def _reached(patient: Patient, escorts: Mapping[UUID, Escort], *, zone: ZoneInfo, at: datetime) -> tuple[Reached, ...]:
    """Two queries, and one more for notices."""
    holds = {hold.kind: hold for hold in WayHold.objects.filter(until__gt=at)}
    named = [escort.pk for escort in escorts.values() if escort.ended_at is None]
    rows = Channel.objects.filter(Q(patient=patient) | Q(escort__in=named)).exclude(kind=ChannelKind.IN_APP)
    ordered = sorted(rows, key=lambda row: (row.patient_id is None, list(ChannelKind).index(ChannelKind(row.kind))))
    return tuple(
        Reached(
            whom=escorts[row.escort_id].name if row.escort_id else "",
            to=mask(row.address) if row.kind != ChannelKind.PUSH else _phones(patient),
            way=way_words(row, zone=zone, at=at),
            held=held_words(holds.get(row.kind) if row.may_send else None, zone=zone, at=at),
        )
        for row in ordered
    )


def _phones(patient: Patient) -> str:
    count = PushSubscription.objects.filter(PushSubscription.ALIVE, patient=patient).count()
    return "1 phone takes them" if count == 1 else f"{count or 'no'} phones take them"


def _taken_back(patient: Patient, *, zone: ZoneInfo, at: datetime) -> tuple[str, ...]:
    """One query."""
    said = last_consent(ConsentKind.APP, patient=patient)
    if said is None or said.given:
        return ()
    return (
        f"Took back the consent to the app {clock_words(said.at, zone=zone, today=at)}: nothing of the plan leaves",
    )


def _chosen(patient: Patient, *, zone: ZoneInfo, at: datetime) -> tuple[str, ...]:
    """What the patient chose about messages, in words. One query."""
    choice = MessageChoice.objects.filter(patient=patient).first()
    if choice is None:
        return ()
    words = {
        "Every way out is stopped since {}": choice.stopped_at,
        "A pause until {}": choice.paused_until if choice.paused_until and choice.paused_until > at else None,
    }
    chosen = [line.format(clock_words(moment, zone=zone, today=at)) for line, moment in words.items() if moment]
    chosen += ["Fewer: no tips"] if choice.is_fewer else []
    chosen += [f"Order: {_FIRST_WAYS[ChannelKind(choice.first_way)]}"] if choice.first_way else []
    return (*chosen, *(["Messages come under a name of their own choice"] if choice.alias else []))
