"""Programs on the real engine: PostgreSQL, the services themselves, and several deliveries at once that stop where told.

Each dispatcher is a thread with a connection of its own. It stops before each transaction that it opens, so that other
acts come between; killed, it never goes on. Only the providers and the clock are ours: `now()` is a row, which every
connection of a test finds before PostgreSQL's own.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from itertools import chain
from itertools import count as numbers
from typing import Any
from unittest import mock

import psycopg
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import RequestFactory, override_settings

from accounts.models import Channel, Device, Patient
from accounts.services import record_consent, set_emails, set_push, set_texts, stop_texts
from accounts.states import ConsentKind, ConsentWay, DeviceScope
from aftercare.state import AlreadyMoved
from aftercare.tenancy import as_sender, tenant
from prompts.channels.push import GONE
from prompts.channels.sending import Sending
from prompts.channels.sms import Found
from prompts.models import Prompt, PushSubscription, WayHold
from prompts.routes import EMAIL, PUSH, SMS
from prompts.services import (
    already_done,
    deliver_due,
    look_up,
    not_done,
    pause_messages,
    plan_treatment_prompts,
    reach_first,
    stop_messages,
    sweep,
    take_fewer,
    take_report,
    travel,
    undo_stop,
)
from prompts.services.look_up import NOT_THERE
from prompts.services.receipts import Told, key_of, take_receipt
from prompts.services.rows import Claims
from prompts.services.ways import WAYS
from prompts.states import Outcome, PromptState, Report
from prompts.views.hooks import reports
from prompts.words import Message
from tests.prompts.engine import LONG_AGO, LOST, Answer, Broken, Case, Model, Row
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
_ATTEMPTS = (
    "ARRAY(SELECT concat_ws(' ', a.channel, a.outcome, a.report) FROM prompts_attempt a "
    "WHERE a.prompt_id = p.id ORDER BY a.number) AS attempts"
)
_ROWS = f"SELECT {', '.join(COLUMNS)}, {_ATTEMPTS} FROM prompts_prompt p WHERE treatment_id = %s".encode()
_STEP = b"SELECT step FROM prompts_prompt WHERE id = %s"
_ID = b"SELECT id FROM prompts_prompt WHERE treatment_id = %s AND step = %s"
_CLOCK = """
CREATE SCHEMA IF NOT EXISTS clock;
CREATE TABLE IF NOT EXISTS clock.moment (at timestamptz NOT NULL);
CREATE OR REPLACE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM clock.moment';
GRANT USAGE ON SCHEMA clock TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON clock.moment TO PUBLIC;
"""
# The module, which its function hides.
_LOOK_UP = import_module("prompts.services.look_up")
# What each provider says of an address that takes nothing any more.
_DEAD = {SMS: "21211", EMAIL: "550 5.1.1", PUSH: GONE}
_FIND_IT = "SET search_path TO clock, pg_catalog, public"
# What each transaction of a delivery says first. What a clinic reads by itself, after what is read for all, is one with it;
# and what is read for all inside of one is part of that one.
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
        is_read = str(sql).startswith(_READS)
        if str(sql).startswith(_OPENS) and not (is_read and connection.in_atomic_block):
            is_one, self._has_read = self._has_read and str(sql).startswith(_OF_CLINIC), is_read
            if not self._is_first and not is_one:
                self._stands.set()
                self._wait()
                if self._is_killed:
                    raise Killed
            self._is_first = False
        if self._wrapper:
            return self._wrapper(execute, sql, params, many, context)
        return execute(sql, params, many, context)


@dataclass(frozen=True, slots=True)
class Taken:
    """One message as its provider has it; `key` names the try, where the way has reports."""

    way: str
    to: str
    words: str
    key: str
    at: datetime


class Provider:
    """One way out of the building, at the border where ours ends: it takes or refuses as the program has it."""

    def __init__(self, run: RealRun, way: str) -> None:
        self._run, self._way = run, way

    @property
    def _answer(self) -> Answer:
        return self._run.model.moods[self._way]

    def send(self, *, to: str, message: Message, key: str = "", lasts: timedelta | None = None) -> Sending:
        answer, is_taken = self._answer, self._answer.outcome is Outcome.ACCEPTED
        if answer.takes:
            self._run.taken.append(Taken(self._way, to, message.text, key, self._run.machine.now))
        return Sending(
            answer.outcome,
            provider_id=f"of {key}" if is_taken else "",
            code=_DEAD[self._way] if answer.is_dead else "",
            retry_after=answer.retry_after,
            is_unwell=answer.is_unwell,
        )

    def look_up(self, *, to: str, since: datetime) -> list[Found] | None:
        """Its list; none where it says "not now"."""
        if self._answer.outcome is Outcome.NOT_ACCEPTED:
            return None
        texts = [each for each in self._run.taken if (each.way, each.to) == (self._way, to)]
        return [
            Found(f"of {each.key}", f"Note: {each.words}", each.at, self._run.truth(each.key), "") for each in texts
        ]

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
    """Inside `committed`. The clock is there for as long as this lasts. Each claim looks from the start: hours may pass
    between two of a run, which in the real one are a second at most (decision 38)."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(_CLOCK)
        cursor.execute("DELETE FROM clock.moment")
        cursor.execute("INSERT INTO clock.moment SELECT now()")
    with connection.cursor() as cursor:
        cursor.execute(_FIND_IT)
    made = Machine(world, wrapper=wrapper)
    try:
        claims = mock.patch("prompts.services.delivery.Claims", partial(Claims, looks_again=0))
        with mock.patch("django.utils.timezone.now", made.time), claims:
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
        self.taken: list[Taken] = []
        machine.set_clock(self.model.now)
        with as_sender():
            WayHold.objects.update(until=self.model.now)
            # Of the programs before nobody asks any more.
            Prompt.objects.filter(state=PromptState.UNKNOWN).exclude(reason=NOT_THERE).update(reason=NOT_THERE)
        with tenant(self.clinic_id):
            self.patient = self._patient()
            self.treatment_id = self._treatment().pk
        self._compare("plan")

    def go(self) -> Model:
        ways = {way: partial(Provider, self, way) for way in (SMS, EMAIL, PUSH)}
        with mock.patch.dict(WAYS, ways), mock.patch.object(_LOOK_UP, "texts", ways[SMS]):
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

    def withdraw(self, on: bool) -> None:
        super().withdraw(on)
        said: dict[str, Any] = {"given": not on, "way": ConsentWay.SET_UP, "by": self.patient, "at": self.machine.now}
        with tenant(self.clinic_id):
            record_consent(ConsentKind.APP, patient=self.patient, **said)
        self._compare("withdraw")

    def stop_all(self, _: None) -> None:
        super().stop_all(_)
        self._choose("stop_all", stop_messages)

    def undo_stop(self, _: None) -> None:
        super().undo_stop(_)
        self._choose("undo_stop", undo_stop)

    def did(self, _: None) -> None:
        row = self.model.next_tip()
        self.model.did(row)
        self._choose("did", partial(already_done, tip_id=self._id(row) if row else 0))

    def did_not(self, _: None) -> None:
        row = self._done()
        self.model.did_not(row)
        self._choose("did_not", partial(not_done, tip_id=self._id(row) if row else 0))

    def reach_first(self, way: str) -> None:
        super().reach_first(way)
        self._choose("reach_first", partial(reach_first, way=way))

    def travel(self, zone: str) -> None:
        super().travel(zone)
        with tenant(self.clinic_id):
            travel(Treatment.objects.get(pk=self.treatment_id), zone=zone, at=self.machine.now)
        self._compare("travel")

    def report(self, told: tuple[Report, int, bool]) -> None:
        super().report(told)
        report, back, is_dead = told
        if text := self.model.text(back):
            take_receipt(self._key(*text), self._told(report, is_dead=is_dead), at=self.machine.now)
        self._compare("report")

    def step_report(self, told: tuple[int, Report]) -> None:
        number, report = told
        text = self.model.text(0) if self.work[number] is None else None
        super().step_report(told)
        if text:
            self._begin_too(number, partial(take_receipt, self._key(*text), self._told(report), at=self.machine.now))

    def look_up(self, after: timedelta) -> None:
        super().look_up(after)
        look_up(at=self.machine.now)
        self._compare("look_up")

    def step_look_up(self, number: int) -> None:
        was_idle = self.work[number] is None
        begins = was_idle and len(self.model.missing()) < 2
        super().step_look_up(number)
        if begins:
            self._begin_too(number, partial(look_up, at=self.machine.now))

    def forged(self, told: str) -> None:
        row, number = self.model.text(0) or (next(iter(self.model.rows.values())), 1)
        key, word = self._key(row, number), Report.UNDELIVERED.value
        match told:
            case "number":
                key = key_of(self._id(row), row.tries + 9)
            case "prompt":
                key = key_of(10**12, number)
            case "word":
                word = "lost"
        form = {"MessageStatus": word, "MessageSid": "SM1", "To": self.number, "ErrorCode": "30006"}
        if told == "signature":
            made = RequestFactory().post(f"/hooks/reports/?key={key}", form, headers={"X-Twilio-Signature": "forged"})
            assert reports(made).status_code == 403
        else:
            take_report(form, key=key, at=self.machine.now)
        self._compare("forged")

    def truth(self, key: str) -> str:
        """How the provider lists the text of this try."""
        prompt_id, _, number = key.removeprefix("p").partition(".")
        found = self.machine.eye.execute(_STEP, [int(prompt_id)]).fetchone()
        assert found
        return self.model.rows[found[0]].tried[int(number)].truth.value

    def _key(self, row: Row, number: int) -> str:
        return key_of(self._id(row), number)

    def _told(self, report: Report, *, is_dead: bool = False) -> Told:
        code = {True: "30006", False: "30003"}[is_dead] if report in LOST else ""
        return Told(report, provider_id="SM1", to=self.number, code=code)

    def _begin_too(self, number: int, call: Callable[[], object]) -> None:
        self.machine.dispatchers[number].begin(call)
        self._compare("begin", number)

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
                for name, here, there in zip((*COLUMNS, "attempts"), mine, theirs, strict=True)
                if here != there
            ]
            raise Broken(f"{act} at {self.model.now}: {wrong or (len(real), len(ours))}")
        taken = sorted(each.way for each in self.taken)
        if taken != sorted(way for _, way in self.model.taken):
            raise Broken(f"{act}: {taken} were taken")

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
            public_key="key",
            auth_secret="secret",
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
    return (*(getattr(row, name) for name in COLUMNS), row.attempts)
