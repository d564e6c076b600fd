"""What is due leaves once, inside its window, or not at all: against a real PostgreSQL and a provider that misbehaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone

from accounts.models import Channel
from accounts.services import stop_texts
from accounts.states import ChannelKind, Role
from aftercare.tenancy import as_sender, tenant
from prompts.models import Attempt, Prompt
from prompts.pressure import FLIGHT
from prompts.queries.messages import message_of
from prompts.services import deliver_due, sweep
from prompts.states import PromptState
from tests.conftest import Standin
from tests.prompts.conftest import CHANNELS_READ, after_statement, agree, let_the_lease_end
from tests.world import HOUR_ZERO, NEW_YORK, World, make_staff
from timeline.models import Treatment
from timeline.services import (
    cancel_treatment,
    correct_hour_zero,
    draft_version,
    end_badly,
    end_treatment,
    publish_version,
    start_treatment,
)
from timeline.states import BadEnding, TreatmentState, VersionState

pytestmark = pytest.mark.usefixtures("committed")

NUMBER = "+15550100177"


def ago(**values: float) -> datetime:
    return timezone.now() - timedelta(**values)


@pytest.fixture
def texted(world: World, standin: Standin) -> Callable[..., list[Prompt]]:
    """texted(3): three texts of one patient, due a minute ago, in windows that are open for half an hour."""

    def make(count: int = 1, **values: Any) -> list[Prompt]:
        with tenant(world.clinic.pk):
            Channel.objects.get_or_create(
                clinic=world.clinic,
                patient=world.patient,
                kind=ChannelKind.SMS,
                defaults={"address": NUMBER, "consented_at": ago(days=1)},
            )
            treatment = world.treatment(
                hour_zero=ago(hours=4),
                started_at=ago(hours=5),
                started_by=world.nurse,
                ended_at=ago(hours=4),
                ended_by=world.nurse,
                plan_number=1,
            )
            values = {"due_at": ago(minutes=1), "channel": ChannelKind.SMS, "kind": "check_in", **values}
            return [world.prompt(treatment, step=f"step_{number}", **values) for number in range(count)]

    return make


def row(world: World, prompt: Prompt) -> Prompt:
    with tenant(world.clinic.pk):
        return Prompt.objects.get(pk=prompt.pk)


def attempts(world: World) -> list[tuple[int, str]]:
    with tenant(world.clinic.pk):
        return list(Attempt.objects.order_by("pk").values_list("number", "outcome"))


def test_a_due_text_leaves_once(world: World, standin: Standin, texted: Any) -> None:
    (prompt,) = texted()
    assert str(deliver_due()) == "sent 1"
    assert str(deliver_due()) == "nothing due"
    (message,) = standin.inbox.messages
    assert message["to"] == NUMBER
    assert message["body"].startswith("Cedar Street: ")
    sent = row(world, prompt)
    assert (sent.state, sent.channel, sent.tries, sent.begun_at) == (PromptState.SENT, ChannelKind.SMS, 1, None)
    assert attempts(world) == [(1, "accepted")]


def test_what_is_not_due_waits(world: World, standin: Standin, texted: Any) -> None:
    (prompt,) = texted(due_at=timezone.now() + timedelta(minutes=2))
    assert deliver_due().total == 0
    assert row(world, prompt).state == PromptState.WAITING


def test_a_prompt_of_the_app_is_shown_there_and_no_text_leaves(world: World, standin: Standin, texted: Any) -> None:
    (prompt,) = texted(channel=ChannelKind.IN_APP)
    deliver_due()
    assert (row(world, prompt).state, row(world, prompt).channel) == (PromptState.SENT, ChannelKind.IN_APP)
    assert standin.inbox.messages == []


def test_late_beyond_its_window_is_skipped(world: World, standin: Standin, texted: Any) -> None:
    (prompt,) = texted(due_at=ago(minutes=12), window_ends_at=ago(minutes=1))
    deliver_due()
    assert (row(world, prompt).state, row(world, prompt).reason) == (PromptState.SKIPPED, "window over")
    assert standin.inbox.messages == []


def test_a_window_that_ends_between_claim_and_flight_is_kept(world: World, standin: Standin, texted: Any) -> None:
    """The database's clock has the last word, right before the message leaves."""
    prompts = texted(21, window_ends_at=timezone.now() + timedelta(seconds=1.2))
    standin.inbox.answers.extend([{"hang": 1.8}] * 20)
    deliver_due()
    assert len(standin.inbox.messages) == 20
    states = sorted(row(world, prompt).state for prompt in prompts)
    assert states == [PromptState.WAITING, *[PromptState.SENT] * 20]


