"""Walls between clinics around the reminders before a visit."""

from django.db import migrations

from aftercare.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("timeline", "0007_reminders")]

    operations = [
        IsolateTenant("SetUpNote"),
    ]
