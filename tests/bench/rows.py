"""Many rows, written past every rule by PostgreSQL's superuser: patients, each with a visit, a number and prompts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from django.utils import timezone

from accounts.states import ChannelKind
from aftercare.tenancy import tenant
from tests.world import CEDAR, World, make_world

Db = psycopg.Connection[Any]

# A row and all that it holds, but for what makes it another one.
_PATIENTS = (
    "INSERT INTO accounts_patient SELECT new.* FROM accounts_patient p, generate_series(1, %s) n, "
    "jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'record_number', 'B-' || n)) new WHERE p.id = %s"
)
_VISITS = (
    "INSERT INTO timeline_treatment SELECT new.* FROM accounts_patient p, timeline_treatment t, "
    "jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(), 'patient_id', p.id)) new "
    "WHERE p.clinic_id = t.clinic_id AND p.id <> t.patient_id AND t.id = %s"
)
_NUMBERS = (
    "INSERT INTO accounts_channel (id, clinic_id, patient_id, kind, address, consented_at) "
    "SELECT gen_random_uuid(), clinic_id, id, 'sms', '+1555' || lpad((row_number() OVER ())::text, 7, '0'), now() "
    "FROM accounts_patient"
)
_PROMPTS = (
    "INSERT INTO prompts_prompt (clinic_id, patient_id, treatment_id, step, kind, asks, channel, plan_number, due_at, "
    "window_ends_at, state, tries, reason) "
    "SELECT t.clinic_id, t.patient_id, t.id, 'step_' || n, 'tip', false, %(channel)s, 1, t.due_at, "
    "t.due_at + interval '6 h', 0, 0, '' FROM (SELECT clinic_id, patient_id, id, n, "
    "CASE WHEN random() < %(due)s THEN now() ELSE now() + interval '2 h' + random() * interval '22 h' END AS due_at "
    "FROM timeline_treatment, generate_series(1, %(steps)s) n ORDER BY id, n) t LIMIT %(rows)s"
)
_LATER = (
    "UPDATE prompts_prompt SET state = 0, tries = 0, reason = '', sent_at = NULL, ended_at = NULL, begun_at = NULL, "
    "lease_until = NULL, channel = %(channel)s, due_at = now() + interval '3 h', window_ends_at = now() + interval '9 h' "
    "WHERE state <> 0 OR due_at <= now() + interval '1 h' OR channel <> %(channel)s"
)
# One a patient, anywhere in the table; or any.
_ONE_EACH = "(SELECT DISTINCT ON (patient_id) id FROM prompts_prompt ORDER BY patient_id, id)"
_DUE = (
    "UPDATE prompts_prompt p SET due_at = %(first)s + (d.place - 1) * %(apart)s, "
    "window_ends_at = %(first)s + interval '6 h' FROM "
    "(SELECT id, row_number() OVER (ORDER BY hashint8extended(id, 1)) AS place FROM {chosen} one "
    "ORDER BY place LIMIT %(k)s) d WHERE p.id = d.id RETURNING p.id"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """How a burst ended, in the database's own times: seconds after each row was due."""

    late: Sequence[float]
    first: datetime
    last: datetime
    states: dict[int, int]


def fill(db: Db, *, n: int, patients: int, clinics: int = 2, due: float = 0) -> list[World]:
    """`n` waiting prompts, the next due in two hours but for the share `due` of them, of `patients` patients in as many
    clinics as there are worlds."""
    worlds = [_world(number) for number in range(clinics)]
    db.execute("SET session_replication_role = replica")
    for world in worlds:
        db.execute(_PATIENTS, [-(-patients // clinics), world.patient.pk])
        with tenant(world.clinic.pk):
            at = timezone.now() - timedelta(hours=3)
            visit = world.treatment(hour_zero=at, started_at=at, started_by=world.nurse, plan_number=1)
        db.execute(_VISITS, [visit.pk])
    db.execute(_NUMBERS)
    write_prompts(db, n=n, patients=patients, due=due)
    db.execute("SET session_replication_role = origin")
    db.execute("VACUUM ANALYZE")
    return worlds


def write_prompts(db: Db, *, n: int, patients: int, due: float = 0) -> None:
    """Past the triggers that check references: the caller has them off. The share `due` of them, anywhere in the table, is due
    at once: written as they stand, as a row is that waited for its time."""
    db.execute(_PROMPTS, {"channel": ChannelKind.SMS, "steps": -(-n // patients), "rows": n, "due": due})


def make_due(
    db: Db, *, k: int, channel: str, in_seconds: float, apart: float = 0, one_each: bool = True, rests: bool = True
) -> tuple[datetime, list[int]]:
    """`k` rows, scattered over the table, fall due together, or `apart` seconds after each other. Everything else waits for
    later. Returns the moment and the rows' ids, once the database has come to rest. Without `rests` the pages are as they are
    in a running day: not each first touch of one goes whole into the log."""
    statement = _DUE.format(chosen=_ONE_EACH if one_each else "prompts_prompt")
    db.execute(_LATER, {"channel": channel})
    db.execute("TRUNCATE prompts_attempt")
    db.execute("VACUUM ANALYZE prompts_prompt")
    lead = in_seconds
    while True:
        first = datetime.now(UTC) + timedelta(seconds=lead)
        values = {"first": first, "k": k, "apart": timedelta(seconds=apart)}
        ids = [pk for (pk,) in db.execute(statement.encode(), values).fetchall()]
        if rests:
            db.execute("CHECKPOINT")
        if first > datetime.now(UTC) + timedelta(seconds=0.5):
            return first, ids
        db.execute(_LATER, {"channel": channel})
        lead *= 2


def wait_until(moment: datetime) -> None:
    time.sleep(max((moment - datetime.now(UTC)).total_seconds(), 0))


def waiting(db: Db, ids: list[int]) -> int:
    row = db.execute("SELECT count(*) FROM prompts_prompt WHERE id = ANY(%s) AND state = 0", [ids]).fetchone()
    return int(row[0]) if row else 0


def wal_bytes(db: Db) -> int:
    """All that PostgreSQL has written to its log so far."""
    row = db.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone()
    return int(row[0]) if row else 0


def any_is_due(db: Db) -> bool:
    return bool(db.execute("SELECT 1 FROM prompts_prompt WHERE state = 0 AND due_at <= now() LIMIT 1").fetchone())


def any_is_begun(db: Db) -> bool:
    return bool(db.execute("SELECT 1 FROM prompts_prompt WHERE begun_at IS NOT NULL LIMIT 1").fetchone())


def read(db: Db, ids: list[int]) -> Sent:
    rows = db.execute(
        "SELECT state, sent_at, extract(epoch FROM sent_at - due_at)::float FROM prompts_prompt WHERE id = ANY(%s)",
        [ids],
    ).fetchall()
    states: dict[int, int] = {}
    for state, *_ in rows:
        states[state] = states.get(state, 0) + 1
    moments = [at for _, at, _ in rows if at] or [datetime.now(UTC)]
    return Sent([late for *_, late in rows if late is not None], min(moments), max(moments), states)


def sent_between(db: Db, since: datetime, until: datetime) -> int:
    row = db.execute(
        "SELECT count(*) FROM prompts_prompt WHERE sent_at >= %s AND sent_at < %s", [since, until]
    ).fetchone()
    return int(row[0]) if row else 0


def _world(number: int) -> World:
    return make_world(replace(CEDAR, clinic=f"Clinic {number + 1}", sender=f"Clinic {number + 1}"))