def test_what_a_slow_flight_held_up_is_anybody_s_at_once(world: World, standin: Standin, texted: Any) -> None:
    prompts = texted(21)
    standin.inbox.answers.append({"hang": 2.1})
    deliver_due()
    (left,) = [found for prompt in prompts if (found := row(world, prompt)).state == PromptState.WAITING]
    assert (left.lease_until, left.begun_at) == (None, None)
    assert str(deliver_due()) == "sent 1"


def test_what_providers_said_is_kept_where_the_rest_could_not_be_put_back(
    world: World, standin: Standin, texted: Any
) -> None:
    texted(21)
    standin.inbox.answers.append({"hang": 2.1})
    faults = [OperationalError("lock timeout")]

    def fail_once(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if "p.begun_at IS NULL AND p.plan_number = e.plan_number" in str(sql) and faults:
            raise faults.pop()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail_once):
        assert str(deliver_due()) == "sent 21"
    assert not faults
    assert len(standin.inbox.messages) == 21


def test_a_row_that_somebody_holds_keeps_back_its_own_flight_alone(
    world: World, other_world: World, standin: Standin, texted: Any
) -> None:
    """Held from the claim on, for longer than a statement waits."""
    prompts = texted(25)
    with tenant(other_world.clinic.pk):
        theirs = other_world.prompt(other_world.treatment(), step="home", due_at=ago(minutes=1))
    with closing(connection.copy()) as somebody:

        def hold() -> None:
            somebody.set_autocommit(False)
            with somebody.cursor() as cursor:
                cursor.execute("SELECT set_config('app.clinic_id', %s, false)", [str(world.clinic.pk)])
                cursor.execute("SELECT FROM prompts_prompt WHERE id = %s FOR UPDATE", [prompts[0].pk])

        with after_statement("prompts_read_by_clinic", hold):
            assert deliver_due().total == 6
    states = [row(world, prompt).state for prompt in prompts]
    assert (states.count(PromptState.SENT), len(standin.inbox.messages)) == (5, 5)
    assert row(other_world, theirs).state == PromptState.SENT
    let_the_lease_end(world)
    assert str(deliver_due()) == "sent 20"


def test_a_long_outage_is_caught_up_by_the_sweep(world: World, standin: Standin, texted: Any) -> None:
    (prompt,) = texted(due_at=ago(minutes=40), window_ends_at=timezone.now() + timedelta(minutes=5))
    assert deliver_due().total == 0
    assert str(sweep()) == "sent 1"
    assert row(world, prompt).state == PromptState.SENT


@pytest.mark.parametrize("told", [{"status": 429}, {"status": 503}, {"status": 429, "retry_after": 20}])
def test_a_busy_provider_is_asked_again(world: World, standin: Standin, texted: Any, told: dict[str, Any]) -> None:
    (prompt,) = texted()
    standin.inbox.answers.append(told)
    deliver_due()
    waiting = row(world, prompt)
    assert waiting.state == PromptState.WAITING
    assert waiting.begun_at is None
    assert waiting.lease_until is not None
    assert waiting.lease_until > timezone.now() + timedelta(seconds=told.get("retry_after", 5) - 2)
    assert deliver_due().total == 0
    let_the_lease_end(world)
    assert str(deliver_due()) == "sent 1"
    assert attempts(world) == [(1, "not_accepted"), (2, "accepted")]


