"""What a patient's messages page shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery

from accounts.models import Channel, Patient
from accounts.queries import said_no_to_app
from accounts.states import ChannelKind
from prompts.models import Attempt, MessageChoice, Prompt
from prompts.queries.clock import zone_of_messages
from prompts.queries.hand import Hand, choice_for, hand_on
from prompts.queries.push import takes_push
from prompts.routes import PUSH, ways_for
from prompts.states import PromptState, Report
from prompts.taps import NUDGE
from timeline.budget_words import budget_line
from timeline.document import PromptTemplate, QuietHours
from timeline.phases import clock_words
from timeline.queries import moved_words, visit_to_set_up

# Messages of the visit before last help nobody.
SHOWS = timedelta(days=7)
# A text that may have come, or was refused on its way, can be read here all the same.
CAME = (PromptState.SENT, PromptState.UNKNOWN, PromptState.FAILED)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the patient reads it. `doubt` says that it may not have come where it was sent."""

    icon: str
    title: str
    text: str
    when: str
    way: str  # "as a text", "as an e-mail", "as a note on your phone", or "" in the app
    doubt: str = ""
    prompt_id: int = 0  # of its own page, where it has one


@dataclass(frozen=True, slots=True)
class FirstWay:
    """A way that may come first: its value and its words."""

    value: str
    words: str
    note: str


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """What came, newest first; what is still to come; and all that the patient chose about messages."""

    arrived: tuple[Message, ...]
    to_come: tuple[Message, ...]
    texts: str  # "on", "off", or "" without a number
    emails: str  # likewise, without an address
    push: str  # likewise, where it was never turned on
    budget_line: str
    hand: Hand
    first_ways: tuple[FirstWay, ...]  # none where no way is open, notes only where a phone takes them
    first_way: str
    sender_name: str
    alias: str
    clock: str  # the time by the zone on record
    zone: str  # by which messages leave
    moved: str  # hour 0 was corrected of late: what is still to come moved with it
    has_said_no: bool  # nothing is to come, since they took back their yes to the app
    may_say_yes: bool  # there is a visit that they may say yes for
    prompt_id: int = 0


def messages_page(patient: Patient, at: datetime) -> MessagesPage:
    """Three queries, however many messages (one more when a protocol version is read for the first time, one with notes on,
    one where nothing is to come, one more after their no, and those of hand_on and moved_words)."""
    zone = ZoneInfo(patient.zone)
    rows = list(
        Prompt.objects.filter(
            patient=patient, token=None, due_at__gt=at - SHOWS, state__in=(*CAME, PromptState.WAITING)
        )
        .annotate(report=of_last_try("report"))
        .select_related("treatment__protocol_version")
        .defer("treatment__protocol_version__content")
        .order_by("due_at")
    )
    channels, choice = list(Channel.objects.filter(patient=patient)), choice_for(patient)
    switches = {channel.kind: "on" if channel.may_send else "off" for channel in channels}
    # The note about a day's log has a line of its own, before its row is there as well.
    waiting = [row for row in rows if row.treatment and row.state == PromptState.WAITING and row.window_ends_at > at]
    arrived = [message_of(row, row.sent_at or row.due_at, zone, at) for row in rows if row.state in CAME]
    visit = next((row.treatment for row in reversed(rows) if row.treatment), None)
    open_ways = {kind for kind, switch in switches.items() if switch == "on"}
    if PUSH in open_ways and not takes_push(patient.pk):
        open_ways.remove(PUSH)
    ways, texts = _first_ways(open_ways), Counter(row.treatment_id for row in rows if row.channel == ChannelKind.SMS)
    has_said_no = not waiting and said_no_to_app(patient.pk)
    return MessagesPage(
        arrived=tuple(reversed(arrived)),
        to_come=tuple(_to_come(row, open_ways, choice, texts, zone=zone, at=at) for row in waiting),
        texts=switches.get(ChannelKind.SMS, ""),
        emails=switches.get(ChannelKind.EMAIL, ""),
        push=switches.get(ChannelKind.PUSH, ""),
        budget_line=_budget_line(waiting, patient, zone, at),
        hand=hand_on(choice, channels, zone=zone, at=at),
        first_ways=ways,
        first_way=_picked(choice, ways),
        sender_name=patient.clinic.sender_name,
        alias=choice.alias,
        clock=clock_words(at, zone=zone, today=at),
        zone=zone_of_messages(patient, visit),
        moved=moved_words(visit, zone=zone, at=at) if visit else "",
        has_said_no=has_said_no,
        may_say_yes=has_said_no and visit_to_set_up(patient, at) is not None,
    )


def of_last_try(field: str) -> Subquery:
    """Of the last try of each prompt; its report is what the provider said last."""
    tries = Attempt.objects.filter(prompt=OuterRef("pk")).order_by("-number")
    return Subquery(tries.values(field)[:1])


