"""When the watchdog pages, and what it says: the rule by table, the looks on a real database, the whole as a process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import StaffMember
from aftercare.processes import ROOT, free_port
from aftercare.tenancy import as_sender, tenant
from aftercare.words import NOTICE_WORDS, found_words
from alerts.models import Alert, AlertNotice, Heartbeat
from alerts.services import Watchdog, beat, look, take_alert
from alerts.states import NoticeState
from alerts.watch import Act, Seen, Trouble, Watch
from alerts.words import ALL_WELL, UNHEARD, watchdog_text
from prompts.models import Attempt, HookCount, Prompt, WayHold
from prompts.states import PromptState
from tests.alerts.conftest import Desk, ago
from tests.conftest import Standin
from tests.stack import wait_for
from tests.world import World
from timeline.levels import Level

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ON_CALL = ["+15550100191", "+15550100192"]
Raised = Callable[..., Alert]
WELL, BAD = Seen(database_answers=True, beat_age=timedelta(seconds=3)), Seen(database_answers=False)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.mark.parametrize(
    ("seen", "troubles"),
    [
        (WELL, ()),
        (BAD, (Trouble.NO_DATABASE,)),
        (Seen(database_answers=True), (Trouble.NO_BEAT,)),
        (Seen(database_answers=True, beat_age=seconds(30)), ()),
        (Seen(database_answers=True, beat_age=seconds(30.1)), (Trouble.NO_BEAT,)),
        (Seen(database_answers=True, beat_age=seconds(1), waiting=seconds(60)), ()),
        (Seen(database_answers=True, beat_age=seconds(1), waiting=seconds(60.1)), (Trouble.WAITS,)),
        (Seen(database_answers=True, beat_age=seconds(1), untold=1), (Trouble.UNTOLD,)),
        (Seen(database_answers=True, waiting=seconds(99)), (Trouble.NO_BEAT, Trouble.WAITS)),
        (Seen(database_answers=True, beat_age=seconds(1), overdue=seconds(120)), ()),
        (Seen(database_answers=True, beat_age=seconds(1), overdue=seconds(120.1)), (Trouble.OVERDUE,)),
    ],
)
def test_what_is_wrong(seen: Seen, troubles: tuple[Trouble, ...]) -> None:
    assert seen.troubles == troubles


def acts(*looks: tuple[int, Seen]) -> list[tuple[Act, ...]]:
    watch = Watch()
    return [watch.look(seen, at=NOON + seconds(second)) for second, seen in looks]


def test_it_pages_at_the_second_bad_look_and_again_each_ten_minutes() -> None:
    every = [(second, BAD) for second in range(0, 1215, 15)]
    paged = [second for (second, _), done in zip(every, acts(*every), strict=True) if Act.PAGE in done]
    assert paged == [15, 615]


def test_one_bad_look_is_no_alarm_and_no_ping() -> None:
    assert acts((0, WELL), (60, BAD), (75, WELL), (90, BAD)) == [(Act.PING,), (), (Act.PING,), ()]


def test_it_pings_once_a_minute_while_all_is_well() -> None:
    every = [(second, WELL) for second in range(0, 150, 15)]
    assert [bool(done) for done in acts(*every)] == [*[True, *[False] * 3] * 2, True, False]


def test_it_says_once_that_all_is_well_again() -> None:
    assert acts((0, BAD), (15, BAD), (90, BAD), (105, WELL), (120, WELL)) == [
        (),
        (Act.PAGE, Act.PING_FAIL),
        (Act.PING_FAIL,),
        (Act.PAGE_ALL_WELL,),
        (),
    ]


def test_hooks_that_are_refused_are_told_once_and_all_else_goes_on() -> None:
    deaf = replace(WELL, refused=timedelta(minutes=10))
    assert not replace(WELL, refused=timedelta(minutes=9.9)).is_unheard and deaf.troubles == ()
    every = [(second, deaf) for second in range(0, 1215, 15)]
    assert [
        second for second, done in zip(range(0, 1215, 15), acts(*every), strict=True) if Act.PAGE_UNHEARD in done
    ] == [0]
    assert acts((0, deaf), (60, BAD), (75, deaf), (90, WELL), (150, deaf)) == [
        (Act.PING, Act.PAGE_UNHEARD),
        (),
        (Act.PING,),
        (),
        (Act.PING, Act.PAGE_UNHEARD),
    ]


def test_what_it_says_tells_nothing_of_anybody() -> None:
    said = [watchdog_text(list(Trouble)), ALL_WELL, UNHEARD]
    assert [found_words(text, NOTICE_WORDS) for text in said] == [[]] * 3 and max(map(len, said)) <= 160
    assert watchdog_text([Trouble.OVERDUE]) == "Aftercare: messages may not go out. A message is overdue."


@pytest.mark.usefixtures("committed", "first")
class TestLooks:
    """Against rows as the senders leave them."""

    def test_nothing_due_and_a_fresh_beat_is_well(self) -> None:
        beat("run_alerts")
        assert look().troubles == ()

    def test_no_beat_is_seen(self, world: World) -> None:
        assert look().troubles == (Trouble.NO_BEAT,)
        Heartbeat.objects.create(name="run_alerts", beat_at=ago(seconds=40))
        seen = look()
        assert seen.beat_age and seconds(40) <= seen.beat_age < seconds(45)

    def test_a_red_page_that_is_due_too_long_is_seen_at_any_clinic(self, raised: Raised, desk: Desk) -> None:
        beat("run_alerts")
        raised(Level.URGENT, at=ago(seconds=70))
        assert look().troubles == (Trouble.WAITS,)
        desk.send_all()
        assert look().troubles == ()

    def test_an_alert_that_reached_nobody_is_seen_until_somebody_has_it(
        self, world: World, first: StaffMember, raised: Raised, desk: Desk
    ) -> None:
        beat("run_alerts")
        StaffMember.objects.update(phone="")
        alert = raised(Level.URGENT)
        desk.send_all()
        assert look().troubles == (Trouble.UNTOLD,)
        with tenant(world.clinic.pk):
            take_alert(alert, by=first, at=timezone.now())
        assert look().untold == 0

    def test_an_old_failure_is_known(self, world: World, raised: Raised) -> None:
        alert = raised()
        with tenant(world.clinic.pk):
            AlertNotice.objects.filter(alert=alert).update(state=NoticeState.FAILED, ended_at=ago(minutes=11))
        assert look().untold == 0

    def test_an_alert_of_which_one_page_arrived_was_told(self, world: World, raised: Raised) -> None:
        alert = raised()
        with tenant(world.clinic.pk):
            rows = AlertNotice.objects.filter(alert=alert, step=0)
            rows.filter(seat=0).update(state=NoticeState.FAILED, ended_at=timezone.now())
            rows.filter(seat=1).update(state=NoticeState.SENT, sent_at=timezone.now())
        assert look().untold == 0

    def test_a_message_that_could_leave_and_does_not_is_seen(self, world: World) -> None:
        beat("run_alerts")
        with tenant(world.clinic.pk):
            prompt = world.prompt(world.treatment(), step="tip", due_at=ago(seconds=130), channel="sms", tries=1)
        assert look().troubles == (Trouble.OVERDUE,)
        fine: list[dict[str, Any]] = [
            {"due_at": ago(seconds=110)},
            {"begun_at": ago(seconds=1)},
            {"window_ends_at": ago(seconds=1)},
            {"state": PromptState.SKIPPED},
        ]
        for values in fine:
            assert self.look_at(prompt, **values).troubles == (), values
        with as_sender():
            held = WayHold.objects.create(kind="sms", until=ago(seconds=-60))
        assert self.look_at(prompt).troubles == () and self.look_at(prompt, channel="email").overdue
        for since, is_overdue in ((60, False), (121, True)):  # all that waited for it is due at once
            with as_sender():
                WayHold.objects.filter(pk=held.pk).update(until=ago(seconds=since))
            assert bool(self.look_at(prompt, channel="sms").overdue) is is_overdue

    def test_a_message_that_is_to_be_tried_again_waits_for_its_time(self, world: World) -> None:
        """Since then it may be overdue too. What was claimed, and nobody asked about, is overdue whatever its lease."""
        with tenant(world.clinic.pk):
            prompt = world.prompt(world.treatment(), step="tip", due_at=ago(seconds=300), channel="sms", tries=1)
        again = {"soon": ago(seconds=-100), "now": ago(seconds=1), "late": ago(seconds=121)}
        assert all(self.look_at(prompt, lease_until=at).overdue for at in again.values())
        assert not self.look_at(prompt, kind="notice", lease_until=again["soon"]).overdue, "it waits for the morning"
        with tenant(world.clinic.pk):
            Attempt.objects.create(clinic=world.clinic, prompt=prompt, number=1, channel="sms", began_at=ago(minutes=5))
        seen = [bool(self.look_at(prompt, lease_until=at).overdue) for at in (*again.values(), None)]
        assert seen == [False, False, True, False]

    def look_at(self, prompt: Prompt, **values: Any) -> Seen:
        """With these values, which it has for this look alone."""
        rows = Prompt.objects.filter(pk=prompt.pk)
        with tenant(prompt.clinic_id):
            rows.update(**values or {"channel": prompt.channel})
        seen = look()
        with tenant(prompt.clinic_id):
            rows.update(**{name: getattr(prompt, name) for name in values})
        return seen

    def test_a_database_that_is_away_is_seen(self, settings: Settings) -> None:
        settings.WATCHDOG_DATABASE_URL = f"postgresql://aftercare_app@127.0.0.1:{free_port()}/aftercare"
        assert look().troubles == (Trouble.NO_DATABASE,)


@pytest.fixture
def pings() -> Iterator[tuple[str, list[str]]]:
    """A dead man's switch on loopback: its address, and the paths that were asked for."""
    paths: list[str] = []

    class Switch(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Switch)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/ping", paths
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def watched(settings: Settings, standin: Standin, pings: tuple[str, list[str]]) -> Standin:
    """The watchdog has an account and people to page; ours has none."""
    settings.WATCHDOG_SMS_BASE_URL, settings.SMS_BASE_URL = standin.base_url, ""
    settings.WATCHDOG_SMS_ACCOUNT_SID, settings.WATCHDOG_SMS_AUTH_TOKEN = "AC9", "its own"
    settings.WATCHDOG_SMS_FROM, settings.PLATFORM_ON_CALL = "+15550100199", ON_CALL
    settings.DEADMAN_URL = pings[0]
    return standin


