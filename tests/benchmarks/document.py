"""Puts a report where the documents show the last one."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.checkouts import HERE

DOCUMENT = HERE / "docs" / "performance.md"
# A report is on the lines between these.
BEGIN, END = "<!-- what make bench has printed -->", "<!-- until here -->"


def put(report: str, document: Path = DOCUMENT) -> None:
    """In the place of the report that stands there. ValueError where the document has no place for one."""
    before, begin, rest = document.read_text().partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{document} has no lines {BEGIN!r} and {END!r}")
    document.write_text(f"{before}{BEGIN}\n\n{report.strip()}\n\n{END}{after}")
