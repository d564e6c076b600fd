"""Walls around the daily log. What was logged is only added to."""

from django.db import migrations

from aftercare.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("checkin", "0005_weeks_and_sharing")]

    operations = [
        IsolateTenant("DailyLog", append_only=True),
        IsolateTenant("LogChoice"),
    ]
