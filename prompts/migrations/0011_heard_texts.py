from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('prompts', '0010_read_by_clinic'),
    ]

    operations = [
        migrations.CreateModel(
            name='HeardText',
            fields=[
                ('provider_id', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['at'], name='heard_text_at')],
            },
        ),
    ]
