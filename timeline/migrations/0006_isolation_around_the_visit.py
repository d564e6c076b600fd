"""Walls between clinics around what belongs to a visit."""

from django.db import migrations

from aftercare.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("timeline", "0005_around_the_visit")]

    operations = [
        IsolateTenant("SetUpStep"),
        IsolateTenant("HomeTick"),
        IsolateTenant("VitalSigns", append_only=True),
    ]
