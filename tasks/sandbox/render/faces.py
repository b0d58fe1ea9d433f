"""Eyes and mouth of a drawn face; drawn once for a portrait and again, moving, for a film of it.

A portrait carries its Face as a text note, so that a film made from the picture alone can move its lips.
Lengths are in heads: the head is 1 wide, its middle is (0, 0), y grows downward.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from tasks.sandbox.render.sheet import Color, Sheet

NOTE = "sandbox-face"
MOUTH = (0.0, 0.395)
EYES = ((-0.205, 0.02), (0.205, 0.02))
EYE_WIDE, EYE_TALL = 0.088, 0.062
# What a moving mouth or eye may touch: left, top, right, bottom.
MOUTH_AREA = (-0.21, 0.29, 0.21, 0.53)
EYES_AREA = (-0.33, -0.07, 0.33, 0.11)
WHITE, DARK = (255, 255, 255), (38, 26, 30)


@dataclass(frozen=True)
class Face:
    """Where a head is in its picture (pixels) and the colours of what moves in it."""

    x: float
    y: float
    head: float
    skin: Color
    chin: Color
    lips: Color
    iris: Color
    lashes: float

    def moved(self, scale: float, left: float, top: float) -> "Face":
        """The face after its picture was scaled and then shifted."""
        return replace(self, x=self.x * scale + left, y=self.y * scale + top, head=self.head * scale)

    def to_note(self) -> str:
        """As the text that goes into the picture's file."""
        return json.dumps(asdict(self))

    @classmethod
    def from_note(cls, note: object) -> Self | None:
        """From that text; None for anything else."""
        try:
            facts: dict[str, Any] = json.loads(str(note))
            return cls(**{name: _value(facts[name]) for name in cls.__dataclass_fields__})
        except (ValueError, TypeError, KeyError):
            return None


def draw_eyes(sheet: Sheet, face: Face, *, closed: bool) -> None:
    """Both eyes on a sheet measured in heads."""
    for x, y in EYES:
        if closed:
            sheet.ellipse((x, y), EYE_WIDE * 1.06, EYE_TALL * 1.1, face.skin)
            arc = [(x - EYE_WIDE, y + 0.01), (x, y + 0.04), (x + EYE_WIDE, y + 0.01)]
            sheet.stroke(arc, 0.022 + face.lashes, DARK)
            continue
        sheet.ellipse((x, y), EYE_WIDE, EYE_TALL, WHITE)
        sheet.ellipse((x, y), 0.056, 0.058, face.iris)
        sheet.ellipse((x, y), 0.028, 0.03, DARK)
        sheet.ellipse((x + 0.022, y - 0.024), 0.014, 0.014, WHITE)
        lid = [(x - EYE_WIDE * 1.04, y - 0.005), (x, y - EYE_TALL * 1.05), (x + EYE_WIDE * 1.04, y - 0.005)]
        sheet.stroke(lid, 0.02 + face.lashes, DARK)
        if face.lashes:
            side = 1 if x > 0 else -1
            tip = (x + side * EYE_WIDE * 1.42, y - 0.045)
            sheet.stroke([(x + side * EYE_WIDE, y - 0.012), tip], 0.018, DARK)


def draw_mouth(sheet: Sheet, face: Face, openness: float) -> None:
    """The mouth, from smiling shut (0) to wide open (1), on a sheet measured in heads."""
    x, y = MOUTH
    dark = (max(0, face.lips[0] - 90), max(0, face.lips[1] - 60), max(0, face.lips[2] - 60))
    if openness < 0.08:
        sheet.blob(_lips(0.135, 0.0, 0.052), face.lips)
        sheet.stroke([(x - 0.145, y - 0.022), (x, y + 0.016), (x + 0.145, y - 0.022)], 0.017, dark)
        return
    wide, tall = 0.135 - 0.035 * openness, 0.025 + 0.075 * openness
    sheet.blob(_lips(wide + 0.018, 0.022 + tall * 0.35, tall + 0.03), face.lips)
    sheet.blob(_lips(wide - 0.012, tall * 0.3, tall), (92, 28, 38))
    sheet.box((x - wide * 0.62, y - tall * 0.26), (x + wide * 0.62, y - tall * 0.26 + 0.026), WHITE, 0.012)
    sheet.ellipse((x, y + tall * 0.78), wide * 0.5, tall * 0.26, (214, 94, 104))


def _lips(wide: float, up: float, down: float) -> list[tuple[float, float]]:
    x, y = MOUTH
    return [
        (x - wide, y - 0.016),
        (x - wide * 0.42, y - up - 0.012),
        (x, y - up * 0.9),
        (x + wide * 0.42, y - up - 0.012),
        (x + wide, y - 0.016),
        (x + wide * 0.55, y + down * 0.8),
        (x, y + down),
        (x - wide * 0.55, y + down * 0.8),
    ]


def _value(raw: Any) -> Any:
    if isinstance(raw, list):
        red, green, blue = (min(255, max(0, int(level))) for level in raw)
        return (red, green, blue)
    return float(raw)
