"""Walls between clinics, and the numbers of each country."""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from aftercare.isolation import TENANT_FUNCTION, IsolateTenant

CHECKED_ON = date(2026, 11, 24)
# code: emergency, crisis line's name, its number to call, its number to text (docs/clinical.md, 6)
COUNTRIES = {
    "US": ("911", "988 Suicide & Crisis Lifeline", "988", "988"),
    "CA": ("911", "9-8-8 Suicide Crisis Helpline", "988", "988"),
    "GB": ("999", "Samaritans", "116123", ""),
    "IE": ("112", "Samaritans", "116123", ""),
    "AU": ("000", "Lifeline", "131114", ""),
    "NZ": ("111", "1737, Need to Talk?", "1737", "1737"),
}


def add_countries(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    country = apps.get_model("accounts", "Country")
    country.objects.using(schema_editor.connection.alias).bulk_create(
        country(
            code=code,
            emergency=emergency,
            crisis_name=name,
            crisis_call=call,
            crisis_text=text,
            checked_on=CHECKED_ON,
        )
        for code, (emergency, name, call, text) in COUNTRIES.items()
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(TENANT_FUNCTION, "DROP FUNCTION app_tenant()"),
        IsolateTenant("Patient"),
        IsolateTenant("Escort"),
        IsolateTenant("Channel"),
        IsolateTenant("Device"),
        IsolateTenant("AuditEvent", append_only=True),
        migrations.RunPython(add_countries, migrations.RunPython.noop),
    ]
