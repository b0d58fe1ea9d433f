"""The pictures of the product catalogs: people who hold a product, and stages to set one on."""

import json
import random
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageFilter

from tasks.sandbox.render import people
from tasks.sandbox.render.backdrops import backdrop
from tasks.sandbox.render.faces import Face
from tasks.sandbox.render.looks import PALETTES, Look, look_of
from tasks.sandbox.render.portraits import ethnicities_of, face_of
from tasks.sandbox.render.shapes import mixed, vertical_gradient
from tasks.sandbox.render.sheet import Color, Point, Sheet
from tasks.sandbox.render.things import draw_thing, foot_of

# Left, top, width and height as shares of the picture.
Place = tuple[float, float, float, float]
SUPER = 2
TALL = 4 / 3
WHITE, INK, LEAF = (255, 255, 255), (38, 42, 62), (88, 150, 116)
USUAL_PLACE: Place = (0.37, 0.46, 0.26, 0.26)
STAGE_PLACE: Place = (0.27, 0.3, 0.46, 0.4)
# A category's word and the place its people stand in.
ROOMS = {
    "home": "sofa",
    "drink": "kitchen",
    "fitness": "gym",
    "gadget": "office",
    "pet": "garden",
    "fashion": "boutique",
}


def product_avatar(entry: Mapping[str, Any], width: int, *, sample: bool) -> tuple[Image.Image, Place, Face]:
    """Someone who holds a blank card, where that is, and the face; with `sample` a product is on the card."""
    identity = str(entry.get("avatarId") or "")
    categories = _category_names(entry.get("avatarCategoryList"))
    look = look_of(identity, str(entry.get("gender") or ""), ethnicities_of(entry.get("avatarEthnicityList")))
    place = mask_place(entry.get("objectMaskImageInfo"))
    size = (width * SUPER, round(width * TALL) * SUPER)
    room = next((room for word, room in ROOMS.items() if word in categories.lower()), "")
    picture = backdrop(size, room, look.room, random.Random(identity))
    face = _face_above(place, look, size)
    sheet = Sheet(picture, 1.0).within(face.head, (face.x, face.y))
    left, top = _in_heads((place[0], place[1]), size, face)
    right, bottom = _in_heads((place[0] + place[2], place[1] + place[3]), size, face)
    hold = bottom - (bottom - top) * 0.3
    people.draw_body(sheet, look)
    people.draw_holding(sheet, look, (left - 0.02, hold), (right + 0.02, hold))
    _card(sheet, (left, top), (right, bottom))
    if sample:
        scale = min(right - left, bottom - top) * 0.4
        draw_thing(sheet.within(scale, ((left + right) / 2, (top + bottom) / 2)), categories, look.cloth)
    people.draw_fingers(sheet, look, (left, hold), (right, hold))
    people.draw_head(sheet, look, face)
    return picture.reduce(SUPER), place, face.moved(1 / SUPER, 0.0, 0.0)


def product_scene(entry: Mapping[str, Any], width: int, *, sample: bool) -> tuple[Image.Image, Place]:
    """A stage with room for a product, and that room; with `sample` a product stands there."""
    identity = str(entry.get("templateId") or "")
    chance = random.Random(identity)
    cloth, _trim, room = chance.choice(PALETTES)
    size = (width * SUPER, round(width * TALL) * SUPER)
    draw = _table_scene if entry.get("style") == "UGC" else _podium_scene
    picture = draw(size, cloth, room, chance)
    category = _category_names(entry.get("templateCategoryList"))
    if sample:
        left, top, wide, tall = STAGE_PLACE
        scale = min(wide, tall * TALL) * 0.5
        middle = (left + wide / 2, (top + tall) * TALL - scale * foot_of(category))
        thing = mixed(cloth, INK, 0.08) if min(cloth) < 200 else (206, 110, 90)
        draw_thing(Sheet(picture, size[0]).within(scale, middle), category, thing)
    return picture.reduce(SUPER), STAGE_PLACE


def mask_place(info: object) -> Place:
    """Where the catalog's `objectMaskImageInfo` (JSON text, sometimes null) says that the product goes."""
    try:
        box = json.loads(str(info))
        place = (float(box["x"]), float(box["y"]), float(box["w"]), float(box["h"]))
    except (ValueError, TypeError, KeyError):
        return USUAL_PLACE
    inside = 0 <= place[0] < place[0] + place[2] <= 1 and 0.2 <= place[1] < place[1] + place[3] <= 1
    return place if inside else USUAL_PLACE


def _category_names(rows: object) -> str:
    names = [str(row.get("categoryName")) for row in rows] if isinstance(rows, list) else []
    return " ".join(name for name in names if name != "General")


def _face_above(place: Place, look: Look, size: tuple[int, int]) -> Face:
    """A head that is clear of what is held, leaning a little towards it."""
    wide, tall = size
    head = min(0.13, max(0.09, (place[1] - 0.05) / 1.55)) * tall
    x = (0.5 + (place[0] + place[2] / 2 - 0.5) * 0.35) * wide
    return face_of(look, x, min(place[1] * tall - head * 0.86, tall * 0.06 + head * 0.9), head)


def _in_heads(point: Point, size: tuple[int, int], face: Face) -> Point:
    return (point[0] * size[0] - face.x) / face.head, (point[1] * size[1] - face.y) / face.head


