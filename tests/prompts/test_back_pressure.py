"""A busy provider is left alone and holds nobody else up; an address that takes nothing any more is not asked again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEvent, Channel
from accounts.services import set_texts
from accounts.states import ChannelKind
from aftercare.tenancy import as_sender, tenant
from prompts.channels.inbox import Inbox
from prompts.models import Attempt, Prompt, WayHold
from prompts.services import deliver_due, sweep
from prompts.services.delivery import LOOKS_BACK
from prompts.services.rows import Claims, claim
from prompts.states import PromptState
from tests.prompts.conftest import ADDRESS, NUMBER, ago, in_flight, let_the_lease_end, row
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")

Due = Callable[..., list[Prompt]]
SMS, EMAIL = ChannelKind.SMS, ChannelKind.EMAIL


def ways(world: World) -> list[tuple[int, str]]:
    with tenant(world.clinic.pk):
        return list(Prompt.objects.order_by("pk").values_list("state", "channel"))


def tries(world: World) -> list[tuple[str, str, str]]:
    with tenant(world.clinic.pk):
        return list(Attempt.objects.order_by("pk").values_list("channel", "outcome", "code"))


def mixed(world: World, due: Due, *, texts: int, emails: int, **values: Any) -> list[Prompt]:
    prompts = due(texts + emails, channel=SMS, **values)
    with tenant(world.clinic.pk):
        Prompt.objects.filter(pk__in=[prompt.pk for prompt in prompts[texts:]]).update(channel=EMAIL)
    return prompts


def test_a_provider_that_names_a_time_is_left_alone_until_then_and_others_go_on(
    world: World, mail: Inbox, due: Due
) -> None:
    due(channel=SMS)
    mail.answers.append({"status": 429, "retry_after": 90})
    deliver_due()
    with tenant(world.clinic.pk):
        Prompt.objects.update(lease_until=None)
        treatment = Prompt.objects.get().treatment
        world.prompt(treatment, step="letter", due_at=timezone.now(), channel=EMAIL, kind="tip")
    assert str(deliver_due()) == "sent 1"
    assert str(sweep()) == "nothing due"
    assert (len(mail.letters), mail.attempts["p1.1"].requests if "p1.1" in mail.attempts else 1) == (1, 1)
    let_the_lease_end(world)
    assert str(deliver_due()) == "sent 1"
    assert ways(world) == [(PromptState.SENT, SMS), (PromptState.SENT, EMAIL)]


def test_what_one_number_is_told_holds_the_others_for_a_short_while(world: World, mail: Inbox, due: Due) -> None:
    due(2, channel=SMS)
    mail.answers.append({"status": 429, "retry_after": 300})
    deliver_due()
    with as_sender():
        assert WayHold.objects.get().until < timezone.now() + timedelta(seconds=31)
    with tenant(world.clinic.pk):
        told_to = Prompt.objects.filter(lease_until__gt=timezone.now() + timedelta(seconds=250))
        assert told_to.get().state == PromptState.WAITING


def test_a_hold_that_outlasts_a_window_leaves_it_to_the_next_way(world: World, mail: Inbox, due: Due) -> None:
    due(2, channel=SMS, window_ends_at=timezone.now() + timedelta(minutes=4))
    mail.answers.extend([{"status": 503, "retry_after": 3600}, {"status": 503}])
    deliver_due()
    let_the_lease_end(world)
    with as_sender():
        WayHold.objects.update(until=timezone.now() + timedelta(minutes=5))
    assert str(deliver_due()) == "sent 1"
    assert ways(world) == [(PromptState.SENT, EMAIL)] * 2
    assert mail.messages == [message for message in mail.messages if "subject" in message]


def test_a_provider_that_hangs_holds_up_the_others_for_one_flight(
    world: World, mail: Inbox, due: Due, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was in the air stays unknown; what was not is put back, and nobody asks for a while."""
    monkeypatch.setattr("prompts.channels.sms.TIMEOUT", 0.5)
    mixed(world, due, texts=30, emails=2)
    mail.answers.extend([{"hang": 2}] * 20)
    done = deliver_due()
    assert (done.counts["UNKNOWN"], done.counts["WAITING"], done.counts["SENT"]) == (20, 10, 2)
    with tenant(world.clinic.pk):
        assert not Prompt.objects.filter(state=PromptState.WAITING).exclude(lease_until=None).exists()
    assert str(deliver_due()) == "nothing due"
    with as_sender():
        WayHold.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert str(deliver_due()) == "sent 10"


def test_servers_that_want_to_know_us_first_hold_nobody(world: World, mail: Inbox, due: Due) -> None:
    """450 is said of one mailbox; 421 is said of the server."""
    due(3)
    mail.mail_answers.extend([{"code": 450, "when": "rcpt"}] * 3)
    deliver_due()
    with as_sender():
        assert not WayHold.objects.exists()
    with tenant(world.clinic.pk):
        Prompt.objects.update(lease_until=None)
    mail.mail_answers.extend([{"code": 421, "when": "mail"}] * 3)
    deliver_due()
    with as_sender():
        assert WayHold.objects.get().kind == EMAIL


