"""What a kind finds in TopView's answers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.kinds.base.json_readers import has_failed, words
from tasks.kinds.base.types import Role

Result = Mapping[str, Any]

# The fact that tells one file of a key from another that TopView has made of the same key.
FILM = "film"


@dataclass(frozen=True)
class Output:
    """A file TopView has made. Its identity within a submission is (role, key, position).

    A text that stands in the answer itself has no url: its words are the fact "text".
    """

    role: Role
    url: str
    key: str = ""  # TopView's own key of the row; "" when it gives none
    position: int = 0  # place in TopView's list, null rows counted
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    remote_file_id: str | None = None  # usable as an input without uploading again
    name: str = ""  # what people call it, in TopView's words: the title of its script
    facts: Mapping[str, Any] = field(default_factory=dict)  # JSON that later steps and notes need


@dataclass(frozen=True)
class FailedPart:
    """One of several outputs that TopView could not make."""

    position: int
    key: str = ""
    message: str = ""  # TopView's words; may be empty


def failed_rows(found: Iterable[tuple[int, Result]], key: str = "key") -> Iterable[FailedPart]:
    """The rows of `json_readers.rows` whose own status says that they failed."""
    for position, row in found:
        if has_failed(row):
            yield FailedPart(position, words(row, key), words(row, "errorMsg"))


def only_video(key: str) -> Callable[[Result, Mapping[str, Any]], Iterable[Output]]:
    """Reads the one finished video of an answer, whose address under that key is null until then."""

    def outputs(result: Result, asked: Mapping[str, Any]) -> Iterable[Output]:
        if url := words(result, key):
            yield Output("video", url)

    return outputs


@dataclass(frozen=True)
class ProductWords:
    """What a product page says of its product; the pictures and clips beside it are outputs."""

    name: str
    description: str
    link: str
