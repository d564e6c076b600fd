"""Walls between clinics; what was answered, and what the rules made of it, is only ever added to."""

from django.db import migrations

from aftercare.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("checkin", "0001_initial"), ("timeline", "0004_where_the_patient_is")]

    operations = [
        IsolateTenant("CheckIn"),
        IsolateTenant("Answer", append_only=True),
        IsolateTenant("Reading", append_only=True),
        IsolateTenant("SilentStep"),
    ]
