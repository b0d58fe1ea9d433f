"""Catalog pictures, clips and voice samples: rendered when first asked for, then kept."""

import re
import threading
from collections import defaultdict
from pathlib import Path
from typing import Any

from tasks.contract import Contract
from tasks.sandbox.messages import Refusal
from tasks.sandbox.render import RenderError
from tasks.sandbox.rendering import Renderer

PREFIX = "/sandbox/media/"
CATALOGS = ("voices", "ai_avatars", "captions", "public_product_avatars", "anyshoot_templates")
MEDIA_PATH = re.compile(r"/sandbox/media/([a-z-]+)/([A-Za-z0-9_]+\.[a-z0-9]+)")


class Media:
    """Paths of the catalog, and the files behind them."""

    def __init__(self, contract: Contract, renderer: Renderer, folder: Path) -> None:
        self._renderer = renderer
        self._folder = folder
        self._entries = _entries(contract)
        self._lock = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def path(self, address: str) -> Path:
        """The file behind a catalog path; refuses unknown ones with HTTP 404. Raises RenderError."""
        found = MEDIA_PATH.fullmatch(address)
        entry = self._entries.get(address)
        if found is None or entry is None:
            raise Refusal("4004", "no such catalog file", status=404)
        kind, name = found.groups()
        path = self._folder / kind / name
        with self._lock:
            lock = self._locks[address]
        with lock:
            if not path.exists():
                self._make(kind, entry, name, path)
        return path

    def _make(self, kind: str, entry: dict[str, Any], name: str, path: Path) -> None:
        making = self._folder / "making" / kind
        making.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        made = self._renderer.catalog_media(kind, entry, name, making)
        if not made.exists():
            raise RenderError("The catalog file could not be made.")
        made.replace(path)


def _entries(contract: Contract) -> dict[str, dict[str, Any]]:
    rows = (row for catalog in CATALOGS for row in contract.rows(catalog))
    return {
        value: row
        for row in rows
        for value in row.values()
        if isinstance(value, str) and value.startswith(PREFIX)
    }
