"""Walls between clinics around what belongs to a visit."""

from django.db import migrations

from aftercare.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("pickup", "0001_around_the_visit")]

    operations = [
        IsolateTenant("PickupLink"),
        IsolateTenant("PickupTick"),
    ]
