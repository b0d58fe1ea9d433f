"""Rooms and places behind a person, drawn roughly and then blurred as a lens would.

A place is measured in widths of the picture: x from 0 to 1, y from 0 to its height (1.78 for 9:16).
"""

import random
import re
from collections.abc import Callable, Mapping

from PIL import Image, ImageFilter

from tasks.sandbox.render.shapes import mixed, vertical_gradient
from tasks.sandbox.render.sheet import Color, Sheet

Draw = Callable[[Sheet, float, Color, random.Random], None]
WHITE, INK = (255, 255, 255), (40, 44, 66)
WOOD, LEAF, SKY = (190, 140, 98), (84, 152, 112), (176, 214, 240)
# The smaller the sheet, the softer and the faster.
REDUCED = 3


def backdrop(size: tuple[int, int], words: str, room: Color, chance: random.Random) -> Image.Image:
    """A place that suits the words (a catalog's name, such as "in the kitchen"); a plain studio otherwise."""
    small = (max(8, size[0] // REDUCED), max(8, size[1] // REDUCED))
    picture = vertical_gradient(small, mixed(room, WHITE, 0.35), mixed(room, INK, 0.1))
    draw = next((place for word, place in PLACES.items() if re.search(rf"\b{word}", words.lower())), _studio)
    draw(Sheet(picture, small[0]), size[1] / size[0], room, chance)
    soft = picture.filter(ImageFilter.GaussianBlur(small[0] / 110))
    return soft.resize(size, Image.Resampling.BICUBIC)


def foreground(sheet: Sheet, top: float, words: str, room: Color) -> None:
    """A table from `top` downward (in widths) for the places that have one, else nothing."""
    if not any(
        word in words.lower() for word in ("desk", "table", "office", "workbench", "tea", "vanity", "kitchen")
    ):
        return
    wood = mixed(WOOD, room, 0.35)
    sheet.box((-0.05, top), (1.05, 3), mixed(wood, INK, 0.12), 0.03)
    sheet.box((-0.05, top), (1.05, top + 0.07), mixed(wood, WHITE, 0.18), 0.03)
    sheet.box((0.73, top - 0.085), (0.83, top + 0.03), mixed(room, WHITE, 0.65), 0.02)
    sheet.ellipse((0.84, top - 0.03), 0.034, 0.036, mixed(room, WHITE, 0.65))
    sheet.ellipse((0.838, top - 0.03), 0.018, 0.02, mixed(wood, room, 0.4))


def _floor(sheet: Sheet, tall: float, color: Color) -> None:
    sheet.box((-0.1, tall * 0.78), (1.1, tall + 0.1), color)


def _plant(sheet: Sheet, x: float, y: float, size: float, room: Color) -> None:
    for lean, high in ((-0.5, 0.8), (-0.25, 1.15), (0.05, 1.3), (0.3, 1.05), (0.55, 0.75)):
        tip = (x + lean * size, y - high * size)
        side = size * 0.13
        middle = (x + lean * size * 0.55, y - high * size * 0.6)
        leaf = [(x, y), (middle[0] - side, middle[1]), tip, (middle[0] + side, middle[1])]
        sheet.blob(leaf, mixed(LEAF, INK, 0.12 + abs(lean) * 0.2))
    pot = [
        (x - size * 0.26, y),
        (x + size * 0.26, y),
        (x + size * 0.19, y + size * 0.5),
        (x - size * 0.19, y + size * 0.5),
    ]
    sheet.polygon(pot, mixed(room, (200, 104, 76), 0.6))


def _window(sheet: Sheet, left: float, top: float, wide: float, tall: float) -> None:
    sheet.box((left - 0.02, top - 0.02), (left + wide + 0.02, top + tall + 0.02), WHITE, 0.012)
    sheet.box((left, top), (left + wide, top + tall), SKY)
    sheet.ellipse((left + wide * 0.3, top + tall), wide * 0.34, tall * 0.22, mixed(LEAF, SKY, 0.35))
    sheet.ellipse((left + wide * 0.75, top + tall), wide * 0.3, tall * 0.3, mixed(LEAF, SKY, 0.5))
    sheet.box((left - 0.02, top + tall), (left + wide + 0.02, top + tall + 0.12), WHITE)
    sheet.box((left + wide / 2 - 0.012, top), (left + wide / 2 + 0.012, top + tall), WHITE)
    sheet.box((left, top + tall * 0.5 - 0.01), (left + wide, top + tall * 0.5 + 0.01), WHITE)


def _window_room(sheet: Sheet, tall: float, room: Color, chance: random.Random) -> None:
    _window(sheet, 0.06, tall * 0.1, 0.42, tall * 0.38)
    for left in (-0.04, 0.48):
        curtain = [
            (left, tall * 0.05),
            (left + 0.1, tall * 0.05),
            (left + 0.08, tall * 0.62),
            (left, tall * 0.62),
        ]
        sheet.polygon(curtain, mixed(room, WHITE, 0.45))
    sheet.box((0.7, tall * 0.16), (0.94, tall * 0.32), WHITE, 0.01)
    sheet.box((0.72, tall * 0.17), (0.92, tall * 0.31), mixed(room, INK, 0.25))
    sheet.ellipse((0.82, tall * 0.26), 0.06, 0.06, mixed(room, (255, 190, 120), 0.8))
    _floor(sheet, tall, mixed(WOOD, room, 0.5))
    _plant(sheet, 0.9, tall * 0.72, 0.3, room)


def _shelves(sheet: Sheet, tall: float, room: Color, chance: random.Random) -> None:
    wood = mixed(WOOD, INK, 0.15)
    colors = [
        mixed(room, other, 0.7)
        for other in ((200, 80, 70), (70, 120, 160), (236, 180, 80), (80, 140, 110), WHITE)
    ]
    for number in range(6):
        base = tall * (0.14 + 0.13 * number)
        sheet.box((-0.1, base), (1.1, base + 0.022), wood)
        x = -0.02
        while x < 1.02:
            wide, high = chance.uniform(0.025, 0.06), chance.uniform(0.1, 0.17)
            if chance.random() < 0.16:
                _plant(sheet, x + 0.06, base - 0.055, 0.11, room)
                x += 0.15
                continue
            sheet.box((x, base - high), (x + wide, base), chance.choice(colors), 0.004)
            x += wide + 0.006


def _outdoors(sheet: Sheet, tall: float, room: Color, chance: random.Random) -> None:
    sheet.box((-0.1, -0.1), (1.1, tall * 0.6), SKY)
    sheet.ellipse((0.8, tall * 0.12), 0.11, 0.11, (255, 240, 200))
    for x, y, size in ((0.1, 0.5, 0.5), (0.55, 0.54, 0.5), (1.0, 0.48, 0.46)):
        sheet.ellipse((x, tall * y), size, size * 0.55, mixed(LEAF, SKY, 0.45))
    sheet.box((-0.1, tall * 0.56), (1.1, tall + 0.1), mixed(LEAF, (220, 210, 130), 0.3))
    for _ in range(9):
        x, y, size = chance.uniform(0, 1), tall * chance.uniform(0.42, 0.62), chance.uniform(0.08, 0.17)
        sheet.box((x - 0.014, y), (x + 0.014, y + 0.3), mixed(WOOD, INK, 0.4))
        sheet.ellipse((x, y), size, size * 1.1, mixed(LEAF, INK, chance.uniform(0.0, 0.3)))


def _city(sheet: Sheet, tall: float, room: Color, chance: random.Random) -> None:
    dusk = vertical_gradient(sheet.picture.size, mixed((120, 140, 200), room, 0.3), (255, 206, 168))
    sheet.picture.paste(dusk)
    for layer, share in ((0.46, 0.55), (0.56, 0.25)):
        x = -0.05
        while x < 1.05:
            wide, top = chance.uniform(0.09, 0.2), tall * (layer - chance.uniform(0.02, 0.2))
            sheet.box((x, top), (x + wide, tall), mixed((74, 78, 124), (255, 206, 168), share))
            for row in range(6):
                for column in range(3):
                    if chance.random() < 0.5:
                        left, up = x + wide * (0.16 + 0.28 * column), top + 0.03 + 0.055 * row
                        sheet.box((left, up), (left + wide * 0.14, up + 0.025), (255, 226, 160))
            x += wide + 0.015
    sheet.box((-0.1, tall * 0.66), (1.1, tall + 0.1), mixed((108, 100, 128), room, 0.3))
    sheet.box((-0.1, tall * 0.64), (1.1, tall * 0.66), mixed((80, 74, 104), room, 0.2))


def _kitchen(sheet: Sheet, tall: float, room: Color, chance: random.Random) -> None:
    for row in range(7):
        for column in range(9):
            x, y = column * 0.125 - 0.05 * (row % 2), tall * 0.28 + row * 0.085
            sheet.box(
                (x, y), (x + 0.118, y + 0.078), mixed(WHITE, room, 0.25 + 0.16 * chance.random()), 0.008
            )
    sheet.box((-0.1, -0.1), (0.34, tall * 0.26), mixed(room, (70, 110, 120), 0.5))
    sheet.box((0.02, tall * 0.03), (0.31, tall * 0.24), mixed(room, (90, 130, 138), 0.4), 0.01)
    for x in (0.52, 0.82):
        sheet.box((x - 0.004, -0.1), (x + 0.004, tall * 0.12), INK)
        sheet.polygon(
            [
                (x - 0.03, tall * 0.11),
                (x + 0.03, tall * 0.11),
                (x + 0.1, tall * 0.165),
                (x - 0.1, tall * 0.165),
            ],
            INK,
        )
        sheet.ellipse((x, tall * 0.168), 0.055, 0.035, (255, 236, 180))
    sheet.box((-0.1, tall * 0.56), (1.1, tall * 0.585), mixed(WOOD, WHITE, 0.4))
    sheet.box((-0.1, tall * 0.585), (1.1, tall + 0.1), mixed(room, (70, 110, 120), 0.45))
    _plant(sheet, 0.88, tall * 0.53, 0.18, room)
    sheet.box((0.06, tall * 0.5), (0.15, tall * 0.56), (224, 122, 95), 0.02)
    sheet.box((0.18, tall * 0.47), (0.23, tall * 0.56), mixed(SKY, WHITE, 0.4), 0.02)


def _living(sheet: Sheet, tall: float, room: Color, chance: random.Random) -> None:
    for left, top, wide, high in (
        (0.06, 0.12, 0.22, 0.16),
        (0.33, 0.09, 0.16, 0.11),
        (0.7, 0.13, 0.24, 0.13),
    ):
        sheet.box((left, tall * top), (left + wide, tall * (top + high)), WHITE, 0.008)
        inner = mixed(room, chance.choice(((224, 122, 95), (70, 120, 160), (84, 152, 112))), 0.55)
        sheet.box((left + 0.02, tall * top + 0.02), (left + wide - 0.02, tall * (top + high) - 0.02), inner)
        sheet.ellipse(
            (left + wide / 2, tall * (top + high * 0.6)), wide * 0.2, wide * 0.2, mixed(inner, WHITE, 0.5)
        )
    sofa = mixed(room, (70, 96, 130), 0.62)
    sheet.box((-0.1, tall * 0.5), (1.1, tall * 0.9), sofa, 0.08)
    sheet.box((-0.1, tall * 0.66), (1.1, tall), mixed(sofa, INK, 0.18), 0.06)
    for x in (0.08, 0.92):
        sheet.box((x - 0.13, tall * 0.53), (x + 0.13, tall * 0.66), mixed(room, (240, 190, 110), 0.6), 0.04)
    sheet.box((0.905, tall * 0.3), (0.915, tall * 0.52), INK)
    sheet.polygon(
        [(0.84, tall * 0.22), (0.98, tall * 0.22), (1.02, tall * 0.32), (0.8, tall * 0.32)], (255, 232, 186)
    )


def _gym(sheet: Sheet, tall: float, room: Color, chance: random.Random) -> None:
    _floor(sheet, tall, mixed(INK, room, 0.35))
    _window(sheet, 0.55, tall * 0.08, 0.5, tall * 0.36)
    for row in range(3):
        y = tall * (0.5 + 0.09 * row)
        sheet.box((-0.1, y), (0.5, y + 0.02), mixed(INK, room, 0.2))
        for x in (0.02, 0.18, 0.34):
            sheet.box((x, y - 0.045), (x + 0.11, y - 0.025), (180, 186, 198))
            for end in (x, x + 0.11):
                sheet.box(
                    (end - 0.022, y - 0.075), (end + 0.022, y), mixed(INK, (200, 60, 70), 0.3 * row), 0.01
                )


def _studio(sheet: Sheet, tall: float, room: Color, chance: random.Random) -> None:
    accent = mixed(room, WHITE, 0.5)
    sheet.ellipse((0.5, tall * 0.34), 0.44, 0.44, accent)
    sheet.ellipse((0.5, tall * 0.34), 0.36, 0.36, mixed(room, WHITE, 0.72))
    _floor(sheet, tall, mixed(room, INK, 0.16))
    _plant(sheet, 0.1, tall * 0.74, 0.3, room)
    sheet.ellipse((0.92, tall * 0.74), 0.1, 0.1, mixed(room, (255, 190, 120), 0.6))


def _ring_light(sheet: Sheet, tall: float, room: Color, chance: random.Random) -> None:
    for radius, paint in ((0.47, (255, 250, 238)), (0.43, WHITE), (0.36, mixed(room, WHITE, 0.4))):
        sheet.ellipse((0.5, tall * 0.34), radius, radius, paint)
    sheet.box((0.485, tall * 0.6), (0.515, tall), INK)
    _floor(sheet, tall, mixed(room, INK, 0.2))


def _car(sheet: Sheet, tall: float, room: Color, chance: random.Random) -> None:
    seat = mixed(INK, room, 0.3)
    sheet.box((-0.1, -0.1), (1.1, tall), mixed(INK, room, 0.15))
    sheet.blob([(-0.2, tall * 0.1), (0.3, tall * 0.07), (0.34, tall * 0.4), (-0.2, tall * 0.42)], SKY)
    sheet.blob(
        [(0.66, tall * 0.07), (1.2, tall * 0.1), (1.2, tall * 0.42), (0.7, tall * 0.4)],
        mixed(SKY, LEAF, 0.25),
    )
    sheet.box((0.16, tall * 0.3), (0.84, tall), seat, 0.14)
    sheet.box((0.33, tall * 0.1), (0.67, tall * 0.27), mixed(seat, WHITE, 0.08), 0.08)


def _platform(sheet: Sheet, tall: float, room: Color, chance: random.Random) -> None:
    train = mixed(room, WHITE, 0.4)
    sheet.box((-0.1, tall * 0.2), (1.1, tall * 0.7), train, 0.06)
    sheet.box((-0.1, tall * 0.52), (1.1, tall * 0.55), mixed((216, 72, 84), room, 0.2))
    for left in (-0.04, 0.24, 0.52, 0.8):
        sheet.box((left, tall * 0.26), (left + 0.23, tall * 0.46), mixed(SKY, INK, 0.2), 0.03)
    sheet.box((-0.1, tall * 0.7), (1.1, tall + 0.1), mixed((150, 152, 164), room, 0.3))
    sheet.box((-0.1, tall * 0.72), (1.1, tall * 0.74), (246, 206, 92))
    for x in (0.2, 0.5, 0.8):
        sheet.box((x - 0.1, tall * 0.08), (x + 0.1, tall * 0.095), (255, 250, 230), 0.01)


# A word of the catalog's name and its place; the first word found counts.
PLACES: Mapping[str, Draw] = {
    "ring light": _ring_light,
    "window": _window_room,
    "office": _window_room,
    "hallway": _window_room,
    "tea room": _window_room,
    "book": _shelves,
    "workbench": _shelves,
    "garage": _shelves,
    "boutique": _shelves,
    "vanity": _living,
    "sofa": _living,
    "kitchen": _kitchen,
    "cafe": _kitchen,
    "rooftop": _city,
    "platform": _platform,
    "courtyard": _outdoors,
    "trail": _outdoors,
    "garden": _outdoors,
    "gym": _gym,
    r"car\b": _car,
}
