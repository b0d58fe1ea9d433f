"""The column that holds why a row is as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.expressions import Combinable, Expression
from django.db.models.fields.json import JSONExact, KeyTransform

from tasks.causes import Cause

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


class CauseField(models.JSONField):
    """A `Cause`, or None, which is NULL: `reason=None` finds rows without one.

    `reason__code="busy"` finds those of a code. Words are refused: nobody could translate them any more.
    """

    if TYPE_CHECKING:
        _pyi_private_set_type: Cause | Combinable | None
        _pyi_private_get_type: Cause | None

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "null": True, "blank": True})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """As plain JSON, so that old migrations know nothing of today's codes."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.JSONField", args, options

    def from_db_value(
        self, value: str | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> Any:
        """A Cause; what was asked for inside one is handed out as it is."""
        stored = super().from_db_value(value, expression, connection)
        return stored if isinstance(expression, KeyTransform) else Cause.read(stored)

    def to_python(self, value: Any) -> Cause | None:
        """Also from what a fixture holds."""
        return Cause.read(value)

    def get_prep_value(self, value: Any) -> Any:
        """JSON; what a look inside is compared with stays as it is."""
        return value.as_json() if isinstance(value, Cause) else super().get_prep_value(value)

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        """Raises TypeError for what is no cause."""
        if not (value is None or isinstance(value, Cause) or hasattr(value, "as_sql")):
            raise TypeError(f"{self.name} holds a Cause, not {type(value).__name__}")
        return super().get_db_prep_save(value, connection)

    def value_to_string(self, obj: models.Model) -> Any:
        """As a fixture holds it."""
        return self.get_prep_value(self.value_from_object(obj))


@CauseField.register_lookup
class CauseExact(JSONExact):
    """None is NULL here, as in every other column; JSON's own null is never stored."""

    can_use_none_as_rhs = False
