"""Whoever follows the link of a reminder has fewer, a pause and a stop in front of them: the first tap is the act itself."""

from __future__ import annotations

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from aftercare.tenancy import tenant
from prompts.models import MessageChoice
from tests.conftest import bind
from tests.prompts.test_hand_everywhere import a_prompt, page_of
from tests.world import World


@pytest.mark.parametrize("kind", ["tip", "log", "set_up"])
@pytest.mark.usefixtures("has_provider")
def test_the_first_tap_after_a_messages_link_is_the_pause(
    page: Page, server: str, world: World, settings: Settings, kind: str
) -> None:
    with tenant(world.clinic.pk):
        address = page_of(a_prompt(world, kind), settings)
    phone = bind(Client(), world)
    page.context.add_cookies([{"name": "sid", "value": phone.cookies["sid"].value, "url": server}])
    page.goto(server + address)
    page.get_by_role("button", name="Pause for 3 hours").tap()
    expect(page.get_by_role("button", name="Undo: Paused")).to_be_focused()
    expect(page).to_have_url(server + address)
    with tenant(world.clinic.pk):
        assert MessageChoice.objects.get().paused_until
