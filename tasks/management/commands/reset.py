"""`manage.py reset`: empty the portal's folder, after asking."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from topview_portal.lockfile import AlreadyLocked, lock_folder

QUESTION = """This deletes everything in {folder}: people, tasks, videos, keys, and the sandbox's memory.
Credentials saved with those keys cannot be read again. Delete it all? [y/N] """


class Command(BaseCommand):
    """Asks on the terminal; RESET=yes answers where there is none."""

    help = "Delete everything the portal keeps in its folder, after asking."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = settings.VAR
        if holds_more(folder):
            raise CommandError(f"{folder} holds more than the portal's things; nothing was deleted.")
        if not self._agreed(folder):
            raise CommandError("Nothing was deleted.")
        try:
            with lock_folder(folder):
                empty(folder)
        except AlreadyLocked as error:
            raise CommandError("The portal is running on this folder. Stop it first.") from error
        self.stdout.write(f"{folder} is empty; `make run` starts anew.")

    def _agreed(self, folder: Path) -> bool:
        if os.environ.get("RESET") == "yes":
            return True
        if not sys.stdin.isatty():
            raise CommandError("There is no terminal to ask on; RESET=yes answers. Nothing was deleted.")
        return input(QUESTION.format(folder=folder)).strip().lower() in ("y", "yes")


def holds_more(folder: Path) -> bool:
    """Whether the folder is the project's own, one around it, or somebody's home."""
    return folder.resolve() in (Path.home(), settings.BASE_DIR, *settings.BASE_DIR.parents)


def empty(folder: Path) -> None:
    """Delete what lies in `folder`, but not the folder, which may be a mount."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
