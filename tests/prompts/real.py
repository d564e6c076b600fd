"""Programs on the real engine: PostgreSQL, the services themselves, and several deliveries at once that stop where told.

Each dispatcher is a thread with a connection of its own. It stops before each transaction that it opens, so that other
acts come between; killed, it never goes on. Only the providers and the clock are ours: `now()` is a row, which every
connection of a test finds before PostgreSQL's own.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from itertools import count as numbers
from typing import Any
from unittest import mock

import psycopg
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings

from accounts.models import Channel, Device, Patient
from accounts.services import set_emails, set_push, set_texts, stop_texts
from accounts.states import DeviceScope
from aftercare.state import AlreadyMoved
from aftercare.tenancy import as_sender, tenant
from prompts.channels.sending import Sending
from prompts.models import PushSubscription, WayHold
from prompts.routes import EMAIL, PUSH, SMS
from prompts.services import (
    already_done,
    deliver_due,
    not_done,
    pause_messages,
    plan_treatment_prompts,
    reach_first,
    stop_messages,
    sweep,
    take_fewer,
    travel,
    undo_stop,
)
from prompts.services.receipts import Told, key_of, take_receipt
from prompts.services.ways import WAYS
from prompts.states import Report
from prompts.words import Message
from tests.prompts.engine import LONG_AGO, Answer, Broken, Case, Model, Row
from tests.prompts.machine import count as tally
from tests.prompts.machine import programs
from tests.prompts.programs import DISPATCHERS, Run
from tests.world import World, make_world
from timeline.models import Protocol, ProtocolVersion, Treatment, _parsed
from timeline.protocol import digest, dump
from timeline.services import TimeNotPossible, correct_hour_zero, end_badly
from timeline.states import BadEnding, TreatmentState, VersionState

# Acts of one program: each is a few transactions here.
LONGEST = 31
COLUMNS = (
    *("step", "channel", "plan_number", "due_at", "window_ends_at", "state", "reason", "lease_until", "begun_at"),
    *("tries", "sent_at", "ended_at"),
)
_ROWS = f"SELECT {', '.join(COLUMNS)} FROM prompts_prompt WHERE treatment_id = %s".encode()
_ID = b"SELECT id FROM prompts_prompt WHERE treatment_id = %s AND step = %s"
_CLOCK = """
CREATE SCHEMA IF NOT EXISTS clock;
CREATE TABLE IF NOT EXISTS clock.moment (at timestamptz NOT NULL);
CREATE OR REPLACE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM clock.moment';
GRANT USAGE ON SCHEMA clock TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON clock.moment TO PUBLIC;
"""
_FIND_IT = "SET search_path TO clock, pg_catalog, public"
# What each transaction of a delivery says first. What a clinic reads by itself, after what is read for all, is one with it.
_READS, _OF_CLINIC = "SELECT * FROM prompts_read_by_clinic", "select set_config('app.clinic_id'"
_OPENS = ("SET LOCAL ROLE", _READS, _OF_CLINIC)


# Providers that are there; what leaves for them ends at ours.
SETTINGS = {
    "SMS_BASE_URL": "http://127.0.0.1:9",
    "EMAIL_SERVER": {"host": "127.0.0.1", "port": 9},
    "PUSH_KEY": "one that seals nothing",
    "SEND_ONLY_TO": [],
}


class Killed(BaseException):
    """The process is gone, in the middle of it."""


class Dispatcher:
    """A thread that delivers, one transaction at a time."""

    def __init__(self, wrapper: Callable[..., Any] | None = None) -> None:
        self._wrapper = wrapper
        self._call: Callable[[], object] | None = None
        self._may_go, self._stands = threading.Event(), threading.Event()
        self._is_killed = self._is_first = self._is_over = self._has_read = False
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def is_idle(self) -> bool:
        return self._call is None

    def begin(self, call: Callable[[], object]) -> None:
        self._call, self._is_first = call, True
        self.go_on()

    def go_on(self) -> None:
        """To the next stop, or to the end."""
        self._stands.clear()
        self._may_go.set()
        self._stands.wait(60)
        if self.error:
            raise self.error

    def kill(self) -> None:
        if not self.is_idle:
            self._is_killed = True
            self.go_on()

    def end(self) -> None:
        self.kill()
        self._is_over = True
        self._may_go.set()
        self._thread.join()

    def _work(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_FIND_IT)
        connection.execute_wrappers.append(self._before)
        while self._wait():
            try:
                if self._call:
                    self._call()
            except Killed:
                self._is_killed = False
            except BaseException as error:  # noqa: BLE001  raised where the program goes on
                self.error = error
            self._call = None
            self._stands.set()
        connections.close_all()

    def _wait(self) -> bool:
        self._may_go.wait()
        self._may_go.clear()
        return not self._is_over

    def _before(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if str(sql).startswith(_OPENS):
            is_one, self._has_read = self._has_read and str(sql).startswith(_OF_CLINIC), str(sql).startswith(_READS)
            if not self._is_first and not is_one:
                self._stands.set()
                self._wait()
                if self._is_killed:
                    raise Killed
            self._is_first = False
        if self._wrapper:
            return self._wrapper(execute, sql, params, many, context)
        return execute(sql, params, many, context)


class Provider:
    """One way out of the building, at the border where ours ends: it takes or refuses as the program has it."""

    def __init__(self, moods: Mapping[str, Answer], way: str, taken: list[str]) -> None:
        self._moods, self._way, self._taken = moods, way, taken

    def send(self, *, to: str, message: Message, key: str = "", lasts: timedelta | None = None) -> Sending:
        answer = self._moods[self._way]
        if answer.takes:
            self._taken.append(self._way)
        return Sending(answer.outcome, provider_id="P1", retry_after=answer.retry_after)

    def close(self) -> None:
        """Nothing."""


class Machine:
    """A world, a clock and dispatchers, for one program after another."""

    def __init__(self, world: World, *, wrapper: Callable[..., Any] | None = None) -> None:
        self.world, self.now = world, LONG_AGO
        self.numbers, self.versions = numbers(100), dict[str, ProtocolVersion]()
        self.dispatchers = [Dispatcher(wrapper) for _ in range(DISPATCHERS)]
        # It looks at rows and does nothing else, past the ORM and in one statement.
        self.eye = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        self.eye.execute(f"SET ROLE {django_settings.SENDER_ROLE}".encode())

    def time(self) -> datetime:
        return self.now

    def set_clock(self, now: datetime) -> None:
        self.now = now
        with connection.cursor() as cursor:
            cursor.execute("UPDATE clock.moment SET at = %s", [now])

    def version(self, case: Case) -> ProtocolVersion:
        document = case.document
        name = f"{document.key}-{document.budget.gap_minutes}"
        if name not in self.versions:
            # One of them no clinic could publish: it has more to send than the limits of a document let through.
            _parsed[digest(document)] = document
            protocol = Protocol.objects.create(clinic=self.world.clinic, key=name, name=document.name)
            self.versions[name] = ProtocolVersion.objects.create(
                clinic=self.world.clinic,
                protocol=protocol,
                number=1,
                state=VersionState.PUBLISHED,
                content=dump(document),
                digest=digest(document),
                created_at=case.hour_zero,
                published_at=case.hour_zero,
                published_by=self.world.nurse,
            )
        return self.versions[name]


@contextmanager
def machine(world: World, *, wrapper: Callable[..., Any] | None = None) -> Iterator[Machine]:
    """Inside `committed`. The clock is there for as long as this lasts."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(_CLOCK)
        cursor.execute("DELETE FROM clock.moment")
        cursor.execute("INSERT INTO clock.moment SELECT now()")
    with connection.cursor() as cursor:
        cursor.execute(_FIND_IT)
    made = Machine(world, wrapper=wrapper)
    try:
        with mock.patch("django.utils.timezone.now", made.time):
            yield made
    finally:
        made.eye.close()
        for dispatcher in made.dispatchers:
            dispatcher.end()
        connection.close()
        with connections["owner"].cursor() as cursor:
            cursor.execute("DROP SCHEMA clock CASCADE")
        connections["owner"].close()


