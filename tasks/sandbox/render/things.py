"""Simple products, one for each category of scenes. Drawn within a box from (-1, -1) to (1, 1)."""

from collections.abc import Callable, Mapping

from tasks.sandbox.render.shapes import mixed
from tasks.sandbox.render.sheet import Color, Sheet, circle_points

# The flat ones; all others reach down to the box they are drawn in.
FEET = {"eyewear": 0.4, "footwear": 0.52, "appliance": 0.84}
WHITE, INK, GOLD = (255, 255, 255), (38, 42, 62), (222, 178, 96)


def draw_thing(sheet: Sheet, category: str, color: Color) -> None:
    """The product of a category; a parcel for a category that has none."""
    words = category.lower()
    draw = next((thing for word, thing in THINGS.items() if word in words), _parcel)
    draw(sheet, color)


def foot_of(category: str) -> float:
    """How far below its middle a product stands."""
    return next((foot for word, foot in FEET.items() if word in category.lower()), 0.94)


def _light(color: Color) -> Color:
    return mixed(color, WHITE, 0.3)


def _dark(color: Color) -> Color:
    return mixed(color, INK, 0.25)


def _top(sheet: Sheet, color: Color) -> None:
    right = [(0.3, -0.82), (0.62, -0.66), (0.98, -0.12), (0.68, 0.1), (0.54, -0.12), (0.56, 0.9)]
    sheet.polygon([*right, *((-x, y) for x, y in reversed(right))], color)
    sheet.blob([(-0.3, -0.86), (0.3, -0.86), (0.18, -0.62), (0, -0.55), (-0.18, -0.62)], _dark(color))
    sheet.box((-0.26, -0.2), (0.26, 0.16), _light(color), 0.08)


def _dress(sheet: Sheet, color: Color) -> None:
    for side in (-1, 1):
        sheet.stroke([(side * 0.2, -0.98), (side * 0.24, -0.7)], 0.06, _dark(color))
    sheet.half_blob(
        [(0, -0.62), (0.28, -0.74), (0.3, -0.4), (0.22, -0.08), (0.5, 0.5), (0.7, 0.94), (0, 0.99)], color
    )
    sheet.box((-0.235, -0.14), (0.235, -0.03), _dark(color), 0.03)
    for x in (-0.24, 0.02, 0.28):
        sheet.stroke([(x * 0.5, 0.04), (x * 1.1, 0.9)], 0.03, _light(color))


def _shoe(sheet: Sheet, color: Color) -> None:
    upper = [
        (-0.92, 0.3),
        (-0.9, -0.34),
        (-0.5, -0.42),
        (-0.18, -0.3),
        (0.16, 0.02),
        (0.66, 0.12),
        (0.92, 0.36),
    ]
    sheet.blob(upper, color)
    sheet.blob([(-0.9, -0.3), (-0.5, -0.44), (-0.2, -0.32), (-0.4, -0.2), (-0.7, -0.18)], _dark(color))
    sheet.box((-0.97, 0.28), (0.98, 0.5), WHITE, 0.1)
    sheet.box((-0.97, 0.42), (0.98, 0.5), mixed(WHITE, INK, 0.2), 0.04)
    for x in (-0.2, -0.02, 0.16):
        sheet.stroke([(x - 0.06, -0.08 + x * 0.4), (x + 0.12, -0.2 + x * 0.5)], 0.05, WHITE)
    sheet.stroke([(-0.74, 0.18), (-0.3, 0.12), (0.1, 0.22)], 0.07, _light(color))


