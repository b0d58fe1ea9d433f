"""Two columns that told more than their name: `finished_at` of a call at work, and an emptied `answer_digest`.

A digest that was emptied as a flag stays empty, which has the next answer written, as the flag does.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import F

WATCHED = ('running', 'stopped')


def name_the_wait(apps: Any, _editor: Any) -> None:
    rows = apps.get_model('tasks', 'Submission').objects.filter(status__in=WATCHED, finished_at__isnull=False)
    rows.update(files_awaited_since=F('finished_at'), finished_at=None)


def back_to_finished(apps: Any, _editor: Any) -> None:
    rows = apps.get_model('tasks', 'Submission').objects
    rows.filter(files_awaited_since__isnull=False).update(finished_at=F('files_awaited_since'))
    rows.filter(answer_stale_since__isnull=False).update(answer_digest='')


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0024_quarantine'),
    ]

    operations = [
        migrations.AddField(
            model_name='submission',
            name='answer_stale_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='files_awaited_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(name_the_wait, back_to_finished),
    ]
