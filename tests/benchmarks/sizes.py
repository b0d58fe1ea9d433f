"""How large a portal is measured."""

from __future__ import annotations

from dataclasses import dataclass

# Charges that no call of the portal made, at every size; and what stands on hold.
UNCLAIMED, ON_HOLD = 1_000, 50
# A task with so many outputs, and one whose call has moved so often.
OUTPUTS, MOVES = 200, 2_000

# How the pages are called that are also looked at in a browser.
LIST, FORM = "list, 50 rows", "form, "


@dataclass(frozen=True)
class Size:
    """Rows in all: tasks of the portal; of the workspace uploads, entries of a catalog, charges, pieces."""

    name: str
    tasks: int
    uploads: int
    entries: int
    charges: int
    pieces: int

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.tasks:,} tasks, {self.uploads:,} uploads,"
            f" {self.entries:,} entries of a catalog, {self.charges:,} charges, {self.pieces:,} pieces"
        )


SMALL = Size("small", tasks=1_000, uploads=2_000, entries=300, charges=1_000, pieces=500)
LARGE = Size("large", tasks=100_000, uploads=100_000, entries=3_000, charges=10_000, pieces=50_000)
LARGEST = Size("largest", tasks=1_000_000, uploads=100_000, entries=3_000, charges=10_000, pieces=100_000)
