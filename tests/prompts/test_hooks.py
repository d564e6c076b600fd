"""What the provider brings: texts that somebody answers, and reports. Nobody else can bring any."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.dispatch import Signal
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Channel
from accounts.states import ChannelKind
from aftercare.tenancy import tenant
from prompts.channels.sms import signature
from prompts.signals import delivery_reported, text_arrived
from prompts.words import nobody_answer
from tests.world import HOUR_ZERO, World

pytestmark = pytest.mark.django_db

NUMBER, SECRET, HOST = "+12125550177", "a secret of the provider’s", "https://aftercare.example"
TEXTS, REPORTS = "/hooks/texts/", "/hooks/reports/"
BOTH = pytest.mark.parametrize("address", [TEXTS, REPORTS, f"{REPORTS}?key=n1"])


@pytest.fixture(autouse=True)
def provider(settings: Settings) -> None:
    settings.SMS_AUTH_TOKEN, settings.PUBLIC_URL = SECRET, HOST


class Ears:
    """What receivers were told, and what they answer."""

    def __init__(self) -> None:
        self.texts: list[dict[str, Any]] = []
        self.reports: list[dict[str, Any]] = []
        self.answers: list[Any] = [None]

    def receivers(self) -> list[tuple[Signal, Callable[..., Any]]]:
        def answer(place: int) -> Callable[..., Any]:
            return lambda **told: self.hear_text(place, told)

        return [(delivery_reported, self.hear_report), *((text_arrived, answer(place)) for place in range(3))]

    def hear_text(self, place: int, told: dict[str, Any]) -> Any:
        if place == 0:
            self.texts.append(facts(told))
        found = self.answers[place] if place < len(self.answers) else None
        if isinstance(found, Exception):
            raise found
        return found

    def hear_report(self, **told: Any) -> None:
        self.reports.append(facts(told))


def facts(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in {"signal", "sender"}}


@pytest.fixture
def ears() -> Iterator[Ears]:
    """Three receivers of texts and one of reports."""
    found = Ears()
    receivers = found.receivers()
    for signal, receiver in receivers:
        signal.connect(receiver, weak=False)
    yield found
    for signal, receiver in receivers:
        signal.disconnect(receiver)


def bring(address: str, form: dict[str, str], *, secret: str = SECRET, client: Client | None = None) -> Any:
    mark = signature(f"{HOST}{address}", form, secret=secret)
    return (client or Client()).post(address, form, headers={"X-Twilio-Signature": mark})


def text(body: str, **more: str) -> Any:
    return bring(TEXTS, {"From": NUMBER, "Body": body, **more})


def test_a_text_is_told_with_its_number_its_words_and_its_time(ears: Ears) -> None:
    before = timezone.now()
    response = text("  7k2 on my way ")
    assert (response.status_code, words_of(response)) == (200, nobody_answer("911"))
    (told,) = ears.texts
    at: datetime = told.pop("at")
    assert before <= at <= timezone.now()
    assert told == {"from_number": NUMBER, "body": "  7k2 on my way "}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([None, "You have it.", "Another has it."], "You have it."),
        (["", None, "You have it."], "You have it."),
        ([7, RuntimeError("no"), "You have it."], "You have it."),
        (["</Message><Dial>+1</Dial> & more\0"], "</Message><Dial>+1</Dial> & more"),
    ],
)
def test_the_first_words_of_a_receiver_answer_the_text(ears: Ears, answers: list[Any], words: str) -> None:
    ears.answers = answers
    response = text("7K2")
    assert (response.status_code, response["Content-Type"]) == (200, "text/xml")
    (message,) = ET.fromstring(response.content.decode())  # noqa: S314  our own
    assert (message.tag, message.text, len(message)) == ("Message", words, 0)


@pytest.mark.parametrize("answers", [[None, "", 0], [RuntimeError("no")], [b"words", ["words"]]])
def test_a_text_that_no_receiver_knows_is_answered_neutrally(ears: Ears, answers: list[Any]) -> None:
    ears.answers = answers
    response = text("7K2")
    assert (response.status_code, words_of(response)) == (200, nobody_answer("911"))


def words_of(response: Any) -> str:
    """What a text is answered with; "" for nothing."""
    return "".join(ET.fromstring(response.content.decode()).itertext())  # noqa: S314  our own


def test_a_stop_is_heard_by_nobody_else_and_not_answered(ears: Ears, world: World) -> None:
    channel = agree_to_texts(world)
    ears.answers = ["You have it."]
    assert text("Stop, please").content == b"<Response/>"
    assert "7K2" not in words_of(text("Stop 7K2")) != "You have it."
    assert ears.texts == []
    assert is_stopped(channel)


def agree_to_texts(world: World) -> Channel:
    return Channel.objects.create(
        clinic=world.clinic, patient=world.patient, kind=ChannelKind.SMS, address=NUMBER, consented_at=HOUR_ZERO
    )


def is_stopped(channel: Channel) -> bool:
    with tenant(channel.clinic_id):
        return Channel.objects.get(pk=channel.pk).stopped_at is not None


@pytest.mark.parametrize("form", [{}, {"Body": "7K2"}, {"From": "", "Body": "STOP"}, {"From": "\0", "Body": "7K2"}])
def test_a_text_of_nobody_is_told_to_nobody(ears: Ears, form: dict[str, str]) -> None:
    assert bring(TEXTS, form).content == b"<Response/>"
    assert ears.texts == []


@pytest.mark.parametrize(
    ("body", "told"), [("\0 7K\x002", " 7K2"), ("🌲" * 2000, "🌲" * 1600), ("a\u202eb\r\n", "a\u202eb\r\n")]
)
def test_words_of_a_text_can_always_be_kept(ears: Ears, body: str, told: str) -> None:
    assert text(body).status_code == 200
    assert ears.texts[0]["body"] == told


def test_a_stop_with_a_nul_stops_all_the_same(ears: Ears, world: World) -> None:
    channel = agree_to_texts(world)
    assert bring(TEXTS, {"From": f"{NUMBER}\0", "Body": "ST\0OP"}).status_code == 200
    assert ears.texts == []
    assert is_stopped(channel)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        *[(word, word) for word in ("sent", "delivered", "undelivered", "failed", "completed", "busy", "no-answer")],
        *[("in-progress", "answered"), ("answered", "answered"), ("canceled", "failed"), ("read", "delivered")],
    ],
)
@pytest.mark.parametrize("name", ["Message", "Sms", "Call"])
def test_a_report_is_told_with_key_and_id(ears: Ears, name: str, word: str, status: str) -> None:
    response = bring(f"{REPORTS}?key=n%201%26", {f"{name}Sid": "SM1", f"{name}Status": word, "ErrorCode": "30003"})
    assert (response.status_code, response.content) == (204, b"")
    (told,) = ears.reports
    assert timezone.now() >= told.pop("at") > HOUR_ZERO
    assert told == {"key": "n 1&", "provider_id": "SM1", "status": status}


def test_without_a_key_the_id_tells_and_without_an_id_the_key(ears: Ears) -> None:
    bring(REPORTS, {"MessageSid": "SM1", "MessageStatus": "delivered"})
    bring(f"{REPORTS}?key=n1", {"MessageStatus": "delivered"})
    assert [(told["key"], told["provider_id"]) for told in ears.reports] == [("", "SM1"), ("n1", "")]


@pytest.mark.parametrize("word", ["queued", "ringing", "", "DELIVERED", "\0", "delivered\0"])
def test_a_report_that_says_nothing_new_is_dropped(ears: Ears, word: str) -> None:
    assert bring(f"{REPORTS}?key=n1", {"MessageSid": "SM1", "MessageStatus": word}).status_code == 204
    assert ears.reports == []


@pytest.mark.parametrize("form", [{}, {"MessageStatus": "delivered"}, {"MessageSid": "\0", "MessageStatus": "sent"}])
def test_a_report_of_nothing_is_dropped(ears: Ears, form: dict[str, str]) -> None:
    assert bring(REPORTS, form).status_code == 204
    assert ears.reports == []


def test_a_report_again_is_told_again(ears: Ears) -> None:
    for word in ("delivered", "sent", "delivered"):
        bring(f"{REPORTS}?key=n1", {"MessageSid": "SM1" * 50, "MessageStatus": word})
    assert [told["status"] for told in ears.reports] == ["delivered", "sent", "delivered"]
    assert {len(told["provider_id"]) for told in ears.reports} == {64}


@BOTH
def test_what_is_forged_is_refused_and_told_to_nobody(ears: Ears, address: str) -> None:
    form = {"From": NUMBER, "Body": "7K2", "MessageSid": "SM1", "MessageStatus": "delivered"}
    assert bring(address, form, secret="another").status_code == 403
    good = signature(f"{HOST}{address}", form, secret=SECRET)
    for signed in ("", "forged", "A" * 5000, good[:-2] + "A="):
        response = Client().post(address, form, headers={"X-Twilio-Signature": signed})
        assert (response.status_code, response.content) == (403, b"")
    changed = Client().post(address, {**form, "Body": "9Z9"}, headers={"X-Twilio-Signature": good})
    assert changed.status_code == 403
    assert (ears.texts, ears.reports) == ([], [])


def test_a_wrong_secret_has_a_line_of_its_own_in_the_log(
    ears: Ears, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Ours is what is wrong here: the provider signs as ever, and no STOP is heard any more."""
    assert text("hello").status_code == 200
    assert Client().post(TEXTS, {"From": NUMBER, "Body": "STOP"}).status_code == 403
    ours = [record for record in caplog.records if record.name == "prompts.views.hooks"]
    assert ours == [], "what is not signed at all is no fault of ours"
    settings.SMS_AUTH_TOKEN = "another"
    assert text("STOP").status_code == 403
    (told,) = [record.getMessage() for record in caplog.records if record.name == "prompts.views.hooks"]
    assert "SMS_AUTH_TOKEN or PUBLIC_URL is wrong" in told


