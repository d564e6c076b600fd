"""What somebody texted is read on the page of its alert, as typed, by those who answer alerts, and nowhere on a board."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.states import Role
from alerts.models import Alert
from prompts.services import take_text
from tests.clinic.pages import words
from tests.conftest import StaffClient
from tests.prompts.conftest import NUMBER, agree
from tests.world import World

pytestmark = pytest.mark.django_db
TYPED = "<script>x</script> \u202ecanary"


@pytest.fixture
def alert(world: World) -> Alert:
    agree(world)
    take_text({"From": NUMBER, "Body": TYPED}, at=timezone.now())
    return Alert.objects.get()


@pytest.mark.parametrize(("role", "sees"), [(Role.NURSE, True), (Role.MANAGER, True), (Role.FRONT_DESK, False)])
def test_words_of_a_text_are_for_those_who_answer_alerts(
    world: World, staff: Callable[..., StaffClient], alert: Alert, role: Role, sees: bool
) -> None:
    browser = staff(role)
    page = browser.get(reverse("clinic:alert", args=[alert.pk]))
    assert "A text that nobody has read" in words(page) and "The patient texted at" in words(page)
    assert ("canary" in words(page)) is sees
    assert b"<script>x" not in page.content
    for name in ("clinic:today", "clinic:alerts"):
        assert "canary" not in words(browser.get(reverse(name)))
