"""Guests decide, too. SQLite rebuilds the table, so the rule that keeps decisions is made anew after it."""

from importlib import import_module

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

before = import_module("tasks.migrations.0037_final_decisions")


def hold(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Have the database refuse to change whose decision it is, too."""
    statement = before.SQLITE if editor.connection.vendor == "sqlite" else before.POSTGRES
    editor.execute(statement.replace("UPDATE OF ", "UPDATE OF guest_id, "), params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0045_guest_comments'),
    ]

    operations = [
        migrations.RunPython(before.forget, before.hold),
        migrations.AddField(
            model_name='decision',
            name='guest',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='tasks.guest'),
        ),
        migrations.AlterField(
            model_name='reviewstage',
            name='decided_by',
            field=models.CharField(choices=[('reviewers', 'Reviewers and admins'), ('admins', 'Admins'), ('members', 'Every member'), ('guests', 'Guests by a link, and admins')], default='reviewers', max_length=12),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('person', None), ('guest', None), _connector='OR'), name='a_decision_is_of_one_person'),
        ),
        migrations.AddConstraint(
            model_name='reviewstage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_by', 'guests'), _negated=True), ('needed', 'one'), _connector='OR'), name='one_guest_is_enough'),
        ),
        migrations.RunPython(hold, before.forget),
    ]
