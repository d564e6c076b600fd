"""No line of the log holds an address, for an address may hold a secret."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from django.test import Client

SECRET = "Zk3vQ9secret"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the console would show, with the filters of the settings."""
    (console,) = (one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler)
    written = io.StringIO()
    before = console.setStream(written)
    yield written
    console.setStream(before)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"/b/{SECRET}/x/", "Not Found: (no such page)"),
        (f"/no/such/{SECRET}/?q={SECRET}", "Not Found: (no such page)"),
    ],
)
def test_a_page_that_is_not_there_is_not_named(log: io.StringIO, path: str, words: str) -> None:
    assert Client().get(path).status_code == 404
    assert words in log.getvalue()
    assert SECRET not in log.getvalue()


@pytest.mark.django_db
def test_a_form_without_its_token_is_named_by_its_route(log: io.StringIO) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/b/{SECRET}/?q={SECRET}").status_code == 403
    assert "/b/<str:secret>/" in log.getvalue()
    assert SECRET not in log.getvalue()


@pytest.mark.django_db
def test_a_refused_method_is_named_by_its_route(log: io.StringIO) -> None:
    assert Client().post(f"/b/{SECRET}/").status_code == 405
    assert "/b/<str:secret>/" in log.getvalue()
    assert SECRET not in log.getvalue()
