"""Walls between clinics around the calls after a visit; a call stays as it was written down."""

from django.db import migrations

from aftercare.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("clinic", "0005_contact_calls")]

    operations = [IsolateTenant("ContactCall", append_only=True)]
