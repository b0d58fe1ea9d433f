"""Draws a person from head to hips. Lengths are in heads, as in `faces`."""

from tasks.sandbox.render import hair
from tasks.sandbox.render.faces import Face, draw_eyes, draw_mouth
from tasks.sandbox.render.looks import Look
from tasks.sandbox.render.shapes import mixed
from tasks.sandbox.render.sheet import Point, Sheet

HIPS = 3.9
HEAD = (
    (0.0, -0.64),
    (0.3, -0.58),
    (0.47, -0.34),
    (0.5, -0.02),
    (0.475, 0.2),
    (0.4, 0.43),
    (0.22, 0.63),
    (0.0, 0.69),
)


def draw_body(sheet: Sheet, look: Look) -> None:
    """Hair behind the body, neck, torso and what is worn on it; without arms."""
    hair.draw_behind(sheet, look)
    wide = _wide(look)
    hips = wide * (0.86 if look.female else 0.84)
    waist = wide * (0.7 if look.female else 0.84)
    trousers = mixed((52, 58, 82), look.cloth_dark, 0.3)
    sheet.half_blob(
        [(0, HIPS - 0.6), (hips, HIPS - 0.5), (hips * 1.04, HIPS + 1), (hips, HIPS + 3), (0, HIPS + 3)],
        trousers,
    )
    _neck(sheet, look)
    torso = [
        (0.0, 0.95),
        (0.3, 0.97),
        (wide * 0.66, 1.1),
        (wide * 0.93, 1.26),
        (wide, 1.5),
        (wide * 0.93, 2.0),
        (waist, 2.7),
        (hips, 3.4),
        (hips * 0.98, HIPS - 0.06),
        (hips * 0.5, HIPS),
        (0.0, HIPS + 0.01),
    ]
    sheet.half_blob(torso, look.cloth)
    necklines = {"vee": _vee, "blazer": _blazer, "turtle": _turtle, "shirt": _shirt, "hoodie": _hoodie}
    necklines.get(look.top, _crew)(sheet, look)


def draw_arms_down(sheet: Sheet, look: Look) -> None:
    """Both arms hanging; the hands are at the hips."""
    wide = _wide(look)
    for side in (-1, 1):
        _arm(sheet, look, _shoulder(look, side), (side * (wide + 0.12), 2.75), (side * (wide + 0.04), 4.1))


def draw_gesture(sheet: Sheet, look: Look, side: int) -> None:
    """One arm down, the other with an open hand, as one explains something."""
    wide = _wide(look)
    _arm(sheet, look, _shoulder(look, -side), (-side * (wide + 0.12), 2.75), (-side * (wide + 0.04), 4.1))
    x, y = side * (wide + 0.3), 1.95
    _arm(sheet, look, _shoulder(look, side), (side * (wide + 0.1), 2.72), (x, y))
    sheet.ellipse((x, y - 0.1), 0.19, 0.22, look.skin)
    for turn in (-0.16, -0.05, 0.06, 0.17):
        finger = [(x + turn * 0.7, y - 0.2), (x + turn * 1.5, y - 0.52 + abs(turn) * 0.5)]
        sheet.limb(finger, 0.105, 0.085, look.skin)
    sheet.limb([(x - side * 0.14, y - 0.06), (x - side * 0.33, y - 0.26)], 0.12, 0.09, look.skin)


def draw_holding(sheet: Sheet, look: Look, left: Point, right: Point) -> None:
    """Both arms bent to hold something between two points."""
    for side, hand in ((-1, left), (1, right)):
        elbow = (side * (_wide(look) + 0.28), max(2.5, min(3.2, hand[1] + 0.6)))
        _arm(sheet, look, _shoulder(look, side), elbow, hand)


def draw_fingers(sheet: Sheet, look: Look, left: Point, right: Point) -> None:
    """The fingers over the front edge of what is held."""
    for side, (x, y) in ((-1, left), (1, right)):
        for row in range(4):
            at = y - 0.16 + row * 0.105
            reach = 0.15 - abs(row - 1.2) * 0.02
            sheet.limb([(x + side * 0.06, at), (x - side * reach, at + 0.01)], 0.11, 0.095, look.skin)


