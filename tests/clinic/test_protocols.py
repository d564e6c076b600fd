"""Protocols: what a version says, who answers for it, and how it comes into use."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import yaml
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.states import Role
from aftercare.tenancy import tenant
from clinic.queries import pack_text, packs
from clinic.queries.version_lists import SOMEBODY
from tests.clinic.pages import title, words
from tests.conftest import StaffClient
from tests.timeline.test_visit_pack import lines
from tests.world import World, iv_document
from timeline.models import ProtocolVersion, _parsed
from timeline.packs import pack_keys, read_pack
from timeline.protocol import dump, load
from timeline.services import draft_version
from timeline.states import VersionState
from timeline.visit_lists import named

Staff = Callable[..., StaffClient]
LIST, ADD = "/staff/protocols/", "/staff/protocols/add/"


def url(version: ProtocolVersion, act: str = "") -> str:
    return f"{LIST}{version.pk}/{act}/" if act else f"{LIST}{version.pk}/"


def draft(world: World, **other: Any) -> ProtocolVersion:
    return draft_version(iv_document(), by=world.nurse, at=timezone.now(), clinic_id=world.clinic.pk)


def make_real(world: World) -> None:
    world.clinic.is_demo = False
    world.clinic.save()


def state_of(version: ProtocolVersion) -> str:
    version.refresh_from_db()
    return version.state


@pytest.mark.django_db
def test_the_list_says_state_signature_and_that_nobody_reviewed_it(world: World, staff: Staff) -> None:
    draft(world)
    text = words(staff(Role.FRONT_DESK).get(LIST))
    for part in ("IV ketamine", "Version 2", "Draft", "Version 1", "In use", "Not signed", "Not clinically reviewed"):
        assert part in text
    assert "New draft" not in text
    assert "New draft" in words(staff(Role.MANAGER).get(LIST))


@pytest.mark.django_db
def test_a_signed_version_of_a_real_clinic_names_who_signed(world: World, staff: Staff) -> None:
    make_real(world)
    clinician, version = staff(Role.CLINICIAN), draft(world)
    clinician.post(url(version, "sign"))
    text = words(clinician.get(url(version)))
    assert "Signed by Sam Lindqvist" in text
    assert "Not clinically reviewed" not in text


@pytest.mark.django_db
def test_in_the_demo_even_a_signed_version_is_marked(world: World, staff: Staff) -> None:
    clinician, version = staff(Role.CLINICIAN), draft(world)
    clinician.post(url(version, "sign"))
    text = words(clinician.get(url(version)))
    assert "Signed by Sam Lindqvist" in text
    assert "Not clinically reviewed" in text


@pytest.mark.django_db
def test_a_version_can_be_read_whole(world: World, staff: Staff) -> None:
    response = staff().get(url(world.version))
    text, document = words(response), iv_document()
    assert title(response) == "Protocol"
    cards = [*(phase.card for phase in document.phases), document.night, document.morning]
    notices = (document.before, document.during, document.wrap_up, document.days_after)
    said = [
        *(line for card in cards for line in (card.heading, card.lead, *card.usual, *card.do, *card.later)),
        *(step.note for card in cards for step in card.steps),
        *(line for notice in notices for line in (notice.heading, notice.lead, *notice.points)),
        *(line for prompt in document.prompts for line in (prompt.title, prompt.text)),
        *(line for card in document.learn for line in (card.title, card.lead, *card.unknown)),
        *(point.text for card in document.learn for section in card.sections for point in section.points),
        *document.clinic_points.during,
        *document.clinic_points.after,
        *lines(named(document.lists, SOMEBODY)),
        document.driving.text,
        f"{document.budget.notices} at most, {document.budget.asking} of them asking",
        "21:00 to 08:00 on the patient's clock",
    ]
    assert [line for line in said if re.sub(r"\s+", " ", line) not in text] == []


@pytest.mark.django_db
def test_what_staff_tick_says_what_it_asks_for(world: World, staff: Staff) -> None:
    text = words(staff().get(url(world.version)))
    assert "Nobody drives themselves home. (asks for the door word)" in text
    assert "Dose worked out and given by trained staff (asks: By whom)" in text
    assert "60 minutes; after that, a missing word counts as silence" in text


@pytest.mark.django_db
def test_a_version_without_lists_shows_the_ones_its_visits_go_by(
    world: World, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_parsed, world.version.digest, replace(iv_document(), lists=None))
    text = words(staff().get(url(world.version)))
    assert "This version has no lists of its own." in text
    assert "You are 18 or older, sober, and can drive" in text


@pytest.mark.django_db
def test_one_version_costs_as_many_queries_as_three(world: World, staff: Staff) -> None:
    browser, counts = staff(Role.MANAGER), []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            browser.get(LIST)
        counts.append(len(queries))
        draft(world)
    assert counts[0] == counts[2]
    assert counts[0] <= 10


@pytest.mark.django_db
def test_the_file_of_a_version_can_be_read_in_again(world: World, staff: Staff) -> None:
    response = staff().get(url(world.version, "file"))
    assert response["Content-Disposition"] == 'attachment; filename="iv-ketamine-1.yaml"'
    assert load(response.content.decode()) == iv_document()


def test_every_shipped_pack_can_be_the_start_of_a_draft() -> None:
    assert {key for key, _ in packs()} == set(pack_keys())
    assert [load(pack_text(key) or "") for key in pack_keys()] == [read_pack(key) for key in pack_keys()]


@pytest.mark.django_db
def test_a_draft_begins_with_a_pack_or_with_a_version(world: World, staff: Staff) -> None:
    browser = staff(Role.MANAGER)
    assert "key: spravato" in words(browser.get(ADD, {"pack": "spravato"}))
    assert "key: iv-ketamine" in words(browser.get(ADD, {"from": str(world.version.pk)}))


@pytest.mark.django_db
@pytest.mark.parametrize("query", [{"pack": "../settings"}, {"pack": "nope"}, {"from": "nope"}, {"from": ""}])
def test_a_start_that_is_not_there_is_a_404(world: World, staff: Staff, query: dict[str, str]) -> None:
    assert staff(Role.MANAGER).get(ADD, query).status_code == 404


@pytest.mark.django_db
def test_a_pasted_document_becomes_one_draft_however_often_it_is_tapped(world: World, staff: Staff) -> None:
    browser, text = staff(Role.MANAGER), pack_text("spravato")
    first, second = (browser.post(ADD, {"text": text}) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    version = ProtocolVersion.objects.get(protocol__key="spravato")
    assert (version.state, version.number) == ("draft", 1)
    assert "The draft is saved." in words(browser.get(first["Location"]))


@pytest.mark.django_db
def test_every_error_stands_at_its_path_and_the_text_is_kept(world: World, staff: Staff) -> None:
    content = dump(iv_document())
    content["budget"]["notices"] = 60
    content["phases"][1]["card"]["lead"] = ""
    content["colour"] = "red"
    response = staff(Role.CLINICIAN).post(ADD, {"text": yaml.safe_dump(content)})
    text, page = words(response), response.content.decode()
    assert response.status_code == 422
    assert title(response) == "Error: New draft"
    for path in ("budget.notices: ", "phases[1].card.lead: ", "colour: this section"):
        assert text.count(path) == 2  # in the summary, and next to the field
    assert "colour: red" in text
    assert 'aria-describedby="id_text_error"' in page
    assert ProtocolVersion.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "   ",
        "just words",
        "[" * 500,
        "a: &a [1]\nb: *a",
        "!!python/object/apply:os.system ['true']",
        "a: [unclosed",
        "\0",
        "🌿: 🌿",
        "a: \u202e",
        "x" * 200_001,
        "schema: 1\nschema: 1",
        "- 1\n- 2",
        '"\\UFFFFFFFF"',
        "1: 2",
        "? [a]\n: b",
    ],
)
def test_what_is_no_document_is_told_in_words(world: World, staff: Staff, text: str | None) -> None:
    response = staff(Role.MANAGER).post(ADD, {} if text is None else {"text": text})
    assert response.status_code == 422
    assert "There is a problem" in words(response)
    assert ProtocolVersion.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["sign", "publish", "retire"])
def test_a_look_changes_nothing(world: World, staff: Staff, act: str) -> None:
    browser, version = staff(Role.CLINICIAN), draft(world)
    assert browser.get(url(version, act)).status_code == (409 if act == "retire" else 200)
    version.refresh_from_db()
    assert (version.state, version.is_signed) == ("draft", False)


@pytest.mark.django_db
def test_a_version_comes_into_use_and_the_one_before_retires(world: World, staff: Staff) -> None:
    browser, version = staff(Role.MANAGER), draft(world)
    assert browser.post(url(version, "publish")).status_code == 303
    assert (state_of(version), state_of(world.version)) == ("published", "retired")
    assert browser.post(url(version, "retire")).status_code == 303
    assert state_of(version) == "retired"
    assert "Taken out of use" in words(browser.get(url(version)))


@pytest.mark.django_db
def test_a_real_clinic_uses_nothing_that_nobody_signed(world: World, staff: Staff) -> None:
    make_real(world)
    version, manager, clinician = draft(world), staff(Role.MANAGER), staff(Role.CLINICIAN)
    assert "Put it in use" not in words(manager.get(url(version)))
    response = manager.post(url(version, "publish"))
    assert response.status_code == 409
    assert "A clinician has to sign this version before it can be used." in words(response)
    assert state_of(version) == "draft"
    assert clinician.post(url(version, "sign")).status_code == 303
    assert manager.post(url(version, "publish")).status_code == 303


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["sign", "publish", "retire"])
def test_a_double_tap_changes_nothing_twice(world: World, staff: Staff, act: str) -> None:
    browser = staff(Role.CLINICIAN)
    version = world.version if act == "retire" else draft(world)
    assert [browser.post(url(version, act)).status_code for _ in range(2)] == [303, 303]


@pytest.mark.django_db
def test_who_comes_second_reads_when_it_was(world: World, staff: Staff) -> None:
    version = draft(world)
    staff(Role.MANAGER).post(url(version, "publish"))
    response = staff(Role.CLINICIAN).post(url(version, "publish"))
    assert response.status_code == 409
    assert "put this version in use. That was at" in words(response)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.FRONT_DESK, set()),
        (Role.NURSE, set()),
        (Role.MANAGER, {"publish", "add"}),
        (Role.CLINICIAN, {"sign", "publish", "add"}),
    ],
)
def test_only_clinicians_sign_and_only_they_and_managers_publish(
    world: World, staff: Staff, role: Role, may: set[str]
) -> None:
    browser, version = staff(role), draft(world)
    seen = {act: browser.get(url(version, act)).status_code for act in ("sign", "publish")}
    seen["add"] = browser.get(ADD).status_code
    assert {act for act, status in seen.items() if status == 200} == may
    refused = {act: browser.post(url(version, act)).status_code for act in {"sign", "publish"} - may}
    assert set(refused.values()) <= {403}
    assert state_of(version) == "draft" or "publish" in may


def test_of_two_who_publish_two_drafts_at_once_one_is_in_use(committed: None, world: World, staff: Staff) -> None:
    with tenant(world.clinic.pk):
        versions = [draft(world), draft(world)]
    browsers = [staff(Role.CLINICIAN), staff(Role.MANAGER)]

    def publish(number: int) -> int:
        try:
            return browsers[number].post(url(versions[number], "publish")).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        assert set(threads.map(publish, range(2))) <= {303, 409}
    with tenant(world.clinic.pk):
        assert ProtocolVersion.objects.filter(state=VersionState.PUBLISHED).count() == 1


def test_two_who_save_drafts_at_once_get_two_numbers(committed: None, world: World, staff: Staff) -> None:
    browsers = [staff(Role.CLINICIAN), staff(Role.MANAGER)]

    def save(number: int) -> int:
        content = dump(iv_document()) | {"patient_name": f"Your visit {number}"}
        try:
            return browsers[number].post(ADD, {"text": yaml.safe_dump(content)}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(save, range(2))) == [303, 303]
    with tenant(world.clinic.pk):
        assert sorted(ProtocolVersion.objects.values_list("number", flat=True)) == [1, 2, 3]
