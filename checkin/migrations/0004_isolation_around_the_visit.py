"""Walls between clinics around what belongs to a visit."""

from django.db import migrations

from aftercare.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("checkin", "0003_around_the_visit")]

    operations = [
        IsolateTenant("Questionnaire", append_only=True),
    ]
