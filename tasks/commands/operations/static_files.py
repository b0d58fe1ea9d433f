"""Styles, scripts and pictures of the pages, collected under names with hashes for web servers to read."""

import hashlib
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

# Holds a digest of what was collected.
_STAMP = ".collected"


def collect_static(say: Callable[[str], None], *, clear: bool = True) -> None:
    """Collect and compress the static files, which takes seconds, only where something has changed.

    `clear` removes those of earlier versions, which pages that are open somewhere may still load.
    """
    stamp, digest = settings.STATIC_ROOT / _STAMP, _digest_of_static_files()
    if _is_collected(digest):
        return
    say("Preparing styles and scripts ...")
    call_command("collectstatic", verbosity=0, interactive=False, clear=clear)
    stamp.write_text(digest)


@cache
def are_collected() -> bool:
    """Whether those of this version are; without them every page is an error. Looked up once by a process."""
    if not hasattr(staticfiles_storage, "manifest_name"):
        return True
    return _is_collected(_digest_of_static_files())


def _is_collected(digest: str) -> bool:
    try:
        return bool((settings.STATIC_ROOT / _STAMP).read_text() == digest)
    except OSError:
        return False


def _digest_of_static_files() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            changed = storage.get_modified_time(path).timestamp()
            digest.update(f"{path} {changed} {storage.size(path)}\n".encode())
    return digest.hexdigest()
