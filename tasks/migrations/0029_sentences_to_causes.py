"""Each sentence becomes the cause `earlier`, which quotes it. Back again, causes say as much as they can."""

from collections.abc import Iterator
from typing import Any

from django.db import migrations
from django.db.models import F, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, JSONObject, Left, NullIf

COLUMNS = (
    ('submission', 'reason', 500),
    ('submission', 'attention', 500),
    ('credential', 'state_reason', 300),
    ('credential', 'callback_problem', 300),
    ('catalogshelf', 'error', 300),
    ('output', 'error', 500),
)
HISTORY = ('transition', 'remark')
# Rows of one commit: nobody waits long for any of them.
BATCH = 2000


def quote(apps: Any, _editor: Any) -> None:
    for model, name, _length in COLUMNS:
        text = f'{name}_text'
        cause = JSONObject(code=Value('earlier'), facts=JSONObject(text=F(text)))
        for rows in batches(apps.get_model('tasks', model).objects.exclude(**{text: ''})):
            rows.update(**{name: cause})


def put_back(apps: Any, _editor: Any) -> None:
    for model, name, length in COLUMNS:
        for rows in batches(apps.get_model('tasks', model).objects.filter(**{f'{name}__isnull': False})):
            rows.update(**{f'{name}_text': as_text(name, length)})
    for model in HISTORY:
        for rows in batches(apps.get_model('tasks', model).objects.filter(reason__isnull=False)):
            rows.update(detail=as_text('reason', 500))


def as_text(name: str, length: int) -> Left:
    """The sentence of before, else what TopView said, else the code."""
    said = NullIf(KT(f'{name}__facts__said'), Value(''))
    return Left(Coalesce(KT(f'{name}__facts__text'), said, KT(f'{name}__code')), length)


def batches(rows: 'QuerySet[Any]') -> 'Iterator[QuerySet[Any]]':
    """All of them, some at a time, in the order of their keys."""
    ordered = rows.order_by('pk')
    last = ordered.values_list('pk', flat=True).first()
    while last is not None:
        keys = list(ordered.filter(pk__gte=last).values_list('pk', flat=True)[: BATCH + 1])
        yield rows.filter(pk__in=keys[:BATCH])
        last = keys[BATCH] if len(keys) > BATCH else None


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('tasks', '0028_causes_beside_sentences'),
    ]

    operations = [
        migrations.RunPython(quote, put_back),
    ]
