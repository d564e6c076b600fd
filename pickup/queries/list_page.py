"""Fills the escort's list: when and where, how far they are, and what there is to do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from pickup.models import PickupLink
from pickup.queries.duties import DutyGroup, duty_groups
from pickup.queries.links import word_of
from pickup.queries.moments import clock, language_now, ready_at
from pickup.states import PickupState
from timeline.models import Treatment
from timeline.states import TreatmentState
from timeline.visit_lists import for_escort

_HAS_LEFT = (TreatmentState.DISCHARGED, TreatmentState.CLOSED)


@dataclass(frozen=True, slots=True)
class Button:
    """One tap: the step that it sends, and its words."""

    step: str
    words: str


@dataclass(frozen=True, slots=True)
class Way:
    """How far the escort is, and what they can say next. `undo` is the step that takes the last one back, or ""."""

    icon: str
    heading: str
    text: str = ""
    main: Button | None = None
    second: Button | None = None
    undo: str = ""
    calls_clinic: bool = False
    can_stop: bool = False


@dataclass(frozen=True, slots=True)
class ListPage:
    """All that the list shows. `ready` and `door_word` are "" where there is none to show; times are the clinic's.

    `lang` is the language of the duties where it is not the page's; else "".
    """

    heading: str
    name: str
    drives: bool
    ready: str
    now: str
    address: str
    way: Way
    door_word: str
    groups: tuple[DutyGroup, ...]
    done: int
    total: int
    ends: str
    lang: str
    mark: str = ""


def list_page(link: PickupLink, at: datetime) -> ListPage:
    """Two queries at most, beside the one that found the link."""
    treatment = link.treatment
    name, groups = link.patient_name, duty_groups(link, at)
    duties = [duty for group in groups for duty in group.duties]
    has_left = treatment.state in _HAS_LEFT or bool(treatment.home_safe_at)
    page = ListPage(
        heading=_say(_("Picking up {name}") if link.drives else _("Staying with {name}"), name=name),
        name=name,
        drives=link.drives,
        ready="" if has_left else _ready(treatment, at),
        now=_now(treatment, name),
        address="" if has_left else treatment.patient.clinic.address,
        way=_way(link, name, at),
        door_word=word_of(link) if _shows_word(link) else "",
        groups=groups,
        done=sum(bool(duty.done) for duty in duties),
        total=len(duties),
        ends=clock(link.token.expires_at, treatment, at),
        lang=_other_language(treatment),
    )
    is_open = treatment.patient.clinic.is_open(at)
    return replace(page, mark=f"{hashlib.sha256(repr(page).encode()).hexdigest()[:12]}{'o' if is_open else 'c'}")


def _other_language(treatment: Treatment) -> str:
    _lists, language = for_escort(treatment.lists, language_now())
    return "" if language == language_now() else language


def _ready(treatment: Treatment, at: datetime) -> str:
    moment = ready_at(treatment)
    if treatment.state == TreatmentState.ENDED_BADLY or moment is None:
        return ""
    return _say(_("Ready about {time}"), time=clock(moment, treatment, at))


def _now(treatment: Treatment, name: str) -> str:
    """Where the visit has come to, in words that tell nothing of it."""
    if treatment.home_safe_at:
        return _say(_("{name} is home."), name=name)
    words = {
        TreatmentState.PLANNED: _("The time may change. This page shows it."),
        TreatmentState.IN_TREATMENT: _("{name} is with the nurse now. The time may change."),
        TreatmentState.RECOVERING: _("{name} is resting now. The time may change."),
        TreatmentState.DISCHARGED: _("{name} has left the clinic."),
        TreatmentState.CLOSED: _("The day is over."),
        TreatmentState.ENDED_BADLY: _("The plan has changed. Please call the clinic."),
        TreatmentState.CANCELLED: "",
    }[TreatmentState(treatment.state)]
    return _say(words, name=name)


def _shows_word(link: PickupLink) -> bool:
    waits = link.state in {PickupState.CONFIRMED, PickupState.ON_THE_WAY, PickupState.OUTSIDE, PickupState.CANT_COME}
    return link.drives and waits and link.state != PickupState.CANT_COME and link.treatment.state not in _HAS_LEFT


def _way(link: PickupLink, name: str, at: datetime) -> Way:
    treatment, state = link.treatment, PickupState(link.state)
    if treatment.home_safe_at:
        said = clock(treatment.home_safe_at, treatment, at)
        is_own = state is PickupState.HOME_SAFE and treatment.home_safe_by == "escort"
        text = _say(_("The clinic knows, since {time}. Thank you."), time=said)
        return Way("house", _say(_("{name} is home"), name=name), text, undo="not_home" if is_own else "")
    if state is PickupState.CANT_COME:
        words = _("I can come after all") if link.drives else _("I can stay after all")
        return Way(
            "circle-alert",
            _("You can’t come") if link.drives else _("You can’t stay"),
            _say(
                _("You told the clinic{since}. Please call them too."), since=_since(link.cant_come_at, treatment, at)
            ),
            main=Button("can_come", words),
            calls_clinic=True,
        )
    if treatment.state in _HAS_LEFT:
        return Way(
            "house",
            _("Are you home?"),
            _say(_("Tap when {name} is inside and safe. The clinic waits to hear it."), name=name),
            main=Button("home", _("We are home safe")),
        )
    if treatment.state == TreatmentState.ENDED_BADLY:
        words, button = _("Call them before you do the next step."), Button("home", _("We are home safe"))
        return Way("phone", _("Please call the clinic"), words, main=button, calls_clinic=True)
    return _before_they_leave(link, name, state, at)


def _before_they_leave(link: PickupLink, name: str, state: PickupState, at: datetime) -> Way:
    treatment, outside = link.treatment, Button("outside", _("I’m outside"))
    if state is PickupState.MET:
        return Way("circle-check", _("The nurse is with you"), _("Ask them all that you want to know."))
    if not link.drives:
        words = _say(_("Thank you for being there tonight. The page “Tonight” says how to help {name}."), name=name)
        return Way("moon-star", _("You stay tonight"), words, can_stop=True)
    if state is PickupState.OUTSIDE:
        text = _("Come inside if you can. The nurse will meet you.")
        heading = _say(_("You are outside{since}"), since=_since(link.outside_at, treatment, at))
        return Way("map-pin", heading, text, undo="undo", can_stop=True)
    if state is PickupState.ON_THE_WAY:
        since = _since(link.on_the_way_at, treatment, at)
        text = _say(_("The clinic knows{since}. Drive with care."), since=since)
        return Way("car", _("You are on the way"), text, main=outside, undo="undo", can_stop=True)
    text, main = _("Tap when you leave. Then the clinic knows."), Button("on_the_way", _("I’m on my way"))
    return Way("car", _("When you set out"), text, main=main, second=outside, can_stop=True)


def _say(words: str, **values: str) -> str:
    """The words of the page's language, with these values in their gaps."""
    return words.format(**values)


def _since(moment: datetime | None, treatment: Treatment, at: datetime) -> str:
    return f", {clock(moment, treatment, at)}" if moment else ""
