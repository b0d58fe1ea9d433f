"""Files of rows for spreadsheets, in which no cell is a formula."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator

# A spreadsheet takes a cell that begins so for a formula; some look past spaces, some take wide letters too.
_FORMULA = ("=", "+", "-", "@")
_CONTROLS = ("\t", "\r", "\n")


class _Echo:
    """What csv writes into; it gives each line back."""

    def write(self, line: str) -> str:
        return line


def spreadsheet(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    """A file of rows under a head, line by line. The rows' cells are safe already."""
    write = csv.writer(_Echo()).writerow
    # The mark by which spreadsheets know that letters beyond ASCII follow.
    yield "\N{ZERO WIDTH NO-BREAK SPACE}"
    yield write(head)
    for row in rows:
        yield write(row)


def safe_cell(text: str) -> str:
    """The text with a mark before it where a spreadsheet would calculate."""
    plain = unicodedata.normalize("NFKC", text).lstrip()
    return f"'{text}" if text.startswith(_CONTROLS) or plain.startswith(_FORMULA) else text
