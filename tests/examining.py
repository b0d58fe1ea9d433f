"""Drives examinations by hand, where no worker runs, and spares those of bytes that are known."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from django.test import Client

from tasks.commands.library.examinations import examine_next
from tasks.media import child_process
from tasks.media.thumbnails import thumbnail_path
from tasks.models import Upload


def examine_all() -> None:
    """Do what the worker would: examine everything that waits."""
    while examine_next():
        pass


def examined(upload: Upload) -> Upload:
    """The upload after its examination."""
    examine_all()
    return Upload.objects.select_related("blob", "poster", "original", "workspace").get(pk=upload.pk)


def post_examined(client: Client, url: str, data: dict[str, Any]) -> Any:
    """Send a form with files twice, as a person would whose files were still being checked at first."""
    client.post(url, data)
    examine_all()
    for value in data.values():
        for one in value if isinstance(value, list) else [value]:
            if hasattr(one, "seek"):
                one.seek(0)
    return client.post(url, data)


class Remembering:
    """Stands in for `child_process.ask`: a child decodes the same bytes once, and is quoted afterwards.

    A test that puts another program in Python's place meets that.
    """

    def __init__(self) -> None:
        self._ask, self._python = child_process.ask, sys.executable
        self._known: dict[tuple[str, ...], tuple[str, list[bytes | None]]] = {}

    def __call__(self, module: str, question: dict[str, Any], *, seconds: float) -> dict[str, Any]:
        if module != "tasks.media.examiner_child" or sys.executable != self._python:
            return self._ask(module, question, seconds=seconds)
        digest = hashlib.sha256(Path(question["path"]).read_bytes()).hexdigest()
        key, poster = (digest, question["format"], str(question["max_pixels"])), Path(question["poster"])
        written = (poster, thumbnail_path(poster))
        if key not in self._known:
            told = self._ask(module, question, seconds=seconds)
            self._known[key] = json.dumps(told), [it.read_bytes() if it.is_file() else None for it in written]
            return told
        text, contents = self._known[key]
        for path, content in zip(written, contents, strict=True):
            if content is not None:
                path.write_bytes(content)
        answer: dict[str, Any] = json.loads(text)
        return answer
