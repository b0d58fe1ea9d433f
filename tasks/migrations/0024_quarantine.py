from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0023_lateness'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='submission', name='submission_held'),
        migrations.RenameField(model_name='submission', old_name='held_at', new_name='quarantined_at'),
        migrations.AddIndex(
            model_name='submission',
            index=models.Index(condition=models.Q(('quarantined_at__isnull', False)), fields=['workspace', 'status', 'created_at'], name='submission_quarantined'),
        ),
    ]
