"""What only a browser shows of the pages before a visit: a tap that saves itself, and a card on one sheet of paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.look.session import become
from tests.stack import Stack


@pytest.fixture
def patient(browser: Browser, stack: Stack) -> Page:
    page = browser.new_context(base_url=stack.url, viewport={"width": 390, "height": 844}).new_page()
    become(page, "planned")
    return page


def test_a_tap_saves_itself_and_the_count_follows(patient: Page) -> None:
    patient.goto("/set-up/home/")
    patient.get_by_label("An audiobook").check()
    expect(patient.locator("#count")).to_contain_text("1 of")
    patient.get_by_label("A nature film").check()
    expect(patient.locator("#count")).to_contain_text("2 of")
    patient.reload()
    for name in ("An audiobook", "A nature film"):
        expect(patient.get_by_label(name)).to_be_checked()
        patient.get_by_label(name).uncheck()
    expect(patient.locator("#count")).to_contain_text("0 of")
    patient.context.close()


def test_the_card_for_the_people_at_home_prints_on_one_page(patient: Page) -> None:
    patient.goto("/home-card/")
    for paper in ("A4", "Letter"):
        assert patient.pdf(format=paper).count(b"/Type /Page\n") == 1
    patient.context.close()
