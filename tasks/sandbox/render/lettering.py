"""Letters of many scripts, from the fonts that come with the project (see fonts/README.md).

Each run of a line is drawn with the first font that has its characters. Arabic, Hindi or Thai are shaped
where Pillow has raqm and finds FriBiDi on the machine; elsewhere their letters stand unjoined.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

from tasks.sandbox.render.coverage import characters_of

FOLDER = Path(__file__).parent / "fonts"
LATIN = "NotoSans-Bold.ttf"
HAN = "NotoSansCJKsc-Bold-subset.otf"
# First and last character of the blocks that have a font of their own; the rest is in Latin, or else in Han.
SCRIPTS = (
    (0x0530, 0x058F, "NotoSansArmenian-Bold.ttf"),
    (0x0590, 0x05FF, "NotoSansHebrew-Bold.ttf"),
    (0x0600, 0x06FF, "NotoSansArabic-Bold.ttf"),
    (0x0750, 0x077F, "NotoSansArabic-Bold.ttf"),
    (0x0900, 0x097F, "NotoSansDevanagari-Bold.ttf"),
    (0x0980, 0x09FF, "NotoSansBengali-Bold.ttf"),
    (0x0A00, 0x0A7F, "NotoSansGurmukhi-Bold.ttf"),
    (0x0A80, 0x0AFF, "NotoSansGujarati-Bold.ttf"),
    (0x0B80, 0x0BFF, "NotoSansTamil-Bold.ttf"),
    (0x0C00, 0x0C7F, "NotoSansTelugu-Bold.ttf"),
    (0x0C80, 0x0CFF, "NotoSansKannada-Bold.ttf"),
    (0x0D00, 0x0D7F, "NotoSansMalayalam-Bold.ttf"),
    (0x0D80, 0x0DFF, "NotoSansSinhala-Bold.ttf"),
    (0x0E00, 0x0E7F, "NotoSansThai-Bold.ttf"),
    (0x0E80, 0x0EFF, "NotoSansLao-Bold.ttf"),
    (0x1000, 0x109F, "NotoSansMyanmar-Bold.ttf"),
    (0x10A0, 0x10FF, "NotoSansGeorgian-Bold.ttf"),
    (0x1780, 0x17FF, "NotoSansKhmer-Bold.ttf"),
    (0xFB1D, 0xFB4F, "NotoSansHebrew-Bold.ttf"),
    (0xFB50, 0xFDFF, "NotoSansArabic-Bold.ttf"),
    (0xFE70, 0xFEFF, "NotoSansArabic-Bold.ttf"),
)
JOINERS = "\u200c\u200d"

Color = tuple[int, int, int] | tuple[int, int, int, int]


@dataclass(frozen=True)
class Run:
    """Characters that one font draws."""

    text: str
    font: str


@dataclass(frozen=True)
class Stroke:
    """An outline round the letters: pixels and colour."""

    width: int
    color: Color


def line_width(text: str, size: int) -> float:
    """Pixels that a line takes from left to right."""
    return sum(_font(run.font, size).getlength(run.text) for run in runs(text))


def draw_line(
    picture: Image.Image,
    at: tuple[float, float],
    text: str,
    size: int,
    color: Color,
    stroke: Stroke | None = None,
) -> None:
    """Draw one line with its left end on the baseline at `at`."""
    draw = ImageDraw.Draw(picture)
    ordered = list(runs(text))
    if is_right_to_left(text):
        ordered.reverse()
    left, baseline = at
    for run in ordered:
        font = _font(run.font, size)
        shown = run.text if _shapes() or not is_right_to_left(run.text) else run.text[::-1]
        draw.text(
            (left, baseline),
            shown,
            fill=color,
            font=font,
            anchor="ls",
            stroke_width=stroke.width if stroke else 0,
            stroke_fill=stroke.color if stroke else None,
        )
        left += font.getlength(run.text)


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is Arabic, Hebrew or the like."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def clusters(text: str) -> list[str]:
    """Split into letters, each with its combining marks, so that no cut falls between them."""
    out: list[str] = []
    for character in text:
        is_mark = unicodedata.category(character) in ("Mn", "Mc", "Me") or character in JOINERS
        if out and (is_mark or out[-1][-1] == "\u200d"):
            out[-1] += character
        else:
            out.append(character)
    return out


@lru_cache(maxsize=512)
def runs(text: str) -> tuple[Run, ...]:
    """Split a line by font. Characters that no font has, such as emoji, are left out."""
    by_font = groupby(_fonts_of(text), key=lambda part: part.font)
    return tuple(Run("".join(part.text for part in parts), font) for font, parts in by_font)


def _fonts_of(text: str) -> Iterator[Run]:
    """Each letter with its font; what has no direction, such as a comma, stays in the font before it."""
    current = next((font for c in text if c.isalpha() and (font := _font_for(c))), LATIN)
    for cluster in clusters(unicodedata.normalize("NFC", text)):
        first = cluster[0]
        neutral = unicodedata.bidirectional(first) in ("WS", "ON", "CS", "ES", "ET")
        if not (neutral and ord(first) in _characters(current)):
            current = _font_for(first) or current
        if ord(first) in _characters(current):
            yield Run("".join(c for c in cluster if ord(c) in _characters(current)), current)


def _font_for(character: str) -> str | None:
    code = ord(character)
    for first, last, font in SCRIPTS:
        if first <= code <= last and code in _characters(font):
            return font
    return next((font for font in (LATIN, HAN) if code in _characters(font)), None)


@cache
def _characters(font: str) -> frozenset[int]:
    return characters_of(FOLDER / font)


@cache
def _shapes() -> bool:
    return features.check_feature("raqm") is True and features.check_feature("fribidi") is True


@lru_cache(maxsize=64)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if _shapes() else ImageFont.Layout.BASIC
    return ImageFont.truetype(FOLDER / name, size, layout_engine=engine)