def _watch(sheet: Sheet, color: Color) -> None:
    for side in (-1, 1):
        strap = [(-0.26, side * 0.34), (0.26, side * 0.34), (0.19, side * 0.98), (-0.19, side * 0.98)]
        sheet.polygon(strap, color)
    sheet.ellipse((0, 0), 0.5, 0.5, GOLD)
    sheet.ellipse((0, 0), 0.42, 0.42, (250, 248, 242))
    for point in circle_points((0, 0), 0.34, 12):
        sheet.ellipse(point, 0.022, 0.022, INK)
    sheet.stroke([(0, 0), (0.0, -0.27)], 0.045, INK)
    sheet.stroke([(0, 0), (0.18, 0.08)], 0.045, INK)
    sheet.box((0.48, -0.07), (0.6, 0.07), GOLD, 0.03)


def _necklace(sheet: Sheet, color: Color) -> None:
    sheet.half_blob(
        [(0, -0.98), (0.2, -0.9), (0.26, -0.5), (0.72, -0.26), (0.8, 0.9), (0, 0.98)], _light(color)
    )
    sheet.stroke([(-0.25, -0.5), (-0.2, 0.05), (0, 0.26), (0.2, 0.05), (0.25, -0.5)], 0.05, GOLD)
    sheet.polygon([(0, 0.2), (0.15, 0.37), (0, 0.62), (-0.15, 0.37)], mixed(color, (70, 30, 120), 0.45))
    sheet.polygon([(0, 0.2), (0.15, 0.37), (0, 0.4), (-0.15, 0.37)], _light(color))


def _bag(sheet: Sheet, color: Color) -> None:
    sheet.stroke([(-0.4, -0.2), (-0.34, -0.74), (0, -0.92), (0.34, -0.74), (0.4, -0.2)], 0.09, _dark(color))
    sheet.half_blob([(0, -0.3), (0.66, -0.3), (0.8, 0.2), (0.86, 0.78), (0.7, 0.88), (0, 0.9)], color)
    sheet.half_blob([(0, -0.3), (0.66, -0.3), (0.62, 0.02), (0.3, 0.2), (0, 0.24)], _dark(color))
    sheet.box((-0.1, 0.14), (0.1, 0.36), GOLD, 0.04)


def _glasses(sheet: Sheet, color: Color) -> None:
    for side in (-1, 1):
        sheet.stroke([(side * 0.86, -0.12), (side * 0.99, -0.3), (side * 0.9, -0.4)], 0.08, _dark(color))
        sheet.ellipse((side * 0.47, 0), 0.43, 0.38, color)
        sheet.ellipse((side * 0.47, 0.01), 0.35, 0.3, mixed(INK, color, 0.15))
        sheet.stroke([(side * 0.47 - 0.18, 0.06), (side * 0.47 + 0.02, -0.16)], 0.06, mixed(INK, WHITE, 0.5))
    sheet.stroke([(-0.1, -0.06), (0, -0.13), (0.1, -0.06)], 0.09, color)


def _jar(sheet: Sheet, color: Color) -> None:
    sheet.box((-0.62, -0.2), (0.1, 0.94), _light(color), 0.14)
    sheet.box((-0.5, -0.46), (-0.02, -0.18), GOLD, 0.06)
    sheet.box((-0.62, 0.22), (0.1, 0.62), WHITE)
    sheet.box((0.02, -0.84), (0.58, 0.94), color, 0.16)
    sheet.box((0.16, -0.98), (0.44, -0.8), _dark(color), 0.05)
    sheet.box((0.14, 0.02), (0.46, 0.5), WHITE, 0.03)
    sheet.stroke([(0.22, 0.18), (0.38, 0.18)], 0.04, _dark(color))
    sheet.stroke([(0.22, 0.32), (0.33, 0.32)], 0.04, _dark(color))


def _bottle(sheet: Sheet, color: Color) -> None:
    sheet.half_blob(
        [(0, -0.7), (0.16, -0.7), (0.2, -0.42), (0.42, -0.16), (0.44, 0.5), (0.4, 0.94), (0, 0.97)], color
    )
    sheet.box((-0.2, -0.94), (0.2, -0.66), _dark(color), 0.06)
    sheet.box((-0.435, 0.08), (0.435, 0.58), WHITE)
    sheet.ellipse((0, 0.33), 0.17, 0.17, mixed(color, (255, 180, 60), 0.5))
    sheet.stroke([(-0.3, -0.12), (-0.34, 0.04)], 0.06, _light(color))


