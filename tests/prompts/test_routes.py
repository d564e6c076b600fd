"""The order of ways, and what is left of it."""

from __future__ import annotations

import pytest

from prompts.routes import ways_after, ways_for


@pytest.mark.parametrize(
    ("open_ways", "options", "expected"),
    [
        (["push", "sms", "email"], {}, ("push", "sms", "email", "in_app")),
        (["email", "sms"], {"first": "email"}, ("email", "sms", "in_app")),
        (["push", "sms"], {"first": "email"}, ("push", "sms", "in_app")),
        (["push", "sms", "email"], {"has_text_left": False}, ("push", "email", "in_app")),
        (["push", "sms", "email"], {"goes_out": False}, ("push", "in_app")),
        (["push", "sms", "email"], {"first": "in_app"}, ("in_app",)),
        ([], {}, ("in_app",)),
    ],
)
def test_the_ways_of_one_prompt_end_in_the_app(
    open_ways: list[str], options: dict[str, object], expected: tuple[str, ...]
) -> None:
    assert ways_for(open_ways, **options) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("current", "spent", "expected"),
    [
        ("push", (), ("sms", "email", "in_app")),
        ("email", (), ("in_app",)),
        ("voice", (), ("push", "sms", "email", "in_app")),
        ("push", ("sms",), ("email", "in_app")),
        ("voice", ("push", "sms", "email"), ("in_app",)),
    ],
)
def test_what_comes_after_a_way_is_never_asked_twice(
    current: str, spent: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert ways_after(current, ("push", "sms", "email", "in_app"), spent=spent) == expected
