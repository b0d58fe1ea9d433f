"""The parts that the browser tests of a folder share. Its conftest imports all of the fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tasks.commands.operations.backup.load import pointed_at
from tests.end_to_end.stage import Stage

OnStage = Callable[[Stage], AbstractContextManager[None]]


@pytest.fixture(scope="session")
def on_stage(django_db_blocker: DjangoDbBlocker) -> OnStage:
    """Lets a test ask the stage's database, and know the stage's sandbox."""

    @contextmanager
    def on_stage(stage: Stage) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(django_db_blocker.unblock())
            stack.enter_context(pointed_at(stage.database))
            stack.enter_context(override_settings(SANDBOX_URL=stage.sandbox_url))
            yield

    return on_stage


@pytest.fixture(scope="session")
def static_files() -> None:
    """Where every web server of this process finds them."""
    call_command("collectstatic", verbosity=0, interactive=False)


@pytest.fixture(scope="package")
def shared_stage(
    tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path, static_files: None
) -> Iterator[Stage]:
    """The parts that the files of a folder share: each takes longer to start than many a test here."""
    stage = Stage(tmp_path_factory.mktemp("stage"), migrated_sqlite)
    yield stage
    stage.end()


@pytest.fixture(scope="module")
def stage(shared_stage: Stage, on_stage: OnStage) -> Iterator[Stage]:
    """The web server with an empty database, and what a test starts beside it.

    Each test makes a workspace of its own.
    """
    with on_stage(shared_stage):
        shared_stage.be_as_new()
        yield shared_stage
