"""What has to be there before the parts start: tables and static files."""

import hashlib
import re
from collections.abc import Callable

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections


def prepare_database() -> None:
    """Bring the tables up to date, and make the one that the cache uses.

    Raises CommandError with the name of the setting when the database cannot be used.
    """
    try:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    except DatabaseError as error:
        raise CommandError(
            f"The database that DATABASE_URL names cannot be used: {without_values(error)}"
        ) from error
    finally:
        connections.close_all()


def without_values(error: Exception) -> str:
    """What a database says went wrong, without hosts, names of people and whatever else it quotes."""
    first = str(error).strip().splitlines() or [type(error).__name__]
    return re.sub(r'"[^"]*"', '"…"', first[0])


def collect_static(say: Callable[[str], None], *, clear: bool = True) -> None:
    """Collect and compress the static files, which takes seconds, only where something has changed.

    `clear` removes those of earlier versions, which pages that are open somewhere may still load.
    """
    stamp = settings.STATIC_ROOT / ".collected"
    digest = _digest_of_static_files()
    if stamp.exists() and stamp.read_text() == digest:
        return
    say("Preparing styles and scripts ...")
    call_command("collectstatic", verbosity=0, interactive=False, clear=clear)
    stamp.write_text(digest)


def _digest_of_static_files() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            changed = storage.get_modified_time(path).timestamp()
            digest.update(f"{path} {changed} {storage.size(path)}\n".encode())
    return digest.hexdigest()
