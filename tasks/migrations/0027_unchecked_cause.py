from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0026_api_log'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='output', name='doubt_of_saved_only'),
        migrations.RenameField(model_name='output', old_name='doubt', new_name='unchecked_cause'),
        migrations.AddConstraint(
            model_name='output',
            constraint=models.CheckConstraint(condition=models.Q(('unchecked_cause', ''), ('state', 'saved'), _connector='OR'), name='unchecked_only_when_saved'),
        ),
    ]
