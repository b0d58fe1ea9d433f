"""Names of files that leave the portal: by a pattern, and such that every file system takes them."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from tasks.file_names import LONGEST_FILE_NAME, problem_of, set_apart, stem_by

ALL = {"n": "12", "language": "zh-CN", "ratio": "9x16", "date": "2026-04-30"}
USUAL = "{piece}-v{n}-{language}-{ratio}"
PATTERNS = [
    USUAL,
    "{piece}",
    "{date} {piece} ({n})",
    "ACME_{ratio}_{piece}.{language}",
    "{language}{piece}{n}",
]


@pytest.mark.parametrize(
    ("pattern", "title", "values", "name"),
    [
        (USUAL, "Autumn sale!", ALL, "autumn-sale-v12-zh-cn-9x16"),
        (USUAL, "Autumn", {"n": "1"}, "autumn-v1"),
        (USUAL, "口红广告", {"n": "1", "ratio": "1x1"}, "口红广告-v1-1x1"),
        (USUAL, "إعلان", {"n": "1"}, "إعلان-v1"),
        ("{language}-{piece}", "Cup", {}, "cup"),
        ("{ratio} {language} {piece}", "Cup", {"language": "en"}, "en cup"),
        ("{piece}", "CON", {}, "_con"),
        ("{piece}.{n}", "Aux", {"n": "1"}, "_aux.1"),
        ("{piece}", "lpt1", {}, "_lpt1"),
        ("{piece}", "console", {}, "console"),
        ("{piece}", "../../etc/passwd", {}, "etcpasswd"),
        ("{piece}", 'a<b>c:d"e|f?g*h\\i', {}, "abcdefghi"),
        ("{piece}", "cafe\N{COMBINING ACUTE ACCENT}", {}, "café"),
        ("{piece}", "\N{RIGHT-TO-LEFT OVERRIDE}4pm.exe", {}, "4pmexe"),
        ("{piece}", "🎬", {}, "video"),
    ],
)
def test_a_pattern_makes_a_name(pattern: str, title: str, values: dict[str, str], name: str) -> None:
    assert stem_by(pattern, title, values) == name


@given(some.sampled_from(PATTERNS), some.text(max_size=200), some.text(max_size=60))
@example(USUAL, "𠜎" * 200, "𠜎" * 60)
@example(USUAL, "a" * 200, "")
def test_every_name_can_be_written_to_every_file_system(pattern: str, title: str, language: str) -> None:
    stem = stem_by(pattern, title, {**ALL, "language": language})
    assert len(f"{stem}-999-comments.csv".encode()) <= LONGEST_FILE_NAME
    assert stem == unicodedata.normalize("NFC", stem)
    assert stem and stem == stem.strip(" .")
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', stem)
    assert not re.match(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", stem, re.IGNORECASE)


@given(
    some.lists(some.sampled_from(["cup", "Cup", "cup-2", "CUP-2", "straße", "STRASSE", "plate"]), max_size=12)
)
def test_no_two_names_are_alike_where_case_does_not_count(stems: list[str]) -> None:
    names = set_apart(stems)
    assert len({name.casefold() for name in names}) == len(stems)
    assert all(name.startswith(stem) for name, stem in zip(names, stems, strict=True))


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        *((pattern, None) for pattern in PATTERNS),
        ("", "piece"),
        ("{n}", "piece"),
        ("{piece}{piece}", "piece"),
        ("{piece}{n}{n}", "field"),
        ("{piece}{}", "field"),
        ("{piece}{0}", "field"),
        ("{piece}/{n}", "sign"),
        ("{piece}{n", "sign"),
        ("{piece}\x00", "sign"),
        ("{piece}" + "x" * 41, "length"),
    ],
)
def test_a_pattern_is_judged_before_it_is_kept(pattern: str, problem: str | None) -> None:
    assert problem_of(pattern) == problem
