"""The play of tests.alerts.compressed: raises alerts, takes some of them, waits until nothing is due, and judges what arrived."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from accounts.states import Role
from aftercare.tenancy import tenant
from alerts.ladder import steps
from alerts.models import Alert, AlertNotice, Heartbeat
from alerts.services import AlertCause, raise_alert, take_alert, take_by_text
from alerts.states import Cause, NoticeState
from tests.alerts.conftest import FIRST_NUMBER, MANAGER_NUMBER, SECOND_NUMBER, on_duty, person
from tests.stack import wait_for
from tests.world import make_world
from timeline.levels import Level

SCALE = 12
# What follows the last rung comes in real minutes, and is not looked at.
RUNGS = len(steps(Level.EMERGENCY))
# Wall seconds in which the alerts come. Somebody takes one after five compressed minutes in the mean, some after the last step
# of theirs, and one in ten never.
RAISED_DURING, TAKEN_AFTER, LAST_TAKEN, NEVER_TAKEN = 150.0, 5 * 60 / SCALE, 18 * 60 / SCALE, 0.1
PROMISED = 10.0
# What is on its way to the provider while somebody takes the alert had begun before that; it arrives within this time.
ON_ITS_WAY = 1.0
DRAINED_WITHIN = 120.0


@dataclass
class Told:
    """One alert: when somebody began to take it and when that was committed, in Unix time; None for never."""

    pk: UUID
    code: str
    begun_at: float | None = None
    taken_at: float | None = None


class Play:
    """One clinic with two people on duty and a manager, and `n` alerts."""

    def __init__(self, *, n: int, seed: int) -> None:
        self._n, self._chance = n, random.Random(seed)  # noqa: S311  no secret
        self._told: list[Told] = []
        self._world = make_world()
        self._nurse = person(self._world, Role.NURSE, "Ines Ortega", FIRST_NUMBER)
        second = person(self._world, Role.CLINICIAN, "Ana Ruiz", SECOND_NUMBER)
        person(self._world, Role.MANAGER, "Kim Sato", MANAGER_NUMBER)
        with tenant(self._world.clinic.pk):
            on_duty(self._world, self._nurse)
            on_duty(self._world, second, seat=1)
        if not wait_for(Heartbeat.objects.exists, seconds=60):
            raise RuntimeError("No sender came up.")

    def run(self) -> None:
        """Each act at its moment, on eight threads; then until nothing is due any more."""
        began, doing = time.monotonic(), list[Future[None]]()
        with ThreadPoolExecutor(8) as threads:
            for moment, act in sorted(self._acts(), key=lambda each: each[0]):
                time.sleep(max(0.0, began + moment - time.monotonic()))
                doing.append(threads.submit(act))
            if not wait_for(self._is_drained, seconds=DRAINED_WITHIN):
                raise RuntimeError("Notices that were due were not sent: undecided.")
            for each in doing:
                each.result()

    def judge(self, attempts: dict[str, dict[str, Any]]) -> tuple[dict[str, Any], bool]:
        """What became of every step of every alert, and whether a promise was broken."""
        counts, late = Counter[str](), list[float]()
        told = {each.pk: each for each in self._told}
        with tenant(self._world.clinic.pk):
            for notice in AlertNotice.objects.filter(step__lt=RUNGS):
                attempt = attempts.get(str(notice.key), {})
                _count(notice, told[notice.alert_id], attempt, counts, late)
        late.sort()
        facts = {
            "alerts": len(told),
            "taken": sum(each.taken_at is not None for each in told.values()),
            "steps_sent": len(late),
            "steps_after_ack": counts["after"],
            "on_their_way_at_ack": counts["on_their_way"],
            "missing_steps": counts["missing"],
            "doubled": counts["doubled"],
            "early": counts["early"],
            "deviation_p50": round(late[len(late) // 2], 2),
            "deviation_p99": round(late[int(len(late) * 0.99)], 2),
            "deviation_max": round(late[-1], 2),
        }
        is_broken = len(told) != self._n or late[-1] > PROMISED
        return facts, is_broken or any(counts[each] for each in ("after", "missing", "doubled", "early"))

    def _acts(self) -> Iterator[tuple[float, Callable[[], None]]]:
        """(wall second, act): each alert raised, and most of them taken, by a page of ours or by text."""
        for number in range(self._n):
            raised_at = self._chance.uniform(0, RAISED_DURING)
            level = self._chance.choice((Level.URGENT, Level.CRISIS, Level.EMERGENCY))
            taken_in = (
                min(self._chance.expovariate(1 / TAKEN_AFTER), LAST_TAKEN)
                if self._chance.random() > NEVER_TAKEN
                else None
            )
            by_text = self._chance.random() < 0.5
            mine: list[Told] = []
            yield raised_at, lambda n=number, level=level, mine=mine: self._raise(n, level, mine)  # type: ignore[misc]
            if taken_in is not None:
                yield raised_at + taken_in, lambda mine=mine, by=by_text: self._take(mine, by_text=by)  # type: ignore[misc]

    def _raise(self, number: int, level: Level, mine: list[Told]) -> None:
        cause = AlertCause(self._world.patient, None, Cause.CHECK_IN, f"compressed:{number}", level, (), ())
        with tenant(self._world.clinic.pk):
            alert = raise_alert(cause, at=timezone.now())
            _compress(alert)
        mine.append(Told(alert.pk, alert.code))
        self._told.append(mine[0])

    def _take(self, mine: list[Told], *, by_text: bool) -> None:
        wait_for(lambda: bool(mine), seconds=10)  # somebody quick is on another thread than the alert itself
        told = mine[0]
        told.begun_at = time.time()
        if by_text:
            take_by_text(FIRST_NUMBER, told.code, timezone.now())
        else:
            with tenant(self._world.clinic.pk):
                take_alert(Alert.objects.get(pk=told.pk), by=self._nurse, at=timezone.now())
        told.taken_at = time.time()

    def _is_drained(self) -> bool:
        time.sleep(1)
        with tenant(self._world.clinic.pk):
            return not AlertNotice.objects.filter(state=NoticeState.WAITING, step__lt=RUNGS).exists()


def _compress(alert: Alert) -> None:
    """Before the commit, so that no sender ever sees the minutes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE alerts_alertnotice n SET due_at = a.lifted_at + (n.due_at - a.lifted_at) / %s "
            "FROM alerts_alert a WHERE a.id = n.alert_id AND a.id = %s",
            [SCALE, alert.pk],
        )


def _count(notice: AlertNotice, told: Told, attempt: dict[str, Any], counts: Counter[str], late: list[float]) -> None:
    due, arrived = notice.due_at.timestamp(), attempt.get("accepted_at")
    counts["doubled"] += attempt.get("arrived", 0) > 1
    if arrived is None:
        # Taken before its minute, or within the ten seconds in which it has to come.
        counts["missing"] += told.begun_at is None or due + PROMISED < told.begun_at
        return
    late.append(arrived - due)
    counts["early"] += arrived < due
    if told.taken_at and arrived > told.taken_at:
        is_on_its_way = due <= told.taken_at and arrived <= told.taken_at + ON_ITS_WAY
        counts["on_their_way" if is_on_its_way else "after"] += 1
