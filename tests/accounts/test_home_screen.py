"""The app on a home screen: what stands there tells nobody what it is for."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from aftercare.words import NOTICE_WORDS, found_words
from tests.conftest import StaffClient
from tests.world import World


def manifest(client: Client) -> dict[str, Any]:
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    told: dict[str, Any] = response.json()
    return told


def test_the_home_screen_shows_a_neutral_name_and_opens_the_day(db: None, client: Client) -> None:
    told = manifest(client)
    assert found_words(str(told).replace("/", " "), NOTICE_WORDS) == []
    assert (told["id"], told["start_url"], told["display"]) == ("/", "/", "standalone")


def test_each_icon_is_there_in_the_size_that_it_claims(db: None, client: Client) -> None:
    for icon in manifest(client)["icons"]:
        found = finders.find(f"icons/{Path(icon['src']).name}")
        assert found, icon
        assert icon["sizes"] == "{}x{}".format(*struct.unpack(">II", Path(str(found)).read_bytes()[16:24]))


def test_the_worker_shows_notes_with_our_own_icon(db: None, client: Client) -> None:
    script = client.get("/sw.js").content.decode()
    assert "/static/icons/app-192" in script
    assert "/* " not in script.split("*/", 1)[1], "a mark was left in"


def test_only_a_patients_page_can_be_put_there(world: World, phone: Client, staff: Any) -> None:
    """A nurse would find the patient's start under the icon."""
    nurse: StaffClient = staff()
    assert b'rel="manifest"' in phone.get("/").content
    assert b'rel="manifest"' not in nurse.get("/staff/").content


@pytest.mark.parametrize(("agent", "first"), [("Linux; Android 16", "On an Android"), ("iPhone; CPU", "On an iPhone")])
def test_the_help_begins_with_the_phone_that_asks_and_holds_both(set_up_phone: Client, agent: str, first: str) -> None:
    words = set_up_phone.get("/set-up/home-screen/", headers={"User-Agent": agent}).content.decode()
    places = {name: words.index(name) for name in ("On an Android", "On an iPhone")}
    assert min(places, key=lambda name: places[name]) == first


def test_the_way_back_is_where_somebody_came_from(phone: Client, world: World) -> None:
    def back(query: str) -> bool:
        return 'class="back" href="/messages/"' in phone.get(f"/set-up/home-screen/{query}").content.decode()

    assert [back(query) for query in ("?from=messages", "", "?from=//evil.example")] == [True, False, False]
