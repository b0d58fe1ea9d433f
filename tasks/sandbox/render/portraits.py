"""The pictures of the avatars in the catalog."""

import random
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageFilter
from PIL.PngImagePlugin import PngInfo

from tasks.sandbox.render import people
from tasks.sandbox.render.backdrops import backdrop, foreground
from tasks.sandbox.render.faces import NOTE, Face
from tasks.sandbox.render.looks import Look, look_of
from tasks.sandbox.render.sheet import Sheet

FULL = (1080, 1920)
SUPER = 2
# Where the face is when the catalog does not say: middle and size of its square, as shares of the picture.
USUAL_FACE = {"x_f": 0.36, "y_f": 0.24, "w_f": 0.28, "h_f": 0.15}


def avatar_picture(entry: Mapping[str, Any], width: int) -> tuple[Image.Image, PngInfo]:
    """An avatar's portrait in 9:16 and the note on its face that belongs into the PNG file."""
    identity = str(entry.get("aiavatarId") or "")
    name = str(entry.get("aiavatarName") or "")
    look = look_of(identity, str(entry.get("gender") or ""), ethnicities_of(entry.get("ethnicities")))
    chance = random.Random(identity + "room")
    size = (width * SUPER, round(width * FULL[1] / FULL[0]) * SUPER)
    square = entry.get("faceSquareConfig") or USUAL_FACE
    wide, tall = square["w_f"] * size[0], square["h_f"] * size[1]
    middle = (square["x_f"] * size[0] + wide / 2, square["y_f"] * size[1] + tall / 2)
    face = face_of(look, *middle, (wide * tall) ** 0.5 * 0.95)
    picture = backdrop(size, name, look.room, chance)
    _glow_behind(picture, face)
    _draw_person(picture, face, look, name, chance)
    note = PngInfo()
    note.add_text(NOTE, face.moved(1 / SUPER, 0.0, 0.0).to_note())
    return picture.reduce(SUPER), note


def face_of(look: Look, x: float, y: float, head: float) -> Face:
    """The moving parts of this person with the head in this place."""
    return Face(x, y, head, look.skin, look.chin, look.lips, look.iris, 0.012 if look.female else 0.0)


def ethnicities_of(rows: object) -> list[str]:
    """The names in a catalog's list of ethnicities; the catalogs also hold null instead of a list."""
    return [str(row.get("ethnicityName")) for row in rows] if isinstance(rows, list) else []


def _draw_person(picture: Image.Image, face: Face, look: Look, name: str, chance: random.Random) -> None:
    sheet = Sheet(picture, 1.0).within(face.head, (face.x, face.y))
    people.draw_body(sheet, look)
    if chance.random() < 0.55:
        people.draw_gesture(sheet, look, chance.choice((-1, 1)))
    else:
        people.draw_arms_down(sheet, look)
    people.draw_head(sheet, look, face)
    if "headphones" in name.lower():
        people.draw_headphones(sheet)
    lowest = 0.82 * picture.height / picture.width
    table = max(lowest, (face.y + face.head * 3.35) / picture.width)
    foreground(Sheet(picture, picture.width), table, name, look.room)


def _glow_behind(picture: Image.Image, face: Face) -> None:
    """A soft light round the person, so that they stand out from the place."""
    glow = Image.new("RGB", (max(4, picture.width // 16), max(4, picture.height // 16)))
    sheet = Sheet(glow, 1 / 16)
    sheet.ellipse((face.x, face.y + face.head), face.head * 1.9, face.head * 2.3, (130, 130, 130))
    mask = glow.convert("L").filter(ImageFilter.GaussianBlur(glow.width / 9)).resize(picture.size)
    picture.paste(Image.new("RGB", picture.size, (255, 253, 248)), (0, 0), mask)