@pytest.mark.usefixtures("committed")
def test_everybody_on_call_is_paged_and_told_when_it_is_over(
    watched: Standin, pings: tuple[str, list[str]], settings: Settings
) -> None:
    watchdog = Watchdog()
    settings.WATCHDOG_DATABASE_URL = f"postgresql://aftercare_app@127.0.0.1:{free_port()}/aftercare"
    watchdog.look(at=NOON)
    assert watched.inbox.messages == [] and pings[1] == []
    watchdog.look(at=NOON + seconds(15))
    words = "Aftercare: alerts may not go out. The database does not answer."
    assert sorted((each["to"], each["body"]) for each in watched.inbox.messages) == [(to, words) for to in ON_CALL]
    assert pings[1] == ["/ping/fail"]
    settings.WATCHDOG_DATABASE_URL = os.environ["DATABASE_URL"]
    beat("run_alerts")
    watchdog.look(at=NOON + seconds(75))
    assert [each["body"] for each in watched.inbox.messages[2:]] == [ALL_WELL] * 2
    assert pings[1] == ["/ping/fail", "/ping"]


@pytest.mark.usefixtures("committed")
def test_who_could_not_be_paged_is_tried_again_and_nobody_twice(watched: Standin, settings: Settings) -> None:
    watchdog = Watchdog()
    watched.inbox.answers.append({"status": 500})
    for number in range(4):
        watchdog.look(at=NOON + seconds(15 * number))
    assert sorted(each["to"] for each in watched.inbox.messages) == ON_CALL


