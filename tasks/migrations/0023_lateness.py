from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0022_revision'),
    ]

    operations = [
        migrations.RenameField(model_name='submission', old_name='pace', new_name='lateness'),
    ]
