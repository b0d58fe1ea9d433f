"""How an answer shows in a result: each of these looks at the result before and after a change of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest
from PIL import Image, ImageChops

from tasks.kinds import kind
from tests.fields.bench import PART, Bench, Made
from tests.fields.seen import Box, Film, difference, is_like, mean, part_of

Look: TypeAlias = Callable[[Made, Made], None]
"""Raises AssertionError unless the second result differs from the first as asked."""

# Where the Sandbox mark stands, with the words of an order: in films above, in pictures below.
FILM_MARK, PICTURE_MARK = (0, 0, 1, 0.08), (0, 0.9, 1, 1)
CAPTIONS = (0, 0.66, 1, 0.86)
MIDDLE = (0.35, 0.3, 0.65, 0.5)


@dataclass(frozen=True)
class Change:
    """Answers that change, how that shows, and what both results are asked beside the usual."""

    to: Mapping[str, Any]
    shows: Look
    beside: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """A form: the answers that are given unless something else is said, and what is made of them.

    `fields` has an entry for each field: its changes, or why nobody could see one.
    """

    usual: Mapping[str, Any]
    make: Callable[[Bench, Mapping[str, Any]], Made]
    fields: Mapping[str, Change | Sequence[Change] | str]

    def check(self, bench: Bench, change: Change) -> None:
        """Make both and look: the change shows, and does not where nothing has changed."""
        usual = {**self.usual, **change.beside}
        before, after = self.make(bench, usual), self.make(bench, {**usual, **change.to})
        change.shows(before, after)
        with pytest.raises(AssertionError):
            change.shows(before, before)


def changes(sheets: Mapping[tuple[str, str], Sheet]) -> list[Any]:
    """Every change of these sheets with its sheet, named after kind, step and field."""
    found = []
    for (slug, step), sheet in sheets.items():
        for name, entry in sheet.fields.items():
            listed = [] if isinstance(entry, str) else [entry] if isinstance(entry, Change) else entry
            for number, change in enumerate(listed):
                parts = [slug, step, name, str(number) if len(listed) > 1 else ""]
                found.append(pytest.param(sheet, change, id="-".join(part for part in parts if part)))
    return found


def of_step(slug: str, step: str) -> Callable[[Bench, Mapping[str, Any]], Made]:
    """What is made of the answers to a kind's first form."""

    def make(bench: Bench, answers: Mapping[str, Any]) -> Made:
        return bench.make(kind(slug), step, answers, {})

    return make


def frame(made: Made, moment: int) -> Image.Image:
    """The first file at one of MOMENTS; a picture is the same at all."""
    found = made.seen[0]
    return found.frames[moment] if isinstance(found, Film) else found


def all_of(*looks: Look) -> Look:
    """Several at once."""

    def look(before: Made, after: Made) -> None:
        for one in looks:
            one(before, after)

    return look


def differs(box: Box = (0, 0, 1, 1), *, moment: int = 1, least: float = 2.0) -> Look:
    """The pictures differ inside a box."""

    def look(before: Made, after: Made) -> None:
        parts = [part_of(frame(made, moment), box) for made in (before, after)]
        assert parts[0].size == parts[1].size
        assert difference(*parts) > least

    return look


def is_the_same(box: Box, *, moment: int = 1, most: float = 1.5) -> Look:
    """The pictures are alike inside a box, where nothing was asked."""

    def look(before: Made, after: Made) -> None:
        assert difference(*(part_of(frame(made, moment), box) for made in (before, after))) < most

    return look


def becomes(color: tuple[int, int, int], box: Box = MIDDLE, *, moment: int = 1) -> Look:
    """There is this colour inside a box, and was not before."""

    def look(before: Made, after: Made) -> None:
        assert is_like(mean(frame(after, moment), box), color)
        assert not is_like(mean(frame(before, moment), box), color)

    return look


def words_beside_the_mark(before: Made, after: Made) -> None:
    """What was asked for in words stands beside the Sandbox mark: no renderer follows words."""
    box = FILM_MARK if isinstance(after.seen[0], Film) else PICTURE_MARK
    parts = [part_of(frame(made, 1), box).convert("L") for made in (before, after)]
    # One letter is enough; what an encoder adds is less.
    assert sum(ImageChops.difference(*parts).histogram()[60:]) > 0


def lasts(least: float, most: float) -> Look:
    """It has a length, in seconds, that it had not before."""

    def look(before: Made, after: Made) -> None:
        assert least <= after.film.seconds <= most
        assert not least <= before.film.seconds <= most

    return look


def longer(times: float) -> Look:
    """It lasts this many times as long, or somewhat more."""

    def look(before: Made, after: Made) -> None:
        assert 0.9 * times < after.film.seconds / before.film.seconds < 1.3 * times
        assert abs(after.film.seconds - before.film.seconds) > 0.05 * before.film.seconds

    return look


def shorter_side(pixels: int) -> Look:
    """The film has so many pixels, as far as the bench renders them, and had others before."""

    def look(before: Made, after: Made) -> None:
        assert abs(min(after.film.size) - pixels / PART) <= 2
        assert min(before.film.size) != min(after.film.size)

    return look


def shape(across: int, down: int) -> Look:
    """It has this ratio of width and height, and had another."""

    def look(before: Made, after: Made) -> None:
        ratios = [made.film.size[0] / made.film.size[1] for made in (before, after)]
        assert abs(ratios[1] - across / down) < 0.02
        assert abs(ratios[0] - across / down) > 0.1

    return look


def count(number: int) -> Look:
    """So many files came, no two of which are alike."""

    def look(before: Made, after: Made) -> None:
        assert len(after.seen) == number != len(before.seen)
        pictures = [frame(Made("", (), (one,)), 1) for one in after.seen]
        assert all(difference(pictures[0], other) > 0.2 for other in pictures[1:])

    return look


def sounds_otherwise(before: Made, after: Made) -> None:
    """Other words, or another voice: the same speech is never the same to a sample, but alike in these."""
    one, other = before.film, after.film
    apart = max(_apart(one.spectrum, other.spectrum), _apart(one.envelope, other.envelope))
    assert other.loudness > 100
    assert apart > 0.12


def _apart(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def tone(pitch: float, *, least: float = 0.3) -> Look:
    """A hum can be heard that could not before."""

    def look(before: Made, after: Made) -> None:
        assert after.film.tone(pitch) > least > 3 * before.film.tone(pitch)

    return look


def louder(before: Made, after: Made) -> None:
    """There is something to hear where there was silence."""
    assert before.film.loudness < 20 < 300 < after.film.loudness


def named(name: str) -> Look:
    """What came is called so."""

    def look(before: Made, after: Made) -> None:
        assert any(name in output.name for output in after.outputs)
        assert not any(name in output.name for output in before.outputs)

    return look