_WAYS = {
    ChannelKind.SMS.value: "as a text",
    ChannelKind.EMAIL.value: "as an e-mail",
    ChannelKind.PUSH.value: "as a note on your phone",
}
_NOUNS = {ChannelKind.SMS.value: "text", ChannelKind.EMAIL.value: "e-mail", ChannelKind.PUSH.value: "note"}
_DOUBTS = {way: f"The {noun} may not have come. You can read it here." for way, noun in _NOUNS.items()}
_NOT_THERE = frozenset({Report.UNDELIVERED, Report.FAILED})


def message_of(row: Prompt, moment: datetime, zone: ZoneInfo, at: datetime) -> Message:
    """A message of a visit, at the moment that the page names; `row.report` may stand beside it."""
    icon, title, text = _shown(row)
    doubt = _doubt(row)
    return Message(
        icon=icon,
        title=title,
        text=text,
        when=clock_words(moment, zone=zone, today=at),
        way=_WAYS.get(row.channel, "") if not doubt else "",
        doubt=doubt,
        prompt_id=row.pk if row.treatment and row.state in CAME else 0,
    )


def tried(row: Prompt, *, way: str, began_at: datetime, zone: ZoneInfo, at: datetime) -> Message:
    """A message that has begun to leave by `way`, and is not known to have come: it may wait for another try, or be stopped.

    When it is due by now says nothing of that. While it is leaving nothing speaks against it.
    """
    doubt = "" if row.begun_at else _DOUBTS.get(way, "")
    return replace(message_of(row, began_at, zone, at), way="", doubt=doubt)


def _to_come(
    row: Prompt,
    open_ways: Collection[str],
    choice: MessageChoice,
    texts: Mapping[UUID | None, int],
    *,
    zone: ZoneInfo,
    at: datetime,
) -> Message:
    """One that was meant as a note goes by the next way where no phone takes notes any more. `texts` are those of each visit
    so far, and to come."""
    message = message_of(row, row.due_at, zone, at)
    if row.channel != PUSH or PUSH in open_ways:
        return message
    assert row.treatment is not None
    has_text_left = texts.get(row.treatment_id, 0) < row.treatment.document.budget.texts
    goes_out = _template_of(row).by_text
    way, *_ = ways_for(open_ways, first=choice.first_way, goes_out=goes_out, has_text_left=has_text_left)
    return replace(message, way=_WAYS.get(way, ""))


def _template_of(row: Prompt) -> PromptTemplate:
    assert row.treatment is not None
    templates: Iterable[PromptTemplate] = row.treatment.document.prompts
    return next(template for template in templates if template.key == row.step)


def _shown(row: Prompt) -> tuple[str, str, str]:
    """Icon, title and text: as the document has them, of the nudge, or of the reminder that the patient asked for."""
    if row.kind == NUDGE:
        return "clipboard-check", "Your check-in waits", "We have no answer yet. It takes a few taps."
    if row.treatment is None:
        return "pencil", "Your log", "You asked us to remind you."
    template = _template_of(row)
    return template.icon, template.title, template.text


def _doubt(row: Prompt) -> str:
    noun = _NOUNS.get(row.channel, "")
    if not noun or row.state == PromptState.WAITING:
        return ""
    if row.state == PromptState.FAILED or getattr(row, "report", "") in _NOT_THERE:
        return f"The {noun} did not come through. You can read it here."
    return _DOUBTS[row.channel] if row.state == PromptState.UNKNOWN else ""


def _budget_line(waiting: list[Prompt], patient: Patient, zone: ZoneInfo, at: datetime) -> str:
    """The quiet hours are those of the visit, by which its messages were planned."""
    visit = waiting[-1].treatment if waiting else None
    holder = visit or patient
    quiet = QuietHours(holder.quiet_starts_at, holder.quiet_ends_at)
    return budget_line([row.due_at for row in waiting], quiet, zone, at)


_FIRST = {
    ChannelKind.PUSH.value: ("A note on your phone", "It shows up by itself."),
    ChannelKind.SMS.value: ("A text", "It needs no internet."),
    ChannelKind.EMAIL.value: ("An e-mail", "It waits until you look."),
}
_APP_ALONE = FirstWay(ChannelKind.IN_APP.value, "Only in the app", "Nothing shows on your phone by itself.")


def _first_ways(open_ways: set[str]) -> tuple[FirstWay, ...]:
    """Only what is open is offered, and the app."""
    ways = [FirstWay(kind, *words) for kind, words in _FIRST.items() if kind in open_ways]
    return (*ways, _APP_ALONE) if ways else ()


def _picked(choice: MessageChoice, ways: tuple[FirstWay, ...]) -> str:
    """What comes first now: what was chosen while it is open, else the first in the usual order."""
    offered = [way.value for way in ways]
    return choice.first_way if choice.first_way in offered else next(iter(offered), "")
