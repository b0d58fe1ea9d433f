"""Drives examinations by hand, where no worker runs."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tasks.commands.library.examinations import examine_next
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
