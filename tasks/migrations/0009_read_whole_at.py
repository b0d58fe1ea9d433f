from typing import Any

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Least


def only_what_was_read_whole(apps: Any, _editor: Any) -> None:
    """So far it was noted though the log could not be read: the account is known up to the earlier of the two."""
    accounts = apps.get_model('tasks', 'Credential').objects
    accounts.filter(charges_read_at=None).update(read_whole_at=None)
    both = accounts.filter(charges_read_at__isnull=False, read_whole_at__isnull=False)
    both.update(read_whole_at=Least(F('read_whole_at'), F('charges_read_at')))


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0008_growth_indexes'),
    ]

    operations = [
        migrations.RenameField(model_name='credential', old_name='looked_at', new_name='read_whole_at'),
        migrations.RunPython(only_what_was_read_whole, migrations.RunPython.noop),
    ]
