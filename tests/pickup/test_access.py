"""A link opens one list, beside whoever else uses the browser; whatever opens nothing looks the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Clinic, Escort, Throttle, Token
from accounts.services import end_escort
from aftercare.tenancy import tenant
from aftercare.words import ESCORT_WORDS, found_words
from pickup.access import AT_MOST, WITHIN
from pickup.models import PickupLink, PickupTick
from pickup.services import make_link, withdraw_link, withdraw_links
from pickup.states import PickupState
from tests.conftest import StaffClient, bind
from tests.pickup.ways import a_joined, an_escort, opened, path_of
from tests.world import World
from timeline.lists_parts import MOST_DUTIES
from timeline.models import Treatment
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')


def body(browser: Client, path: str = "/pickup/") -> tuple[int, bytes]:
    response = browser.get(path)
    return response.status_code, TOKEN.sub(b"", response.getvalue())


def test_a_link_leads_to_an_address_without_the_secret(link: PickupLink) -> None:
    browser = Client()
    for method in (browser.head, browser.get):
        response = method(path_of(link))
        assert (response.status_code, response["Location"]) == (303, "/pickup/")
    assert b"Who is there?" in body(browser)[1]


def test_another_browser_asks_who_it_is_before_it_shows_or_takes_anything(link: PickupLink) -> None:
    """A mail scanner follows the link of a second text and presses every button: it types no name."""
    browser = Client()
    browser.get(path_of(link))
    for path, sent in (("/pickup/step/", {"step": "on_the_way"}), ("/pickup/cant-come/", {})):
        assert browser.post(path, sent)["Location"] == "/pickup/"
    assert (
        browser.post("/pickup/step/", {"step": "on_the_way"}, headers={"HX-Request": "true"})["HX-Redirect"]
        == "/pickup/"
    )
    assert browser.post("/pickup/", {"said_name": " "}).status_code == 422
    assert PickupLink.objects.get().state == PickupState.CONFIRMED
    assert browser.post("/pickup/", {"said_name": "Jo"}).status_code == 303
    assert b"Picking up Maya" in body(browser)[1]


def test_a_guess_leads_to_the_same_address() -> None:
    response = Client().get(f"/f/{'A' * 22}/")
    assert (response.status_code, response["Location"]) == (303, "/pickup/")


def test_looking_changes_nothing(visit: Treatment, jo: Escort) -> None:
    link = make_link(visit, escort=jo, by=visit.patient, at=timezone.now())
    before = PickupLink.objects.values().get()
    browser = opened(link)
    for method in (browser.head, browser.get, browser.options):
        method("/pickup/")
        method(path_of(link))
    assert PickupLink.objects.values().get() == before
    assert Token.objects.get(pk=link.token_id).used_at is None


ENDS: dict[str, Callable[[PickupLink], object]] = {
    "run out": lambda link: Token.objects.filter(pk=link.token_id).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    ),
    "withdrawn": lambda link: withdraw_link(link, by=link.treatment.patient, at=timezone.now()),
    "withdrawn with the visit": lambda link: withdraw_links(link.treatment, by=None, at=timezone.now()),
    "made anew": lambda link: make_link(
        link.treatment, escort=link.escort, by=link.treatment.patient, at=timezone.now()
    ),
    "of somebody who ended": lambda link: end_escort(link.escort, by=link.treatment.patient, at=timezone.now()),
}


@pytest.mark.parametrize("end", ENDS)
def test_whatever_opens_nothing_shows_the_same_page_and_tells_nothing(link: PickupLink, end: str) -> None:
    guessed, ended = Client(), opened(link)
    guessed.get(f"/f/{'A' * 22}/")
    ENDS[end](link)
    status, page = body(ended)
    assert status == 410
    assert (status, page) == body(guessed) == body(Client())
    assert not any(word in page for word in (b"Maya", b"Cedar", b"Jo"))
    assert b'id="help"' in page and b"tel:911" in page
    assert b"Call 911 if this person:" in page and b"treatment" not in page


def test_a_post_with_a_link_that_ended_does_nothing(link: PickupLink, escort: Client) -> None:
    withdraw_links(link.treatment, by=None, at=timezone.now())
    for path in ("/pickup/", "/pickup/ticks/", "/pickup/step/", "/pickup/cant-come/"):
        assert escort.post(path, {"step": "home", "duty": "fit", "said_name": "X"}).status_code == 410
    response = escort.get("/pickup/?seen=x", headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (410, "/pickup/")
    link.treatment.refresh_from_db()
    assert link.treatment.home_safe_at is None
    assert not PickupTick.objects.exists()


def test_a_link_is_opened_sixty_times_a_minute_and_no_more(
    link: PickupLink, escort: Client, visit: Treatment, world: World
) -> None:
    other = opened(a_joined(visit, an_escort(world, name="Bo", task=Escort.Task.STAYS)))
    # One was the name that was typed.
    assert {escort.get("/pickup/").status_code for _ in range(AT_MOST - 1)} == {200}
    response = escort.get("/pickup/")
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    page = TOKEN.sub(b"", response.getvalue())
    assert b"One minute, please" in page and not any(word in page for word in (b"Maya", b"Cedar", b"Jo"))
    assert escort.post("/pickup/step/", {"step": "on_the_way"}).status_code == 429
    assert escort.get("/pickup/?seen=x", headers={"HX-Request": "true"}).status_code == 429
    assert other.get("/pickup/").status_code == 200  # each link is counted for itself
    Throttle.objects.update(window_starts_at=timezone.now() - timedelta(hours=1))
    assert escort.get("/pickup/").status_code == 200


def test_a_page_that_asks_each_eight_seconds_never_meets_the_limit() -> None:
    every = re.search(r"every (\d+)s", Path("templates/pickup/list.html").read_text("utf-8"))
    assert every
    # In one window: two phones with two tabs each, and each of the thirteen duties ticked and unticked by hand.
    assert 4 * (WITHIN.total_seconds() / int(every[1]) + 1) + 2 * MOST_DUTIES <= AT_MOST


def test_a_browser_remembers_a_link_as_long_as_it_lives(link: PickupLink, world: World) -> None:
    assert opened(link).session.get_expiry_age() == 60 * 60 * 60
    assert opened(link, bind(Client(), world)).session.get_expiry_age() == settings.SESSION_COOKIE_AGE
    assert "Open it once more" in body(Client())[1].decode()


def test_no_page_tells_by_the_clinics_name(world: World, visit: Treatment, jo: Escort) -> None:
    Clinic.objects.update(name="Harbor Ketamine Center")
    asks = body(opened(make_link(visit, escort=jo, by=visit.patient, at=timezone.now())))[1]
    joined = a_joined(visit, jo)
    nameless, escort = Client(), opened(joined)
    nameless.get(path_of(joined))
    pages = [asks, body(nameless)[1]]
    pages += [body(escort, path)[1] for path in ("/pickup/", "/pickup/tonight/", "/pickup/cant-come/", "/pickup/stop/")]
    pages.append(escort.post("/pickup/stop/").getvalue())
    assert [found_words(re.sub(r"<[^>]*>", " ", page.decode()), ESCORT_WORDS) for page in pages] == [[]] * 7
    assert b"Cedar Street" in pages[1]


class TestBesideOthers:
    def test_a_patients_own_phone_keeps_both(self, world: World, link: PickupLink) -> None:
        browser = opened(link, bind(Client(), world))
        assert b"Picking up Maya" in body(browser)[1]
        assert browser.get("/").status_code == 200
        assert b"/phone-and-pin/" not in body(browser)[1]

    def test_a_nurse_of_another_clinic_keeps_both(
        self, world: World, other_world: World, staff: Callable[..., StaffClient]
    ) -> None:
        with tenant(world.clinic.pk):
            visit = world.treatment(TreatmentState.RECOVERING, hour_zero=timezone.now())
            link = a_joined(visit, an_escort(world))
        nurse = opened(link, staff(at=other_world))
        page = body(nurse)[1]
        assert b"Picking up Maya" in page and b"Harbor" not in page
        assert nurse.post("/pickup/step/", {"step": "on_the_way"}).status_code == 303
        assert b"Harbor" in nurse.get("/staff/").getvalue()
        with tenant(world.clinic.pk):
            assert PickupLink.objects.get().on_the_way_at is not None

    def test_what_opens_nothing_is_the_same_for_staff(self, staff: Callable[..., StaffClient]) -> None:
        nurse = staff()
        assert body(nurse) == body(Client())
