"""The demo's first text: the real delivery sends it, once, and nothing of the history with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from clinic.demo import refresh_demo
from clinic.demo.story import FIRST_TEXT_IN
from prompts.services import sweep
from tests.conftest import Standin

pytestmark = pytest.mark.usefixtures("committed")


def test_it_arrives_on_the_phone_page_once_its_time_has_come(client: Client, standin: Standin) -> None:
    refresh_demo(at=timezone.now())
    sweep()
    assert standin.inbox.messages == []
    refresh_demo(at=timezone.now() - FIRST_TEXT_IN - timedelta(seconds=1))
    for _ in range(2):
        sweep()
    (text,) = standin.inbox.messages
    assert text["body"].startswith("Cedar Street: a short check-in is ready for you.")
    assert "On the phone of Maya Torres" in client.get("/phone/").content.decode()


def test_a_start_over_while_texts_are_due_leaves_none_behind(standin: Standin) -> None:
    refresh_demo(at=timezone.now() - FIRST_TEXT_IN - timedelta(seconds=1))
    refresh_demo(at=timezone.now(), reset=True)
    sweep()
    assert standin.inbox.messages == []
