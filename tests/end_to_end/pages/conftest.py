"""A web server alone: rows are made by hand."""

from tests.end_to_end.sharing import on_stage, shared_stage, stage, static_files

__all__ = ["on_stage", "shared_stage", "stage", "static_files"]
