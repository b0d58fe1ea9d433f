"""How captions look: ten styles, one for each captionId of the catalog."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageFilter

from tasks import contract
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


def draw_card(card: Card, style: Style, size: int, said: int | None = None) -> Image.Image:
    """The card as an RGBA picture with even sides; `said` is the index of the word to mark."""
    size = round(size * style.scale)
    lines = [[_shown(word, style) for word in line] for line in card.lines]
    texts = [joined(line) for line in lines]
    widths = [line_width(text, size) for text in texts]
    edge, leading = round(size * 0.6), round(size * 1.34)
    picture = Image.new(
        "RGBA", (even(max(widths) + 2 * edge), even(leading * len(lines) + edge)), (*(style.glow or BLACK), 0)
    )
    if style.box:
        paste_rounded(picture, (0, 0, *picture.size), round(size * 0.42), style.box)
    first = 0
    for index, (line, text, width) in enumerate(zip(lines, texts, widths, strict=True)):
        at = ((picture.width - width) / 2, edge / 2 + leading * index + size * 1.02)
        marked = said - first if said is not None and first <= said < first + len(line) else None
        _draw_text(picture, at, line if not is_right_to_left(text) else None, text, size, style, marked)
        first += len(line)
    return _glowing(picture, style, size)


def _shown(word: Word, style: Style) -> Word:
    return Word(word.text.upper(), word.spaced, word.at) if style.capitals else word


def _draw_text(
    picture: Image.Image,
    at: tuple[float, float],
    words: list[Word] | None,
    text: str,
    size: int,
    style: Style,
    marked: int | None,
) -> None:
    """Draw a line; from right to left (words None) as a whole, since there a word's place is not its order."""
    stroke = Stroke(max(1, round(size * style.stroke)), style.stroke_color) if style.stroke else None
    if words is None or marked is None:
        draw_line(picture, at, text, size, style.color, stroke)
        return
    before = joined(words[:marked])
    start = at[0] + line_width(before + " " if words[marked].spaced and before else before, size)
    if style.said_box:
        end = start + line_width(words[marked].text, size)
        top, bottom = at[1] - size * 1.0, at[1] + size * 0.32
        box = (round(start - size * 0.16), round(top), round(end + size * 0.16), round(bottom))
        paste_rounded(picture, box, round(size * 0.22), style.said_box)
    draw_line(picture, at, text, size, style.color, stroke)
    if style.said:
        draw_line(picture, (start, at[1]), words[marked].text, size, style.said, stroke)


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
    path = Path(contract.__file__).parent / "catalog" / "captions.json"
    return [row["captionId"] for row in json.loads(path.read_text(encoding="utf-8"))["result"]]
