"""Walls between clinics, a narrow door for the sender, and room in each page for a cheap claim."""

from django.db import migrations

from aftercare.isolation import IsolateTenant

# A claim stays in its page when there is room for the new row.
ROOM = "ALTER TABLE prompts_prompt SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02)"
NO_ROOM = "ALTER TABLE prompts_prompt RESET (fillfactor, autovacuum_vacuum_scale_factor)"


class Migration(migrations.Migration):
    dependencies = [("prompts", "0001_initial"), ("timeline", "0002_isolation")]

    operations = [
        IsolateTenant("Prompt", to_sender=("SELECT", "UPDATE")),
        IsolateTenant("Attempt", to_sender=("SELECT", "INSERT", "UPDATE")),
        migrations.RunSQL(ROOM, NO_ROOM),
    ]
