"""The shipped protocols: whole, easy to read, kind, and without a word that may not be said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aftercare.words import NOTICE_WORDS, found_words
from prompts.schedule import plan_prompts
from tests.reading import grade, sentences, words
from timeline.document import Card, Notice, ProtocolDocument, Source
from timeline.packs import pack_keys, read_pack

ROOT = Path(__file__).parents[2]
SPRITE = (ROOT / "static/icons/icons.svg").read_text("utf-8")
NEW_YORK = ZoneInfo("America/New_York")
PACKS = [pytest.param(read_pack(key), id=key) for key in pack_keys()]
every_pack = pytest.mark.parametrize("pack", PACKS)

HARDEST, AIM, LONGEST = 6.0, 4.0, 18

# docs/clinical.md, 5.
UNKIND = frozenset(
    {
        *("normal", "normally", "abnormal", "should", "just", "simply", "relax", "failed", "overdue", "missed"),
        *("non-compliant", "patient", "patients", "user", "trip", "high", "journey", "healing", "sacred", "magic"),
        *("rewire", "rewires", "rewiring", "cure", "crazy", "attempt", "suffer", "suffering", "victim", "streak"),
        *("score", "congrats", "oops", "dissociation", "neuroplasticity", "transient", "administer", "must"),
    }
)
UNKIND_PHRASES = ("don't worry", "do not worry", "calm down", "commit suicide", "infusion reaction", "adverse event")
# docs/clinical.md, 5: nobody watches, nothing is promised, nobody is cleared to drive, no brain claims.
NEVER_SAID = (
    *("watching", "monitor", "24/7", "with you all", "you are fine", "you're fine", "nothing to worry", "all clear"),
    *("safe to", "you may drive", "you can drive", "you are safe", "it worked", "not working", "repairs", "rebuild"),
    *("new pathways", "gold standard", "restructured", "dopamine", "brain", "unmanageable", "very low", "percent", "%"),
    *("will help you", "will lift", "will improve", "police", "take your pill", "skip your", "stop your"),
)
# docs/clinical.md, 1: phases are named by hours; these words come from the patient's clock alone.
CLOCK_WORDS = frozenset({"night", "nights", "morning", "tonight", "overnight", "bedtime", "evening"})
# docs/clinical.md, 8: strong and medium sources only.
SOURCE_HOSTS = (
    *("pmc.ncbi.nlm.nih.gov", "nihrecord.nih.gov", "www.nimh.nih.gov", "www.cdc.gov", "fda.report", "spravatorems.com"),
    *("www.spravato.com", "www.spravatohcp.com", "www.oxfordhealth.nhs.uk", "www.guysandstthomas.nhs.uk"),
    *("wuth.nhs.uk", "www.uhdb.nhs.uk", "www.psychcongress.com", "medicalalgorithms.com", "eurekalert.org"),
)


def cards(pack: ProtocolDocument) -> dict[str, Card]:
    return {phase.key: phase.card for phase in pack.phases} | {"night": pack.night, "morning": pack.morning}


def notices(pack: ProtocolDocument) -> dict[str, Notice]:
    return {name: getattr(pack, name) for name in ("before", "during", "wrap_up", "days_after")}


def lines(value: Any) -> list[str]:
    """Every text of a part that a person reads. Sources are titles of other people's pages."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [line for item in value for line in lines(item)]
    if not is_dataclass(value) or isinstance(value, Source):
        return []
    shown = [
        each.name for each in fields(value) if each.name not in {"key", "icon", "name", "kind", "clock", "when_quiet"}
    ]
    return [line for name in shown for line in lines(getattr(value, name))]


def pages(pack: ProtocolDocument) -> Iterator[tuple[str, str]]:
    """Each part that is read in one go, with its name: cards, notices, messages and the driving rule."""
    parts = {**cards(pack), **notices(pack), **{f"message {prompt.key}": prompt for prompt in pack.prompts}}
    for name, part in {**parts, "driving": pack.driving}.items():
        yield name, "\n".join(lines(part))


def icons(value: Any) -> set[str]:
    if isinstance(value, tuple):
        return {icon for item in value for icon in icons(item)}
    if not is_dataclass(value):
        return set()
    own = {getattr(value, "icon", "")} - {""}
    return own | {icon for each in fields(value) for icon in icons(getattr(value, each.name))}


