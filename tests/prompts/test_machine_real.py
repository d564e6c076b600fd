"""The same programs on PostgreSQL, act by act: what the engine does there is what the model does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test import override_settings
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from prompts import retries
from prompts.routes import EMAIL, PUSH
from prompts.services import receipts
from prompts.services.look_up import NOT_THERE
from prompts.states import Outcome, Report
from tests.prompts.engine import Broken
from tests.prompts.programs import breaking, told, written
from tests.prompts.real import LONGEST, SETTINGS, RealRun, machine
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")


def test_no_program_makes_the_engine_differ_from_the_model(world: World) -> None:
    with override_settings(**SETTINGS), machine(world) as made:

        @settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(st.binary(min_size=16, max_size=LONGEST + 1))
        def run(program: bytes) -> None:
            try:
                RealRun(program, made).go()
            except AssertionError:
                note(told(program))
                raise

        run()


def test_what_was_busy_while_the_patient_travelled_keeps_to_the_new_night(world: World) -> None:
    """In flight as they land, not taken, and due again by the clock of before."""
    flight = [("step", 0)] * 3
    busy = [("mood", (None, 1)), ("to_due", timedelta(0)), *flight, ("travel", "Asia/Tokyo"), ("step", 0)]
    again = [
        ("mood", (None, 0)),
        ("clock", timedelta(seconds=6)),
        ("deliver", 0),
        ("to_due", timedelta(0)),
        ("deliver", 0),
    ]
    with override_settings(**SETTINGS), machine(world) as made:
        RealRun(written(2, *busy, *again), made).go()


def test_a_tip_that_was_lost_while_it_was_done_goes_on_once_it_is_not(world: World) -> None:
    lost = [("mood", (PUSH, 4)), ("leave", 0), ("did", None), ("report", (Report.UNDELIVERED, 0, False))]
    with override_settings(**SETTINGS), machine(world) as made:
        model = RealRun(written(6, *lost, ("did_not", None), ("deliver", 0)), made).go()
    assert model.accepted == [("home", EMAIL)]


def test_what_is_lost_after_the_yes_was_taken_back_goes_no_further_and_a_new_yes_plans_the_rest(world: World) -> None:
    lost = [("mood", (PUSH, 4)), ("leave", 0), ("withdraw", True), ("report", (Report.UNDELIVERED, 0, False))]
    again = [("mood", (None, 0)), ("deliver", 0), ("withdraw", False), ("deliver", 0), ("leave", 0)]
    with override_settings(**SETTINGS), machine(world) as made:
        model = RealRun(written(6, *lost, *again), made).go()
    assert "home" not in dict(model.accepted) and model.accepted


@pytest.mark.parametrize("acts", [(("did", None), ("withdraw", True)), (("withdraw", True), ("did", None))])
def test_what_is_not_done_after_all_goes_no_further_without_a_yes(world: World, acts: list[tuple[str, Any]]) -> None:
    """Lost before that is taken back, or after it."""
    lost = ("report", (Report.UNDELIVERED, 0, False))
    with override_settings(**SETTINGS), machine(world) as made:
        for told in ((lost, ("did_not", None)), (("did_not", None), lost)):
            model = RealRun(written(6, ("mood", (PUSH, 4)), ("leave", 0), *acts, *told, ("deliver", 0)), made).go()
            assert "home" not in dict(model.accepted)


def blind_to_flights(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    for words in ("AND begun_at IS NULL", "AND p.begun_at IS NULL"):
        sql = str(sql).replace(words, "")
    return execute(sql, params, many, context)


def try_again_anyhow(*, outcome: Outcome, **values: Any) -> Any:
    is_unclear = outcome is Outcome.AMBIGUOUS
    return retries.next_try(outcome=Outcome.NOT_ACCEPTED if is_unclear else outcome, **values)


def test_an_engine_that_claims_what_is_in_flight_is_found(world: World) -> None:
    with override_settings(**SETTINGS), machine(world, wrapper=blind_to_flights) as made, pytest.raises(Broken):
        RealRun(breaking("claims_begun"), made).go()


def without_a_fence(statement: str) -> str:
    return statement.replace("AND p.tries = a.number AND p.channel = a.channel ", "")


def sends_what_is_missing(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    if params and NOT_THERE in params and "SET" in sql:
        sql = sql.replace('SET "reason"', 'SET "state" = 0, "reason"')
    return execute(sql, params, many, context)


@pytest.mark.parametrize(
    ("fault", "broken"),
    [
        ("moves_any", partial(mock.patch.object, receipts, "_GO_ON", without_a_fence(receipts._GO_ON))),
        ("believes_any", partial(mock.patch.object, receipts, "says_more", return_value=True)),
        ("resends_missing", lambda: connection.execute_wrapper(sends_what_is_missing)),
    ],
)
def test_an_engine_that_follows_a_provider_blindly_is_found(world: World, fault: str, broken: Any) -> None:
    """What breaks it is made here: at another time there is another connection."""
    program = breaking(fault)
    with override_settings(**SETTINGS), machine(world) as made:
        RealRun(program, made).go()
        with broken(), pytest.raises(Broken):
            RealRun(program, made).go()


def test_an_engine_that_asks_again_after_an_unclear_answer_is_found(world: World) -> None:
    with (
        override_settings(**SETTINGS),
        mock.patch("prompts.services.delivery.next_try", try_again_anyhow),
        machine(world) as made,
        pytest.raises(Broken),
    ):
        RealRun(breaking("resends"), made).go()
