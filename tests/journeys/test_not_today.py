"""What was put away for a day, handed back in a real browser: to be read, kept, asked about and let go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.services import set_pin
from aftercare.tenancy import as_journal, tenant
from journal.models import ParkedUrge
from journal.services import entry_id_of, keys, park_urge
from tests.conftest import bind
from tests.look import checks
from tests.world import World

PIN, LINE = "480913", "Tell my boss that I quit, and why."


@pytest.fixture(params=["light", "dark"])
def phone(request: pytest.FixtureRequest, browser: Browser, server: str, world: World) -> Iterator[Page]:
    """The phone of somebody whose line is back, with a PIN and a friend whom they named."""
    keys._trusted.clear()
    at = timezone.now() - timedelta(hours=25)
    with tenant(world.clinic.pk):
        set_pin(world.patient, PIN)
        world.treatment(hour_zero=at, second_contact="Ana Silva", second_phone="+15550100177")
        park_urge(
            world.patient,
            urge_id=entry_id_of(world.patient, uuid4()),
            line=LINE,
            opens_at=at + timedelta(hours=24),
            at=at,
        )
    sid = bind(Client(), world).cookies["sid"].value
    context = browser.new_context(
        base_url=server, viewport={"width": 390, "height": 844}, color_scheme=request.param, has_touch=True
    )
    context.add_cookies([{"name": "sid", "value": sid, "url": server}])
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def looked_at(page: Page) -> list[str]:
    """What is wrong with this page: for whoever can't see it, to read, and to tap."""
    return [*checks.structure(page), *checks.layout(page, least=48), *checks.reading(page)]


def test_it_is_asked_again_kept_asked_about_and_let_go(phone: Page, world: World) -> None:
    page = phone
    page.goto(reverse("journal:not_today"))
    assert looked_at(page) == []
    page.get_by_role("link", name="Still want this?").click()
    page.locator("#id_known_pin").fill(PIN)
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_role("heading", name="Still want this?")).to_be_visible()
    expect(page.get_by_text(LINE)).to_be_visible()
    assert looked_at(page) == []
    page.get_by_role("button", name="Ask somebody first").click()
    expect(page.get_by_role("link", name="Call Ana Silva")).to_have_attribute("href", "tel:+15550100177")
    assert looked_at(page) == []
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("heading", name="You kept this")).to_be_visible()
    page.get_by_role("link", name="Let it go").click()
    assert looked_at(page) == []
    page.get_by_role("button", name="Let it go").click()
    expect(page.get_by_text("It is gone.")).to_be_visible()
    expect(page.get_by_text("Put away at")).to_have_count(0)
    with tenant(world.clinic.pk), as_journal():
        assert not ParkedUrge.objects.exists()
