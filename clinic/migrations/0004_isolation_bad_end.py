"""Walls between clinics around how a visit ended badly."""

from django.db import migrations

from aftercare.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("clinic", "0003_bad_end")]

    operations = [IsolateTenant("BadEnd")]
