"""The one row that says whether the provider's hooks fit; the watchdog reads it as the sender."""

from django.conf import settings
from django.db import migrations, models


def grant(apps, editor):
    sender = editor.quote_name(settings.SENDER_ROLE)
    editor.execute(f"GRANT SELECT ON prompts_hookcount TO {sender}", params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('prompts', '0011_heard_texts'),
    ]

    operations = [
        migrations.CreateModel(
            name='HookCount',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('refused', models.PositiveSmallIntegerField(default=0)),
                ('refused_from', models.DateTimeField(null=True)),
                ('refused_at', models.DateTimeField(null=True)),
                ('accepted_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='hook_count_is_one')],
            },
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