def draw_head(sheet: Sheet, look: Look, face: Face) -> None:
    """Head, face and the hair in front."""
    for side in (-1, 1):
        sheet.ellipse((side * 0.5, 0.06), 0.085, 0.14, look.skin)
        sheet.ellipse((side * 0.51, 0.07), 0.04, 0.08, look.shade)
    sheet.half_blob(HEAD, look.skin)
    for side in (-1, 1):
        sheet.ellipse((side * 0.29, 0.235), 0.11, 0.075, (*look.blush, 95))
    hair.draw_beard(sheet, look)
    for side in (-1, 1):
        brow = [(side * 0.11, -0.125), (side * 0.21, -0.165), (side * 0.315, -0.12)]
        sheet.stroke(brow, 0.034 if look.female else 0.05, mixed(look.hair, look.skin, 0.12))
    draw_eyes(sheet, face, closed=False)
    sheet.stroke([(0.01, 0.07), (0.045, 0.2), (0.0, 0.235), (-0.03, 0.228)], 0.024, look.shade)
    draw_mouth(sheet, face, 0.0)
    hair.draw_front(sheet, look)
    if look.glasses:
        _glasses(sheet, look)
    if look.earrings:
        for side in (-1, 1):
            sheet.ellipse((side * 0.52, 0.25), 0.042, 0.042, (240, 196, 92))


def draw_headphones(sheet: Sheet) -> None:
    """Over the hair, from ear to ear."""
    band = (46, 48, 62)
    sheet.stroke([(-0.57, -0.02), (-0.5, -0.52), (0.0, -0.84), (0.5, -0.52), (0.57, -0.02)], 0.075, band)
    for side in (-1, 1):
        sheet.box((side * 0.58 - 0.1, -0.12), (side * 0.58 + 0.1, 0.26), band, 0.08)
        sheet.box((side * 0.6 - 0.04, -0.05), (side * 0.6 + 0.04, 0.19), (242, 110, 92), 0.04)


def _wide(look: Look) -> float:
    return 0.94 if look.female else 1.1


def _shoulder(look: Look, side: int) -> Point:
    return side * (_wide(look) - 0.19), 1.42


def _arm(sheet: Sheet, look: Look, shoulder: Point, elbow: Point, hand: Point) -> None:
    """A sleeve down to the wrist, a darker edge first so that it stands out from the body."""
    upper, lower = (0.38, 0.32) if look.female else (0.46, 0.37)
    bend = ((shoulder[0] + elbow[0]) / 2 * 1.03, (shoulder[1] + elbow[1]) / 2)
    wrist = (hand[0] + (elbow[0] - hand[0]) * 0.12, hand[1] + (elbow[1] - hand[1]) * 0.12)
    sheet.ellipse(hand, 0.155, 0.18, look.skin)
    for grown, paint in ((0.045, look.cloth_dark), (0.0, look.cloth)):
        sheet.limb([shoulder, bend, elbow], upper + grown, lower + grown, paint)
        sheet.limb([elbow, wrist], lower + grown, lower * 0.72 + grown, paint)


def _neck(sheet: Sheet, look: Look) -> None:
    wide = 0.2 if look.female else 0.25
    sheet.box((-wide, 0.4), (wide, 1.2), look.skin, 0.05)
    sheet.blob([(-wide, 0.5), (0.0, 0.62), (wide, 0.5), (wide, 0.7), (0.02, 0.86), (-wide, 0.72)], look.shade)
    base = [(-wide - 0.16, 1.06), (-wide, 0.92), (0, 0.9), (wide, 0.92), (wide + 0.16, 1.06), (0, 1.34)]
    sheet.blob(base, look.skin)


