"""Walls between clinics; the sender claims notices of all clinics; what was said on a call stays as it was said."""

from django.db import migrations

from aftercare.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0001_initial"),
        ("accounts", "0005_where_staff_are_reached"),
        ("timeline", "0004_where_the_patient_is"),
    ]

    operations = [
        IsolateTenant("Alert"),
        IsolateTenant("AlertNotice", to_sender=("SELECT", "UPDATE")),
        IsolateTenant("CallLog", append_only=True),
        IsolateTenant("OnCallShift"),
    ]