def _card(sheet: Sheet, left_top: Point, right_bottom: Point) -> None:
    (left, top), (right, bottom) = left_top, right_bottom
    sheet.box((left + 0.04, top + 0.05), (right + 0.04, bottom + 0.07), (20, 22, 40, 60), 0.12)
    sheet.box(left_top, right_bottom, (252, 252, 254), 0.12)
    sheet.box((left, bottom - 0.16), right_bottom, (238, 239, 245), 0.12)


def _podium_scene(size: tuple[int, int], cloth: Color, room: Color, chance: random.Random) -> Image.Image:
    """A round stage before an arch, as in a studio."""
    base = mixed(room, cloth, 0.22)
    picture = vertical_gradient(size, mixed(base, WHITE, 0.3), base)
    sheet = Sheet(picture, size[0])
    side = chance.choice((-1, 1))
    arch = mixed(base, WHITE, 0.5)
    sheet.box((0.2, 0.22), (0.8, 1.2), arch, 0.3)
    sheet.box((-0.1, 0.98), (1.1, TALL + 0.1), mixed(base, INK, 0.08))
    _leaves(sheet, (0.5 - side * 0.52, 1.0), 0.42, side)
    sheet.ellipse((0.5 + side * 0.36, 0.94), 0.085, 0.085, mixed(cloth, WHITE, 0.25))
    sheet.ellipse((0.5 + side * 0.345, 0.92), 0.045, 0.045, mixed(cloth, WHITE, 0.4))
    top = (STAGE_PLACE[1] + STAGE_PLACE[3]) * TALL
    for wide, high, tone in ((0.36, 0.13, 0.12), (0.28, 0.0, 0.0)):
        body = mixed(mixed(base, WHITE, 0.35), INK, tone)
        sheet.box((0.5 - wide, top + high), (0.5 + wide, top + high + 0.13), mixed(body, INK, 0.1))
        sheet.ellipse((0.5, top + high + 0.13), wide, 0.05, mixed(body, INK, 0.1))
        sheet.ellipse((0.5, top + high), wide, 0.05, mixed(body, WHITE, 0.3))
    return _light_from(picture, side)


def _table_scene(size: tuple[int, int], cloth: Color, room: Color, chance: random.Random) -> Image.Image:
    """A table at home with the room out of focus."""
    words = chance.choice(("window", "kitchen", "sofa", "book", "garden"))
    picture = backdrop(size, words, room, chance).filter(ImageFilter.GaussianBlur(size[0] / 90))
    sheet = Sheet(picture, size[0])
    top = (STAGE_PLACE[1] + STAGE_PLACE[3]) * TALL
    wood = mixed((196, 148, 106), room, 0.25)
    sheet.box((-0.1, top - 0.07), (1.1, TALL + 0.1), wood)
    sheet.box((-0.1, top - 0.07), (1.1, top - 0.055), mixed(wood, WHITE, 0.35))
    for y in (0.08, 0.17, 0.3):
        sheet.stroke(
            [(-0.05, top + y), (0.4, top + y + 0.012), (1.05, top + y - 0.008)], 0.005, mixed(wood, INK, 0.12)
        )
    side = chance.choice((-1, 1))
    _leaves(sheet, (0.5 + side * 0.47, top + 0.02), 0.3, -side)
    sheet.ellipse((0.5, top + 0.005), 0.3, 0.05, (40, 24, 20, 46))
    cup = 0.5 - side * 0.37
    sheet.box((cup - 0.06, top - 0.06), (cup + 0.06, top + 0.07), mixed(cloth, WHITE, 0.45), 0.03)
    sheet.ellipse((cup, top - 0.055), 0.06, 0.016, mixed(cloth, INK, 0.3))
    return _light_from(picture, side)


def _leaves(sheet: Sheet, foot: Point, size: float, lean: int) -> None:
    for turn, reach in ((0.0, 1.25), (0.35, 1.15), (0.7, 0.95), (-0.3, 1.0), (1.05, 0.7)):
        tip = (foot[0] + lean * turn * size * 0.8, foot[1] - reach * size)
        middle = ((foot[0] + tip[0]) / 2, (foot[1] + tip[1]) / 2)
        leaf = [
            foot,
            (middle[0] - size * 0.1, middle[1] - size * 0.04),
            tip,
            (middle[0] + size * 0.1, middle[1] + size * 0.04),
        ]
        sheet.blob(leaf, mixed(LEAF, INK, 0.1 + abs(turn) * 0.18))
        sheet.stroke([foot, tip], size * 0.012, mixed(LEAF, WHITE, 0.25))


def _light_from(picture: Image.Image, side: int) -> Image.Image:
    """A broad beam of light from one side."""
    mask = Image.new("RGB", (picture.width // 8, picture.height // 8))
    sheet = Sheet(mask, mask.width)
    x = 0.5 - side * 0.5
    sheet.polygon(
        [(x, -0.1), (x + side * 0.5, -0.1), (x + side * 1.2, 1.5), (x + side * 0.5, 1.5)], (58, 58, 58)
    )
    soft = mask.convert("L").filter(ImageFilter.GaussianBlur(mask.width / 14)).resize(picture.size)
    picture.paste(Image.new("RGB", picture.size, (255, 250, 236)), (0, 0), soft)
    return picture
