from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0021_callbacks'),
    ]

    operations = [
        migrations.RenameField(model_name='task', old_name='version', new_name='revision'),
    ]
