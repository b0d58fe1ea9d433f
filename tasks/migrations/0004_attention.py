from typing import Any

from django.db import migrations, models


def fill(apps: Any, schema_editor: Any) -> None:
    """As `Task.touch` would, for what is there already. Overdue calls follow by themselves."""
    tasks = apps.get_model("tasks", "Task").objects
    tasks.filter(status__in=("unknown", "choosing", "stopped")).update(needs_attention=True)
    said = apps.get_model("tasks", "Submission").objects.exclude(attention="")
    tasks.filter(pk__in=said.values("task")).update(needs_attention=True)


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0003_remark'),
    ]

    operations = [
        migrations.AddField(
            model_name='task',
            name='needs_attention',
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('needs_attention', True)), fields=['workspace', '-created_at', '-id'], name='task_list_of_attention'),
        ),
    ]