def test_a_provider_that_is_not_there_is_asked_again(
    world: World, standin: Standin, texted: Any, settings: Any
) -> None:
    (prompt,) = texted()
    settings.SMS_BASE_URL = "http://127.0.0.1:9"
    deliver_due()
    assert row(world, prompt).state == PromptState.WAITING


@pytest.mark.parametrize("told", [{"status": 500}, {"status": 500, "accept": True}, {"status": 502}])
def test_an_ambiguous_answer_stays_unknown_and_is_never_sent_again(
    world: World, standin: Standin, texted: Any, told: dict[str, Any]
) -> None:
    (prompt,) = texted()
    standin.inbox.answers.append(told)
    deliver_due()
    assert row(world, prompt).state == PromptState.UNKNOWN
    let_the_lease_end(world)
    assert deliver_due().total == 0
    assert sweep().total == 0
    assert len(standin.inbox.messages) == (1 if told.get("accept") else 0)


def test_a_provider_that_takes_the_message_and_never_answers_is_unknown(
    world: World, standin: Standin, texted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prompts.channels.sms.TIMEOUT", 0.5)
    (prompt,) = texted()
    standin.inbox.answers.append({"hang": 1.5})
    deliver_due()
    assert row(world, prompt).state == PromptState.UNKNOWN
    assert len(standin.inbox.messages) == 1


def test_a_refused_text_is_shown_in_the_app_where_no_other_way_is_open(
    world: World, standin: Standin, texted: Any
) -> None:
    (prompt,) = texted()
    standin.inbox.answers.append({"status": 400, "code": 21606})
    assert str(deliver_due()) == "sent 1"
    assert (row(world, prompt).state, row(world, prompt).channel) == (PromptState.SENT, ChannelKind.IN_APP)
    assert attempts(world) == [(1, "refused")]


def test_a_code_that_no_database_keeps_leaves_the_rest_of_its_flight_known(
    world: World, standin: Standin, texted: Any
) -> None:
    texted(2)
    standin.inbox.answers.append({"status": 400, "code": f"2\0{chr(0xD83D)}1606{'9' * 40}"})
    assert str(deliver_due()) == "sent 2"
    assert sorted(attempts(world)) == [(1, "accepted"), (1, "refused")]
    with tenant(world.clinic.pk):
        assert Attempt.objects.get(outcome="refused").code == "2?1606".ljust(32, "9")


def test_a_flight_that_nobody_finished_is_unknown(world: World, standin: Standin, texted: Any) -> None:
    (prompt,) = texted()
    with tenant(world.clinic.pk):
        Prompt.objects.update(begun_at=ago(minutes=3), lease_until=ago(minutes=1), tries=1)
    assert deliver_due().total == 0
    assert str(sweep()) == "unknown 1"
    assert row(world, prompt).reason == "lost in flight"
    assert standin.inbox.messages == []


def test_a_row_that_was_claimed_and_not_begun_goes_again(world: World, standin: Standin, texted: Any) -> None:
    (prompt,) = texted()
    with tenant(world.clinic.pk):
        Prompt.objects.update(lease_until=ago(seconds=1), tries=1)
    assert str(deliver_due()) == "sent 1"
    assert row(world, prompt).tries == 2


def test_many_deliveries_at_once_send_each_message_once(world: World, standin: Standin, texted: Any) -> None:
    texted(230)

    def deliver(_: int) -> int:
        try:
            return deliver_due().total
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(deliver, range(4))) == 230
    assert len(standin.inbox.messages) == 230


def test_stop_moves_what_waits_into_the_app(world: World, standin: Standin, texted: Any) -> None:
    (prompt,) = texted()
    assert stop_texts(NUMBER, at=timezone.now()) == 1
    deliver_due()
    assert (row(world, prompt).state, row(world, prompt).channel) == (PromptState.SENT, ChannelKind.IN_APP)
    assert standin.inbox.messages == []


def test_stop_after_the_claim_still_holds_the_text_back(world: World, standin: Standin, texted: Any) -> None:
    """Claimed, the channel read, and then STOP: the row that begins the flight no longer says text."""
    (prompt,) = texted()
    with after_statement(CHANNELS_READ, lambda: stop_texts(NUMBER, at=timezone.now())):
        deliver_due()
    assert standin.inbox.messages == []
    assert row(world, prompt).state == PromptState.WAITING


