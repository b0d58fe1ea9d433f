"""The files behind the addresses of the catalogs: `/sandbox/media/<catalog>/<name>`.

They are drawn and spoken when first asked for; nothing of them is kept in the project.
"""

import hashlib
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PIL.PngImagePlugin import PngInfo

from tasks.sandbox.render import products, scenes
from tasks.sandbox.render.backdrops import backdrop
from tasks.sandbox.render.caption_styles import draw_card, style_of
from tasks.sandbox.render.captions import Card, Word
from tasks.sandbox.render.faces import NOTE
from tasks.sandbox.render.jobs import RenderError, RenderJob
from tasks.sandbox.render.looks import PALETTES
from tasks.sandbox.render.places import PLACE_NOTE
from tasks.sandbox.render.portraits import avatar_picture
from tasks.sandbox.render.samples import accent_of, sentence_in

Entry = Mapping[str, Any]
Maker = Callable[[Entry, Path], None]
FULL_WIDTH, SMALL_WIDTH = 1080, 360
CAPTION_SIZE = (480, 270)
DARK = (40, 40, 84)


def catalog_media(kind: str, entry: Entry, name: str, into: Path) -> Path:
    """Make one file. It appears under its name only when it is whole. Raises RenderError."""
    make = MAKERS.get((kind, _ending(name)))
    if make is None:
        raise RenderError(f"No catalog has a file {kind[:40]}/{name[:80]}.")
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into, prefix=".making-") as folder:
        unfinished = Path(folder) / name
        make(entry, unfinished)
        unfinished.replace(into / name)
    return into / name


def _ending(name: str) -> str:
    """What follows the id, such as "_thumb.png". A name that leads elsewhere has none."""
    if Path(name).name != name or "." not in name:
        return ""
    stem, dot, suffix = name.rpartition(".")
    _id, line, word = stem.rpartition("_")
    return f"_{word}.{suffix}" if line else dot + suffix


def _avatar(entry: Entry, path: Path, *, width: int = FULL_WIDTH, compress_level: int = 5) -> None:
    picture, note = avatar_picture(entry, width)
    picture.save(path, pnginfo=note, compress_level=compress_level)


def _avatar_preview(entry: Entry, path: Path) -> None:
    folder = path.parent
    _avatar(entry, folder / "portrait.png")
    name = str(entry.get("aiavatarName") or "your presenter").split()[0]
    job = RenderJob(
        product="talking",
        into=folder,
        pictures=(folder / "portrait.png",),
        text=f"Hi, I'm {name}. Give me a script, and I will present it for you.",
        voice_gender=str(entry.get("gender") or ""),
        aspect="9:16",
        voice=str(entry.get("voiceoverIdDefault") or ""),
    )
    shutil.move(products.render(job)[0].path, path)


def _voice(entry: Entry, path: Path) -> None:
    language = str(entry.get("bestSupportLanguage") or entry.get("language") or "en")
    job = RenderJob(
        product="voice-sample",
        into=path.parent,
        text=sentence_in(language, str(entry.get("voiceName") or "")),
        language=accent_of(language, str(entry.get("accent") or "")),
        voice=str(entry.get("voiceId") or ""),
        voice_gender=str(entry.get("gender") or ""),
    )
    shutil.move(products.render(job)[0].path, path)


def _caption(entry: Entry, path: Path) -> None:
    """The style on a colourful ground, with its middle word said."""
    identity = str(entry.get("captionId") or "")
    style = style_of(identity)
    seed = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:4])
    cloth, _trim, room = PALETTES[seed % len(PALETTES)]
    ground = DARK if style.name == "neon" else cloth if max(cloth) < 230 else room
    picture = backdrop(CAPTION_SIZE, "", ground, random.Random(seed))
    words = tuple(Word(text, spaced=True, at=0) for text in ("Your", "words", "here"))
    said = 1 if style.follows_words else None
    card = draw_card(Card((words,), 0, 1), style, 42, CAPTION_SIZE[0] * 0.8, said)
    at = ((picture.width - card.width) // 2, (picture.height - card.height) // 2)
    picture.paste(card, at, card)
    picture.save(path)


def _product_avatar(entry: Entry, path: Path) -> None:
    picture, place, face = scenes.product_avatar(entry, FULL_WIDTH, sample=False)
    note = PngInfo()
    note.add_text(NOTE, face.to_note())
    note.add_text(PLACE_NOTE, json.dumps(place))
    picture.save(path, pnginfo=note, compress_level=5)


def _scene(entry: Entry, path: Path) -> None:
    picture, place = scenes.product_scene(entry, FULL_WIDTH, sample=False)
    picture.save(path, quality=88, comment=json.dumps(place).encode())


def _cover(draw: Callable[..., tuple[Any, ...]]) -> Maker:
    """The small picture of a scene, with a sample product in it."""

    def make(entry: Entry, path: Path) -> None:
        draw(entry, SMALL_WIDTH, sample=True)[0].save(path, quality=86, method=3)

    return make


# The catalog and the end of a file's name, and who makes that file.
MAKERS: Mapping[tuple[str, str], Maker] = {
    ("avatars", ".png"): _avatar,
    ("avatars", "_thumb.png"): partial(_avatar, width=SMALL_WIDTH, compress_level=6),
    ("avatars", ".mp4"): _avatar_preview,
    ("voices", ".mp3"): _voice,
    ("captions", ".png"): _caption,
    ("product-avatars", ".png"): _product_avatar,
    ("product-avatars", "_cover.webp"): _cover(scenes.product_avatar),
    ("anyshoot", ".jpg"): _scene,
    ("anyshoot", "_cover.webp"): _cover(scenes.product_scene),
}
