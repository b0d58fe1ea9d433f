"""What guests may keep who may not have the original."""

from __future__ import annotations

from tasks.commands.library.previews import ask_copy
from tasks.models import AssetRole, Blob, Preview, Version


def small_copy(version: Version) -> Blob | None:
    """A small copy of what the version shows; None where there is none, or none yet.

    Of a film or a recording one is asked for the first time. Of a picture it is its poster.
    """
    output = version.output
    if output.role == AssetRole.IMAGE:
        return version.poster
    if output.role not in (AssetRole.VIDEO, AssetRole.AUDIO):
        return None
    preview: Preview | None = getattr(version.blob, "preview", None)
    if preview is None:
        ask_copy(blob=version.blob, format=output.format)
        return None
    return preview.blob


def ask_copies(versions: list[Version]) -> None:
    """Have them made before somebody asks."""
    for version in versions:
        small_copy(version)
