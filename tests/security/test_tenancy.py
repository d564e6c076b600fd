"""One clinic never sees another's rows: what the database's catalogue says, and what it answers when somebody tries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from accounts.models import AuditEvent, Consent, Patient
from aftercare.models import TenantForeignKey, TenantModel
from aftercare.tenancy import TenantRequired, as_journal, as_sender, current_clinic_id, tenant, tenant_tables
from alerts.models import AlertNotice, CallLog
from checkin.models import Answer, DailyLog, Questionnaire, Reading
from journal.models import JournalEntry, JournalKey, KeyEvent, ParkedUrge, Share
from prompts.models import Attempt, Prompt
from tests.world import HOUR_ZERO, World
from timeline.models import VitalSigns

pytestmark = pytest.mark.django_db

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]
# What the journal's role alone may touch.
JOURNAL = [JournalKey, JournalEntry, KeyEvent, ParkedUrge, Share]
# What a row of each needs beside its patient to be a row at all.
FILLED: dict[type[models.Model], dict[str, Any]] = {
    JournalKey: {"version": 1, "ring_key": "k", "wrapped": b"k", "created_at": HOUR_ZERO},
    JournalEntry: {"id": uuid4(), "kind": "entry", "sealed": b"s", "written_at": HOUR_ZERO},
    KeyEvent: {"deed": "made", "at": HOUR_ZERO},
    ParkedUrge: {"id": uuid4(), "sealed": b"s", "parked_at": HOUR_ZERO, "opens_at": HOUR_ZERO},
    Share: {
        "id": uuid4(),
        "entry": uuid4(),
        "about": b"s",
        "ring_key": "k",
        "wrapped": b"k",
        "sealed": b"s",
        "code_hash": "h",
        "made_at": HOUR_ZERO,
        "ends_at": HOUR_ZERO,
    },
}
# What the sender may do, across clinics.
SENDERS: dict[type[models.Model], list[str]] = {
    Prompt: ["SELECT", "UPDATE"],
    Attempt: ["SELECT", "INSERT", "UPDATE"],
    AlertNotice: ["SELECT", "UPDATE"],
}
# Tables without a clinic of their own: what finds the clinic, what belongs to all, and what the libraries keep.
SHARED = {
    "accounts_clinic",
    "accounts_country",
    "accounts_signin",
    "accounts_staffmember",
    "accounts_throttle",
    "accounts_token",
    "accounts_user",
    "accounts_user_groups",
    "accounts_user_user_permissions",
    "account_emailaddress",
    "account_emailconfirmation",
    "aftercare_cache",
    "alerts_heartbeat",
    "auth_group",
    "journal_canary",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "django_migrations",
    "django_session",
    "mfa_authenticator",
    "prompts_heardtext",
    "prompts_hookcount",
    "prompts_wayhold",
}
SENDERS_OF_SHARED = {"prompts_wayhold": ["SELECT", "INSERT", "UPDATE"], "prompts_hookcount": ["SELECT"]}


def rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def test_we_are_signed_in_as_a_role_that_owns_nothing_and_can_bypass_nothing() -> None:
    assert rows("SELECT current_user, session_user") == [(settings.RUNTIME_ROLE, settings.RUNTIME_ROLE)]
    flags = rows("SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user")
    assert flags == [(False, False, False, False)]
    assert rows("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole") == [(0,)]
    assert rows("SELECT count(*) FROM pg_proc WHERE proowner = current_user::regrole") == [(0,)]


def test_the_sender_owns_nothing_and_can_bypass_nothing() -> None:
    flags = rows("SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = %s", settings.SENDER_ROLE)
    assert flags == [(False, False, False)]
    assert rows("SELECT count(*) FROM pg_class WHERE relowner = %s::regrole", settings.SENDER_ROLE) == [(0,)]


def test_the_runtime_role_has_the_senders_powers_only_when_it_puts_them_on() -> None:
    assert rows("SELECT pg_has_role(current_user, %s, 'USAGE')", settings.SENDER_ROLE) == [(False,)]


def test_every_table_belongs_to_one_clinic_or_is_named_here() -> None:
    found = {name for (name,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert found == SHARED | tenant_tables()


def test_there_is_no_view_that_could_see_around_the_walls() -> None:
    kinds = rows("SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace")
    assert kinds == []


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_a_clinics_table_has_its_wall(model: type[models.Model]) -> None:
    table = model._meta.db_table
    assert rows("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", table) == [(True, True)]
    policies = rows("SELECT policyname, qual, with_check FROM pg_policies WHERE tablename = %s ORDER BY 1", table)
    assert [name for name, _, _ in policies] == (["sender", "tenant"] if model in SENDERS else ["tenant"])
    assert all("app_tenant()" in qual and "app_tenant()" in check for name, qual, check in policies if name == "tenant")
    unique = rows("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass", table)
    assert ("UNIQUE (clinic_id, id)",) in unique
    for field in model._meta.local_fields:
        if isinstance(field, TenantForeignKey):
            parent = field.remote_field.model._meta.db_table
            wanted = f"FOREIGN KEY (clinic_id, {field.column}) REFERENCES {parent}(clinic_id, id)"
            assert any(definition.startswith(wanted) for (definition,) in unique), (field, unique)


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_no_foreign_key_of_a_clinics_row_to_another_is_a_simple_one(model: type[models.Model]) -> None:
    simple = [
        field.name
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
        and issubclass(field.remote_field.model, TenantModel)
        and not isinstance(field, TenantForeignKey)
    ]
    assert simple == []


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_the_sender_may_touch_what_leaves_and_nothing_else(model: type[models.Model]) -> None:
    may = [
        right
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
        if rows("SELECT has_table_privilege(%s, %s, %s)", settings.SENDER_ROLE, model._meta.db_table, right)
        == [(True,)]
    ]
    assert may == SENDERS.get(model, [])


@pytest.mark.parametrize("table", sorted(SHARED))
def test_of_what_belongs_to_no_clinic_the_sender_may_touch_as_little(table: str) -> None:
    may = [
        right
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
        if rows("SELECT has_table_privilege(%s, %s, %s)", settings.SENDER_ROLE, table, right) == [(True,)]
    ]
    assert may == SENDERS_OF_SHARED.get(table, [])


@pytest.mark.parametrize(
    "model",
    [AuditEvent, Answer, Reading, CallLog, Consent, VitalSigns, Questionnaire, DailyLog],
    ids=lambda model: model._meta.label,
)
def test_what_was_said_and_done_can_only_grow(model: type[models.Model], world: World) -> None:
    table = model._meta.db_table
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with tenant(world.clinic.pk), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            rows(statement)


@pytest.fixture
def strangers(world: World, other_world: World) -> tuple[World, World]:
    """Two clinics with one patient, one treatment and one prompt each; nobody's tenant() is open."""
    for each in (world, other_world):
        with tenant(each.clinic.pk):
            treatment = each.treatment()
            each.prompt(treatment, step="home", due_at=treatment.hour_zero)  # type: ignore[arg-type]
    return world, other_world


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_a_query_without_a_clinic_raises_and_is_never_merely_empty(model: type[models.Model], strangers: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.clinic_id', '', true)")
    # the guard's answer in development and tests …
    with pytest.raises(TenantRequired):
        model._default_manager.count()
    # … and the database's own, which holds in production too
    if model in (Patient, Prompt):
        with pytest.raises(DatabaseError, match="no clinic is set"), transaction.atomic(), _without_guard():
            rows(f'SELECT count(*) FROM "{model._meta.db_table}"')


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_raw_sql_inside_one_clinic_sees_that_clinic_only(
    model: type[models.Model], strangers: tuple[World, World]
) -> None:
    ours, theirs = strangers
    with tenant(ours.clinic.pk), as_journal() if model in JOURNAL else nullcontext():
        found = {clinic for (clinic,) in rows(f'SELECT DISTINCT clinic_id FROM "{model._meta.db_table}"')}
        assert found <= {ours.clinic.pk}
        assert rows(f'SELECT count(*) FROM "{model._meta.db_table}" WHERE clinic_id = %s', theirs.clinic.pk) == [(0,)]


def test_both_clinics_do_have_rows(strangers: tuple[World, World]) -> None:
    """The control of the test above: an empty table proves nothing."""
    for each in strangers:
        with tenant(each.clinic.pk):
            assert Patient.objects.count() == Prompt.objects.count() == 1


def test_another_clinics_row_can_not_be_changed_or_deleted(strangers: tuple[World, World]) -> None:
    ours, theirs = strangers
    with tenant(ours.clinic.pk):
        assert Patient.objects.filter(pk=theirs.patient.pk).update(first_name="x") == 0
        assert rows(
            "WITH gone AS (DELETE FROM prompts_prompt WHERE clinic_id = %s RETURNING 1) SELECT count(*) FROM gone",
            theirs.clinic.pk,
        ) == [(0,)]
    with tenant(theirs.clinic.pk):
        assert Patient.objects.get().first_name == theirs.patient.first_name
        assert Prompt.objects.count() == 1


def test_a_row_can_not_be_written_into_another_clinic(strangers: tuple[World, World]) -> None:
    ours, theirs = strangers
    values = {"first_name": "A", "last_name": "B", "record_number": "Z", "born_on": "1990-01-01", "zone": "UTC"}
    with tenant(ours.clinic.pk), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        Patient.objects.create(clinic=theirs.clinic, created_at=ours.version.created_at, **values)
    with tenant(ours.clinic.pk), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        Patient.objects.update(clinic=theirs.clinic)


def test_a_row_can_not_point_at_another_clinics_row(strangers: tuple[World, World]) -> None:
    ours, theirs = strangers
    with tenant(ours.clinic.pk), pytest.raises(IntegrityError, match="same_clinic"), transaction.atomic():
        Prompt.objects.update(patient_id=theirs.patient.pk)


def test_the_sender_sees_every_clinics_prompts_and_not_one_patient(strangers: tuple[World, World]) -> None:
    with as_sender():
        assert len(rows("SELECT DISTINCT clinic_id FROM prompts_prompt")) == 2
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            rows("SELECT count(*) FROM accounts_patient")
    assert rows("SELECT current_user") == [(settings.RUNTIME_ROLE,)]


def test_the_clinic_of_an_inner_block_ends_with_it(strangers: tuple[World, World]) -> None:
    ours, theirs = strangers
    with tenant(ours.clinic.pk):
        with tenant(theirs.clinic.pk):
            assert current_clinic_id() == theirs.clinic.pk
        assert current_clinic_id() == ours.clinic.pk
        assert Patient.objects.get().clinic_id == ours.clinic.pk


def test_the_clinic_of_an_inner_block_ends_with_an_error_too(strangers: tuple[World, World]) -> None:
    ours, theirs = strangers
    with tenant(ours.clinic.pk):
        with pytest.raises(ZeroDivisionError), tenant(theirs.clinic.pk):
            _ = 1 / 0
        assert Patient.objects.get().clinic_id == ours.clinic.pk


def test_a_clinic_that_does_not_exist_has_no_rows(strangers: Any) -> None:
    with tenant(uuid4()):
        assert Patient.objects.count() == 0


def test_outside_a_block_there_is_no_current_clinic(db: Any) -> None:
    with pytest.raises(TenantRequired), as_sender():
        current_clinic_id()


@contextmanager
def _without_guard() -> Iterator[None]:
    """Takes the development guard off the connection, so that only the database answers."""
    wrappers, connection.execute_wrappers[:] = list(connection.execute_wrappers), []
    try:
        yield
    finally:
        connection.execute_wrappers[:] = wrappers


def test_a_value_of_the_setting_that_is_no_clinic_opens_nothing(strangers: Any) -> None:
    for value in ("x", "*", "' OR true --"):
        rows("select set_config('app.clinic_id', %s, true)", value)
        with pytest.raises(DatabaseError, match="uuid"), transaction.atomic(), _without_guard():
            rows("SELECT count(*) FROM accounts_patient")


# Every verb that PostgreSQL knows for a table.
VERBS = (
    "SELECT * FROM {}",
    "SELECT count(*) FROM {}",
    "SELECT 1 FROM {} FOR UPDATE",
    "INSERT INTO {} DEFAULT VALUES",
    "UPDATE {} SET clinic_id = clinic_id",
    "DELETE FROM {}",
    "TRUNCATE {}",
    "COPY {} TO STDOUT",
    "COPY {} FROM STDIN",
    "LOCK TABLE {} IN ACCESS SHARE MODE",
    "MERGE INTO {} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
    "EXPLAIN ANALYZE SELECT * FROM {}",
    "CREATE TEMP TABLE taken AS SELECT * FROM {}",
)
OWNERS_VERBS = ("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY", "DROP TABLE {}", "CREATE INDEX ON {} (clinic_id)")


@pytest.mark.parametrize("model", JOURNAL, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("words", VERBS)
def test_the_role_of_the_pages_may_not_touch_the_journal(model: type[models.Model], words: str, world: World) -> None:
    with tenant(world.clinic.pk), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        rows(words.format(f'"{model._meta.db_table}"'))


@pytest.mark.parametrize("model", JOURNAL, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("words", OWNERS_VERBS)
def test_nor_may_it_change_what_the_tables_are(model: type[models.Model], words: str, world: World) -> None:
    with tenant(world.clinic.pk), pytest.raises(DatabaseError, match="must be owner"), transaction.atomic():
        rows(words.format(f'"{model._meta.db_table}"'))


@pytest.mark.parametrize("model", JOURNAL, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("act", ["read", "count", "add", "change", "delete"])
def test_nor_does_the_orm_come_around_that(model: type[models.Model], act: str, world: World) -> None:
    """Also where nothing was written yet: it is the table that is closed."""
    every = model._default_manager
    acts: dict[str, Callable[[], object]] = {
        "read": lambda: list(every.all()),
        "count": every.count,
        "add": lambda: every.bulk_create([model(clinic=world.clinic, patient=world.patient, **FILLED[model])]),
        "change": lambda: every.update(clinic=world.clinic),
        "delete": lambda: every.all()._raw_delete("default"),
    }
    with tenant(world.clinic.pk), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        acts[act]()


@pytest.mark.parametrize("words", ["SELECT * FROM journal_canary", "DELETE FROM journal_canary"])
def test_the_canaries_of_the_ring_are_the_journals_too(words: str, world: World) -> None:
    with tenant(world.clinic.pk), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        rows(words)


@pytest.mark.parametrize("words", ["UPDATE journal_canary SET ring_key = ring_key", "DELETE FROM journal_canary"])
def test_a_canary_is_not_even_the_journals_to_change(words: str, world: World) -> None:
    with tenant(world.clinic.pk), pytest.raises(DatabaseError, match="permission denied"), as_journal():
        rows(words)


@pytest.mark.parametrize("words", ["UPDATE {} SET at = at", "TRUNCATE {}"])
def test_what_was_done_with_a_key_is_never_rewritten(words: str, world: World) -> None:
    with tenant(world.clinic.pk), pytest.raises(DatabaseError, match="permission denied"), as_journal():
        rows(words.format(KeyEvent._meta.db_table))


def test_the_journals_role_may_touch_the_journal_and_nothing_else(world: World) -> None:
    tables = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    may = f"{tables} AND has_table_privilege(%s, oid, 'SELECT')"
    found = {name for (name,) in rows(may, settings.JOURNAL_ROLE)}
    assert found == {"journal_canary", *(model._meta.db_table for model in JOURNAL)}
    flags = rows("SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = %s", settings.JOURNAL_ROLE)
    assert flags == [(False, False, False)]
    assert rows("SELECT pg_has_role(current_user, %s, 'USAGE')", settings.JOURNAL_ROLE) == [(False,)]


def test_the_journals_role_is_off_again_after_its_block_also_after_an_error(world: World) -> None:
    with tenant(world.clinic.pk):
        with as_journal():
            assert rows("SELECT current_user") == [(settings.JOURNAL_ROLE,)]
        assert rows("SELECT current_user") == [(settings.RUNTIME_ROLE,)]
        with pytest.raises(DatabaseError), as_journal():
            rows("SELECT * FROM accounts_patient")
        assert rows("SELECT current_user") == [(settings.RUNTIME_ROLE,)]


def test_the_journal_opens_only_inside_a_clinic() -> None:
    with pytest.raises(TenantRequired), as_journal():
        pass
