"""Columns for causes. The sentences, which nobody could translate any more, move aside."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0027_unchecked_cause'),
    ]

    operations = [
        migrations.RenameField('submission', 'reason', 'reason_text'),
        migrations.AddField('submission', 'reason', models.JSONField(blank=True, null=True)),
        migrations.RenameField('submission', 'attention', 'attention_text'),
        migrations.AddField('submission', 'attention', models.JSONField(blank=True, null=True)),
        migrations.RenameField('credential', 'state_reason', 'state_reason_text'),
        migrations.AddField('credential', 'state_reason', models.JSONField(blank=True, null=True)),
        migrations.RenameField('credential', 'callback_problem', 'callback_problem_text'),
        migrations.AddField('credential', 'callback_problem', models.JSONField(blank=True, null=True)),
        migrations.RenameField('catalogshelf', 'error', 'error_text'),
        migrations.AddField('catalogshelf', 'error', models.JSONField(blank=True, null=True)),
        migrations.RenameField('output', 'error', 'error_text'),
        migrations.AddField('output', 'error', models.JSONField(blank=True, null=True)),
        migrations.AddField('transition', 'reason', models.JSONField(blank=True, null=True)),
        migrations.AddField('remark', 'reason', models.JSONField(blank=True, null=True)),
    ]