def test_a_claim_leaves_held_rows_by_the_index_of_what_is_due(world: World) -> None:
    """With few rows a planner may like to sort; it must be able to do without."""
    asked: list[str] = []

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        asked.append(str(sql))
        return execute(sql, params, many, context)

    with as_sender(), connection.execute_wrapper(note):
        claim(looks_back=LOOKS_BACK)
    (statement,) = [sql for sql in asked if "SKIP LOCKED" in sql]
    assert WayHold._meta.db_table in statement
    with as_sender(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using prompt_due" in plan
    assert "Sort" not in plan


def test_claims_of_a_run_go_on_where_the_last_ended_and_what_was_put_back_is_seen_again(world: World, due: Due) -> None:
    [older], [newer] = due(due_at=ago(minutes=5)), due(steps=("wrap_up",))
    both = {older.pk, newer.pk}

    def claimed(claims: Claims, *, from_start: bool = False) -> set[int]:
        taken = {prompt.id for prompt in claims.next(from_start=from_start)}
        let_the_lease_end(world)
        return taken

    run = Claims(LOOKS_BACK, looks_again=60)
    assert claimed(run) == both
    assert claimed(run) == {newer.pk}
    assert claimed(run, from_start=True) == both
    assert claimed(Claims(LOOKS_BACK, looks_again=60)) == both
    after_a_second = Claims(LOOKS_BACK, looks_again=0)
    assert claimed(after_a_second) == claimed(after_a_second) == both


def channel(world: World, kind: str) -> Channel:
    with tenant(world.clinic.pk):
        return Channel.objects.get(patient=world.patient, kind=kind)


def test_a_landline_is_ended_once_and_staff_see_it(world: World, mail: Inbox, due: Due) -> None:
    """Two texts of one flight find out; what waits is never tried, until a yes anew. Of those two, one was for the app
    alone once no text was open."""
    due(channel=SMS, steps=("check_1", "wrap_up"))
    with tenant(world.clinic.pk):
        later = world.prompt(
            Prompt.objects.all()[0].treatment, step="morning", due_at=timezone.now() + timedelta(hours=2), channel=SMS,
            kind="check_in",
        )  # fmt: skip
    mail.answers.extend([{"status": 400, "code": 21614}] * 2)
    assert str(deliver_due()) == "sent 2"
    assert (channel(world, SMS).failed_code, channel(world, SMS).may_send) == ("21614", False)
    assert row(world, later).channel == EMAIL
    with tenant(world.clinic.pk):
        event = AuditEvent.objects.get(action="texts_failed")
        assert (event.facts, event.actor_kind) == ({"code": "21614"}, "system")
        set_texts(world.patient, on=True, at=timezone.now())
    assert channel(world, SMS).may_send
    assert row(world, later).channel == SMS
    assert tries(world) == [*[("sms", "refused", "21614")] * 2, ("email", "accepted", "")]


@pytest.mark.parametrize(
    ("code", "is_open"), [("552 5.2.2", True), ("452 4.2.2", True), ("550 5.1.1", False), ("550 5.7.1", True)]
)
def test_a_mailbox_that_is_gone_is_ended_and_a_full_one_is_not(
    world: World, mail: Inbox, due: Due, code: str, is_open: bool
) -> None:
    due()
    mail.mail_answers.append({"code": code, "when": "rcpt"})
    assert str(deliver_due()) == "sent 1"
    assert ways(world) == [(PromptState.SENT, ChannelKind.IN_APP)]
    assert tries(world) == [("email", "refused", code)]
    assert channel(world, EMAIL).may_send is is_open


def test_a_stop_that_the_carrier_heard_holds_at_every_clinic(
    world: World, other_world: World, mail: Inbox, due: Due
) -> None:
    due(channel=SMS, steps=("check_1",))
    with tenant(other_world.clinic.pk):
        theirs = Channel.objects.create(
            clinic=other_world.clinic, patient=other_world.patient, kind=SMS, address=NUMBER,
            consented_at=timezone.now() - timedelta(days=1),
        )  # fmt: skip
    mail.answers.append({"status": 400, "code": 21610})
    assert str(deliver_due()) == "sent 1"
    assert ways(world) == [(PromptState.SENT, EMAIL)]
    assert channel(world, SMS).stopped_at
    with tenant(other_world.clinic.pk):
        assert Channel.objects.get(pk=theirs.pk).stopped_at


def test_a_yes_that_is_newer_than_the_refusal_stands(world: World, mail: Inbox, due: Due) -> None:
    due(channel=SMS)
    mail.answers.append({"status": 400, "code": 21211, "hang": 0.5})

    def say_yes() -> None:
        with tenant(world.clinic.pk):
            Channel.objects.filter(kind=SMS).update(consented_at=timezone.now())

    with in_flight(mail, say_yes):
        deliver_due()
    assert channel(world, SMS).may_send
    assert channel(world, EMAIL).address == ADDRESS