class RealRun(Run):
    """One program on the model and on the engine: after each act their rows are the same, and so is what left."""

    def __init__(self, program: bytes, machine: Machine) -> None:
        super().__init__(program)
        self.machine, self.clinic_id = machine, machine.world.clinic.pk
        self.taken: list[str] = []
        machine.set_clock(self.model.now)
        with as_sender():
            WayHold.objects.update(until=self.model.now)
        with tenant(self.clinic_id):
            self.patient = self._patient()
            self.treatment_id = self._treatment().pk
        self._compare("plan")

    def go(self) -> Model:
        ways = {way: partial(Provider, self.model.moods, way, self.taken) for way in (SMS, EMAIL, PUSH)}
        with mock.patch.dict(WAYS, ways):
            return super().go()

    def clock(self, by: timedelta) -> None:
        super().clock(by)
        self.machine.set_clock(self.model.now)

    def correct(self, by: timedelta) -> None:
        hour_zero = self.model.hour_zero + by
        super().correct(by)
        with tenant(self.clinic_id):
            treatment = Treatment.objects.get(pk=self.treatment_id)
            seen, nurse = treatment.plan_number, self.machine.world.nurse
            with suppress(TimeNotPossible, AlreadyMoved):
                correct_hour_zero(treatment, hour_zero=hour_zero, seen_plan=seen, by=nurse, at=self.machine.now)
        self._compare("correct")

    def switch(self, told: tuple[str, bool]) -> None:
        super().switch(told)
        way, on = told
        if way == SMS and not on:
            stop_texts(self.number, at=self.machine.now)
        else:
            with tenant(self.clinic_id):
                {SMS: set_texts, EMAIL: set_emails, PUSH: set_push}[way](self.patient, on=on, at=self.machine.now)
        self._compare("switch")

    def stop_visit(self, _: None) -> None:
        if not self.model.stop_visit():
            return
        with tenant(self.clinic_id):
            treatment = Treatment.objects.get(pk=self.treatment_id)
            end_badly(treatment, reason=BadEnding.HOSPITAL, by=self.machine.world.nurse, at=self.machine.now)
        self._compare("stop_visit")

    def fewer(self, on: bool) -> None:
        super().fewer(on)
        self._choose("fewer", partial(take_fewer, on=on))

    def pause(self, on: bool) -> None:
        super().pause(on)
        self._choose("pause", partial(pause_messages, on=on))

    def stop_all(self, _: None) -> None:
        super().stop_all(_)
        self._choose("stop_all", stop_messages)

    def undo_stop(self, _: None) -> None:
        super().undo_stop(_)
        self._choose("undo_stop", undo_stop)

    def did(self, _: None) -> None:
        if row := self.model.next_tip():
            self.model.did(row)
            self._choose("did", partial(already_done, tip_id=self._id(row)))

    def did_not(self, _: None) -> None:
        if row := self._done():
            self.model.did_not(row)
            self._choose("did_not", partial(not_done, tip_id=self._id(row)))

    def reach_first(self, way: str) -> None:
        super().reach_first(way)
        self._choose("reach_first", partial(reach_first, way=way))

    def travel(self, zone: str) -> None:
        super().travel(zone)
        with tenant(self.clinic_id):
            travel(Treatment.objects.get(pk=self.treatment_id), zone=zone, at=self.machine.now)
        self._compare("travel")

    def report(self, report: Report) -> None:
        super().report(report)
        if self.model.last and self.model.last[0].tried[self.model.last[1]].report == report:
            row, number = self.model.last
            take_receipt(key_of(self._id(row), number), Told(report), at=self.machine.now)
        self._compare("report")

    def _choose(self, act: str, choose: Callable[..., object]) -> None:
        with tenant(self.clinic_id):
            choose(self.patient, at=self.machine.now)
        self._compare(act)

    def _id(self, row: Row) -> int:
        found = self.machine.eye.execute(_ID, [self.treatment_id, row.step]).fetchone()
        assert found
        return int(found[0])

    def kill(self, number: int) -> None:
        super().kill(number)
        self.machine.dispatchers[number].kill()

    def _start(self, number: int, work: str) -> None:
        super()._start(number, work)
        self.machine.dispatchers[number].begin(deliver_due if work == "deliver" else sweep)
        self._compare(work, number)

    def _advance(self, number: int) -> None:
        super()._advance(number)
        self.machine.dispatchers[number].go_on()
        self._compare("step", number)

    def _compare(self, act: str, number: int | None = None) -> None:
        """Raises Broken where the engine did not do what the model did."""
        if number is not None and self.machine.dispatchers[number].is_idle != (self.work[number] is None):
            raise Broken(f"{act}: one of the two is done, the other is not")
        real = sorted(self.machine.eye.execute(_ROWS, [self.treatment_id]).fetchall())
        ours = sorted(_columns(row) for row in self.model.rows.values())
        if real != ours:
            wrong = [
                f"{name}: {there} for {here}"
                for mine, theirs in zip(ours, real, strict=False)
                for name, here, there in zip(COLUMNS, mine, theirs, strict=True)
                if here != there
            ]
            raise Broken(f"{act} at {self.model.now}: {wrong or (len(real), len(ours))}")
        if sorted(self.taken) != sorted(way for _, way in self.model.taken):
            raise Broken(f"{act}: {self.taken} were taken")

    def _patient(self) -> Patient:
        case, number = self.case, next(self.machine.numbers)
        clinic, at = self.machine.world.clinic, self.machine.now
        patient = Patient.objects.create(
            clinic=clinic,
            first_name="Robin",
            last_name=f"Number {number}",
            record_number=f"M-{number}",
            born_on=at.date().replace(year=1988),
            zone=case.zone,
            quiet_starts_at=case.quiet.starts_at,
            quiet_ends_at=case.quiet.ends_at,
            assessed_on=at.date(),
            assessed_by="Ana Ruiz, MD",
            created_at=at,
        )
        self.number = f"+1555{number:07}"
        addresses = {SMS: self.number, EMAIL: f"robin.{number}@example.org", PUSH: ""}
        closed = dict.fromkeys(addresses.keys() - case.ways, at - timedelta(days=1))
        Channel.objects.bulk_create(
            Channel(
                clinic=clinic,
                patient=patient,
                kind=way,
                address=address,
                consented_at=at - timedelta(days=2),
                stopped_at=closed.get(way),
            )
            for way, address in addresses.items()
        )
        device = Device.objects.create(clinic=clinic, patient=patient, bound_at=at, scope=DeviceScope.FULL)
        PushSubscription.objects.create(
            clinic=clinic,
            patient=patient,
            device=device,
            endpoint=f"https://push.example.org/{number}",
            public_key="",
            auth_secret="",
            made_at=at,
        )
        return patient

    def _treatment(self) -> Treatment:
        case, nurse = self.case, self.machine.world.nurse
        treatment = Treatment.objects.create(
            clinic=self.machine.world.clinic,
            patient=self.patient,
            protocol_version=self.machine.version(case),
            state=TreatmentState.RECOVERING,
            hour_zero=case.hour_zero,
            planned_for=case.hour_zero,
            started_at=case.hour_zero,
            started_by=nurse,
            ended_at=case.hour_zero,
            ended_by=nurse,
            zone=case.zone,
            quiet_starts_at=case.quiet.starts_at,
            quiet_ends_at=case.quiet.ends_at,
            planned_by=nurse,
            planned_at=case.hour_zero,
            changed_at=case.hour_zero,
            plan_number=1,
        )
        plan_treatment_prompts(treatment, at=self.machine.now)
        return treatment


def try_all(jobs: Sequence[tuple[int, int, int]]) -> tuple[Counter[str], bytes, str]:
    """All programs, on a database of their own: what happened, the first that broke a rule, and the rule."""
    counts = Counter[str]()
    call_command("setup_roles", verbosity=0)
    call_command("migrate", verbosity=0, interactive=False)
    with override_settings(**SETTINGS), machine(make_world()) as made:
        for program in chain.from_iterable(programs(job, longest=LONGEST) for job in jobs):
            try:
                tally(counts, program, RealRun(program, made).go())
            except Broken as rule:
                return counts, program, str(rule)
    return counts, b"", ""


def _columns(row: Row) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in COLUMNS)