@pytest.mark.usefixtures("committed")
def test_that_no_stop_is_heard_is_told_beside_what_else_is_wrong_and_once(
    watched: Standin, pings: tuple[str, list[str]]
) -> None:
    """No sender beats either; a first try of the one page that fails loses neither."""
    watchdog = Watchdog()
    HookCount.objects.create(refused=5, refused_from=ago(minutes=11), refused_at=ago(seconds=1))
    watched.inbox.answers.extend([{"status": 500}] * 2)
    for number in range(4):
        watchdog.look(at=NOON + seconds(15 * number))
    said = sorted((each["body"], each["to"]) for each in watched.inbox.messages)
    assert said == sorted((words, to) for words in (UNHEARD, watchdog_text([Trouble.NO_BEAT])) for to in ON_CALL)


def run(*, url: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "watchdog", "--once"],
        cwd=ROOT,
        env=os.environ | {"WATCHDOG_DATABASE_URL": url, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.usefixtures("committed")
def test_once_says_what_is_there_and_ends_with_one_when_it_is_bad() -> None:
    url = os.environ["DATABASE_URL"]
    bad = run(url=url)
    assert (bad.returncode, bad.stdout.rstrip().rpartition(": ")[2]) == (1, "no_beat")
    beat("run_alerts")
    HookCount.objects.create(refused=5, refused_from=ago(minutes=11), refused_at=ago(seconds=1))
    deaf = run(url=url)
    assert (deaf.returncode, deaf.stdout.rstrip().rpartition(": ")[2]) == (1, "unheard")
    HookCount.objects.update(refused=0)
    well = run(url=url)
    assert (well.returncode, well.stdout.rstrip().rpartition(": ")[2]) == (0, "all is well")


def test_it_needs_neither_the_apps_database_nor_valkey(standin: Standin) -> None:
    """As a process of its own, with everything else gone: somebody is paged."""
    nowhere = f"postgresql://aftercare_app@127.0.0.1:{free_port()}/aftercare"
    env = {
        **os.environ,
        "DATABASE_URL": nowhere,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "WATCHDOG_SMS_BASE_URL": standin.base_url,
        "PLATFORM_ON_CALL": ",".join(ON_CALL),
    }
    process = subprocess.Popen([sys.executable, "manage.py", "watchdog"], cwd=ROOT, env=env)
    try:
        assert wait_for(lambda: len(standin.inbox.messages) == 2, seconds=60)
    finally:
        process.terminate()
        assert process.wait(20) == 0
