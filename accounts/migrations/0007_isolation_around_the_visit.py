"""Walls between clinics around what belongs to a visit."""

from django.db import migrations

from aftercare.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_around_the_visit")]

    operations = [
        IsolateTenant("Consent", append_only=True),
    ]
