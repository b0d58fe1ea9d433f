"""Hair and beards. Lengths are in heads, as in `faces`."""

from tasks.sandbox.render.looks import STUBBLE, Look
from tasks.sandbox.render.sheet import Point, Sheet

FRINGE_SIDE: tuple[Point, ...] = (
    (-0.53, 0.08), (-0.57, -0.3), (-0.4, -0.66), (0.0, -0.8), (0.4, -0.66), (0.57, -0.3), (0.53, 0.08),
    (0.46, -0.14), (0.4, -0.34), (0.12, -0.4), (-0.16, -0.34), (-0.36, -0.2), (-0.46, -0.04),
)  # fmt: skip
FRINGE_MIDDLE: tuple[Point, ...] = (
    (-0.53, 0.1), (-0.58, -0.28), (-0.4, -0.68), (0.0, -0.79), (0.4, -0.68), (0.58, -0.28), (0.53, 0.1),
    (0.45, -0.14), (0.3, -0.36), (0.03, -0.5), (-0.03, -0.5), (-0.3, -0.36), (-0.45, -0.14),
)  # fmt: skip
CROP: tuple[Point, ...] = (
    (-0.51, 0.02), (-0.545, -0.3), (-0.38, -0.66), (0.0, -0.77), (0.38, -0.66), (0.545, -0.3), (0.51, 0.02),
    (0.46, -0.2), (0.36, -0.36), (0.0, -0.4), (-0.36, -0.36), (-0.46, -0.2),
)  # fmt: skip


def draw_behind(sheet: Sheet, look: Look) -> None:
    """The hair that falls behind neck and shoulders."""
    behind = {
        "long": _long,
        "bob": _bob,
        "waves": _waves,
        "ponytail": _ponytail,
        "bun": _bun,
        "curls": _curls,
    }
    if look.hair_style in behind:
        behind[look.hair_style](sheet, look)


def draw_front(sheet: Sheet, look: Look) -> None:
    """The hair on top of the head."""
    draw = {
        "long": _middle, "waves": _middle, "bun": _middle, "bob": _fringe, "ponytail": _fringe,
        "curls": _curly_top, "curly": _curly_top, "buzz": _buzz, "side": _side, "quiff": _quiff,
        "tousled": _tousled,
    }  # fmt: skip
    draw.get(look.hair_style, _crop)(sheet, look)


def draw_beard(sheet: Sheet, look: Look) -> None:
    """A beard round the mouth; the mouth itself is drawn later."""
    if not look.beard:
        return
    paint = (*look.hair, STUBBLE) if look.beard == "stubble" else (*look.hair, 255)
    beard: tuple[Point, ...] = (
        (-0.485, 0.1), (-0.45, 0.36), (-0.3, 0.62), (0.0, 0.745), (0.3, 0.62), (0.45, 0.36), (0.485, 0.1),
        (0.4, 0.26), (0.24, 0.3), (0.0, 0.285), (-0.24, 0.3), (-0.4, 0.26),
    )  # fmt: skip
    sheet.blob(beard, paint)
    if look.beard == "full":
        sheet.blob(
            [(-0.2, 0.385), (0.0, 0.345), (0.2, 0.385), (0.14, 0.475), (0.0, 0.5), (-0.14, 0.475)], look.skin
        )


def _long(sheet: Sheet, look: Look) -> None:
    sheet.half_blob(
        [
            (0, -0.78),
            (0.45, -0.66),
            (0.63, -0.2),
            (0.66, 0.5),
            (0.74, 1.3),
            (0.6, 1.95),
            (0.3, 1.8),
            (0, 1.4),
        ],
        look.hair_dark,
    )


def _waves(sheet: Sheet, look: Look) -> None:
    points = [
        (0, -0.8),
        (0.46, -0.68),
        (0.66, -0.24),
        (0.6, 0.14),
        (0.78, 0.5),
        (0.66, 0.86),
        (0.82, 1.24),
        (0.5, 1.6),
        (0, 1.2),
    ]
    sheet.half_blob(points, look.hair_dark)


def _bob(sheet: Sheet, look: Look) -> None:
    sheet.half_blob(
        [(0, -0.8), (0.46, -0.68), (0.65, -0.2), (0.68, 0.36), (0.6, 0.76), (0.34, 0.72), (0, 0.5)],
        look.hair_dark,
    )


def _ponytail(sheet: Sheet, look: Look) -> None:
    tail = [(0.3, -0.6), (0.76, -0.56), (0.98, -0.1), (0.9, 0.6), (0.72, 1.24), (0.66, 0.6), (0.62, 0.0)]
    sheet.blob(tail, look.hair_dark)
    sheet.half_blob([(0, -0.78), (0.42, -0.66), (0.58, -0.2), (0.5, 0.3), (0, 0.5)], look.hair_dark)


def _bun(sheet: Sheet, look: Look) -> None:
    sheet.ellipse((0.0, -0.92), 0.27, 0.24, look.hair)
    sheet.ellipse((0.04, -0.97), 0.16, 0.12, look.hair_light)
    sheet.half_blob([(0, -0.78), (0.42, -0.66), (0.57, -0.2), (0.5, 0.24), (0, 0.4)], look.hair_dark)


