"""Texts that go along with a delivered file: its comments, as a spreadsheet and as an editor's markers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from fractions import Fraction
from math import floor
from uuid import UUID

from django.utils.translation import gettext as _

from tasks.models import Comment, FilmTiming
from tasks.spreadsheets import safe_cell, spreadsheet

_MICROSECONDS = 1_000_000


def comments_sheet(comments: Sequence[Comment], timing: FilmTiming | None) -> str:
    """One row a comment, replies after what they answer. Times are UTC; no cell is a formula."""
    head = [_("Number"), _("Answers"), _("Frame"), _("To frame"), _("Timecode"), _("Sentence"), _("Across %")]
    head += [_("Down %"), _("Author"), _("Comment"), _("Resolved"), _("Written (UTC)")]
    numbers: dict[UUID | None, int] = {comment.pk: number for number, comment in enumerate(comments, start=1)}
    return "".join(spreadsheet(head, (_row(one, numbers, timing) for one in comments)))


def _row(comment: Comment, numbers: dict[UUID | None, int], timing: FilmTiming | None) -> list[str]:
    place = "" if timing is None or comment.frame_in is None else timecode(comment.frame_in, timing)
    cells: list[object] = [
        numbers[comment.pk],
        numbers.get(comment.parent_id, ""),
        *("" if frame is None else frame for frame in (comment.frame_in, comment.frame_out)),
        place,
        "" if comment.sentence is None else comment.sentence + 1,
        *("" if part is None else f"{part / 100:.2f}" for part in (comment.x, comment.y)),
        safe_cell(comment.writer),
        safe_cell(comment.body),
        _("yes") if comment.resolved_at else _("no"),
        f"{comment.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
    ]
    return [str(cell) for cell in cells]


def can_be_marked(timing: FilmTiming | None, comments: Sequence[Comment]) -> bool:
    """Whether the film's frames are known, and any comment names one."""
    return bool(timing and timing.frames) and any(_is_marker(comment) for comment in comments)


def editor_markers(title: str, comments: Sequence[Comment], timing: FilmTiming) -> str:
    """A CMX 3600 list with an event a comment, which begins at 00:00:00:00.

    Each is told twice: as DaVinci Resolve reads markers, and as a locator, as Avid and others do. Frames are
    counted one by one at the next whole rate (non-drop), so that each is exact.
    """
    counted = _counted(timing)
    lines = [f"TITLE: {_line(title)}", "FCM: NON-DROP FRAME"]
    lines.append(f"* FRAME RATE: {timing.rate_numerator}/{timing.rate_denominator}, COUNTED AS {counted}")
    if timing.is_variable:
        lines.append("* VARIABLE FRAME RATE: PLACES ARE EXACT IN TIME, NOT IN FRAMES")
    for number, comment in enumerate(filter(_is_marker, comments), start=1):
        lines += ["", *_event(number, comment, timing)]
    return "\n".join(lines) + "\n"


def _is_marker(comment: Comment) -> bool:
    return comment.frame_in is not None and comment.parent_id is None


def _event(number: int, comment: Comment, timing: FilmTiming) -> list[str]:
    first = comment.frame_in or 0
    start = place_of(first, timing)
    length = max(1, place_of(comment.frame_out or first, timing) + 1 - start)
    begin, end = (_written(place, _counted(timing)) for place in (start, start + length))
    words, author = _line(comment.body), _line(comment.writer)
    colour, short = ("Green", "GREEN") if comment.resolved_at else ("Red", "RED")
    return [
        f"{number:03}  AX       V     C        {begin} {end} {begin} {end}",
        f" |C:ResolveColor{colour} |M:{author}: {words} |D:{length}",
        f"* LOC: {begin} {short:<7} {author}: {words}",
    ]


def timecode(frame: int, timing: FilmTiming) -> str:
    """Where a frame stands, as HH:MM:SS:FF from the beginning."""
    return _written(place_of(frame, timing), _counted(timing))


def place_of(frame: int, timing: FilmTiming) -> int:
    """The frame's number; where the rate varies, that of the moment at which it is shown."""
    if not timing.is_variable:
        return frame
    times = timing.frame_times
    if times:
        seconds = (times[min(frame, len(times) - 1)] - times[0]) / _MICROSECONDS
    else:
        seconds = float(frame / timing.rate)
    # A hair above: a frame that begins with one of the count belongs to that one.
    place: int = floor(seconds * _counted(timing) + 0.001)
    return place


def _counted(timing: FilmTiming) -> int:
    rate: Fraction = timing.rate
    return max(1, round(rate))


def _written(place: int, counted: int) -> str:
    seconds, frame = divmod(place, counted)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frame:02}"


def _line(text: str) -> str:
    """In one line, without the sign that separates what a marker says."""
    return " ".join(text.replace("|", "/").split())