def test_a_report_for_another_key_is_refused(ears: Ears) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    mark = signature(f"{HOST}{REPORTS}?key=n1", form, secret=SECRET)
    response = Client().post(f"{REPORTS}?key=n2", form, headers={"X-Twilio-Signature": mark})
    assert response.status_code == 403
    assert ears.reports == []


@BOTH
def test_without_a_secret_nobody_is_believed(ears: Ears, settings: Settings, address: str) -> None:
    settings.SMS_AUTH_TOKEN = ""
    form = {"From": NUMBER, "Body": "7K2", "MessageSid": "SM1", "MessageStatus": "delivered"}
    assert bring(address, form, secret="").status_code == 403
    assert (ears.texts, ears.reports) == ([], [])


@BOTH
def test_a_hook_takes_posts_without_a_token_and_nothing_else(ears: Ears, address: str) -> None:
    form = {"From": NUMBER, "Body": "7K2", "MessageSid": "SM1", "MessageStatus": "delivered"}
    assert Client().get(address).status_code == 405
    assert bring(address, form, client=Client(enforce_csrf_checks=True)).status_code in {200, 204}
    assert len(ears.texts) + len(ears.reports) == 1


@BOTH
@pytest.mark.parametrize("body", [b"Body=%ff%fe&From=%C0%80", b"&&==%", b"a=" * 90, b"\xff\xfe=\xed\xa0\x80"])
def test_odd_bytes_are_no_error_of_ours(ears: Ears, address: str, body: bytes) -> None:
    response = Client().post(address, body, content_type="application/x-www-form-urlencoded")
    assert response.status_code in {400, 403, 422}
