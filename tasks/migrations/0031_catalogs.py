import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0030_sentences_gone'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='catalogshelf', name='one_shelf_per_credential'),
        migrations.RenameModel(old_name='CatalogShelf', new_name='CatalogState'),
        migrations.RenameField(model_name='catalogstate', old_name='shelf', new_name='catalog'),
        migrations.AlterField(
            model_name='catalogstate',
            name='credential',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='catalog_states', to='tasks.credential'),
        ),
        migrations.AddConstraint(
            model_name='catalogstate',
            constraint=models.UniqueConstraint(fields=('credential', 'catalog'), name='one_state_per_catalog'),
        ),
        migrations.RemoveConstraint(model_name='catalogentry', name='one_entry_per_shelf_and_id'),
        migrations.AlterField(
            model_name='catalogentry',
            name='credential',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='catalog_entries', to='tasks.credential'),
        ),
        migrations.RenameField(model_name='catalogentry', old_name='shelf', new_name='catalog'),
        migrations.AddConstraint(
            model_name='catalogentry',
            constraint=models.UniqueConstraint(fields=('credential', 'catalog', 'remote_id'), name='one_entry_per_catalog_and_id'),
        ),
        migrations.RemoveConstraint(model_name='favourite', name='one_favourite_per_entry'),
        migrations.RenameField(model_name='favourite', old_name='shelf', new_name='catalog'),
        migrations.AddConstraint(
            model_name='favourite',
            constraint=models.UniqueConstraint(fields=('user', 'workspace', 'catalog', 'remote_id'), name='one_favourite_per_entry'),
        ),
    ]
