"""The shipped Learn cards: easy to read, kind, with a source and an honest "not known", and nothing that may not be said."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from aftercare.words import NOTICE_WORDS, found_words
from tests.reading import grade, sentences, words
from tests.timeline.test_packs import AIM, LONGEST, NEVER_SAID, SOURCE_HOSTS, SPRITE, UNKIND, UNKIND_PHRASES, every_pack
from timeline.document import GivenFlag, HistoryFlag, LearnCard, ProtocolDocument, Route
from timeline.learn import OPENINGS
from timeline.packs import pack_keys, read_pack

SHARED = Path(__file__).parents[2] / "timeline/packs/learn.yaml"
# Two cards answer questions about the brain; no other speaks of it.
OF_THE_BRAIN = {"how", "long-run"}
CLAIMS = (
    *("rewir", "repair", "heals", "healing", "guarantee", "64", "columbia", "dopamine", "gold standard", "proven"),
    *("remission", "response rate", "out of 100", "no brain damage", "safe to drive", "may go", "miracle"),
)
# A card may name these too, after a strong one.
MORE_HOSTS = (
    *("www.nature.com", "science.sciencemag.org", "www.ncbi.nlm.nih.gov", "www.frontiersin.org", "www.cambridge.org"),
    *("www.mkuh.nhs.uk", "www.ebmedicine.net", "discovery.researcher.life", "litmetric.com"),
    *("mindscapecollective.org", "www.nervanamedical.com"),
)
STRONG = (*SOURCE_HOSTS, *MORE_HOSTS[:6])
MOMENTS = ("before", "during", "night", "morning", "wrap_up", "days_after")


def text_of(card: LearnCard) -> str:
    """Everything that somebody may read of a card, whoever it is."""
    lines = [card.title, card.lead]
    for section in card.sections:
        lines.append(section.heading)
        for point in section.points:
            lines.append(point.text)
            lines += [line for each in point.cautions for line in (OPENINGS[each.flag][0], each.text)]
    return "\n".join([*lines, *card.unknown])


def card(pack: ProtocolDocument, key: str) -> LearnCard:
    return next(card for card in pack.learn if card.key == key)


def replaced(pack: ProtocolDocument, flag: str) -> list[str]:
    """The points that nobody with this flag reads."""
    points = [point for card in pack.learn for section in card.sections for point in section.points]
    return [point.text for point in points if any(each.flag == flag and each.replaces for each in point.cautions)]


@every_pack
def test_every_card_is_easy_to_read(pack: ProtocolDocument) -> None:
    assert {card.key: grade(text_of(card)) for card in pack.learn if grade(text_of(card)) > AIM} == {}
    for each in pack.learn:
        prose = [sentence for sentence in sentences(text_of(each)) if len(words(sentence)) >= 4]
        assert grade("\n".join(prose)) <= 6.0, each.key


@every_pack
def test_no_sentence_of_a_card_is_long(pack: ProtocolDocument) -> None:
    found = [(card.key, one) for card in pack.learn for one in sentences(text_of(card)) if len(one.split()) > LONGEST]
    assert found == []


@every_pack
def test_no_card_says_what_may_not_be_said(pack: ProtocolDocument) -> None:
    for each in pack.learn:
        text = text_of(each)
        never = set(NEVER_SAID) - ({"brain"} if each.key in OF_THE_BRAIN else set())
        found = found_words(text, UNKIND | {"fine", "watch over", "watching"})
        found += [phrase for phrase in (*UNKIND_PHRASES, *never, *CLAIMS) if phrase in text.casefold()]
        assert (each.key, found) == (each.key, [])
        assert not re.search(r"[!\u2600-\u27bf\U0001f300-\U0001faff]", text), each.key
        assert not re.search(r"\b(?:911|988)\b", text), "numbers come from the country, not from the words"


@every_pack
def test_the_address_of_a_card_tells_nothing(pack: ProtocolDocument) -> None:
    keys = " ".join(card.key for card in pack.learn)
    assert found_words(keys, NOTICE_WORDS | {"brain", "stomach", "head", "dream", "tearful", "foggy", "sick"}) == []


@every_pack
def test_every_icon_of_a_card_is_in_the_sprite(pack: ProtocolDocument) -> None:
    assert [card.icon for card in pack.learn if f'<symbol id="{card.icon}"' not in SPRITE] == []


@every_pack
def test_strong_sources_come_first_and_all_are_known(pack: ProtocolDocument) -> None:
    for each in pack.learn:
        hosts = [source.address.split("/")[0] for source in each.sources]
        assert hosts[0] in STRONG, each.key
        assert set(hosts) <= {*SOURCE_HOSTS, *MORE_HOSTS}, each.key


@every_pack
def test_every_moment_offers_something_and_the_night_says_when_to_call(pack: ProtocolDocument) -> None:
    offered = {moment for card in pack.learn for moment in card.moments}
    assert offered == {*MOMENTS, *(phase.key for phase in pack.phases)}
    assert {"night", "coming_back", "settling_in", "days_after"} <= set(card(pack, "call").moments)


@every_pack
def test_any_thought_of_self_harm_is_enough_wherever_somebody_may_feel_low(pack: ProtocolDocument) -> None:
    for key in ("at-night", "next-day", "weeks", "tender", "first-day-done"):
        assert "Any thought of hurting yourself? Tap “Get help” now." in text_of(card(pack, key)).splitlines()
    assert "One thought is enough." in text_of(card(pack, "call"))
    assert [each.key for each in pack.learn if each.opens_help] == ["call"]


@every_pack
def test_every_flag_changes_something(pack: ProtocolDocument) -> None:
    points = [point for card in pack.learn for section in card.sections for point in section.points]
    used = {each.flag for point in points for each in point.cautions}
    assert used == {*get_args(HistoryFlag), *get_args(GivenFlag)} == set(OPENINGS)


@every_pack
def test_what_is_not_for_somebody_gives_way(pack: ProtocolDocument) -> None:
    assert any("ginger" in text for text in replaced(pack, "blood_thinner"))
    assert any("coffee" in text for text in replaced(pack, "high_blood_pressure"))
    assert any("sports drink" in text for text in replaced(pack, "limits_salt"))
    assert any("pain pill" in text for text in replaced(pack, "pain_reliever"))


@every_pack
def test_coffee_keeps_its_hours_wherever_it_is_offered(pack: ProtocolDocument) -> None:
    points = [point for card in pack.learn for section in card.sections for point in section.points]
    offers = [point.text for point in points if "coffee" in point.text.casefold()]
    assert offers
    assert all("first six hours" in text and "after 2 pm" in text for text in offers)


def test_each_route_reads_its_own_rules() -> None:
    iv, spray = (read_pack(key) for key in ("iv-ketamine", "spravato"))
    assert "never taken home" in text_of(card(spray, "rules"))
    assert "at least two hours" in text_of(card(spray, "rules"))
    assert "not for 24 hours" in text_of(card(iv, "later")).casefold()
    assert "never on the day of your visit" in text_of(card(spray, "later")).casefold()
    assert "off-label" in text_of(card(iv, "long-run"))
    assert "not shown to prevent suicide" in text_of(card(spray, "long-run"))
    assert not [each.key for each in iv.learn if "spray" in text_of(each)]
    assert not [each.key for each in spray.learn if re.search(r"\bdrip\b", text_of(each))]


def routes_in(value: Any) -> list[str]:
    if isinstance(value, list):
        return [route for item in value for route in routes_in(item)]
    if not isinstance(value, dict):
        return []
    return [*value.get("routes", []), *(route for item in value.values() for route in routes_in(item))]


def test_every_route_that_a_shared_card_names_is_one() -> None:
    assert set(routes_in(yaml.safe_load(SHARED.read_text("utf-8")))) <= set(get_args(Route))


def test_the_shared_cards_are_no_protocol_of_their_own() -> None:
    assert "learn" not in pack_keys()
    with pytest.raises(KeyError):
        read_pack("learn")


@every_pack
def test_staff_are_told_what_to_keep_in_mind_and_never_who_may_go(pack: ProtocolDocument) -> None:
    during, after = ("\n".join(lines) for lines in (pack.clinic_points.during, pack.clinic_points.after))
    assert all(part in during for part in ("quiet room", "lood pressure", "Anti-sickness medicine given?"))
    assert all(part in after for part in ("recover somewhere quiet", "stable, wide awake and steady on their feet"))
    assert "may go" not in during + after
    assert "may leave" not in during + after
