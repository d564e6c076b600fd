"""E-mail addresses are one line of ASCII, with a domain in small letters, or they are refused in plain words."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.emails import LONGEST, read_email, same_email


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("maya@example.org", "maya@example.org"),
        ("  Maya.Torres@EXAMPLE.Org ", "Maya.Torres@example.org"),
        ("maya+day@mail.example.co.uk", "maya+day@mail.example.co.uk"),
        ("maya@bücher.example", "maya@xn--bcher-kva.example"),
    ],
)
def test_an_address_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert read_email(typed) == stored
    assert read_email(stored) == stored


@pytest.mark.parametrize(
    "typed",
    [
        *("", "maya", "maya@", "@example.org", "maya@example", "maya torres@example.org", "a@b@example.org"),
        *(
            "maya@example.org\nBcc: all@example.org",
            "maya@example.org\r\nX: y",
            "ma\0ya@example.org",
            "maya\t@example.org",
        ),
        *(
            "maya@exam\u2028ple.org",
            "müya@example.org",
            '"maya\x0b"@example.org',
            '"a b"@example.org',
            "maya@[127.0.0.1]",
        ),
        *("maya@example.org, all@example.org", "Maya <maya@example.org>", "maya@exa..mple.org", "maya@-x.org"),
        *(f"{'m' * 65}@example.org{'x' * 300}", f"maya@{'a' * 64}.org", "🌿@example.org"),
    ],
)
def test_what_is_no_address_is_refused_in_plain_words(typed: str) -> None:
    with pytest.raises(ValidationError) as error:
        read_email(typed)
    assert error.value.messages == ["Type an e-mail address, like name@example.org."]


def test_an_address_has_a_longest_form() -> None:
    domain = ".".join(["a" * 60] * 3) + ".org"
    with pytest.raises(ValidationError, match="at most 254"):
        read_email(f"{'m' * 64}@{domain}{'.example' * 2}")
    assert len(read_email(f"{'m' * 60}@{domain}")) <= LONGEST


@given(st.text(max_size=60))
def test_nothing_that_is_taken_can_end_a_header(typed: str) -> None:
    try:
        address = read_email(f"{typed}@example.org")
    except ValidationError:
        return
    assert address.isascii()
    assert address.isprintable()
    assert not set(address) & set(' <>,;"\\')


def test_two_spellings_are_one_mailbox() -> None:
    assert same_email("Maya@example.org") == same_email("maya@EXAMPLE.ORG")
