"""A session that can't be written down while the database is away or busy: wait and try again, not "we could not read that"."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.db import connections
from django.test import Client

from aftercare.sessions import SessionStore, session_hash
from tests.conftest import bind
from tests.world import World


@pytest.fixture
def session_in_use(world: World, committed: None) -> Iterator[Client]:
    """A phone whose session somebody else is changing for longer than anybody waits."""
    phone = bind(Client(raise_request_exception=False), world)
    key = phone.cookies[settings.SESSION_COOKIE_NAME].value
    facts = connections["owner"].get_connection_params()
    facts = {name: facts[name] for name in ("dbname", "user", "host", "port", "password") if facts.get(name)}
    with psycopg.connect(**facts) as other:
        other.execute("SELECT 1 FROM django_session WHERE session_key = %s FOR UPDATE", [session_hash(key)])
        yield phone


def test_a_session_that_can_not_be_kept_now_is_no_broken_request(session_in_use: Client) -> None:
    page = session_in_use.get("/check-in/")
    assert page.status_code == 503
    assert page["Retry-After"]


def test_a_session_that_was_ended_meanwhile_is_told_apart(db: None) -> None:
    store = SessionStore()
    store.create()
    store.delete(store.session_key)
    with pytest.raises(UpdateError):
        store.save()
