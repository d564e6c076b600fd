"""What a deployment is told before it keeps people's secrets."""

from __future__ import annotations

from django.core.checks import run_checks
from pytest_django.fixtures import Settings


def warned() -> bool:
    return "accounts.W001" in {message.id for message in run_checks(tags=["security"], include_deployment_checks=True)}


def test_a_pepper_of_its_own_is_asked_for_where_real_people_are(settings: Settings) -> None:
    settings.DEMO, settings.PIN_PEPPER_IS_OWN = False, False
    assert warned()
    settings.PIN_PEPPER_IS_OWN = True
    assert not warned()


def test_the_demo_needs_none(settings: Settings) -> None:
    settings.DEMO, settings.PIN_PEPPER_IS_OWN = True, False
    assert not warned()
