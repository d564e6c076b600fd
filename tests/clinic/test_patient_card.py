"""The printed card: made on purpose, shown once, and it tells nobody what the clinic treats."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, Token
from accounts.services import end_phones
from accounts.states import Role, TokenKind
from accounts.tokens import hash_secret
from aftercare.words import NOTICE_WORDS, found_words
from tests.clinic.pages import words
from tests.conftest import StaffClient
from tests.world import World

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
CODE = re.compile(r'paper-card__code num">([0-9A-Z ]{19})<')


def address(world: World) -> str:
    return f"/staff/patients/{world.patient.pk}/card/"


def make(world: World, browser: StaffClient) -> str:
    found = CODE.search(browser.post(address(world)).content.decode())
    assert found
    return found[1]


def test_a_look_makes_no_card(world: World, staff: Staff) -> None:
    assert "Make the card" in words(staff().get(address(world)))
    assert not Token.objects.exists()


def test_a_card_has_sixteen_signs_in_groups_of_four_and_lasts_thirty_days(world: World, staff: Staff) -> None:
    shown = make(world, staff(Role.FRONT_DESK))
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4} ){3}[0-9A-HJKMNP-TV-Z]{4}", shown)
    token = Token.objects.get(kind=TokenKind.RECOVERY_CARD)
    assert token.hash == hash_secret(shown.replace(" ", ""))
    assert timedelta(days=29) < token.expires_at - timezone.now() <= timedelta(days=30)
    assert AuditEvent.objects.filter(action="card_made", object=str(world.patient.pk)).count() == 1


def test_a_new_card_ends_the_old_one(world: World, staff: Staff) -> None:
    browser = staff()
    assert make(world, browser) != make(world, browser)
    assert Token.objects.filter(kind=TokenKind.RECOVERY_CARD, revoked_at=None).count() == 1


def test_what_is_printed_names_the_clinic_and_a_first_name_and_no_drug(world: World, staff: Staff) -> None:
    page = staff().post(address(world)).content.decode()
    paper = page[page.index('<section class="paper-card"') : page.index("</section>", page.index("paper-card"))]
    assert world.clinic.name in paper
    assert "555-010-0142" in paper
    assert "localhost:8000/way-back/" in paper
    assert world.patient.first_name in paper
    for private in (world.patient.last_name, world.patient.record_number, "1990"):
        assert private not in paper
    assert found_words(paper, NOTICE_WORDS) == found_words(world.clinic.name, NOTICE_WORDS)


def test_a_lost_phone_keeps_the_card(world: World, staff: Staff) -> None:
    make(world, staff())
    end_phones(world.patient, by=world.nurse, at=timezone.now())
    assert Token.objects.get(kind=TokenKind.RECOVERY_CARD).revoked_at is None


def test_a_new_code_for_a_phone_keeps_the_card(world: World, staff: Staff) -> None:
    browser = staff()
    make(world, browser)
    browser.post(f"/staff/patients/{world.patient.pk}/phone/")
    assert Token.objects.get(kind=TokenKind.RECOVERY_CARD).revoked_at is None
