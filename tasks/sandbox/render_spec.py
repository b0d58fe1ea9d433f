"""What is to be rendered, in words that survive a restart: files by id, catalog media by path."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Protocol

from tasks.sandbox.render import RenderJob
from tasks.sandbox.render.jobs import MOST_SECONDS, Point, Product

# The fields that hold one reference.
REFERENCES = (
    *("video", "audio", "place_mask", "product_mask", "face"),
    *("logo", "music", "presenter", "end_card"),
)


@dataclass(frozen=True)
class RenderSpec:
    """What one render is asked for. The fields are those of RenderJob, with *references* in place of paths.

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
    place: tuple[Point, ...] = ()
    place_mask: str | None = None
    product_mask: str | None = None
    product_share: float = 1.0
    keeps: str = ""
    face: str | None = None
    height: int | None = None
    mood: str = ""
    least_seconds: float = 1.0
    most_seconds: float = MOST_SECONDS
    sounds: bool = False
    logo: str | None = None
    music: str | None = None
    presenter: str | None = None
    end_card: str | None = None
    end_aspect: str = ""
    end_color: str = "black"

    def to_text(self) -> str:
        return json.dumps(asdict(self))


class Finder(Protocol):
    """Turns a reference into the path of a file that exists."""

    def __call__(self, reference: str) -> Path: ...


def from_text(text: str) -> RenderSpec:
    """The spec that `to_text` wrote."""
    facts = json.loads(text)
    place = tuple((x, y) for x, y in facts.get("place", ()))
    return RenderSpec(**{**facts, "pictures": tuple(facts["pictures"]), "place": place})


def to_job(spec: RenderSpec, find: Finder, *, into: Path, seed: int) -> RenderJob:
    """The renderer's form of a spec."""
    facts = {field.name: getattr(spec, field.name) for field in fields(spec)}
    found = {name: find(facts[name]) for name in REFERENCES if facts[name]}
    pictures = tuple(find(reference) for reference in spec.pictures)
    return RenderJob(**{**facts, **found, "pictures": pictures, "into": into, "seed": seed})
