"""What a drawn person looks like: chosen by the catalog's facts and, where those are silent, by the id."""

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.sandbox.render.shapes import mixed
from tasks.sandbox.render.sheet import Color

BLACK_HAIR, DARK_BROWN, BROWN = (34, 28, 34), (62, 42, 38), (104, 68, 48)
CHESTNUT, BLOND, COPPER, GREY = (128, 74, 44), (222, 178, 112), (176, 86, 48), (148, 146, 152)
# Skins and hair that are drawn for each ethnicity of the catalogs; any other word draws from all of them.
SKINS: dict[str, Sequence[Color]] = {
    "African": ((110, 70, 50), (132, 86, 60), (94, 60, 46)),
    "Asian": ((248, 214, 182), (240, 200, 164), (230, 186, 148)),
    "European": ((252, 218, 196), (246, 206, 180), (238, 194, 166)),
    "Latin": ((222, 166, 126), (204, 146, 108), (234, 184, 146)),
    "Middle Eastern": ((226, 176, 138), (212, 158, 120), (236, 192, 156)),
    "South Asian": ((182, 122, 84), (160, 104, 72), (200, 140, 100)),
    "Mixed": ((190, 134, 98), (212, 160, 122), (168, 114, 82)),
}
HAIRS: dict[str, Sequence[Color]] = {
    "African": (BLACK_HAIR, (44, 32, 34), DARK_BROWN),
    "Asian": (BLACK_HAIR, (40, 34, 44), DARK_BROWN),
    "European": (BLOND, BROWN, COPPER, CHESTNUT, DARK_BROWN),
    "Latin": (DARK_BROWN, BLACK_HAIR, BROWN, CHESTNUT),
    "Middle Eastern": (BLACK_HAIR, DARK_BROWN),
    "South Asian": (BLACK_HAIR, (48, 34, 36)),
    "Mixed": (DARK_BROWN, BROWN, BLACK_HAIR),
}
LONG_HAIR = ("long", "bob", "bun", "curls", "ponytail", "waves")
SHORT_HAIR = ("crop", "side", "curly", "quiff", "buzz", "tousled")
# A garment, its second colour, and a room that suits both.
PALETTES: Sequence[tuple[Color, Color, Color]] = (
    ((58, 110, 165), (236, 242, 248), (214, 226, 236)),
    ((226, 112, 85), (255, 240, 228), (250, 222, 206)),
    ((62, 142, 118), (240, 248, 240), (206, 230, 218)),
    ((122, 92, 172), (246, 240, 252), (222, 212, 240)),
    ((236, 178, 66), (255, 250, 236), (250, 234, 200)),
    ((196, 72, 104), (255, 238, 242), (248, 214, 220)),
    ((48, 62, 92), (232, 236, 246), (204, 212, 228)),
    ((36, 138, 160), (234, 250, 250), (200, 230, 234)),
    ((146, 104, 78), (250, 242, 232), (234, 220, 204)),
    ((240, 236, 228), (90, 110, 140), (190, 206, 216)),
)
# How much of the hair shows through as stubble, of 255.
STUBBLE = 70
IRISES: Sequence[Color] = ((74, 48, 36), (92, 62, 40), (58, 40, 36))
LIGHT_IRISES: Sequence[Color] = ((74, 112, 150), (86, 122, 88), (104, 82, 52))
WOMENS_TOPS = ("crew", "vee", "blazer", "turtle", "shirt")
MENS_TOPS = ("crew", "shirt", "blazer", "hoodie", "turtle")


@dataclass(frozen=True)
class Look:
    """A person's colours and choices."""

    female: bool
    skin: Color
    hair: Color
    hair_style: str
    beard: str
    lips: Color
    iris: Color
    cloth: Color
    trim: Color
    room: Color
    top: str
    glasses: bool
    earrings: bool

    @property
    def shade(self) -> Color:
        """Skin in shadow."""
        return mixed(self.skin, (92, 40, 44), 0.2)

    @property
    def chin(self) -> Color:
        """What surrounds the mouth: skin, or skin under stubble."""
        return mixed(self.skin, self.hair, STUBBLE / 255) if self.beard == "stubble" else self.skin

    @property
    def blush(self) -> Color:
        """Cheeks."""
        return mixed(self.skin, (226, 84, 84), 0.38)

    @property
    def hair_light(self) -> Color:
        """Hair where light falls."""
        return mixed(self.hair, (255, 226, 200), 0.14)

    @property
    def hair_dark(self) -> Color:
        """Hair in shadow."""
        return mixed(self.hair, (10, 6, 16), 0.3)

    @property
    def cloth_dark(self) -> Color:
        """Cloth in shadow."""
        return mixed(self.cloth, (20, 20, 44), 0.17)


def look_of(identity: str, gender: str, ethnicities: Sequence[str]) -> Look:
    """The same person for the same id, every time."""
    chance = random.Random(identity)
    female = gender != "male"
    known = [name for name in ethnicities if name in SKINS] or sorted(SKINS)
    ethnicity = chance.choice(known)
    skin = chance.choice(SKINS[ethnicity])
    hair = chance.choice(HAIRS[ethnicity])
    light_eyed = ethnicity in ("European", "Mixed") and chance.random() < 0.6
    cloth, trim, room = PALETTES[zlib.crc32(identity.encode()) % len(PALETTES)]
    return Look(
        female=female,
        skin=skin,
        hair=GREY if chance.random() < 0.05 else hair,
        hair_style=chance.choice(LONG_HAIR if female else SHORT_HAIR),
        beard="" if female else chance.choice(("", "", "stubble", "full")),
        lips=mixed(skin, (190, 44, 66), 0.62) if female else mixed(skin, (160, 64, 62), 0.45),
        iris=chance.choice(LIGHT_IRISES if light_eyed else IRISES),
        cloth=cloth,
        trim=trim,
        room=room,
        top=chance.choice(WOMENS_TOPS if female else MENS_TOPS),
        glasses=chance.random() < 0.22,
        earrings=female and chance.random() < 0.6,
    )