@pytest.mark.parametrize("state", [TreatmentState.CANCELLED, TreatmentState.ENDED_BADLY, TreatmentState.CLOSED])
def test_nothing_leaves_for_a_visit_that_is_over(
    world: World, standin: Standin, texted: Any, state: TreatmentState
) -> None:
    (prompt,) = texted()
    with tenant(world.clinic.pk):
        Treatment.objects.update(state=state)
    deliver_due()
    assert (row(world, prompt).state, row(world, prompt).reason) == (PromptState.CANCELLED, "visit stopped")


def test_a_visit_that_ends_badly_stops_its_prompts_at_once(world: World, standin: Standin, texted: Any) -> None:
    (prompt,) = texted()
    with tenant(world.clinic.pk):
        end_badly(Treatment.objects.get(), reason=BadEnding.HOSPITAL, by=world.nurse, at=timezone.now())
    assert row(world, prompt).state == PromptState.CANCELLED
    assert deliver_due().total == 0


def test_a_cancelled_visit_stops_its_prompts_at_once(world: World, standin: Standin, texted: Any) -> None:
    (prompt,) = texted()
    with tenant(world.clinic.pk):
        Treatment.objects.update(state=TreatmentState.PLANNED)
        cancel_treatment(Treatment.objects.get(), by=world.nurse, at=timezone.now())
    assert row(world, prompt).state == PromptState.CANCELLED


def test_a_correction_after_the_claim_voids_it(world: World, standin: Standin, texted: Any) -> None:
    texted()

    def correct() -> None:
        with tenant(world.clinic.pk):
            treatment = Treatment.objects.get()
            assert treatment.hour_zero
            hour_zero = treatment.hour_zero - timedelta(minutes=40)
            correct_hour_zero(treatment, hour_zero=hour_zero, seen_plan=1, by=world.nurse, at=timezone.now())

    with after_statement(CHANNELS_READ, correct):
        deliver_due()
    assert standin.inbox.messages == []


def test_a_visit_keeps_the_words_it_began_with_when_its_version_is_retired_midway(
    world: World, standin: Standin
) -> None:
    """Another version comes into use, and then hour 0 is corrected: the steps of the first one leave, each once."""
    with tenant(world.clinic.pk):
        agree(world)
        visit = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=HOUR_ZERO)
        start_treatment(visit, by=world.nurse, at=HOUR_ZERO)
        visit = end_treatment(visit, by=world.nurse, at=HOUR_ZERO + timedelta(minutes=45))
        first, steps = visit.document, list(Prompt.objects.order_by("due_at").values_list("step", flat=True))
        changed = tuple(replace(each, title="Another", text="Another one.") for each in first.prompts[1:])
        at = HOUR_ZERO + timedelta(hours=1)
        draft = draft_version(replace(first, prompts=changed), by=world.nurse, at=at, clinic_id=world.clinic.pk)
        publish_version(draft, by=make_staff(world.clinic, Role.MANAGER), at=at)
        world.version.refresh_from_db()
        assert (world.version.state, len(steps)) == (VersionState.RETIRED, 6)
        correct_hour_zero(visit, hour_zero=HOUR_ZERO + timedelta(minutes=35), seen_plan=1, by=world.nurse, at=at)
        Prompt.objects.update(due_at=ago(minutes=1), window_ends_at=timezone.now() + timedelta(minutes=9))
    assert [str(deliver_due()) for _ in range(2)] == ["sent 6", "nothing due"]
    with tenant(world.clinic.pk):
        sent = Prompt.objects.select_related("treatment__protocol_version").order_by("pk")
        read = {row.step: message_of(row, timezone.now(), NEW_YORK, timezone.now()) for row in sent}
    assert {step: (told.title, told.text) for step, told in read.items()} == {
        each.key: (each.title, each.text) for each in first.prompts if each.key in steps
    }
    assert sorted(message["to"] for message in standin.inbox.messages) == [NUMBER] * 2


