"""Long files: fetched from the portal and from where its styles and scripts are served, and brought."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from tasks.models import Blob, Version, VersionState
from tests.benchmarks.film import write_film
from tests.benchmarks.rooms import Room
from tests.benchmarks.visitor import Page
from tests.delivering import package_of
from tests.people import make_blob
from tests.reviewing import send
from tests.views.rows import make_file, make_output, make_task

_LONG, _PART = 200 * 1024 * 1024, 1024 * 1024
_NAME = "bench.mp4"
# An archive comes at no less than 0.7 of the speed of a plain copy.
_PLAIN_SPEEDS = 1.43
_FILMS = 10


def transfers(room: Room) -> list[Page]:
    """What is weighed. Made before the server is started, which looks for its static files then."""
    bare, film = f"/static/{_NAME}", _film(room)
    part, of_it = {"Range": f"bytes=1000000-{1_000_000 + _PART - 1}"}, ", 1 MiB of it"
    static, download = "static file of 200 MB", "download of 200 MB"
    taken = "upload of 200 MB, read and left"
    return [
        Page(static, bare),
        Page(download, film, beside=(static, 1.5)),
        Page(f"{static}{of_it}", bare, 206, headers=part),
        Page(f"{download}{of_it}", film, 206, headers=part, beside=(f"{static}{of_it}", 2.5)),
        Page("package of 10 × 20 MB", _package(room), beside=(download, _PLAIN_SPEEDS)),
        Page(taken, reverse("taken"), upload=_LONG),
        Page("upload of 200 MB", reverse("upload-new"), 201, upload=_LONG, beside=(taken, 1.2)),
    ]


def _film(room: Room) -> str:
    """The address of a film that is kept, and lies among the static files as well."""
    for folder in (settings.STATIC_ROOT, settings.MEDIA_ROOT):
        write_film(Path(folder) / _NAME, _LONG)
    old = timezone.now() - timedelta(days=60)
    upload = make_file(room.owners[0], name="long.mp4", role="video", created_at=old)
    Blob.objects.filter(pk=upload.blob_id).update(file=_NAME, size=_LONG, media_type="video/mp4")
    return f"{reverse('upload-file', args=[upload.pk])}?download=1"


def _package(room: Room) -> str:
    """The address of an archive as long as the film, of files that are all the same."""
    maker, old = room.owners[0], timezone.now() - timedelta(days=60)
    blob = make_blob(room.workspace, bytes(range(256)) * (_LONG // _FILMS // 256), "video/mp4")
    films = [
        send(make_output(make_task(maker, created_at=old), blob=blob), maker) for _number in range(_FILMS)
    ]
    # Nobody waits for them: the inbox is weighed, too.
    Version.objects.filter(pk__in=[film.pk for film in films]).update(state=VersionState.APPROVED)
    package = package_of(maker, *films, only_approved=False)
    return reverse("package-file", args=[package.pk, package.name])
