"""Walls around the journal: its tables are the journal role's alone."""

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from aftercare.isolation import IsolateTenant


def give_canary_to_journal(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    table = editor.quote_name(apps.get_model("journal", "Canary")._meta.db_table)
    editor.execute(f"REVOKE ALL ON {table} FROM {editor.quote_name(settings.RUNTIME_ROLE)}")
    editor.execute(f"GRANT SELECT, INSERT ON {table} TO {editor.quote_name(settings.JOURNAL_ROLE)}")


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_a_line_for_oneself")]

    operations = [
        IsolateTenant("JournalKey", to_journal=True),
        IsolateTenant("JournalEntry", to_journal=True),
        IsolateTenant("KeyEvent", to_journal=True),
        migrations.RunPython(give_canary_to_journal, migrations.RunPython.noop),
    ]
