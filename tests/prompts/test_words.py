"""What leaves the building tells nobody why, in both its forms; and STOP is heard in many ways."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import get_args

import pytest
from django.core.exceptions import ValidationError

from accounts.phones import show_phone
from aftercare.words import NOTICE_WORDS, found_words
from prompts.words import (
    Answer,
    Message,
    all_is_well_message,
    answer_text,
    code_message,
    escort_message,
    invitation_message,
    nobody_answer,
    notice_message,
    planned_message,
    set_up_message,
)
from tests.world import World

LINK = "https://aftercare.example.org/invited/abcdefghijklmnopqrstuv/"


def planned(kind: str) -> Callable[[str], Message]:
    return lambda name: planned_message(
        kind=kind, sender_name=name, link=f"https://aftercare.example.org/m/{2**63 - 1}/"
    )


MESSAGES: dict[str, Callable[[str], Message]] = {
    **{kind: planned(kind) for kind in ("check_in", "tip", "wrap_up")},
    "code": lambda name: code_message(code="123456", minutes=10, sender_name=name),
    "invitation": lambda name: invitation_message(link=LINK, sender_name=name),
    "notice": lambda name: notice_message(phone="+442079460018", sender_name=name),
    "escort": lambda name: escort_message(link=LINK, sender_name=name),
    "set-up": lambda name: set_up_message(link=LINK, sender_name=name),
    "test": lambda name: all_is_well_message(sender_name=name),
    "notice without a number": lambda name: notice_message(phone="", sender_name=name),
}


def all_words(message: Message) -> str:
    return "\n".join((message.sender_name, message.text, message.subject, message.letter))


@pytest.mark.parametrize("kind", MESSAGES)
def test_no_message_tells_and_a_text_fits_into_one_sms(kind: str) -> None:
    message = MESSAGES[kind]("A" * 24)
    assert found_words(all_words(message), NOTICE_WORDS) == []
    assert len(message.text) <= 160
    assert message.text.startswith(f"{'A' * 24}: ")


def test_an_answer_to_a_text_tells_nobody_why_and_fits_into_one_sms() -> None:
    numbers, languages = ("+15550100142", "+442079460018", ""), ("en", "es", "fr")
    emergencies = ("911", "")
    shapes = itertools.product(
        get_args(Answer), ("A" * 24, "Bay Ketamine"), numbers, (True, False), languages, emergencies
    )
    for kind, sender, phone, is_open, language, emergency in shapes:
        text = answer_text(
            kind, sender_name=sender, phone=phone, is_open=is_open, language=language, emergency=emergency
        )
        assert found_words(text, NOTICE_WORDS) == [] and text.isascii() and "{" not in text
        assert ("911" in text) == (emergency == "911" and kind in {"words", "help"})
        assert len(text) <= 160, text
        assert kind == "started" or not phone or show_phone(phone) in text
    assert found_words(nobody_answer("911"), NOTICE_WORDS) == [] and "your local emergency number" in nobody_answer("")


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_sender_name_that_tells_is_left_out(kind: str) -> None:
    message = MESSAGES[kind]("Bay Ketamine")
    assert "Bay" not in all_words(message)
    assert message.sender_name == ""
    assert message.text[0].isupper()


@pytest.mark.django_db
def test_a_sender_name_that_tells_is_refused_for_a_clinic(world: World) -> None:
    world.clinic.sender_name = "Bay Ketamine"
    with pytest.raises(ValidationError, match="ketamine"):
        world.clinic.full_clean()


@pytest.mark.parametrize("name", ["Ketamineclub", "K-hole"])
def test_a_sender_name_that_tells_inside_a_word_is_left_out_too(name: str) -> None:
    assert MESSAGES["code"](name).sender_name == ""


def test_a_code_says_whose_it_is_and_when_it_ends() -> None:
    assert (
        code_message(code="123456", minutes=10, sender_name="Cedar Street").text
        == "Cedar Street: your code is 123456. It ends in 10 minutes. Not you? Ignore it."
    )
    assert "in 1 minute." in code_message(code="123456", minutes=1, sender_name="").text


def test_a_code_is_not_in_the_subject() -> None:
    assert "123" not in code_message(code="123456", minutes=10, sender_name="Cedar Street").subject


def test_an_invitation_says_what_to_do_and_holds_its_link() -> None:
    text = invitation_message(link=LINK, sender_name="Cedar Street").text
    assert text == f"Cedar Street: set up your phone before your visit. {LINK} Reply STOP to end."


def test_an_e_mail_says_how_to_stop_it() -> None:
    message = planned_message(kind="tip", sender_name="Cedar Street", link="/", stop_link="https://x.example/stop/a/")
    assert message.letter.endswith("Stop these e-mails: https://x.example/stop/a/")
