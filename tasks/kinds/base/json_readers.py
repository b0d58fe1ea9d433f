"""Reading TopView's answers: nulls and missing keys are normal, another shape is an error with a name."""

from collections.abc import Iterator, Mapping
from typing import Any

from tasks.kinds.base.errors import UnexpectedShape

# No film or picture is larger, and a database column holds it.
LARGEST_SIDE = 100_000


def rows(result: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The rows of a list with their positions, null rows and a null or absent list left out."""
    found = result.get(key)
    if found is None:
        return
    if not isinstance(found, list):
        raise UnexpectedShape(f"{key} is not a list")
    for position, row in enumerate(found):
        if row is None:
            continue
        if not isinstance(row, Mapping):
            raise UnexpectedShape(f"{key}[{position}] is not an object")
        yield position, row


def part(row: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object inside a row; empty when null or absent."""
    found = row.get(key)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise UnexpectedShape(f"{key} is not an object")
    return found


def words(row: Mapping[str, Any], key: str) -> str:
    """A text; "" when null or absent."""
    found = row.get(key)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise UnexpectedShape(f"{key} is not text")
    return found


def pixels(row: Mapping[str, Any], key: str) -> int | None:
    """A width or height. Only a hint (the saved file is probed), so anything odd counts as unknown."""
    found = row.get(key)
    if not isinstance(found, int) or isinstance(found, bool):
        return None
    return found if 0 < found <= LARGEST_SIDE else None


def has_failed(row: Mapping[str, Any]) -> bool:
    """Whether a row's own status says so. Both spellings occur; an unknown word means still running."""
    return words(row, "status").lower() in ("fail", "failed")