def test_no_message_leaves_while_a_transaction_is_open(world: World, standin: Standin, texted: Any) -> None:
    texted()
    with as_sender(), pytest.raises(RuntimeError, match="transaction"):
        deliver_due()


def test_the_statements_of_a_batch_are_counted(world: World, standin: Standin, texted: Any) -> None:
    """40 texts of one clinic: one claim, one read, two flights of begin, attempts, completion (and its attempts)."""
    texted(40)
    statements: list[str] = []

    def count(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if str(sql).startswith(("SELECT", "UPDATE", "INSERT", "WITH")):
            statements.append(str(sql)[:30])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        assert deliver_due().total == 40
    assert len(statements) == 1 + 1 + 2 * 3


def test_a_first_claim_of_a_whole_batch_wakes_somebody_else_once(
    world: World, standin: Standin, texted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prompts.services.delivery.BATCH", 3)
    woken: list[None] = []
    texted(3)
    assert deliver_due(when_full=lambda: woken.append(None)).total == 3
    assert len(woken) == 1
    with tenant(world.clinic.pk):
        two = Prompt.objects.exclude(step="step_2")
        two.update(state=PromptState.WAITING, begun_at=None, lease_until=None, ended_at=None, sent_at=None)
    deliver_due(when_full=lambda: woken.append(None))
    assert len(woken) == 1


def test_a_sweep_that_finds_a_whole_batch_wakes_somebody_else_too(
    world: World, standin: Standin, texted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prompts.services.delivery.BATCH", 3)
    woken: list[None] = []
    texted(3, due_at=ago(minutes=40), window_ends_at=timezone.now() + timedelta(minutes=5))
    assert sweep(when_full=lambda: woken.append(None)).total == 3
    assert len(woken) == 1


def test_what_is_wrong_at_one_clinic_holds_up_nobody_elses_messages(
    world: World, other_world: World, standin: Standin, texted: Any
) -> None:
    (prompt,) = texted(kind="unheard_of")
    with tenant(other_world.clinic.pk):
        theirs = other_world.prompt(other_world.treatment(), step="home", due_at=ago(minutes=1))
    deliver_due()
    assert row(other_world, theirs).state == PromptState.SENT
    assert row(world, prompt).state == PromptState.WAITING


def test_one_row_that_cannot_be_written_holds_up_no_other_of_its_clinic(
    world: World, standin: Standin, texted: Any, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = texted(2)
    with tenant(world.clinic.pk):
        Prompt.objects.filter(pk=bad.pk).update(kind="unheard_of")
    assert str(deliver_due()) == "sent 1"
    assert (row(world, bad).state, row(world, good).state) == (PromptState.WAITING, PromptState.SENT)
    (told,) = [record for record in caplog.records if record.msg == "A message could not be prepared"]
    assert told.__dict__["prompts"] == [bad.pk]


def test_after_a_migration_one_batch_is_read_clinic_by_clinic_and_the_next_at_once(
    world: World, standin: Standin, texted: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A plan that a connection keeps does not fit what its function gives now."""
    create = import_module("prompts.migrations.0010_read_by_clinic").CREATE
    texted(channel=ChannelKind.IN_APP)
    deliver_due()
    try:
        made_anew(create.replace("TABLE (what ", "TABLE (sort "))
        for failed in (1, 1):
            with tenant(world.clinic.pk):
                Prompt.objects.update(state=PromptState.WAITING, lease_until=None)
            assert str(deliver_due()) == "sent 1"
            assert caplog.messages.count("A batch could not be read at once") == failed
    finally:
        made_anew(create)


def made_anew(create: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"DROP FUNCTION prompts_read_by_clinic; {create}")


def test_a_slow_provider_ends_the_run_before_the_worker_does(
    world: World, standin: Standin, texted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not begun is neither lost nor unknown: it goes again."""
    prompts = texted(60)
    monkeypatch.setattr("prompts.services.delivery.RUN_LASTS", timedelta(seconds=0.5))
    standin.inbox.answers.extend([{"hang": 1}] * 20)
    deliver_due()
    assert (
        sorted(row(world, prompt).state for prompt in prompts) == [PromptState.WAITING] * 40 + [PromptState.SENT] * 20
    )
    let_the_lease_end(world)
    monkeypatch.setattr("prompts.services.delivery.RUN_LASTS", timedelta(seconds=40))
    assert str(deliver_due()) == "sent 40"
    assert len(standin.inbox.messages) == 60


def test_a_correction_after_a_busy_provider_goes_on_counting_tries(world: World, standin: Standin, texted: Any) -> None:
    texted()
    standin.inbox.answers.append({"status": 429})
    deliver_due()
    with tenant(world.clinic.pk):
        treatment = Treatment.objects.get()
        assert treatment.hour_zero
        Prompt.objects.update(step="check_1")
        correct_hour_zero(
            treatment,
            hour_zero=treatment.hour_zero - timedelta(minutes=5),
            seen_plan=1,
            by=world.nurse,
            at=timezone.now(),
        )
        Prompt.objects.filter(step="check_1").update(
            state=PromptState.WAITING,
            lease_until=None,
            due_at=ago(minutes=1),
            window_ends_at=timezone.now() + timedelta(minutes=9),
        )
    assert str(deliver_due()).startswith("sent 1")
    assert attempts(world) == [(1, "not_accepted"), (2, "accepted")]


def cut_off() -> None:
    assert connection.connection
    connection.connection.close()


def widen(to: int = 41) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"ALTER TABLE prompts_prompt ALTER COLUMN reason TYPE varchar({to})")


@contextmanager
def once_taken(standin: Standin, count: int, act: Callable[[], object]) -> Iterator[None]:
    """What `act` does comes once, before the first transaction as sender after the provider took so many."""
    acts = [act]

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if acts and len(standin.inbox.messages) == count and str(sql).startswith("SET LOCAL ROLE"):
            acts.pop()()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    assert acts == []


@pytest.mark.parametrize("breaks", [cut_off, widen])
def test_what_the_provider_said_outlives_a_restart_and_a_migration_of_the_database(
    world: World, standin: Standin, texted: Any, monkeypatch: pytest.MonkeyPatch, breaks: Callable[[], None]
) -> None:
    """In mid-flight its connections end, or the plans that they keep: the flight's end is written all the same."""
    monkeypatch.setattr("prompts.services.delivery._PAUSES", (0.01,))
    texted(2)
    with tenant(world.clinic.pk):
        Prompt.objects.filter(step="step_1").update(due_at=timezone.now() + timedelta(minutes=9))
    deliver_due()
    with tenant(world.clinic.pk):
        Prompt.objects.update(due_at=ago(minutes=1))
    try:
        with once_taken(standin, 2, breaks):
            assert str(deliver_due()) == "sent 1"
    finally:
        widen(40)
    assert attempts(world) == [(1, "accepted")] * 2


def test_a_migration_while_a_provider_hangs_keeps_no_end_of_its_flight_from_being_written(
    world: World, standin: Standin, texted: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What waits behind the flight is put back by a statement that was planned before: it can't be, this once."""
    monkeypatch.setattr("prompts.services.delivery.SLOW", timedelta(seconds=0.3))
    prompts = texted(FLIGHT + 2)
    with tenant(world.clinic.pk):
        Prompt.objects.exclude(pk=prompts[0].pk).update(due_at=timezone.now() + timedelta(minutes=9))
        Prompt.objects.filter(pk=prompts[0].pk).update(channel=ChannelKind.IN_APP)
    deliver_due()
    with tenant(world.clinic.pk):
        Prompt.objects.filter(state=PromptState.WAITING).update(due_at=ago(minutes=1))
    standin.inbox.answers.extend([{"hang": 0.6}] * FLIGHT)
    try:
        with once_taken(standin, FLIGHT, widen):
            assert str(deliver_due()) == f"sent {FLIGHT + 1}"
    finally:
        widen(40)
    assert caplog.messages.count("Part of a batch waits for its lease") == 1
    assert attempts(world) == [(1, "accepted")] * (FLIGHT + 1)
