"""What only a browser shows of the pages before a visit: a tap that saves itself, and a card on one sheet of paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.look import two_weeks
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


def test_answers_that_can_not_be_sent_stay_and_one_of_them_shows_whom_to_call(patient: Page) -> None:
    two_weeks.sent(1)(patient)  # with items missing the page comes also to who has answered before
    patient.locator("#id_q9_2").check()
    patient.context.set_offline(True)
    patient.get_by_role("button", name="Save and go on").click()
    expect(patient.locator("#help #unsent")).to_contain_text("The clinic does not have your answers.")
    expect(patient.locator("#help a[href='tel:988']")).to_be_visible()
    expect(patient.locator("#help a[href='tel:911']").first).to_be_visible()
    patient.get_by_role("link", name="Back", exact=True).last.click()
    expect(patient.locator("#id_q9_2")).to_be_checked()
    patient.context.close()


def test_the_card_for_the_people_at_home_prints_on_one_page(patient: Page) -> None:
    patient.goto("/home-card/")
    for paper in ("A4", "Letter"):
        assert patient.pdf(format=paper).count(b"/Type /Page\n") == 1
    patient.context.close()