def sources(value: Any) -> set[Source]:
    if isinstance(value, tuple):
        return {source for item in value for source in sources(item)}
    if isinstance(value, Source) or not is_dataclass(value):
        return {value} if isinstance(value, Source) else set()
    return {source for each in fields(value) for source in sources(getattr(value, each.name))}


def test_two_routes_ship_each_under_its_own_name() -> None:
    assert pack_keys() == ("iv-ketamine", "spravato")
    assert [(key, read_pack(key).key, read_pack(key).route) for key in pack_keys()] == [
        ("iv-ketamine", "iv-ketamine", "iv"),
        ("spravato", "spravato", "spravato"),
    ]


def test_a_pack_that_does_not_ship_is_not_read() -> None:
    with pytest.raises(KeyError):
        read_pack("../document")


@every_pack
def test_every_phase_is_full_and_the_night_asks_for_little(pack: ProtocolDocument) -> None:
    for phase in pack.phases:
        assert len(phase.card.usual) == len(phase.card.do) == len(phase.card.later) == 3
        assert phase.card.steps
    assert all(card.sources for card in cards(pack).values())
    assert len(pack.night.steps) <= 1
    assert len(words("\n".join(lines(pack.night)))) <= 80


@every_pack
def test_headings_are_short(pack: ProtocolDocument) -> None:
    parts: list[Card | Notice] = [*cards(pack).values(), *notices(pack).values()]
    assert [part.heading for part in parts if len(part.heading.split()) > 7] == []


@every_pack
def test_every_icon_is_in_the_sprite(pack: ProtocolDocument) -> None:
    assert {icon for icon in icons(pack) if f'<symbol id="{icon}"' not in SPRITE} == set()


@every_pack
def test_every_part_is_easy_to_read(pack: ProtocolDocument) -> None:
    grades = {name: grade(text) for name, text in pages(pack)}
    assert {name: found for name, found in grades.items() if found > AIM} == {}


@every_pack
def test_sentences_alone_without_the_short_pieces_are_easy_too(pack: ProtocolDocument) -> None:
    for name, text in pages(pack):
        prose = [sentence for sentence in sentences(text) if len(words(sentence)) >= 4]
        assert grade("\n".join(prose)) <= HARDEST, name


@every_pack
def test_no_sentence_is_long(pack: ProtocolDocument) -> None:
    too_long = [one for _, text in pages(pack) for one in sentences(text) if len(one.split()) > LONGEST]
    assert too_long == []


@every_pack
def test_nothing_is_said_that_may_not_be_said(pack: ProtocolDocument) -> None:
    for name, text in pages(pack):
        found = found_words(text, UNKIND)
        found += [phrase for phrase in (*UNKIND_PHRASES, *NEVER_SAID) if phrase in text.casefold()]
        assert (name, found) == (name, [])
        assert not re.search(r"[!\u2600-\u27bf\U0001f300-\U0001faff]", text), name
        assert not re.search(r"\b(?:911|988)\b", text), "numbers come from the country, not from the words"


@every_pack
def test_phases_leave_night_and_morning_to_the_patients_clock(pack: ProtocolDocument) -> None:
    for phase in pack.phases:
        assert found_words("\n".join([phase.name, *lines(phase.card)]), CLOCK_WORDS) == []


@every_pack
def test_messages_tell_a_stranger_nothing(pack: ProtocolDocument) -> None:
    for prompt in pack.prompts:
        assert (prompt.key, found_words(f"{prompt.title} {prompt.text}", NOTICE_WORDS)) == (prompt.key, [])
    assert found_words(pack.patient_name, NOTICE_WORDS - {"treatment"}) == []


@every_pack
def test_help_is_named_where_somebody_may_feel_worse(pack: ProtocolDocument) -> None:
    asking = [prompt for prompt in pack.prompts if prompt.asks]
    shown = [*asking, pack.night, pack.morning, pack.wrap_up, pack.days_after, *(p.card for p in pack.phases[1:3])]
    for part in shown:
        assert "“Get help”" in "\n".join(lines(part))


