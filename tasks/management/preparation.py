"""What `manage.py run` does before the parts start: tables and static files."""

import hashlib
from collections.abc import Callable

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connections


def prepare_database() -> None:
    """Bring the tables up to date, and make the one that the cache uses."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    connections.close_all()


def collect_static(say: Callable[[str], None]) -> None:
    """Collect and compress the static files, which takes seconds, only where something has changed."""
    stamp = settings.STATIC_ROOT / ".collected"
    digest = _digest_of_static_files()
    if stamp.exists() and stamp.read_text() == digest:
        return
    say("Preparing styles and scripts ...")
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(digest)


def _digest_of_static_files() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            changed = storage.get_modified_time(path).timestamp()
            digest.update(f"{path} {changed} {storage.size(path)}\n".encode())
    return digest.hexdigest()
