"""The pictures that a product was put into, and which of them can become a video."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import Facts, FollowUp, KindForm, Output, Result, UnexpectedShape
from tasks.kinds.base.json_readers import rows, words
from tasks.text import StrOrPromise


def pictures(result: Result, list_key: str, number_key: str) -> Iterator[Output]:
    """The pictures of a replace answer. Their facts hold "number", which the video step names, and "face"."""
    for position, row in rows(result, list_key):
        if url := words(row, "url"):
            name = number(row, number_key)
            facts = {"number": name, "face": _has_face(row)}
            yield Output("image", url, key=name, position=position, facts=facts)


def number(row: Result, key: str) -> str:
    """TopView's name of a picture: text by one page, a whole number by another, null at times."""
    found = row.get(key)
    is_whole = isinstance(found, int) and not isinstance(found, bool)
    return str(found) if is_whole else words(row, key)


def _has_face(row: Result) -> bool | None:
    found: Any = row.get("faceExistence")
    if found is not None and not isinstance(found, bool):
        raise UnexpectedShape("faceExistence is not yes or no")
    return found


def from_one_picture(inputs: type[KindForm], *, summary: StrOrPromise) -> FollowUp:
    """How the video step goes on: from each picture that TopView has named, as often as people like."""
    return FollowUp(
        works_on=("pictures",),
        inputs=inputs,
        initial=lambda facts: {"face": facts.get("face")},  # whether TopView found one
        is_repeatable=True,
        summary=summary,
        action=_("Make the video"),
        refusal=_without_number,
    )


def _without_number(facts: Facts) -> StrOrPromise:
    return "" if facts.get("number") else _("TopView gave this picture no number, so it cannot be animated.")


def note_on_face(words: StrOrPromise) -> Callable[[Facts], StrOrPromise]:
    """A step's note on pictures in which TopView found no face."""
    return lambda facts: words if facts.get("face") is False else ""
