"""How captions look: ten styles, one for each captionId of the catalog."""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from PIL import Image, ImageFilter

from tasks.sandbox.render.captions import Card, Word, joined
from tasks.sandbox.render.lettering import Stroke, draw_line, is_right_to_left, line_width
from tasks.sandbox.render.planes import even
from tasks.sandbox.render.shapes import paste_rounded

WHITE, BLACK, INK = (255, 255, 255), (0, 0, 0), (23, 25, 35)
Solid = tuple[int, int, int]
Glass = tuple[int, int, int, int]


@dataclass(frozen=True)
class Style:
    """One look. `stroke` is a share of the letter size; `said` and `said_box` mark the word being said."""

    name: str
    color: Solid = WHITE
    box: Glass | None = None
    stroke: float = 0.0
    stroke_color: Solid = BLACK
    said: Solid | None = None
    said_box: Glass | None = None
    glow: Solid | None = None
    capitals: bool = False
    scale: float = 1.0

    @property
    def follows_words(self) -> bool:
        """Whether the picture changes from word to word."""
        return self.said is not None or self.said_box is not None


STYLES = (
    Style("box", box=(*INK, 190)),
    Style("outline", stroke=0.11),
    Style("highlight", stroke=0.11, said=(255, 214, 10)),
    Style("karaoke", stroke=0.06, said_box=(124, 58, 237, 255)),
    Style("bubble", color=INK, box=(255, 255, 255, 240)),
    Style("ribbon", box=(225, 29, 72, 235)),
    Style("neon", color=(236, 254, 255), glow=(34, 211, 238)),
    Style("shout", color=(255, 221, 45), stroke=0.13, capitals=True, scale=1.15),
    Style("soft", glow=BLACK, said=(167, 243, 208)),
    Style("note", color=INK, box=(254, 240, 138, 245), said=(190, 18, 60)),
)


def style_of(name: str) -> Style:
    """The style of this name or captionId. An unknown name gets one by its hash, "" the first."""
    by_name = {style.name: style for style in STYLES}
    if name in by_name or not name:
        return by_name.get(name, STYLES[0])
    known = _caption_ids()
    position = known.index(name) if name in known else hashlib.sha256(name.encode()).digest()[0]
    return STYLES[position % len(STYLES)]


def draw_card(card: Card, style: Style, size: int, widest: float, said: int | None = None) -> Image.Image:
    """The card as an RGBA picture with even sides; `said` is the index of the word to mark.

    Letters are `size` pixels, or smaller when a line would be wider than `widest`.
    """
    lines = [
        [replace(word, text=word.text.upper()) if style.capitals else word for word in line]
        for line in card.lines
    ]
    texts = [joined(line) for line in lines]
    size = round(size * style.scale)
    size = max(8, min(size, int(size * widest / max(1.0, *(line_width(text, size) for text in texts)))))
    edge, leading = round(size * 0.6), round(size * 1.34)
    width = max(line_width(text, size) for text in texts) + 2 * edge
    picture = Image.new("RGBA", (even(width), even(leading * len(lines) + edge)), (*(style.glow or BLACK), 0))
    if style.box:
        paste_rounded(picture, (0, 0, *picture.size), round(size * 0.42), style.box)
    first = 0
    for index, line in enumerate(lines):
        pen = _Pen(picture, style, size, edge / 2 + leading * index + size * 1.02)
        pen.write(line, said - first if said is not None and first <= said < first + len(line) else None)
        first += len(line)
    return _glowing(picture, style, size)


@dataclass(frozen=True)
class _Pen:
    """Writes centred lines onto a card."""

    picture: Image.Image
    style: Style
    size: int
    baseline: float

    def write(self, words: list[Word], marked: int | None) -> None:
        """Write a line; a word is marked only from left to right, elsewhere its place is not its order."""
        text = joined(words)
        left = (self.picture.width - line_width(text, self.size)) / 2
        if marked is None or is_right_to_left(text):
            self._letters(left, text, self.style.color)
            return
        before = joined(words[:marked])
        start = left + line_width(before + " " if words[marked].spaced and before else before, self.size)
        if self.style.said_box:
            size, end = self.size, start + line_width(words[marked].text, self.size)
            left_top = (max(0, round(start - size * 0.16)), max(0, round(self.baseline - size)))
            right_bottom = (round(end + size * 0.16), round(self.baseline + size * 0.32))
            paste_rounded(self.picture, (*left_top, *right_bottom), round(size * 0.22), self.style.said_box)
        self._letters(left, text, self.style.color)
        if self.style.said:
            self._letters(start, words[marked].text, self.style.said)

    def _letters(self, left: float, text: str, color: Solid) -> None:
        wide = max(1, round(self.size * self.style.stroke))
        stroke = Stroke(wide, self.style.stroke_color) if self.style.stroke else None
        draw_line(self.picture, (left, self.baseline), text, self.size, color, stroke)


def _glowing(picture: Image.Image, style: Style, size: int) -> Image.Image:
    if not style.glow:
        return picture
    halo = (
        picture.getchannel("A").filter(ImageFilter.GaussianBlur(size * 0.16)).point(lambda a: min(255, a * 2))
    )
    out = Image.new("RGBA", picture.size, (*style.glow, 0))
    out.putalpha(halo)
    out.alpha_composite(picture)
    return out


@cache
def _caption_ids() -> list[str]:
    # Read as a file: all that is wanted of the contract is the order of ten ids.
    path = Path(__file__).parents[2] / "contract" / "catalog" / "captions.json"
    return [row["captionId"] for row in json.loads(path.read_text(encoding="utf-8"))["result"]]
