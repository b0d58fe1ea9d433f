"""One way of a database from the first version up to the newest and down again, for all who watch it.

Each migration costs a good part of a second, most of it for models as they were: so all that is said about
rows is said on one way. A story is a generator: it yields the name of the migration at which it wants to be
woken, gets the models as they are there, and asserts. What it raises is its own end alone.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps.registry import Apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

FIRST = "0001_initial"
NEWEST = max(path.stem for path in Path("tasks/migrations").glob("0*.py"))
# What it is sent are Apps, of whose models a type checker knows nothing.
Story = Generator[str, Any, None]


def migrate_to(name: str) -> Apps:
    """Bring the app's tables to a migration; the models as they are there."""
    MigrationExecutor(connection).migrate([("tasks", name)])
    return models_at(name)


def models_at(name: str) -> Apps:
    """The models as they are at a migration."""
    return MigrationExecutor(connection).loader.project_state([("tasks", name)]).apps


@contextmanager
def first_version(folder: Path) -> Iterator[Apps]:
    """A database of its own in the place of the test's: the portal's first version, and no row."""
    before = connection.settings_dict["NAME"]
    name = str(folder / "journey.sqlite3") if connection.vendor == "sqlite" else f"{before}_journey"
    connection.close()
    _administer(f'CREATE DATABASE "{name}"')
    connection.settings_dict["NAME"] = name
    try:
        executor = MigrationExecutor(connection)
        others = [node for node in executor.loader.graph.leaf_nodes() if node[0] != "tasks"]
        executor.migrate([("tasks", FIRST), *others])
        call_command("createcachetable", verbosity=0)
        yield models_at(FIRST)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        _administer(f'DROP DATABASE "{name}"')


def _administer(statement: str) -> None:
    if connection.vendor != "sqlite":
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)


class Journey:
    """Takes stories from the first version to the newest and back."""

    def __init__(self, stories: Iterable[Story]) -> None:
        self._waiting = [(story, next(story)) for story in stories]
        # How each story ended that did not end well, and how many rows there were on the way up, by table.
        self.errors: dict[Story, Exception] = {}
        self._counted: dict[str, dict[str, int]] = {}

    def travel(self) -> None:
        """Up and down. On the way down no table has gained or lost a row since the way up."""
        names = sorted(path.stem for path in Path("tasks/migrations").glob("0*.py"))
        for name in names:
            if apps := self._stop(name):
                self._counted[name] = count(apps)
        for name in reversed(names):
            self._stop(name, self._counted.get(name))
        assert not self._waiting, "they wait for a migration that is behind them"

    def _stop(self, name: str, expected: dict[str, int] | None = None) -> Apps | None:
        """Wake who wants to be woken here, if anybody does; the models as they are here."""
        woken = [story for story, wanted in self._waiting if wanted == name]
        if not woken:
            return None
        apps = migrate_to(name)
        assert expected is None or count(apps) == expected
        for story in woken:
            self._go_on(story, apps)
        return apps

    def _go_on(self, story: Story, apps: Apps) -> None:
        self._waiting = [(other, wanted) for other, wanted in self._waiting if other is not story]
        try:
            self._waiting.append((story, story.send(apps)))
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001 (raised again by the story's own test)
            self.errors[story] = error


def count(apps: Apps) -> dict[str, int]:
    """Rows by table."""
    models = apps.get_app_config("tasks").get_models()
    return {model.__name__: model._default_manager.count() for model in models}
