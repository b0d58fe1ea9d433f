from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0018_claims_of_old'),
    ]

    operations = [
        migrations.RemoveField(model_name='notice', name='look_at'),
        migrations.RemoveField(model_name='notice', name='seen_at'),
    ]