@every_pack
def test_any_thought_of_self_harm_is_enough_to_ask_for_help(pack: ProtocolDocument) -> None:
    for part in (pack.morning, pack.wrap_up, pack.days_after):
        assert "Any thought of hurting yourself? Tap “Get help” now." in lines(part)


@every_pack
def test_sources_are_strong_ones(pack: ProtocolDocument) -> None:
    found = sources(replace(pack, learn=()))
    assert found
    assert {source.address for source in found if source.address.split("/")[0] not in SOURCE_HOSTS} == set()


@every_pack
def test_coffee_is_left_for_later_in_the_first_hours(pack: ProtocolDocument) -> None:
    first = [phase.card for phase in pack.phases if phase.from_hour < 6]
    assert all(any("coffee" in line.casefold() for line in card.later) for card in first)
    others = (*(phase.card for phase in pack.phases if phase.from_hour < 18), pack.night, pack.morning)
    assert not [line for card in others for line in (*card.do, *lines(card.steps)) if "coffee" in line.casefold()]


def test_spravato_says_that_it_stays_at_the_clinic_and_for_how_long() -> None:
    pack = read_pack("spravato")
    assert (pack.hour_zero, pack.minimum_stay_minutes) == ("first_device", 120)
    assert "two hours" in pack.phases[0].card.lead
    assert any("never taken home" in point for point in pack.before.points)
    assert "day of your visit" in pack.driving.text


def test_iv_waits_a_day_and_a_night_before_driving() -> None:
    pack = read_pack("iv-ketamine")
    assert (pack.hour_zero, pack.driving.hours) == ("treatment_end", 24)
    assert "24 hours" in pack.driving.text
    assert "sleep" in pack.driving.text


@every_pack
def test_before_driving_three_things_are_named(pack: ProtocolDocument) -> None:
    rule = next(point for point in pack.wrap_up.points if "Drive only if" in point)
    assert all(part in rule for part in ("wait is over", "slept well", "fully alert"))


@every_pack
def test_messages_keep_inside_the_budget(pack: ProtocolDocument) -> None:
    assert (pack.budget.notices, pack.budget.asking, pack.budget.texts, pack.budget.gap_minutes) == (6, 4, 2, 90)
    assert sum(prompt.asks for prompt in pack.prompts) <= pack.budget.asking
    assert sum(prompt.by_text for prompt in pack.prompts) <= pack.budget.texts
    assert all(prompt.asks == (prompt.kind == "check_in") for prompt in pack.prompts)


def _plan(pack: ProtocolDocument, hour: float) -> list[str]:
    """The keys of the prompts that leave, in order, when hour 0 is at this hour of a November day."""
    midnight = datetime(2026, 11, 24, tzinfo=NEW_YORK).astimezone(UTC)
    plan = plan_prompts(
        pack.prompts,
        hour_zero=midnight + timedelta(hours=hour),
        zone=NEW_YORK,
        quiet_hours=pack.quiet_hours,
        budget=pack.budget,
    )
    return [prompt.step for prompt in plan]


@every_pack
@pytest.mark.parametrize("hour", [7, 8, 9, 10.5, 12, 12.5, 14, 15, 16.5, 18, 19, 20, 21, 22, 23, 24, 25, 26])
def test_whatever_the_hour_of_the_visit_the_morning_after_is_asked_about(pack: ProtocolDocument, hour: float) -> None:
    plan = _plan(pack, hour)
    assert "morning" in plan
    assert len(plan) <= pack.budget.notices


@every_pack
@pytest.mark.parametrize(
    ("hour", "keys"),
    [
        (10.5, ["home", "check_1", "snack", "bed", "morning", "wrap_up"]),
        (19, ["check_1", "morning", "food", "wrap_up"]),
    ],
)
def test_the_worked_days_come_out_as_drawn(pack: ProtocolDocument, hour: float, keys: list[str]) -> None:
    assert _plan(pack, hour) == keys


def test_a_late_afternoon_brings_the_check_in_and_the_bed_in_one_message() -> None:
    pack = read_pack("iv-ketamine")
    assert _plan(pack, 16.5) == ["home", "check_1", "morning", "food", "wrap_up"]
    check_in = next(prompt for prompt in pack.prompts if prompt.key == "check_1")
    assert "Keep water, a light, and your phone close." in check_in.text
