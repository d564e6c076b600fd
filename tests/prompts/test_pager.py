"""Pages to people on duty: at least once, and once where the provider honours keys."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Literal

import httpx
import pytest
from pytest_django.fixtures import Settings

from prompts.channels.inbox import Inbox
from prompts.channels.sms import _read_answer
from prompts.services import Outcome, Pager, Sending, pager
from prompts.services.ways import texts
from prompts.words import Message, plain_message
from tests.conftest import Standin

NUMBER = "+12125550177"
MESSAGE = plain_message("please look at the board. Reply 7K2 to take it.", sender_name="Cedar Street")
WORDS = "Cedar Street: please look at the board. Reply 7K2 to take it."


@pytest.fixture
def paging(standin: Standin) -> Iterator[Pager]:
    with pager() as found:
        yield found


def page(
    paging: Pager,
    key: str = "n1",
    *,
    kind: Literal["sms", "voice"] = "sms",
    to: str = NUMBER,
    message: Message = MESSAGE,
) -> Sending:
    return paging.page(kind=kind, to=to, message=message, key=key)


def test_a_text_arrives_as_it_is(paging: Pager, standin: Standin) -> None:
    sending = page(paging)
    (message,) = standin.inbox.messages
    assert sending == Sending(Outcome.ACCEPTED, provider_id=message["sid"])
    assert (message["kind"], message["sender"]) == ("sms", "+15550100100")
    assert (message["to"], message["body"]) == (NUMBER, WORDS)


def test_a_call_says_it_twice_from_its_own_number(paging: Pager, standin: Standin) -> None:
    assert page(paging, kind="voice").outcome is Outcome.ACCEPTED
    (message,) = standin.inbox.messages
    assert (message["kind"], message["sender"]) == ("voice", "+15550100101")
    assert message["body"].splitlines() == [WORDS, WORDS]


@pytest.mark.parametrize("words", ['</Say><Dial>+15550100199</Dial> & "x" <', "a\0b\x08c\ud800d\ufffee", "🌲 ñ"])
def test_no_word_breaks_out_of_what_a_call_says(paging: Pager, standin: Standin, words: str) -> None:
    assert page(paging, kind="voice", message=plain_message(words, sender_name="A")).outcome is Outcome.ACCEPTED
    plain = words.translate(dict.fromkeys((0, 8, 0xD800, 0xFFFE)))
    assert standin.inbox.messages[0]["body"].splitlines() == [f"A: {plain}"] * 2


def test_an_id_that_no_database_keeps_is_made_one_that_is_or_counts_as_none() -> None:
    found = [_read_answer(httpx.Response(201, content=f'{{"sid": {sid}}}')) for sid in _IDS]
    assert [sending.provider_id for sending in found] == [*_IDS.values()]
    assert {sending.code for sending in found if not sending.provider_id} == {"no id"}


_IDS = {
    r'"SM\u0000\ud8001"': "SM?1",
    f'"{"S" * 99}"': "S" * 64,
    "7": "7",
    r'"\u0000"': "",
    '["SM1"]': "",
    "null": "",
    "true": "",
}


@pytest.mark.parametrize("kind", ["sms", "voice"])
def test_the_same_key_again_arrives_once(paging: Pager, standin: Standin, kind: Literal["sms", "voice"]) -> None:
    first, second, other = page(paging, "n1", kind=kind), page(paging, "n1", kind=kind), page(paging, "n2", kind=kind)
    assert first == second != other
    assert len(standin.inbox.messages) == 2
    attempts = attempts_of(standin)
    assert (attempts["n1"]["requests"], attempts["n1"]["arrived"], attempts["n2"]["requests"]) == (2, 1, 1)
    assert (attempts["n1"]["kind"], attempts["n1"]["to"]) == (kind, NUMBER)
    assert f"{attempts['n1']['accepted_at']:.3f}" == standin.inbox.messages[0]["at"]


def attempts_of(standin: Standin) -> Any:
    return httpx.get(f"{standin.base_url}/attempts.json").json()


@pytest.mark.parametrize("kind", ["sms", "voice"])
def test_a_page_that_timed_out_and_is_sent_again_arrives_once(
    standin: Standin, monkeypatch: pytest.MonkeyPatch, kind: Literal["sms", "voice"]
) -> None:
    monkeypatch.setattr("prompts.channels.sms.TIMEOUT", 0.5)
    standin.inbox.answers.append({"hang": 1.5})
    with pager() as paging:
        assert page(paging, kind=kind) == Sending(Outcome.AMBIGUOUS, code="ReadTimeout")
        (message,) = standin.inbox.messages
        assert page(paging, kind=kind) == Sending(Outcome.ACCEPTED, provider_id=message["sid"])
    assert len(standin.inbox.messages) == 1


def test_pages_of_many_threads_arrive_once_each(paging: Pager, standin: Standin) -> None:
    keys = [f"n{number % 30}" for number in range(60)]
    with ThreadPoolExecutor(max_workers=8) as threads:
        sendings = list(threads.map(lambda key: page(paging, key), keys))
    assert len({sending.provider_id for sending in sendings}) == len(standin.inbox.messages) == 30


@pytest.mark.parametrize(
    ("told", "sending"),
    [
        ({"status": 500}, Sending(Outcome.AMBIGUOUS, code="500")),
        ({"status": 409}, Sending(Outcome.AMBIGUOUS, code="409")),
        ({"status": 503}, Sending(Outcome.NOT_ACCEPTED, code="503")),
        (
            {"status": 429, "retry_after": 1},
            Sending(Outcome.NOT_ACCEPTED, code="429", retry_after=timedelta(seconds=1)),
        ),
        ({"status": 400, "code": 21211}, Sending(Outcome.REFUSED, code="21211")),
    ],
)
@pytest.mark.parametrize("kind", ["sms", "voice"])
def test_what_a_provider_answers_is_told_apart(
    paging: Pager, standin: Standin, kind: Literal["sms", "voice"], told: dict[str, Any], sending: Sending
) -> None:
    standin.inbox.answers.append(told)
    assert page(paging, kind=kind) == sending
    assert standin.inbox.messages == []


def test_nobody_but_a_guest_is_paged(paging: Pager, standin: Standin, settings: Settings) -> None:
    settings.SEND_ONLY_TO = ["(212) 555-0199"]
    for kind in ("sms", "voice"):
        assert page(paging, kind=kind) == Sending(Outcome.REFUSED, code="not a guest")
    assert attempts_of(standin) == {}
    assert page(paging, to="+12125550199").outcome is Outcome.ACCEPTED


def test_without_a_provider_nothing_is_tried(settings: Settings) -> None:
    settings.SMS_BASE_URL = ""
    with pager() as paging:
        assert page(paging) == Sending(Outcome.REFUSED, code="no provider")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "ftp://127.0.0.1"])
def test_a_provider_that_is_not_there_took_nothing(settings: Settings, address: str) -> None:
    settings.SMS_BASE_URL = address
    with pager() as paging:
        assert page(paging) == Sending(Outcome.NOT_ACCEPTED, code="no connection")


@pytest.mark.django_db
def test_nothing_leaves_while_a_transaction_is_open(paging: Pager, standin: Standin) -> None:
    with pytest.raises(RuntimeError, match="transaction is open"):
        page(paging)
    assert attempts_of(standin) == {}


def test_a_page_has_a_key(paging: Pager, standin: Standin) -> None:
    with pytest.raises(ValueError, match="needs a key"):
        page(paging, "")
    assert standin.inbox.messages == []


def test_the_key_goes_along_and_so_does_where_to_report(standin: Standin, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://aftercare.example"
    with pager() as paging:
        found = listen(paging)
        page(paging, "n 1&x")
        page(paging, "n2", kind="voice")
    text, call = (dict(httpx.QueryParams(request.content.decode())) for request in found)
    assert [request.headers["Idempotency-Key"] for request in found] == ["n 1&x", "n2"]
    assert text["StatusCallback"] == "https://aftercare.example/hooks/reports/?key=n+1%26x"
    assert call["StatusCallback"] == "https://aftercare.example/hooks/reports/?key=n2"
    assert httpx.QueryParams(found[1].content.decode()).get_list("StatusCallbackEvent") == ["answered", "completed"]


def listen(paging: Pager) -> list[httpx.Request]:
    """Each request as it leaves."""
    found: list[httpx.Request] = []
    for channel in (paging._sms, paging._voice):
        channel._client.event_hooks = {"request": [found.append]}
    return found


def test_a_prompt_has_no_key_and_wants_no_report(standin: Standin) -> None:
    channel = texts()
    found: list[httpx.Request] = []
    channel._client.event_hooks = {"request": [found.append]}
    channel.send(to=NUMBER, message=MESSAGE)
    channel.close()
    assert "Idempotency-Key" not in found[0].headers
    assert b"StatusCallback" not in found[0].content
    assert attempts_of(standin) == {}


def test_a_provider_of_the_world_is_not_told_an_address_that_it_cannot_reach(settings: Settings) -> None:
    """It would refuse the page for it."""
    settings.SMS_BASE_URL = "https://api.provider.example"
    for public, told in (("http://localhost:8000", ""), ("https://a.example", "https://a.example/hooks/reports/")):
        settings.PUBLIC_URL = public
        assert texts()._reports_url == told


def test_a_provider_that_ignores_keys_delivers_twice() -> None:
    """The control of all this: what the keys are for."""
    inbox = Inbox(honours_keys=False)
    assert inbox.accept({"To": NUMBER}, key="n1") != inbox.accept({"To": NUMBER}, key="n1")
    assert (len(inbox.messages), inbox.attempts["n1"].arrived) == (2, 2)
