"""Many clinics are read in one statement, each inside its own walls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from accounts.models import Channel, Patient
from accounts.states import ChannelKind
from aftercare.prepared import array, prepared, texts
from aftercare.tenancy import as_sender, current_clinic_id, tenant
from prompts.models import MessageChoice, Prompt
from prompts.services import deliver_due
from prompts.services.known import Known, read_known
from prompts.services.rows import Claimed
from prompts.services.rows import claimed as rows_by_id
from prompts.states import PromptState
from tests.prompts.conftest import CHANNELS_READ, ago
from tests.world import World


def planned(world: World, number: str) -> Prompt:
    """A text that is due, to somebody with an alias and a number."""
    with tenant(world.clinic.pk):
        Channel.objects.create(
            clinic=world.clinic, patient=world.patient, kind=ChannelKind.SMS, address=number, consented_at=ago(days=1)
        )
        MessageChoice.objects.create(clinic=world.clinic, patient=world.patient, alias=f"Me {number[-1]}")
        visit = world.treatment(hour_zero=ago(hours=4), started_at=ago(hours=5), started_by=world.nurse, plan_number=1)
        return world.prompt(visit, step="home", due_at=ago(minutes=1), channel=ChannelKind.SMS)


def claims(*prompts: Prompt) -> list[Claimed]:
    with as_sender():
        return list(rows_by_id([prompt.pk for prompt in prompts]).values())


def words(known: Known) -> list[set[str]]:
    return [
        {sender.name for sender in known.senders.values()},
        {choice.alias for choice in known.choices.values()},
        {way.address for ways in known.ways.values() for way in ways.values()},
    ]


@pytest.mark.django_db
def test_two_clinics_are_read_at_once_and_the_walls_stand_as_before(world: World, other_world: World) -> None:
    ours, theirs = planned(world, "+12125550101"), planned(other_world, "+12125550102")
    known = read_known(claims(ours, theirs))
    names = {world.clinic.sender_name, other_world.clinic.sender_name}
    assert words(known) == [names, {"Me 1", "Me 2"}, {"+12125550101", "+12125550102"}]
    assert set(known.states) == {ours.treatment_id, theirs.treatment_id}
    with pytest.raises(DatabaseError, match="no clinic is set"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT app_tenant()")
    (claim,) = claims(theirs)
    with tenant(world.clinic.pk):
        assert len(read_known([claim]).ways) == 1
        assert current_clinic_id() == Patient.objects.get().clinic_id == world.clinic.pk


@pytest.mark.django_db
def test_a_row_that_names_another_clinics_patient_reads_nothing_of_theirs(world: World, other_world: World) -> None:
    """No such row can be; and if it were, the walls would hold."""
    (theirs,) = claims(planned(other_world, "+12125550102"))
    known = read_known([theirs._replace(clinic_id=world.clinic.pk)])
    assert words(known) == [{world.clinic.sender_name}, set(), set()]
    assert known.states == {}


@contextmanager
def failing(*, times: int) -> Iterator[list[str]]:
    """The first readings fail. The list holds a line for each."""
    seen: list[str] = []

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if CHANNELS_READ in str(sql):
            seen.append(str(sql))
            if len(seen) <= times:
                raise OperationalError("cancelled")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


def test_where_all_can_not_be_read_at_once_each_clinic_reads_its_own(
    world: World, other_world: World, committed: None
) -> None:
    prompts = [(each, planned(each, f"+1212555010{number}")) for number, each in enumerate((world, other_world))]
    for each, _ in prompts:
        with tenant(each.clinic.pk):
            Prompt.objects.update(channel=ChannelKind.IN_APP)
    with failing(times=2) as seen:
        assert deliver_due().total == 1
    assert len(seen) == 3
    states = []
    for each, prompt in prompts:
        with tenant(each.clinic.pk):
            states.append(Prompt.objects.get(pk=prompt.pk).state)
    assert sorted(states) == [PromptState.WAITING, PromptState.SENT]


@pytest.mark.django_db
def test_words_of_any_kind_come_through_an_array() -> None:
    said = ["", "NULL", 'a "b"', "c\\d", "e,f", "{g}", " h ", "ü\n", None, timezone.now().isoformat()]
    with prepared() as cursor:
        cursor.execute("SELECT %s::text[], %s::int[]", [texts(said), array([1, None, 3])])
        assert cursor.fetchone() == (said, [1, None, 3])


@pytest.mark.django_db
def test_ids_moments_and_days_are_read_as_the_orm_reads_them(world: World) -> None:
    """They come in another form than elsewhere: to a millionth of a second they are the same."""
    prompt = planned(world, "+12125550101")
    with tenant(world.clinic.pk):
        due_at = timezone.now().replace(microsecond=1)
        Prompt.objects.filter(pk=prompt.pk).update(due_at=due_at)
        statement = (
            "SELECT clinic_id, due_at, window_ends_at, due_at::date, token_id, kind, tries, asks FROM prompts_prompt"
        )
        with prepared() as fast, connection.cursor() as plain:
            rows = [cursor.execute(statement).fetchall() for cursor in (fast, plain)]
    assert rows[0] == rows[1]
    assert rows[0][0][1].utcoffset() == timedelta(0)
