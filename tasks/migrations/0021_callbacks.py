import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0020_transitions'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='notice', name='notices_once'),
        migrations.RenameModel(old_name='Notice', new_name='Callback'),
        migrations.AlterField(
            model_name='callback',
            name='submission',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='callbacks', to='tasks.submission'),
        ),
        migrations.AddConstraint(
            model_name='callback',
            constraint=models.UniqueConstraint(fields=('submission', 'uuid', 'remote_id'), name='callbacks_once'),
        ),
        migrations.RenameField(model_name='submission', old_name='notice_uuid', new_name='callback_uuid'),
        migrations.RenameField(model_name='credential', old_name='notice_checked_at', new_name='callback_checked_at'),
        migrations.RenameField(model_name='credential', old_name='notice_problem', new_name='callback_problem'),
    ]
