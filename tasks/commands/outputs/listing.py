"""What TopView lists of a call: one way to ask, one to find a file in the answer, one to tell two apart."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tasks.kinds.base import FILM, Output, Step
from tasks.topview.client import TopViewClient
from tasks.topview.results import RemoteTask

if TYPE_CHECKING:
    from tasks import models


def ask(client: TopViewClient, step: Step, remote_id: str) -> RemoteTask:
    """Ask about a task as its step is asked about. Raises TopViewError."""
    return client.query(step.wire.query_path, remote_id, also_read=step.wire.also_read)


def identity_of(found: Output) -> str:
    """What names it within its call and role: TopView's key, else its place in the list."""
    return found.key or str(found.position)


def is_same_file(known: models.Output, found: Output) -> bool:
    """Whether what is listed under an output's name is still its file, and not one made anew since.

    Only films of tasks that calls share can be made anew; nothing else tells them apart.
    """
    before, now = known.facts.get(FILM), found.facts.get(FILM)
    if not before or not now or before == now:
        return True
    # Called by its tag now and by its address then, or the other way round.
    return urlsplit(known.source_url).path == urlsplit(found.url).path