def _crew(sheet: Sheet, look: Look) -> None:
    sheet.blob([(-0.36, 0.95), (0.36, 0.95), (0.24, 1.16), (0, 1.23), (-0.24, 1.16)], look.cloth_dark)
    sheet.blob([(-0.3, 0.93), (0.3, 0.93), (0.19, 1.11), (0, 1.17), (-0.19, 1.11)], look.skin)


def _vee(sheet: Sheet, look: Look) -> None:
    sheet.polygon([(-0.4, 0.97), (0.4, 0.97), (0.0, 1.68)], look.cloth_dark)
    sheet.polygon([(-0.33, 0.95), (0.33, 0.95), (0.0, 1.56)], look.skin)
    sheet.stroke([(-0.2, 1.08), (0.0, 1.3), (0.2, 1.08)], 0.018, (236, 196, 104))


def _blazer(sheet: Sheet, look: Look) -> None:
    sheet.polygon([(-0.3, 0.97), (0.3, 0.97), (0.1, 2.6), (-0.1, 2.6)], look.trim)
    sheet.blob([(-0.27, 0.93), (0.27, 0.93), (0.16, 1.12), (0, 1.2), (-0.16, 1.12)], look.skin)
    for side in (-1, 1):
        lapel = [
            (side * 0.3, 0.94),
            (side * 0.62, 1.22),
            (side * 0.5, 1.5),
            (side * 0.6, 1.58),
            (side * 0.06, 2.62),
        ]
        sheet.polygon(lapel, look.cloth_dark)
    for y in (2.82, 3.2):
        sheet.ellipse((0.08, y), 0.045, 0.045, mixed(look.cloth, (255, 255, 255), 0.35))


def _turtle(sheet: Sheet, look: Look) -> None:
    sheet.box((-0.31, 0.72), (0.31, 1.12), look.cloth_dark, 0.1)
    sheet.box((-0.31, 0.7), (0.31, 0.98), mixed(look.cloth, (255, 255, 255), 0.06), 0.1)


def _shirt(sheet: Sheet, look: Look) -> None:
    sheet.polygon([(-0.32, 0.95), (0.32, 0.95), (0.0, 1.34)], look.skin)
    for side in (-1, 1):
        collar = [(side * 0.22, 0.84), (side * 0.42, 0.98), (side * 0.36, 1.34), (0.0, 1.3)]
        sheet.polygon(collar, mixed(look.cloth, (255, 255, 255), 0.24))
    sheet.stroke([(0.0, 1.34), (0.0, 3.8)], 0.024, look.cloth_dark)
    for y in (1.62, 2.1, 2.58, 3.06):
        sheet.ellipse((0.0, y), 0.036, 0.036, look.trim)


def _hoodie(sheet: Sheet, look: Look) -> None:
    sheet.blob(
        [(-0.62, 1.1), (-0.3, 0.74), (0.3, 0.74), (0.62, 1.1), (0.3, 1.36), (0, 1.46), (-0.3, 1.36)],
        look.cloth_dark,
    )
    sheet.blob([(-0.26, 0.86), (0.26, 0.86), (0.18, 1.12), (0, 1.26), (-0.18, 1.12)], look.skin)
    for side in (-1, 1):
        sheet.stroke([(side * 0.16, 1.38), (side * 0.19, 1.94)], 0.034, look.trim)


def _glasses(sheet: Sheet, look: Look) -> None:
    frame = (44, 40, 52)
    for side in (-1, 1):
        ring = [
            (side * 0.21 + x, 0.03 + y)
            for x, y in (
                (-0.145, 0),
                (-0.1, -0.11),
                (0, -0.125),
                (0.1, -0.11),
                (0.145, 0),
                (0.1, 0.11),
                (0, 0.13),
                (-0.1, 0.11),
                (-0.145, 0),
            )
        ]
        sheet.stroke(ring, 0.024, frame)
        sheet.stroke([(side * 0.352, 0.0), (side * 0.49, -0.02)], 0.022, frame)
    sheet.stroke([(-0.07, 0.0), (0, -0.022), (0.07, 0.0)], 0.022, frame)
