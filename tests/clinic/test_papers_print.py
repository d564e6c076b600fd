"""Each paper of a visit is one page, on Letter and on A4, at its longest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route

from accounts.models import Patient
from aftercare.processes import ROOT
from clinic.models import Discharge, DischargeItem
from tests.clinic.rides import with_spravato
from tests.conftest import StaffClient
from tests.world import HOUR_ZERO, World
from timeline.models import Treatment, VitalSigns
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
EDGE = "12mm"
HERE = "http://paper.invalid/"


@pytest.fixture
def paper(browser: Browser) -> Iterator[Page]:
    """A browser that gets our style sheet and font, and nothing else."""
    page = browser.new_page()

    def answer(route: Route) -> None:
        path = Path(ROOT, route.request.url.removeprefix(HERE))
        route.fulfill(path=path) if path.is_file() else route.abort()

    page.route(f"{HERE}static/**", answer)
    yield page
    page.close()


def pages(paper: Page, html: str, size: str) -> int:
    paper.route(HERE, lambda route: route.fulfill(body=html, content_type="text/html"))
    paper.goto(HERE)
    paper.evaluate("document.fonts.ready")
    pdf = paper.pdf(format=size, margin={"top": EDGE, "bottom": EDGE, "left": EDGE, "right": EDGE})
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def a_long_visit(world: World) -> Treatment:
    """Every item ticked with a line beside it, every moment measured, a long name, and something open."""
    at = timezone.now()
    Patient.objects.filter(pk=world.patient.pk).update(first_name="Maximiliana-Josefina " * 2, last_name="W" * 40)
    treatment = world.treatment(hour_zero=at - timedelta(hours=3), discharged_at=at, discharged_by=world.nurse)
    lists = treatment.lists
    for item in {item.key: item for item in (*lists.during, *lists.recovering, *lists.discharge)}.values():
        DischargeItem.objects.create(
            clinic=world.clinic,
            treatment=treatment,
            key=item.key,
            note="as before, with a hand",
            done_at=at,
            done_by=world.nurse,
        )
    Discharge.objects.create(
        clinic=world.clinic, treatment=treatment, at=at, by=world.nurse, door="other", with_whom="Rosa " * 12,
        open_items=[item.key for item in lists.discharge[:5]], clinician=world.nurse, reason="Spoke to both of them. " * 12,
        medicines="Her usual ones. " * 15, next_contact_at=at + timedelta(hours=21),
    )  # fmt: skip
    for moment in ("before", "at_40", "between", "between", "leaving"):
        VitalSigns.objects.create(
            clinic=world.clinic, treatment=treatment, moment=moment, systolic=124, diastolic=82, pulse=70, oxygen=98,
            taken_at=at, noted_at=at, noted_by=world.nurse,
        )  # fmt: skip
    for hours in (4, 8, 12, 20):
        world.prompt(treatment, step=f"s{hours}", due_at=at + timedelta(hours=hours), kind="check_in")
    return treatment


@pytest.mark.parametrize("route", ["iv", "spravato"])
def test_each_paper_of_a_long_visit_is_one_page(world: World, staff: Staff, paper: Page, route: str) -> None:
    world = with_spravato(world, at=HOUR_ZERO) if route == "spravato" else world
    treatment, browser = a_long_visit(world), staff()
    for name in ("day-sheet", "summary"):
        html = browser.get(f"/staff/visits/{treatment.pk}/{name}/").content.decode()
        assert {size: pages(paper, html, size) for size in ("Letter", "A4")} == {"Letter": 1, "A4": 1}, name


def test_the_day_sheet_before_hour_0_is_one_page(world: World, staff: Staff, paper: Page) -> None:
    treatment = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + timedelta(days=3))
    html = staff().get(f"/staff/visits/{treatment.pk}/day-sheet/").content.decode()
    assert [pages(paper, html, size) for size in ("Letter", "A4")] == [1, 1]
