"""Fills every table of the app, as it stands at a migration, with rows that use every column."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.apps.registry import Apps
from django.db import models
from django.utils import timezone

from tasks.causes import Cause
from tasks.models.causes import CauseField
from tests import causes

ROWS = 3
# What a check of the table demands beside the other columns, and a reference that it forbids beside them.
_DEMANDED = {
    ("output", "state"): "saved",
    ("claim", "outcome"): "followed",
    ("sharelink", "identification"): "mail",
}
_EMPTY = {
    ("preview", "blob"),
    ("packageentry", "blob"),
    ("comment", "parent"),
    *((model, "guest") for model in ("comment", "decision", "versionevent")),
}
# A reference that may be empty, but is never given later.
_AT_ONCE = {("decision", "person"), ("playermedia", "strip")}
Rows = dict[str, list[dict[str, Any]]]


def fill(apps: Apps, app: str = "tasks", *, portion: int = 0) -> dict[str, list[models.Model]]:
    """Some rows for each model; where a table refers to another, each row has a row there.

    Rows of another portion have other values. Returned by the model's name.
    """
    numbers = range(2 * ROWS * portion, 2 * ROWS * portion + ROWS)
    made: dict[type[models.Model], list[models.Model]] = {}
    waiting = list(apps.get_app_config(app).get_models())
    while waiting:
        ready = [model for model in waiting if all(target in made for target in _needed(model))]
        assert ready, f"a circle among {waiting}"
        for model in ready:
            made[model] = [_make(model, number, made) for number in numbers]
        waiting = [model for model in waiting if model not in ready]
    for model, rows in made.items():
        _link(model, rows, made)
    return {model._meta.model_name or "": rows for model, rows in made.items()}


def read(apps: Apps, columns: Rows | None = None, app: str = "tasks") -> Rows:
    """All rows of all tables; where an earlier reading is given, its columns alone."""
    found: Rows = {}
    for model in apps.get_app_config(app).get_models():
        name = model._meta.model_name or ""
        if columns is not None and name not in columns:
            continue
        wanted = (
            list(columns[name][0]) if columns else [field.attname for field in model._meta.concrete_fields]
        )
        found[name] = list(model._default_manager.order_by("pk").values(*wanted))
    return found


def _needed(model: type[models.Model]) -> Iterator[type[models.Model]]:
    for field in model._meta.concrete_fields:
        name = (model._meta.model_name, field.name)
        if isinstance(field, models.ForeignKey) and (not field.null or name in _AT_ONCE):
            yield field.remote_field.model


def _make(model: type[models.Model], number: int, made: dict[Any, list[models.Model]]) -> models.Model:
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey):
            if not field.null or (model._meta.model_name, field.name) in _AT_ONCE:
                values[field.name] = made[field.remote_field.model][number % ROWS]
        elif not isinstance(field, models.AutoField):
            demanded = _DEMANDED.get((model._meta.model_name or "", field.name))
            values[field.name] = demanded or _value(field, number)
    return model._default_manager.create(**values)


def _link(model: type[models.Model], rows: list[models.Model], made: dict[Any, list[models.Model]]) -> None:
    """References that may be empty: to what was made later, perhaps in a circle."""
    for field in model._meta.concrete_fields:
        target = made.get(field.remote_field.model) if isinstance(field, models.ForeignKey) else None
        is_left = (model._meta.model_name or "", field.name) in _EMPTY | _AT_ONCE
        if target and field.null and not is_left:
            for number, row in enumerate(rows):
                setattr(row, field.name, target[number])
                # Some models refuse to be saved again.
                model._default_manager.filter(pk=row.pk).update(**{field.name: target[number]})
    for relation in model._meta.local_many_to_many:
        for number, row in enumerate(rows):
            if targets := made.get(relation.remote_field.model):
                getattr(row, relation.name).add(targets[number])


def _value(field: Any, number: int) -> Any:
    """A value that the column takes, another one in each row, and none that a migration would put there."""
    text = f"{field.name}-{number}-é"
    if isinstance(field, models.JSONField) and field.name in causes.COLUMNS:
        # Models of a migration know causes as plain JSON.
        cause = Cause.earlier(text)
        return cause if isinstance(field, CauseField) else cause.as_json()
    makers: dict[type[models.Field[Any, Any]], Any] = {
        models.UUIDField: uuid4(),
        models.DateTimeField: timezone.now() - timedelta(days=number + 1),
        models.DateField: (timezone.now() - timedelta(days=number + 1)).date(),
        models.DecimalField: Decimal(number) + Decimal("0.5"),
        models.BooleanField: number % 2 == 0,
        models.FloatField: number + 0.25,
        models.JSONField: {"number": number, "text": text},
        models.BinaryField: text.encode(),
        models.IntegerField: number + 1,
        models.CharField: text[-(field.max_length or 200) :],
        models.TextField: text,
        models.FileField: f"{field.name}/{number}",
    }
    return next(value for kind, value in makers.items() if isinstance(field, kind))
