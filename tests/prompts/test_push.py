"""Notices on a phone: sealed for one browser, signed as ours, to a known push service and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from py_vapid import Vapid02
from pytest_django.fixtures import Settings

from accounts.models import Device
from accounts.states import ChannelKind
from aftercare.processes import free_port
from aftercare.tenancy import tenant
from aftercare.words import NOTICE_WORDS, found_words
from prompts.channels.aes128gcm import read_base64url, read_keys, seal, write_base64url
from prompts.channels.push import PushChannel, new_key, public_key_of
from prompts.channels.sending import Sending
from prompts.endpoints import LONGEST, EndpointRefused, read_endpoint
from prompts.models import Attempt, Prompt
from prompts.queries import takes_push
from prompts.services import deliver_due, subscribe, sweep
from prompts.states import Outcome, PromptState
from prompts.words import all_is_well_message, planned_message, set_up_message
from tests.conftest import Standin
from tests.prompts.conftest import row
from tests.push import PUSH_KEY, PUSH_SUBJECT, Browser
from tests.world import World, iv_document

HOSTS = ("fcm.googleapis.com", "*.push.apple.com")
HOME = "https://aftercare.example/"
MESSAGE = planned_message(kind="check_in", sender_name="Cedar Street", link=f"{HOME}m/7/")


def channel(*, stand_in: str = "") -> PushChannel:
    return PushChannel(key=PUSH_KEY, subject=PUSH_SUBJECT, hosts=HOSTS, home=HOME, stand_in=stand_in)


@pytest.fixture
def browser(standin: Standin) -> Browser:
    return Browser(f"{standin.base_url}/push/one")


@pytest.fixture
def sent(standin: Standin, browser: Browser) -> Iterator[Callable[..., Sending]]:
    """sent(status=410): one notice to the browser, and how the push service that was told so answered."""
    way = channel(stand_in=standin.base_url)

    def send(**told: Any) -> Sending:
        standin.inbox.push_answers = [told] if told else []
        return way.send(to=browser.to, message=MESSAGE, lasts=timedelta(minutes=20))

    yield send
    way.close()


# --- Sealed ---


def test_the_published_example_comes_out_to_the_byte() -> None:
    """RFC 8291, 5 and appendix A."""
    own = int.from_bytes(read_base64url("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    keys = read_keys(
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
    )
    body = seal(
        b"When I grow up, I want to be a watermelon",
        keys,
        salt=read_base64url("DGv6ra1nlYgDCS1FRnbzlw"),
        own=ec.derive_private_key(own, ec.SECP256R1()),
    )
    assert write_base64url(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@bounded(max_examples=25, deadline=None)
@given(st.binary(max_size=200).filter(lambda words: not words.endswith(b"\0")), st.integers(0, 1024))
def test_what_is_sealed_opens_for_its_browser_alone(words: bytes, pads_to: int) -> None:
    theirs, another = Browser("https://fcm.googleapis.com/a"), Browser("https://fcm.googleapis.com/b")
    body = seal(words, read_keys(theirs.told["p256dh"], theirs.told["auth"]), pads_to=pads_to)
    assert theirs.open(body) == words
    assert words not in body or len(words) < 4
    with pytest.raises(InvalidTag):
        another.open(body)


def test_what_is_longer_than_a_record_is_not_sealed() -> None:
    keys = read_keys(*list(Browser("").told.values())[1:])
    assert len(seal(b"x" * (4096 - 86 - 17), keys)) == 4096
    with pytest.raises(ValueError, match="too long"):
        seal(b"x" * (4096 - 86 - 16), keys)


OTHER = Browser("").told
# The x of a point that is on the curve, with a y that is not.
OFF_CURVE = write_base64url(read_base64url(OTHER["p256dh"])[:-1] + bytes([read_base64url(OTHER["p256dh"])[-1] ^ 1]))


@pytest.mark.parametrize(
    ("public_key", "auth_secret"),
    [
        ("", OTHER["auth"]),
        (OTHER["p256dh"], ""),
        (OTHER["p256dh"][:-2], OTHER["auth"]),
        (OTHER["p256dh"], OTHER["auth"] + "AA"),
        (OTHER["p256dh"].replace(OTHER["p256dh"][5], "+"), OTHER["auth"]),
        (OTHER["p256dh"], "é" * 22),
        (write_base64url(b"\0" * 65), OTHER["auth"]),
        (write_base64url(b"\x04" + b"\0" * 64), OTHER["auth"]),
        (OFF_CURVE, OTHER["auth"]),
    ],
    ids=["no point", "no secret", "short", "long", "letters", "no ascii", "zeros", "origin", "off the curve"],
)
def test_a_key_that_is_none_is_refused(public_key: str, auth_secret: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  any of its kinds
        read_keys(public_key, auth_secret)


def test_a_new_key_signs_and_has_a_public_one_that_browsers_take() -> None:
    key = new_key()
    assert len(key) == 43 and key != new_key()
    point = read_base64url(public_key_of(key))
    assert len(point) == 65
    assert read_keys(write_base64url(point), OTHER["auth"]).point == point


# --- Sent ---


def test_a_notice_arrives_and_only_the_browser_reads_it(
    standin: Standin, browser: Browser, sent: Callable[..., Sending]
) -> None:
    assert sent() == Sending(Outcome.ACCEPTED)
    (push,) = standin.inbox.pushes
    headers = push["headers"]
    assert push["token"] == "one"
    assert (headers["ttl"], headers["urgency"], headers["content-encoding"]) == ("1200", "normal", "aes128gcm")
    assert Vapid02.verify(headers["authorization"])
    assert headers["authorization"].endswith(f",k={public_key_of(PUSH_KEY)}")
    assert browser.read(push["content"]) == {
        "title": "Cedar Street",
        "body": "A short check-in is ready for you.",
        "navigate": f"{HOME}m/7/",
        "tag": f"{HOME}m/7/",
        "lang": "en",
    }


def test_no_notice_tells_why_and_all_are_equally_long(
    standin: Standin, browser: Browser, sent: Callable[..., Sending]
) -> None:
    way = channel(stand_in=standin.base_url)
    link = f"{HOME}m/123456789/"
    for message in (
        *(planned_message(kind=kind, sender_name="Cedar Street", link=link) for kind in ("check_in", "tip", "wrap_up")),
        planned_message(kind="tip", sender_name="Bay Ketamine", link=link),
        set_up_message(link=link, sender_name="x" * 24),
        all_is_well_message(sender_name="Cedar Street"),
    ):
        way.send(to=browser.to, message=message)
    way.close()
    contents = [push["content"] for push in standin.inbox.pushes]
    assert {len(content) for content in contents} == {86 + 1024 + 17}
    notices = [browser.read(content) for content in contents]
    assert not [word for notice in notices for word in found_words(" ".join(notice.values()), NOTICE_WORDS)]
    assert notices[3]["title"] == "A note for you"
    assert notices[5]["navigate"] == HOME


NOT_ACCEPTED, REFUSED, AMBIGUOUS = Outcome.NOT_ACCEPTED, Outcome.REFUSED, Outcome.AMBIGUOUS


def test_each_answer_of_a_push_service_has_one_meaning(sent: Callable[..., Sending]) -> None:
    asked_to_wait = Sending(NOT_ACCEPTED, code="429", retry_after=timedelta(seconds=7))
    assert sent(status=429, retry_after=7) == asked_to_wait
    assert sent(status=503, retry_after="soon") == Sending(NOT_ACCEPTED, code="503")
    assert {sent(status=status) for status in (200, 201, 202)} == {Sending(Outcome.ACCEPTED)}
    assert {sent(status=status) for status in (404, 410)} == {Sending(REFUSED, code="gone")}
    assert {sent(status=status).outcome for status in (400, 401, 403, 413)} == {REFUSED}
    assert {sent(status=status).outcome for status in (408, 500, 502, 504)} == {AMBIGUOUS}


def test_nobody_is_followed_who_sends_us_on(standin: Standin, sent: Callable[..., Sending]) -> None:
    inside = f"{standin.base_url}/push/inside"
    for status in (301, 302, 307, 308):
        assert sent(status=status, location=inside) == Sending(REFUSED, code=str(status))
    assert standin.inbox.pushes == []


def test_an_answer_that_does_not_come_is_unclear(
    monkeypatch: pytest.MonkeyPatch, standin: Standin, browser: Browser
) -> None:
    monkeypatch.setattr("prompts.channels.push.TIMEOUT", 0.2)
    way = channel(stand_in=standin.base_url)
    standin.inbox.push_answers = [{"hang": 2}]
    assert way.send(to=browser.to, message=MESSAGE) == Sending(AMBIGUOUS, code="ReadTimeout")
    way.close()


def test_where_nobody_listens_nothing_was_taken() -> None:
    stand_in = f"http://127.0.0.1:{free_port()}"
    way = channel(stand_in=stand_in)
    sending = way.send(to=Browser(f"{stand_in}/push/one").to, message=MESSAGE)
    assert sending == Sending(NOT_ACCEPTED, code="no connection")
    way.close()


@pytest.mark.parametrize(
    "to",
    [
        *("", "https://fcm.googleapis.com/x", f"{Browser('').to} more", "a b c", "+15550100177", "maya@example.org"),
        "https://fcm.googleapis.com/x AAAA AAAA",
        Browser("http://127.0.0.1:5432/").to,
        Browser("http://[").to,
    ],
    ids=["none", "bare", "more", "letters", "number", "address", "keys", "inside", "broken"],
)
def test_what_is_no_address_of_a_push_is_refused_before_anything_leaves(to: str) -> None:
    way = channel()
    assert way.send(to=to, message=MESSAGE) == Sending(REFUSED, code="bad address")
    way.close()


# --- Where to ---

KNOWN = [
    "https://fcm.googleapis.com/fcm/send/a:b",
    "https://FCM.googleapis.com:443/x",
    "https://web.push.apple.com/Q?x=1",
]
STAND_IN = "http://127.0.0.1:9001"
UNKNOWN = {
    "http": "http://fcm.googleapis.com/x",
    "another scheme": "ftp://fcm.googleapis.com/x",
    "a file": "file:///etc/passwd",
    "no scheme": "//fcm.googleapis.com/x",
    "a port": "https://fcm.googleapis.com:8443/x",
    "a port that is none": "https://fcm.googleapis.com:99999/x",
    "userinfo": "https://fcm.googleapis.com@10.0.0.1/x",
    "userinfo of a known one": "https://me:pw@fcm.googleapis.com/x",
    "loopback": "https://127.0.0.1/x",
    "loopback by name": "https://localhost/x",
    "loopback in six": "https://[::1]/x",
    "loopback in one number": "https://2130706433/x",
    "mapped": "https://[::ffff:10.0.0.1]/x",
    "inside": "https://10.0.0.1/x",
    "link-local": "https://169.254.169.254/latest/meta-data/",
    "a name inside": "https://db.internal/x",
    "below a known one": "https://a.fcm.googleapis.com/x",
    "after a known one": "https://fcm.googleapis.com.example.org/x",
    "before a known one": "https://evilpush.apple.com/x",
    "the parent itself": "https://push.apple.com/x",
    "an empty part": "https://.push.apple.com/x",
    "a dot at the end": "https://fcm.googleapis.com./x",
    "a NUL in a name": "https://10.0.0.1%00.push.apple.com/x",
    "a fragment": "https://10.0.0.1#.push.apple.com/x",
    "a query": "https://10.0.0.1?.push.apple.com/x",
    "a backslash": "https://fcm.googleapis.com\\@10.0.0.1/x",
    "a backslash in a name": "https://10.0.0.1\\.push.apple.com/x",
    "a full stop of another script": "https://fcm。googleapis。com/x",
    "letters of another script": "https://fcm.gооgleapis.com/x",
    "a newline": "https://fcm.googleapis.com/x\r\nHost: 10.0.0.1",
    "a tab": "https://fcm.google\tapis.com/x",
    "a space": "https://fcm.googleapis.com/x y",
    "half a bracket": "https://[fcm.googleapis.com/x",
    "nothing": "",
    "huge": "https://fcm.googleapis.com/" + "x" * LONGEST,
    "the stand-in with a name before it": "http://a@127.0.0.1:9001/x",
    "the stand-in at another port": "http://127.0.0.1:9002/x",
    "the stand-in by another name": "http://localhost:9001/x",
}


@pytest.mark.parametrize("endpoint", KNOWN)
def test_a_push_service_that_we_know_may_be_called(endpoint: str) -> None:
    assert read_endpoint(endpoint, hosts=HOSTS) == endpoint


@pytest.mark.parametrize("endpoint", UNKNOWN.values(), ids=UNKNOWN)
def test_nothing_else_may_be_called(endpoint: str) -> None:
    with pytest.raises(EndpointRefused):
        read_endpoint(endpoint, hosts=HOSTS, stand_in=STAND_IN)


def test_the_stand_in_may_be_called_where_there_is_one() -> None:
    assert read_endpoint(f"{STAND_IN}/push/x", hosts=HOSTS, stand_in=STAND_IN)
    with pytest.raises(EndpointRefused):
        read_endpoint(f"{STAND_IN}/push/x", hosts=HOSTS)


@bounded(max_examples=100, deadline=None)
@given(st.text("@:/\\.[]#?%&;\t\r\n a1é。", max_size=24))
def test_no_text_stumbles(text: str) -> None:
    for endpoint in (text, f"https://{text}.push.apple.com/{text}", f"https://fcm.googleapis.com{text}"):
        try:
            read_endpoint(endpoint, hosts=HOSTS)
        except EndpointRefused:
            continue
        assert endpoint.startswith("https://")


# --- With the engine ---


@pytest.mark.usefixtures("committed")
def test_a_due_notice_is_read_on_the_phone_and_a_gone_one_goes_on_by_text(
    world: World, standin: Standin, browser: Browser, due: Callable[..., list[Prompt]], settings: Settings
) -> None:
    settings.PUSH_KEY, settings.PUSH_SUBJECT, settings.PUSH_STAND_IN = PUSH_KEY, PUSH_SUBJECT, standin.base_url
    with tenant(world.clinic.pk):
        device = Device.objects.create(clinic=world.clinic, patient=world.patient, bound_at=timezone.now())
        told = {"endpoint": browser.endpoint, "public_key": browser.told["p256dh"], "auth_secret": browser.told["auth"]}
        subscribe(world.patient, device, **told, at=timezone.now())
        steps = [prompt.key for prompt in iv_document().prompts if prompt.by_text]
    first, second = due(2, channel=ChannelKind.PUSH)
    with tenant(world.clinic.pk):
        for prompt, step in zip((first, second), steps, strict=False):
            Prompt.objects.filter(pk=prompt.pk).update(step=step)
    standin.inbox.push_answers = [{}, {"status": 410}]
    assert str(deliver_due()) == "sent 2"
    (push,) = standin.inbox.pushes
    notice = browser.read(push["content"])
    assert (notice["title"], notice["body"]) == ("Cedar Street", "A short check-in is ready for you.")
    assert notice["navigate"].startswith(f"{settings.PUBLIC_URL}/")
    assert 0 < int(push["headers"]["ttl"]) <= (first.window_ends_at - first.due_at).total_seconds()
    assert len(standin.inbox.messages) == 1
    assert {row(world, each).state for each in (first, second)} == {PromptState.SENT}
    with tenant(world.clinic.pk):
        assert not takes_push(world.patient.pk)
        assert set(Attempt.objects.values_list("channel", "outcome", "code")) == {
            ("push", "accepted", ""), ("push", "refused", "gone"), ("sms", "accepted", ""),
        }  # fmt: skip
    assert deliver_due().total == sweep().total == 0
