"""What lies over the film: captions, the level meter, the Sandbox mark."""

from collections.abc import Sequence
from typing import Protocol

from PIL import Image

from tasks.sandbox.render.caption_styles import Style, draw_card
from tasks.sandbox.render.captions import Marks, cards
from tasks.sandbox.render.lettering import draw_line, line_width
from tasks.sandbox.render.planes import Planes, Sticker, even
from tasks.sandbox.render.shapes import paste_rounded

RISE_SECONDS = 0.14
BARS = 7
BAR_STEPS = 12


class Overlay(Protocol):
    """Draws onto a finished picture of the film."""

    def draw(self, canvas: Planes, index: int, time: float) -> None:
        """Draw what belongs at frame `index`, `time` seconds from the start."""


class Captions:
    """The script, card by card, in the lower part."""

    def __init__(self, text: str, marks: Marks, seconds: float, style: Style, size: tuple[int, int]) -> None:
        width, height = size
        self.letters = round(min(width, height) * 0.06)
        self.widest = width * 0.84
        self.cards = cards(
            text, marks, seconds, lambda line: line_width(line, self.letters) * style.scale <= self.widest
        )
        self.style = style
        self.middle = (width // 2, round(height * (0.76 if height > width else 0.82)))
        self._stickers: dict[tuple[int, int | None], Sticker] = {}

    def draw(self, canvas: Planes, index: int, time: float) -> None:
        """Paste the card of this moment; a new one rises into place."""
        number = next((n for n, card in enumerate(self.cards) if card.start <= time < card.end), None)
        if number is None:
            return
        card = self.cards[number]
        said = card.word_at(time) if self.style.follows_words else None
        if (number, said) not in self._stickers:
            picture = draw_card(card, self.style, self.letters, self.widest, said)
            self._stickers[number, said] = Sticker.of_picture(picture)
        sticker = self._stickers[number, said]
        risen = min(1.0, (time - card.start) / RISE_SECONDS)
        drop = round((1 - risen) ** 2 * self.letters * 0.5)
        width, height = sticker.size
        sticker.paste_onto(canvas, (self.middle[0] - width // 2, self.middle[1] - height // 2 + drop))


class Meter:
    """A small pill whose bars follow the loudness of the speech."""

    def __init__(self, levels: Sequence[float], size: tuple[int, int]) -> None:
        width, height = size
        unit = max(4, even(min(width, height) * 0.012))
        self.levels = levels
        self.unit = unit
        pill = Image.new("RGBA", (even(unit * (BARS * 2 + 3)), unit * 6), (0, 0, 0, 0))
        paste_rounded(pill, (0, 0, *pill.size), pill.height // 2, (15, 17, 26, 130))
        self.pill = Sticker.of_picture(pill)
        self.bars = [Sticker.of_picture(_bar(unit, step)) for step in range(BAR_STEPS + 1)]
        self.at = ((width - self.pill.size[0]) // 2, round(height * (0.9 if height > width else 0.92)))

    def draw(self, canvas: Planes, index: int, time: float) -> None:
        """The middle bar shows this moment, the outer ones what came just before."""
        left, top = self.at
        self.pill.paste_onto(canvas, self.at)
        for bar in range(BARS):
            away = abs(bar - BARS // 2)
            level = self.levels[index - away] if 0 <= index - away < len(self.levels) else 0.0
            sticker = self.bars[round(level * (1 - 0.17 * away) * BAR_STEPS)]
            x = left + self.unit * (2 * bar + 2)
            sticker.paste_onto(canvas, (x, top + self.unit))


class Badge:
    """A picture in one place of the whole film."""

    def __init__(self, picture: Image.Image, at: tuple[int, int]) -> None:
        """`picture` is RGBA, `at` its left upper corner in pixels."""
        whole = Image.new("RGBA", (even(picture.width), even(picture.height)), (0, 0, 0, 0))
        whole.paste(picture, (0, 0))
        self.sticker = Sticker.of_picture(whole)
        self.at = at

    def draw(self, canvas: Planes, index: int, time: float) -> None:
        """Put the picture over the frame, the same in every one."""
        self.sticker.paste_onto(canvas, self.at)


class Mark:
    """The word "Sandbox" in a corner: nobody shall take a rehearsal for the real thing."""

    def __init__(self, label: str, size: tuple[int, int]) -> None:
        letters = max(14, round(min(size) * 0.031))
        label = "" if label == "Sandbox" else label
        text = f"Sandbox · {label}" if label else "Sandbox"
        while label and line_width(text, letters) > size[0] * 0.7:
            label = label[:-1].rstrip()
            text = f"Sandbox · {label}…"
        self.sticker = Sticker.of_picture(mark_picture(text, letters))
        self.at = (letters, letters)

    def draw(self, canvas: Planes, index: int, time: float) -> None:
        self.sticker.paste_onto(canvas, self.at)


def mark_picture(text: str, letters: int) -> Image.Image:
    """The mark as an RGBA picture."""
    width, height = even(line_width(text, letters) + letters * 1.4), even(letters * 1.9)
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    paste_rounded(picture, (0, 0, width, height), height // 2, (15, 17, 26, 120))
    draw_line(picture, (letters * 0.7, height * 0.5 + letters * 0.36), text, letters, (255, 255, 255, 225))
    return picture


def _bar(unit: int, step: int) -> Image.Image:
    height = unit * 4
    long = max(unit, round(height * step / BAR_STEPS))
    picture = Image.new("RGBA", (unit, height), (255, 255, 255, 0))
    top = (height - long) // 2
    paste_rounded(picture, (0, top, unit, top + long), unit // 2, (255, 255, 255, 235))
    return picture
