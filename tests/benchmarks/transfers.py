"""Long files: fetched from the portal and from where its styles and scripts are served, and brought."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from tasks.models import Blob
from tests.benchmarks.film import write_film
from tests.benchmarks.rooms import Room
from tests.benchmarks.visitor import Page
from tests.views.rows import make_file

_LONG, _PART = 200 * 1024 * 1024, 1024 * 1024
_NAME = "bench.mp4"


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
