"""The provider that speaks for others: its keys, its bad days, its reports, and its end."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from aftercare.processes import ROOT, free_port
from prompts.channels.faults import FAULTS, fault
from prompts.channels.standin import StandIn, make_server
from prompts.services import pager
from prompts.signals import delivery_reported
from prompts.words import plain_message
from tests.conftest import Standin

NUMBER, TEXT, CALL = "+12125550177", "/2010-04-01/Accounts/AC0/Messages.json", "/2010-04-01/Accounts/AC0/Calls.json"
SAYS = "<Response><Say>Hello.</Say></Response>"


@pytest.fixture
def serving() -> Iterator[Callable[..., tuple[StandIn, httpx.Client]]]:
    """serving(faults=1): a stand-in, and a client for it."""
    servers: list[StandIn] = []

    def serve(**options: Any) -> tuple[StandIn, httpx.Client]:
        server, _ = make_server(**options)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server, httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", auth=("AC0", "standin"))

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def send(client: httpx.Client, key: str = "", **form: str) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    address = CALL if "Twiml" in form else TEXT
    return client.post(address, data={"To": NUMBER, "Body": "Hello.", **form}, headers=headers)


def test_bad_days_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    days = {seed: [fault(seed, f"n{number}", 1) for number in range(500)] for seed in (1, 2)}
    assert days[1] == [fault(1, f"n{number}", 1) for number in range(500)]
    assert days[1] != days[2]
    assert days[1] != [fault(1, f"n{number}", 2) for number in range(500)]


def test_of_a_hundred_requests_so_many_go_wrong_as_was_said() -> None:
    ends = Counter(str(fault(7, f"n{number}", 1)) for number in range(20_000))
    for share, told in FAULTS:
        assert share * 0.8 < ends[str(told)] / 200 < share * 1.2
    assert 87 < ends["{}"] / 200 < 89


def keys_that_end(told: dict[str, Any], *, seed: int) -> Iterator[str]:
    return (key for key in (f"n{number}" for number in range(10_000)) if fault(seed, key, 1) == told)


def test_a_flaky_provider_fails_as_its_seed_has_it_whatever_comes_between(serving: Any) -> None:
    server, client = serving(faults=3)
    good, broken, busy = (next(keys_that_end(told, seed=3)) for told in ({}, FAULTS[0][1], FAULTS[1][1]))
    with ThreadPoolExecutor(max_workers=3) as threads:
        answers = list(threads.map(lambda key: send(client, key), (broken, busy, good)))
    assert [answer.status_code for answer in answers] == [500, 429, 201]
    assert answers[1].headers["Retry-After"] == "1"
    assert len(server.inbox.messages) == 1
    assert server.inbox.attempts[broken].accepted_at is None


def test_a_request_that_hangs_was_taken_and_ends_with_the_server(serving: Any) -> None:
    server, client = serving(faults=3)
    key = next(keys_that_end({"hang": 12}, seed=3))
    with pytest.raises(httpx.ReadTimeout):
        client.post(TEXT, data={"To": NUMBER}, headers={"Idempotency-Key": key}, timeout=0.3)
    assert (len(server.inbox.messages), server.inbox.attempts[key].arrived) == (1, 1)
    server.inbox.answers.append({"hang": 30})
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(send, client, "another")
        assert wait_until(lambda: len(server.inbox.messages) == 2)
        server.shutdown()
        server.server_close()
        assert waiting.result(3).status_code == 201


def test_what_was_told_by_hand_comes_before_the_seed(serving: Any) -> None:
    server, client = serving(faults=3)
    server.inbox.answers.append({"status": 418})
    key = next(keys_that_end({}, seed=3))
    assert send(client, key).status_code == 418


def test_one_key_at_once_from_many_threads_arrives_once(serving: Any) -> None:
    server, client = serving()
    with ThreadPoolExecutor(max_workers=10) as threads:
        answers = list(threads.map(lambda _: send(client, "n1"), range(30)))
    assert len({answer.json()["sid"] for answer in answers}) == len(server.inbox.messages) == 1
    assert client.get("/attempts.json").json()["n1"]["requests"] == 30


def test_without_keys_each_request_is_a_message_and_is_counted(serving: Any) -> None:
    server, client = serving(honours_keys=False)
    first, *_ = (send(client, "n1") for _ in range(3))
    attempts = client.get("/attempts.json").json()["n1"]
    assert (len(server.inbox.messages), attempts["requests"], attempts["arrived"]) == (3, 3, 3)
    assert attempts["sid"] == first.json()["sid"]
    assert f"{attempts['accepted_at']:.3f}" == server.inbox.messages[0]["at"]


def test_calls_are_kept_beside_texts_with_what_they_say(serving: Any) -> None:
    _, client = serving()
    assert send(client, Twiml=SAYS).json()["sid"].startswith("CA")
    send(client)
    kinds = [(message["kind"], message["body"]) for message in client.get("/messages.json").json()]
    assert kinds == [("voice", "Hello."), ("sms", "Hello.")]
    assert [message["kind"] for message in client.get("/messages.json?last=1").json()] == ["sms"]


@pytest.mark.parametrize("twiml", ["", "<Response><Say>Hello", "Hello & you"])
def test_a_call_that_says_nothing_readable_is_refused(serving: Any, twiml: str) -> None:
    server, client = serving()
    answer = client.post(CALL, data={"To": NUMBER, "Twiml": twiml})
    assert (answer.status_code, answer.json()["code"]) == (400, 12100)
    assert server.inbox.messages == []


class Relay(BaseHTTPRequestHandler):
    """Hands what comes to our app as it came."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with closing(connection):
            answer = Client().post(
                self.path,
                body,
                content_type=self.headers["Content-Type"],
                headers={"X-Twilio-Signature": self.headers["X-Twilio-Signature"]},
            )
        self.send_response(answer.status_code)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def public_url(settings: Settings) -> Iterator[None]:
    """Where our app can be reached."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    settings.PUBLIC_URL = f"http://127.0.0.1:{server.server_port}"
    yield
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("committed", "public_url")
@pytest.mark.parametrize(("kind", "words"), [("sms", ("sent", "delivered")), ("voice", ("answered", "completed"))])
def test_it_reports_what_it_took_and_our_hook_believes_it(
    serving: Any, standin: Standin, settings: Settings, kind: Any, words: tuple[str, ...]
) -> None:
    told: list[tuple[str, str, str]] = []

    def hear(**facts: Any) -> None:
        told.append((facts["key"], facts["provider_id"], facts["status"]))

    server, _ = serving(reports=True)
    settings.SMS_BASE_URL = f"http://127.0.0.1:{server.server_port}"
    delivery_reported.connect(hear)
    with pager() as paging:
        sending = paging.page(kind=kind, to=NUMBER, message=plain_message("Hello."), key="n1")
    assert wait_until(lambda: len(told) == 2)
    delivery_reported.disconnect(hear)
    assert told == [("n1", sending.provider_id, word) for word in words]


def wait_until(is_so: Callable[[], bool]) -> bool:
    ends_at = time.monotonic() + 10
    while not is_so() and time.monotonic() < ends_at:
        time.sleep(0.02)
    return is_so()


def test_the_process_takes_its_options_and_ends_well_while_a_request_hangs() -> None:
    port, mail_port = free_port(), free_port()
    ports = ("--port", str(port), "--mail-port", str(mail_port))
    command = [sys.executable, "-m", "prompts.channels.standin", *ports, "--faults", "3", "--no-keys", "--reports"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    good, broken, hanging = (next(keys_that_end(told, seed=3)) for told in ({}, FAULTS[0][1], {"hang": 12}))
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=("AC0", "standin")) as client:
        assert wait_until(lambda: answers(client))
        assert [send(client, key).status_code for key in (good, broken)] == [201, 500]
        with pytest.raises(httpx.ReadTimeout):
            client.post(TEXT, data={"To": NUMBER}, headers={"Idempotency-Key": hanging}, timeout=0.3)
        send(client, good)  # its second request may go wrong by the seed
        assert client.get("/attempts.json").json()[good]["requests"] == 2
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    assert process.stderr
    assert process.stderr.read() == ""
    process.stderr.close()


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/attempts.json").status_code == 200
    except httpx.ConnectError:
        return False
