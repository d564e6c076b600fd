"""The Learn pages: what is offered when, how a card reads for whom, and what it costs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.clinic.pages import title, words
from tests.world import HOUR_ZERO, NEW_YORK, World, iv_document
from timeline.document import Caution, Point
from timeline.learn import shown_points
from timeline.models import ProtocolVersion, _parsed
from timeline.protocol import digest, dump, parse
from timeline.queries import learn_card_page, learn_page, today_page
from timeline.states import BadEnding, TreatmentState

DOCUMENT = iv_document()
GINGER = Point(
    "Sip ginger tea.",
    (Caution("blood_thinner", "Leave ginger out.", replaces=True), Caution("pregnant", "Ask first.", replaces=False)),
)
GIVEN = Point("Some get medicine.", (Caution("anti_nausea", "Call if it is not mild.", replaces=False),))
PLAIN = Point("Move slowly.", ())


def shown(*points: Point, history: Any = None, given: Any = None) -> list[tuple[str, list[tuple[str, bool]]]]:
    found = shown_points(points, history=history, given=given)
    return [(point.text, [(each.opening, each.is_known) for each in point.cautions]) for point in found]


def test_what_nobody_has_said_yet_is_told_as_a_condition() -> None:
    assert shown(GINGER) == [
        ("Sip ginger tea.", [("If you take blood thinners", False), ("If you are pregnant", False)])
    ]


def test_what_does_not_hold_is_left_out() -> None:
    assert shown(GINGER, history=frozenset()) == [("Sip ginger tea.", [])]


def test_what_is_not_for_this_person_gives_way_to_its_caution() -> None:
    assert shown(GINGER, history=frozenset({"blood_thinner"})) == [("", [("You take blood thinners", True)])]


def test_a_caution_that_only_adds_leaves_the_point() -> None:
    assert shown(GINGER, history={"pregnant"}) == [("Sip ginger tea.", [("You are pregnant", True)])]


def test_what_is_known_to_hold_comes_first() -> None:
    assert [text for text, _ in shown(PLAIN, GINGER, history={"pregnant"})] == ["Sip ginger tea.", "Move slowly."]


def test_history_and_what_was_given_are_known_each_for_itself() -> None:
    assert shown(GIVEN, history=frozenset()) == [
        ("Some get medicine.", [("If you got medicine against nausea", False)])
    ]
    assert shown(GIVEN, given={"anti_nausea"}) == [("Some get medicine.", [("You got medicine against nausea", True)])]


@pytest.fixture
def visit(world: World) -> World:
    world.treatment()
    return world


def now_keys(world: World, at: datetime) -> list[str]:
    groups = learn_page(world.patient, at).groups
    return [link.key for group in groups if group.is_now for link in group.links]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hours", "first"), [(1, "slowly"), (5, "slowly"), (12, "at-night"), (22, "next-day"), (30, "first-day-done")]
)
def test_the_cards_of_this_moment_come_first(visit: World, hours: float, first: str) -> None:
    assert now_keys(visit, HOUR_ZERO + timedelta(hours=hours))[0] == first


@pytest.mark.django_db
def test_every_card_stands_once(visit: World) -> None:
    page = learn_page(visit.patient, HOUR_ZERO + timedelta(hours=5))
    keys = [link.key for group in page.groups for link in group.links]
    assert sorted(keys) == sorted(card.key for card in DOCUMENT.learn)


@pytest.mark.django_db
def test_the_night_goes_by_the_patients_clock(visit: World) -> None:
    at = datetime(2026, 11, 24, 22, tzinfo=NEW_YORK)
    assert now_keys(visit, at) == ["at-night", "call"]
    visit.patient.zone = "Asia/Tokyo"
    assert "at-night" not in now_keys(visit, at)


@pytest.mark.django_db
def test_the_day_page_offers_three_cards_at_most_and_the_way_to_all(phone: Client, visit: World) -> None:
    for hours in range(60):
        assert 1 <= len(today_page(visit.patient, HOUR_ZERO + timedelta(hours=hours)).more) <= 3
    text = phone.get("/").content.decode()
    assert 'href="/learn/"' in text
    assert "More about this" in text


@pytest.mark.django_db
def test_the_list_and_a_card_open_and_tell_the_history_of_a_browser_nothing(phone: Client, visit: World) -> None:
    for address in ("/learn/", "/learn/settle/"):
        response = phone.get(address)
        assert (response.status_code, title(response)) == (200, "Learn")
    assert "What we do not know" in words(phone.get("/learn/settle/"))


@pytest.mark.django_db
def test_a_card_that_is_not_there_is_not_found(phone: Client, visit: World) -> None:
    assert phone.get("/learn/nothing/").status_code == 404


@pytest.mark.django_db
def test_a_stranger_is_sent_away(client: Client, visit: World) -> None:
    assert client.get("/learn/").status_code == 302
    assert client.get("/learn/settle/").status_code == 302


@pytest.mark.django_db
def test_a_card_reads_for_the_person_it_is_read_by(phone: Client, world: World) -> None:
    treatment = world.treatment(hour_zero=timezone.now() - timedelta(hours=2))
    unknown = words(phone.get("/learn/settle/"))
    assert "If you take blood thinners." in unknown
    assert "a little ginger tea" in unknown
    world.patient.history, treatment.given = ["blood_thinner"], ["anti_nausea"]
    world.patient.save()
    treatment.save()
    known = words(phone.get("/learn/settle/"))
    assert "For you You take blood thinners." in known
    assert "a little ginger tea" not in known
    assert "You got medicine against nausea." in known
    assert "If you" not in known.split("When to call")[0]


@pytest.mark.django_db
def test_when_to_call_has_help_on_top(phone: Client, visit: World) -> None:
    body = phone.get("/learn/call/").content.decode()
    assert body.index('href="#help"') < body.index("Any thought of hurting yourself")


@pytest.mark.django_db
def test_without_a_visit_there_is_nothing_to_read_but_the_way_to_help(phone: Client, world: World) -> None:
    response = phone.get("/learn/")
    assert "Nothing to read yet" in words(response)
    assert 'href="#help"' in response.content.decode()
    assert phone.get("/learn/settle/").status_code == 404


@pytest.mark.django_db
def test_a_plan_that_does_not_hold_teaches_nothing(world: World) -> None:
    world.treatment(
        TreatmentState.ENDED_BADLY,
        ended_badly_at=HOUR_ZERO,
        ended_badly_by=world.nurse,
        ended_badly_reason=BadEnding.HOSPITAL,
    )
    at = HOUR_ZERO + timedelta(hours=1)
    assert learn_page(world.patient, at).empty_heading == "Your plan has changed"
    assert learn_card_page(world.patient, "settle", at) is None


@pytest.mark.django_db
def test_a_cancelled_visit_teaches_nothing(world: World) -> None:
    world.treatment(TreatmentState.CANCELLED, hour_zero=None, cancelled_at=HOUR_ZERO, cancelled_by=world.nurse)
    assert learn_page(world.patient, HOUR_ZERO + timedelta(hours=1)).groups == ()


@pytest.mark.django_db
def test_a_version_from_before_the_cards_says_that_nothing_is_here(
    phone: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    treatment = world.treatment(hour_zero=timezone.now() - timedelta(hours=2))
    monkeypatch.setitem(_parsed, treatment.protocol_version.digest, replace(DOCUMENT, learn=()))
    text = words(phone.get("/learn/"))
    assert "Your clinic has put nothing here so far." in text
    assert "More about this" not in words(phone.get("/"))


@pytest.mark.django_db
def test_who_answers_for_the_words_stands_on_the_list_and_on_each_card(phone: Client, world: World) -> None:
    treatment = world.treatment(hour_zero=timezone.now() - timedelta(hours=2))
    for address in ("/learn/", "/learn/settle/"):
        assert "Not clinically reviewed" in words(phone.get(address))
    world.clinic.is_demo = False
    world.clinic.save()
    old = {"signed_by": world.nurse, "signed_name": "Ana Ruiz, MD", "signed_at": HOUR_ZERO}
    signed = ProtocolVersion.objects.create(
        clinic=world.clinic,
        protocol=treatment.protocol_version.protocol,
        number=2,
        state="draft",
        content=dump(DOCUMENT),
        digest=digest(DOCUMENT),
        created_at=HOUR_ZERO,
        **old,
    )
    treatment.delete()
    world.version = signed
    world.treatment(hour_zero=timezone.now() - timedelta(hours=2))
    for address in ("/learn/", "/learn/settle/"):
        assert "Reviewed by Ana Ruiz, MD, Nov 24, 2026" in words(phone.get(address))


@pytest.mark.django_db
@pytest.mark.parametrize("visits", [1, 3])
def test_a_page_takes_one_query_however_many_visits(world: World, visits: int) -> None:
    for day in range(visits):
        world.treatment(
            TreatmentState.CLOSED if day else TreatmentState.DISCHARGED,
            hour_zero=HOUR_ZERO - timedelta(days=day),
            closed_at=HOUR_ZERO if day else None,
        )
    at = HOUR_ZERO + timedelta(hours=5)
    with CaptureQueriesContext(connection) as queries:
        learn_page(world.patient, at)
        learn_card_page(world.patient, "settle", at)
    assert len(queries) == 2


def test_a_stored_version_from_before_the_cards_keeps_its_digest() -> None:
    old = {name: value for name, value in dump(DOCUMENT).items() if name not in {"learn", "clinic_points"}}
    document = parse(old)
    assert (document.learn, document.clinic_points.during) == ((), ())
    assert dump(document) == old
    assert digest(document) != digest(DOCUMENT)
    canonical = json.dumps(old, sort_keys=True, separators=(",", ":"))
    assert digest(document) == hashlib.sha256(canonical.encode()).hexdigest()
