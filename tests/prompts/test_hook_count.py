"""A wrong secret or address of ours is found out by the hooks that it refuses; nobody else can make it look so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from aftercare.outbox import database_now
from alerts.services import look
from prompts.channels.sms import signature
from prompts.models import HookCount
from prompts.services import MANY_REFUSED

pytestmark = pytest.mark.usefixtures("committed")

HOST, ACCOUNT, SECRET = "https://aftercare.example", "AC0123456789", "a secret of the provider’s"
REPORTS, TEXTS = "/hooks/reports/", "/hooks/texts/"


@pytest.fixture(autouse=True)
def provider(settings: Settings) -> None:
    settings.SMS_AUTH_TOKEN, settings.SMS_ACCOUNT_SID, settings.PUBLIC_URL = SECRET, ACCOUNT, HOST


def bring(path: str = REPORTS, *, secret: str = SECRET, account: str = ACCOUNT, host: str = HOST) -> int:
    form = {"AccountSid": account, "MessageSid": "SM1", "From": "+12125550177", "Body": "STOP"}
    mark = signature(f"{host}{path}", form, secret=secret)
    return Client().post(path, form, headers={"X-Twilio-Signature": mark}).status_code


def count() -> HookCount:
    return HookCount.objects.get()


def since(**values: float) -> datetime:
    """As if the first of what was refused had come so long before the last."""
    last = count().refused_at
    assert last
    first = last - timedelta(**values)
    HookCount.objects.update(refused_from=first)
    return first


WRONG: list[dict[str, Any]] = [{"secret": "another"}, {"host": "https://www.aftercare.example"}]


@pytest.mark.parametrize("wrong", WRONG, ids=["secret", "address"])
def test_five_refused_in_ten_minutes_and_none_accepted_is_seen(wrong: dict[str, Any]) -> None:
    for _ in range(MANY_REFUSED - 1):
        assert bring(TEXTS, **wrong) == 403
    since(hours=1)
    assert look().refused is None, "four may be a slip"
    assert bring(**wrong) == 403
    since(minutes=9)
    assert look().refused == timedelta(minutes=9) and not look().is_unheard
    since(minutes=10)
    assert look().is_unheard


@pytest.mark.parametrize(("secret", "status"), [(SECRET, 200), ("another", 403)])
def test_what_can_not_be_counted_is_heard_all_the_same(
    secret: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if "prompts_hookcount" in str(sql):
            raise OperationalError("lock timeout")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        assert bring(TEXTS, secret=secret) == status
    assert "A hook could not be counted" in caplog.messages


def test_one_that_is_accepted_in_between_begins_anew() -> None:
    for _ in range(MANY_REFUSED - 1):
        bring(secret="another")
    since(hours=1)
    assert bring() == 204
    assert (count().refused, count().refused_from) == (0, None)
    bring(secret="another")
    assert (count().refused, look().is_unheard) == (1, False)
    assert count().refused_from == count().refused_at


def test_one_that_is_accepted_ends_it() -> None:
    for _ in range(MANY_REFUSED):
        bring(secret="another")
    since(hours=1)
    assert look().is_unheard
    assert bring(TEXTS) == 200
    assert look().refused is None


@pytest.mark.parametrize("account", ["", "AC9", ACCOUNT.lower(), "\0", "é"])
def test_who_does_not_know_our_account_writes_nothing(account: str) -> None:
    for _ in range(MANY_REFUSED):
        assert bring(secret="another", account=account) in {400, 403}
    assert not HookCount.objects.exists()


def test_without_an_account_or_a_signature_nothing_is_counted(settings: Settings) -> None:
    assert Client().post(TEXTS, {"AccountSid": ACCOUNT, "Body": "STOP"}).status_code == 403
    settings.SMS_ACCOUNT_SID = ""
    assert bring(secret="another", account="") == 403
    assert not HookCount.objects.exists()


def test_a_flood_is_counted_to_five_and_then_rarely_written() -> None:
    for _ in range(MANY_REFUSED):
        bring(secret="another")
    first, last = count().refused_from, count().refused_at
    bring(secret="another")
    assert (count().refused, count().refused_from, count().refused_at) == (MANY_REFUSED, first, last)
    HookCount.objects.update(refused_at=database_now() - timedelta(seconds=11))
    bring(secret="another")
    assert count().refused == MANY_REFUSED and count().refused_at > last  # type: ignore[operator]


def test_what_is_accepted_is_written_once_a_minute() -> None:
    bring()
    first = count().accepted_at
    bring()
    assert count().accepted_at == first and first and first <= timezone.now() + timedelta(minutes=1)
    HookCount.objects.update(accepted_at=database_now() - timedelta(seconds=61))
    bring()
    assert count().accepted_at > first  # type: ignore[operator]


@pytest.mark.parametrize("secret", [SECRET, "another"])
def test_a_hook_costs_one_statement(secret: str) -> None:
    with CaptureQueriesContext(connection) as made:
        bring(secret=secret)
    assert sum("prompts_hookcount" in query["sql"] for query in made) == 1
