"""Renders what the sandbox answers with: real, playable files made from the caller's own inputs.

Both functions are made for a child process (a `ProcessPoolExecutor` with any start method): their arguments
and results are picklable. They are safe under threads too; there only one speaks at a time.
"""

from pathlib import Path
from typing import Any

from tasks.sandbox.render.jobs import Rendered, RenderError, RenderJob

__all__ = ["RenderError", "RenderJob", "Rendered", "catalog_media", "render"]

# The decoders are native code that meets files from outside. They are imported inside the functions, so that
# a server which renders in child processes never loads them into its own.


def render(job: RenderJob) -> list[Rendered]:
    """Render `job` into `job.into`; several files for several variants.

    Raises RenderError when an input is missing or unreadable.
    """
    from tasks.sandbox.render import products

    return products.render(job)


def catalog_media(kind: str, entry: dict[str, Any], name: str, into: Path) -> Path:
    """Make the file that the catalog's path `/sandbox/media/<kind>/<name>` stands for, as `into/name`.

    `entry` is the row of the catalog that mentions the path. The same entry always gives the same picture.
    Raises RenderError for a kind or a name that no catalog has.
    """
    from tasks.sandbox.render import catalog_files

    return catalog_files.catalog_media(kind, entry, name, into)
