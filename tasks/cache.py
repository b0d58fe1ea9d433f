"""The database's cache, which says when it could not write: a limit that was not counted is no limit."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError, connections, router


class CountingCache(DatabaseCache):
    """As Django's, whose failed writes look as if the key had been there already."""

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> Any:
        """Raises OperationalError when the database is locked or away."""
        failed: list[OperationalError] = []

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
            try:
                return execute(sql, params, many, context)
            except OperationalError as error:
                failed.append(error)
                raise

        database = connections[router.db_for_write(self.cache_model_class)]
        with database.execute_wrapper(watch):
            done = super()._base_set(mode, key, value, timeout)  # type: ignore[misc]  # not in the stubs
        if failed:
            raise failed[0]
        return done
