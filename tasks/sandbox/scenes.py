"""What is to be rendered, in words that survive a restart: files by id, catalog media by path."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from tasks.sandbox.render import RenderJob
from tasks.sandbox.render.jobs import Product


@dataclass(frozen=True)
class Scene:
    """The order for one render. The fields are those of RenderJob, with *references* in place of paths.

    A reference is `file:<file id>` or a catalog path, `/sandbox/media/...`.
    """

    product: Product
    pictures: tuple[str, ...] = ()
    video: str | None = None
    audio: str | None = None
    text: str = ""
    language: str = "en"
    voice: str = ""
    voice_gender: str = ""
    speed: float = 1.0
    captions: bool = False
    caption_style: str = ""
    aspect: str = ""
    seconds: float | None = None
    count: int = 1
    label: str = ""

    def to_text(self) -> str:
        """The scene as JSON."""
        return json.dumps(asdict(self))


class Finder(Protocol):
    """Turns a reference into the path of a file that exists."""

    def __call__(self, reference: str) -> Path: ...


def from_text(text: str) -> Scene:
    """The scene that `to_text` wrote."""
    facts = json.loads(text)
    return Scene(**{**facts, "pictures": tuple(facts["pictures"])})


def to_job(scene: Scene, find: Finder, *, into: Path, seed: int) -> RenderJob:
    """The renderer's form of a scene."""
    return RenderJob(
        product=scene.product,
        into=into,
        pictures=tuple(find(reference) for reference in scene.pictures),
        video=find(scene.video) if scene.video else None,
        audio=find(scene.audio) if scene.audio else None,
        text=scene.text,
        language=scene.language,
        voice=scene.voice,
        voice_gender=scene.voice_gender,
        speed=scene.speed,
        captions=scene.captions,
        caption_style=scene.caption_style,
        aspect=scene.aspect,
        seconds=scene.seconds,
        count=scene.count,
        label=scene.label,
        seed=seed,
    )
