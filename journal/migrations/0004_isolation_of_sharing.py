"""Walls around what waits and what is shared: the journal role's alone. What was done with a key is never rewritten."""

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from aftercare.isolation import IsolateTenant


def keep_events_as_they_are(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    table = editor.quote_name(apps.get_model("journal", "KeyEvent")._meta.db_table)
    editor.execute(f"REVOKE UPDATE ON {table} FROM {editor.quote_name(settings.JOURNAL_ROLE)}")


class Migration(migrations.Migration):
    dependencies = [("journal", "0003_weeks_and_sharing")]

    operations = [
        IsolateTenant("ParkedUrge", to_journal=True),
        IsolateTenant("Share", to_journal=True),
        migrations.RunPython(keep_events_as_they_are, migrations.RunPython.noop),
    ]
