"""The sentences stand in causes now."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0029_sentences_to_causes'),
    ]

    operations = [
        migrations.RemoveField('submission', 'reason_text'),
        migrations.RemoveField('submission', 'attention_text'),
        migrations.RemoveField('credential', 'state_reason_text'),
        migrations.RemoveField('credential', 'callback_problem_text'),
        migrations.RemoveField('catalogshelf', 'error_text'),
        migrations.RemoveField('output', 'error_text'),
    ]
