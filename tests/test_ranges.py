"""The Range header: what is understood, what is ignored, and what lies outside the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.views.http.ranges import OPEN_END_BYTES, NotSatisfiable, Part, parse_range


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-99", Part(0, 100)),
        ("bytes=0-0", Part(0, 1)),
        ("bytes=900-5000", Part(900, 1000)),
        ("bytes=999-", Part(999, 1000)),
        ("bytes=-1", Part(999, 1000)),
        ("bytes=-5000", Part(0, 1000)),
        ("BYTES= 5-6 ", Part(5, 7)),
        ("", None),
        ("bytes=-", None),
        ("bytes=9-5", None),
        ("bytes=0-1,5-6", None),
        ("bytes=a-b", None),
        ("bytes=٣-٤", None),
        ("lines=0-5", None),
        ("bytes 0-5", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_a_range_is_understood_or_ignored(header: str, part: Part | None) -> None:
    assert parse_range(header, 1000) == part


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0"])
def test_a_range_outside_the_file_is_refused(header: str) -> None:
    with pytest.raises(NotSatisfiable):
        parse_range(header, 1000)


def test_an_open_end_is_answered_in_part_to_those_who_may_pause() -> None:
    size = 10 * OPEN_END_BYTES
    assert parse_range("bytes=5-", size, open_end=OPEN_END_BYTES) == Part(5, 5 + OPEN_END_BYTES)
    assert parse_range("bytes=5-", size) == Part(5, size)


@given(
    st.one_of(st.from_regex(r"bytes=\d{0,20}-\d{0,20}(,\d+-)?", fullmatch=True), st.text(max_size=40)),
    st.integers(0, 10**9),
)
def test_no_range_reaches_outside_the_file(header: str, size: int) -> None:
    try:
        part = parse_range(header, size)
    except NotSatisfiable:
        return
    if part is not None:
        assert 0 <= part.start < part.stop <= size


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_a_closed_range_gives_exactly_what_was_asked(first: int, last: int) -> None:
    try:
        part = parse_range(f"bytes={first}-{last}", 1000)
    except NotSatisfiable:
        assert first >= 1000
        return
    if part is None:
        assert last < first
    else:
        whole = bytes(1000)
        assert len(whole[part.start : part.stop]) == min(last, 999) - first + 1 == part.length
