import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0019_notices_alone'),
    ]

    operations = [
        migrations.RenameModel(old_name='Move', new_name='Transition'),
        migrations.AlterField(
            model_name='transition',
            name='submission',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='transitions', to='tasks.submission'),
        ),
    ]