def _curls(sheet: Sheet, look: Look) -> None:
    for x, y, size in (
        (0.0, -0.66, 0.36),
        (0.36, -0.56, 0.34),
        (0.62, -0.22, 0.33),
        (0.7, 0.18, 0.32),
        (0.66, 0.56, 0.29),
        (0.52, 0.84, 0.22),
    ):
        for side in (-1, 1):
            sheet.ellipse((side * x, y), size, size, look.hair_dark)


def _middle(sheet: Sheet, look: Look) -> None:
    sheet.blob(FRINGE_MIDDLE, look.hair)
    for side in (-1, 1):
        sheet.stroke([(side * 0.08, -0.68), (side * 0.36, -0.54), (side * 0.5, -0.2)], 0.035, look.hair_light)
    if look.hair_style in ("long", "waves"):
        lock = [(0.5, -0.2), (0.6, 0.2), (0.58, 0.7), (0.7, 1.3), (0.52, 1.66), (0.42, 1.1), (0.47, 0.4)]
        for side in (-1, 1):
            sheet.blob([(side * x, y) for x, y in [*lock, (0.45, 0.0)]], look.hair)


def _fringe(sheet: Sheet, look: Look) -> None:
    sheet.blob(FRINGE_SIDE, look.hair)
    sheet.stroke([(-0.36, -0.48), (-0.05, -0.62), (0.32, -0.54)], 0.035, look.hair_light)
    if look.hair_style == "bob":
        lock = [(0.5, -0.3), (0.62, 0.1), (0.6, 0.7), (0.44, 0.64), (0.46, 0.2), (0.43, -0.1)]
        for side in (-1, 1):
            sheet.blob([(side * x, y) for x, y in lock], look.hair)


def _crop(sheet: Sheet, look: Look) -> None:
    sheet.blob(CROP, look.hair)
    sheet.stroke([(-0.28, -0.58), (0.02, -0.68), (0.3, -0.58)], 0.035, look.hair_light)


def _buzz(sheet: Sheet, look: Look) -> None:
    cap = [(x * 0.97, y * 0.95 - 0.01) for x, y in CROP]
    sheet.blob(cap, (*look.hair, 225))


def _side(sheet: Sheet, look: Look) -> None:
    sheet.blob(
        [
            (-0.52, 0.04),
            (-0.56, -0.34),
            (-0.4, -0.7),
            (-0.05, -0.84),
            (0.36, -0.76),
            (0.56, -0.4),
            (0.52, 0.02),
            (0.45, -0.2),
            (0.36, -0.36),
            (-0.02, -0.42),
            (-0.26, -0.52),
            (-0.4, -0.36),
            (-0.46, -0.16),
        ],
        look.hair,
    )
    sheet.stroke([(-0.24, -0.62), (0.08, -0.7), (0.36, -0.58)], 0.035, look.hair_light)


def _quiff(sheet: Sheet, look: Look) -> None:
    sheet.blob(
        [
            (-0.51, 0.02),
            (-0.54, -0.36),
            (-0.42, -0.62),
            (-0.3, -0.86),
            (0.06, -0.98),
            (0.42, -0.86),
            (0.55, -0.5),
            (0.51, 0.02),
            (0.45, -0.22),
            (0.34, -0.42),
            (0.0, -0.44),
            (-0.34, -0.4),
            (-0.45, -0.2),
        ],
        look.hair,
    )
    sheet.stroke([(-0.2, -0.7), (0.06, -0.82), (0.34, -0.72)], 0.04, look.hair_light)


def _tousled(sheet: Sheet, look: Look) -> None:
    sheet.blob(CROP, look.hair)
    for x, y, size in (
        (-0.38, -0.58, 0.17),
        (-0.16, -0.72, 0.19),
        (0.1, -0.74, 0.2),
        (0.34, -0.62, 0.18),
        (-0.2, -0.46, 0.13),
        (0.06, -0.47, 0.12),
    ):
        sheet.ellipse((x, y), size, size * 0.86, look.hair)
    sheet.stroke([(-0.2, -0.68), (0.02, -0.78), (0.22, -0.72)], 0.035, look.hair_light)


def _curly_top(sheet: Sheet, look: Look) -> None:
    sheet.blob(CROP, look.hair)
    ring = (
        (-0.46, -0.3),
        (-0.42, -0.52),
        (-0.24, -0.68),
        (0.0, -0.74),
        (0.24, -0.68),
        (0.42, -0.52),
        (0.46, -0.3),
        (-0.26, -0.47),
        (0.0, -0.5),
        (0.26, -0.47),
    )
    for x, y in ring:
        sheet.ellipse((x, y), 0.165, 0.155, look.hair)
    for x, y in ring[1:6]:
        sheet.stroke([(x - 0.07, y - 0.03), (x, y - 0.08), (x + 0.07, y - 0.03)], 0.026, look.hair_light)
