"""Web server, worker and sandbox."""

from tests.end_to_end.sharing import on_stage, shared_stage, stage, static_files

__all__ = ["on_stage", "shared_stage", "stage", "static_files"]
