"""Walls between clinics for choices, subscriptions and replies; and holds, which the sender reads and writes."""

from django.conf import settings
from django.db import migrations

from aftercare.isolation import IsolateTenant


def grant(apps, editor):
    sender = editor.quote_name(settings.SENDER_ROLE)
    editor.execute(f"GRANT SELECT, INSERT, UPDATE ON prompts_wayhold TO {sender}", params=None)


class Migration(migrations.Migration):
    dependencies = [("prompts", "0005_push_choices_and_replies")]

    operations = [
        IsolateTenant("MessageChoice"),
        IsolateTenant("PushSubscription"),
        IsolateTenant("Reply"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
