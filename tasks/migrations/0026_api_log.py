import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0025_flags_of_answers'),
    ]

    operations = [
        migrations.RenameModel(old_name='Answer', new_name='ApiLogEntry'),
        migrations.RenameModel(old_name='OddAnswer', new_name='UnexpectedAnswer'),
        migrations.RenameField(model_name='apilogentry', old_name='answer_to', new_name='operation'),
        migrations.AlterField(
            model_name='apilogentry',
            name='submission',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_log', to='tasks.submission'),
        ),
        migrations.AlterField(
            model_name='unexpectedanswer',
            name='submission',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='unexpected_answer', to='tasks.submission'),
        ),
    ]
