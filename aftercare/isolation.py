"""Migration operations that put a clinic's tables under row-level security, with composite references."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

from aftercare.models import TenantForeignKey

TENANT_FUNCTION = """
CREATE FUNCTION app_tenant() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE chosen text := current_setting('app.clinic_id', true);
BEGIN
  IF chosen IS NULL OR chosen = '' THEN
    RAISE EXCEPTION 'no clinic is set' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN chosen::uuid;
END $$
"""


class IsolateTenant(Operation):
    """Row-level security for one TenantModel, forced, with a policy that raises when no clinic is set.

    Each TenantForeignKey becomes a reference on (clinic_id, id), so that a row can't point into another clinic.
    `to_sender` names what the sender role may do across clinics (SELECT, INSERT, UPDATE). `append_only` takes UPDATE and
    DELETE from the runtime role. `to_journal` takes everything from the runtime role and gives it to the journal's alone.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(
        self, model: str, *, to_sender: tuple[str, ...] = (), append_only: bool = False, to_journal: bool = False
    ) -> None:
        self.model, self.to_sender, self.append_only, self.to_journal = model, to_sender, append_only, to_journal

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (
            type(self).__name__,
            [self.model],
            {"to_sender": self.to_sender, "append_only": self.append_only, "to_journal": self.to_journal},
        )

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing changes in the models."""

    def database_forwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model)
        for statement in self._statements(model, editor.quote_name):
            editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """The table goes, and all of this with it."""

    def _statements(self, model: Any, quote: Any) -> list[str]:
        table, name = quote(model._meta.db_table), model._meta.db_table
        runtime, sender = quote(settings.RUNTIME_ROLE), quote(settings.SENDER_ROLE)
        own = "clinic_id = (SELECT app_tenant())"
        statements = [f"ALTER TABLE {table} ADD CONSTRAINT {quote(name + '_clinic_id_id')} UNIQUE (clinic_id, id)"]
        for field in model._meta.local_fields:
            if isinstance(field, TenantForeignKey):
                parent = quote(field.remote_field.model._meta.db_table)
                constraint = quote(f"{name}_{field.column}_same_clinic")
                statements += [
                    # PostgreSQL checks the rows there are as the owner, whom a forced policy would stop. The lock of
                    # this transaction lets nobody else look meanwhile.
                    f"ALTER TABLE {parent} NO FORCE ROW LEVEL SECURITY",
                    f"ALTER TABLE {table} ADD CONSTRAINT {constraint} FOREIGN KEY (clinic_id, {quote(field.column)}) "
                    f"REFERENCES {parent} (clinic_id, id) DEFERRABLE INITIALLY IMMEDIATE",
                    f"ALTER TABLE {parent} FORCE ROW LEVEL SECURITY",
                ]
        journal = quote(settings.JOURNAL_ROLE)
        of_clinic = journal if self.to_journal else runtime
        statements += [
            f"CREATE POLICY tenant ON {table} TO {of_clinic}, CURRENT_USER USING ({own}) WITH CHECK ({own})",
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        ]
        if self.to_sender:
            statements += [
                f"CREATE POLICY sender ON {table} TO {sender} USING (true) WITH CHECK (true)",
                f"GRANT {', '.join(self.to_sender)} ON {table} TO {sender}",
            ]
        if self.append_only:
            statements.append(f"REVOKE UPDATE, DELETE ON {table} FROM {runtime}")
        if self.to_journal:
            statements += [
                f"REVOKE ALL ON {table} FROM {runtime}",
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {journal}",
            ]
        return statements

    def describe(self) -> str:
        return f"Keep each clinic's rows of {self.model} apart"
