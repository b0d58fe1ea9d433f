"""A drawn face that speaks: its lips follow the loudness of the voice, and it blinks."""

from collections.abc import Callable, Sequence

from PIL import Image

from tasks.sandbox.render.faces import EYES, EYES_AREA, MOUTH, MOUTH_AREA, Face, draw_eyes, draw_mouth
from tasks.sandbox.render.planes import Planes
from tasks.sandbox.render.sheet import Sheet

MOUTHS = 6
BLINK_EVERY, BLINK_FRAMES = 83, 3
SUPER = 4

Area = tuple[int, int, int, int]


class Lips:
    """Changes the planes of a picture in the places where its face moves."""

    def __init__(self, picture: Image.Image, face: Face, levels: Sequence[float]) -> None:
        """`face` lies in the pixels of `picture`; `levels` hold the loudness (0 to 1) of each frame."""
        self.levels = levels
        self.mouth_area = _pixels(face, MOUTH_AREA)
        self.eyes_area = _pixels(face, EYES_AREA)
        self.mouths = [
            _patch(picture, face, self.mouth_area, _mouth(face, step / (MOUTHS - 1)))
            for step in range(MOUTHS)
        ]
        self.eyes = [
            _patch(picture, face, self.eyes_area, None),
            _patch(picture, face, self.eyes_area, _shut(face)),
        ]

    def move(self, planes: Planes, index: int) -> list[Area]:
        """Set mouth and eyes as they are at a frame; returns the areas that were drawn."""
        near = self.levels[max(0, index - 1) : index + 2]
        loud = (max(near, default=0.0) + sum(near) / max(1, len(near))) / 2
        openness = min(MOUTHS - 1, round(float(loud**0.8) * MOUTHS))
        planes.paste(self.mouths[openness], self.mouth_area[:2])
        blinking = index % BLINK_EVERY >= BLINK_EVERY - BLINK_FRAMES
        planes.paste(self.eyes[blinking], self.eyes_area[:2])
        return [self.mouth_area, self.eyes_area]


def _mouth(face: Face, openness: float) -> Callable[[Sheet], None]:
    def draw(sheet: Sheet) -> None:
        sheet.ellipse((MOUTH[0], MOUTH[1] + 0.006), 0.19, 0.072, face.chin)
        draw_mouth(sheet, face, openness)

    return draw


def _shut(face: Face) -> Callable[[Sheet], None]:
    def draw(sheet: Sheet) -> None:
        for x, y in EYES:
            sheet.ellipse((x, y), 0.1, 0.08, face.skin)
        draw_eyes(sheet, face, closed=True)

    return draw


def _patch(picture: Image.Image, face: Face, area: Area, draw: Callable[[Sheet], None] | None) -> Planes:
    part = picture.crop(area)
    if draw is not None:
        large = part.resize((part.width * SUPER, part.height * SUPER), Image.Resampling.BICUBIC)
        origin = (face.x - area[0], face.y - area[1])
        draw(Sheet(large, SUPER).within(face.head, origin))
        part = large.reduce(SUPER)
    return Planes.of_picture(part)


def _pixels(face: Face, area: tuple[float, float, float, float]) -> Area:
    """The smallest box with even corners round an area given in heads."""
    left, top = (int((at + part * face.head) // 2) * 2 for at, part in ((face.x, area[0]), (face.y, area[1])))
    right, bottom = (
        int((at + part * face.head) // 2 + 1) * 2 for at, part in ((face.x, area[2]), (face.y, area[3]))
    )
    return left, top, right, bottom
