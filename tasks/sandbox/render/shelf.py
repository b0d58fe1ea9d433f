"""The files behind the addresses of the catalogs: `/sandbox/media/<shelf>/<name>`."""

from pathlib import Path
from typing import Any

from tasks.sandbox.render.errors import RenderError


def catalog_media(kind: str, entry: dict[str, Any], name: str, into: Path) -> Path:
    raise RenderError("later")