def _vase(sheet: Sheet, color: Color) -> None:
    for lean, high in ((-0.4, -0.76), (-0.05, -0.96), (0.36, -0.8)):
        sheet.stroke([(0, 0.0), (lean * 0.5, -0.4), (lean, high)], 0.035, (92, 140, 104))
        for point in circle_points((lean, high), 0.09, 5):
            sheet.ellipse(point, 0.08, 0.08, mixed(color, (255, 150, 130), 0.6))
        sheet.ellipse((lean, high), 0.055, 0.055, GOLD)
    sheet.half_blob(
        [(0, -0.1), (0.2, -0.1), (0.18, 0.06), (0.46, 0.36), (0.42, 0.76), (0.24, 0.94), (0, 0.96)], color
    )
    sheet.stroke([(-0.28, 0.3), (-0.3, 0.6)], 0.07, _light(color))


def _appliance(sheet: Sheet, color: Color) -> None:
    for x in (-0.34, 0.12):
        sheet.box((x, -0.72), (x + 0.24, -0.2), (214, 160, 96), 0.08)
    sheet.box((-0.86, -0.44), (0.86, 0.72), color, 0.24)
    sheet.box((-0.86, 0.46), (0.86, 0.72), _dark(color), 0.12)
    sheet.box((-0.62, 0.7), (-0.36, 0.84), INK, 0.03)
    sheet.box((0.36, 0.7), (0.62, 0.84), INK, 0.03)
    sheet.ellipse((0.56, 0.1), 0.16, 0.16, WHITE)
    sheet.stroke([(0.56, 0.1), (0.64, 0.02)], 0.05, INK)
    sheet.box((-0.62, -0.16), (0.16, -0.06), _light(color), 0.04)


def _toy(sheet: Sheet, color: Color) -> None:
    for side in (-1, 1):
        sheet.ellipse((side * 0.36, -0.76), 0.19, 0.19, _dark(color))
        sheet.ellipse((side * 0.36, -0.76), 0.1, 0.1, _light(color))
        sheet.ellipse((side * 0.5, 0.3), 0.17, 0.3, _dark(color))
        sheet.ellipse((side * 0.34, 0.82), 0.24, 0.18, _dark(color))
    sheet.ellipse((0, 0.4), 0.5, 0.54, color)
    sheet.ellipse((0, 0.46), 0.3, 0.34, _light(color))
    sheet.ellipse((0, -0.4), 0.48, 0.44, color)
    sheet.ellipse((0, -0.26), 0.21, 0.16, _light(color))
    for side in (-1, 1):
        sheet.ellipse((side * 0.17, -0.48), 0.05, 0.055, INK)
    sheet.ellipse((0, -0.32), 0.07, 0.05, INK)


def _parcel(sheet: Sheet, color: Color) -> None:
    sheet.box((-0.8, -0.6), (0.8, 0.9), (206, 162, 116), 0.05)
    sheet.box((-0.8, -0.6), (0.8, -0.3), (226, 186, 142), 0.05)
    sheet.box((-0.16, -0.6), (0.16, 0.2), color)


# A word of the category's name and what is drawn for it.
THINGS: Mapping[str, Callable[[Sheet, Color], None]] = {
    "top": _top,
    "dress": _dress,
    "fashion": _dress,
    "footwear": _shoe,
    "fitness": _shoe,
    "watch": _watch,
    "neck": _necklace,
    "bag": _bag,
    "eyewear": _glasses,
    "skin": _jar,
    "beauty": _jar,
    "bever": _bottle,
    "drink": _bottle,
    "home": _vase,
    "appliance": _appliance,
    "gadget": _watch,
    "toy": _toy,
    "pet": _toy,
}
