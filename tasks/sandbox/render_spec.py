"""What is to be rendered, in words that survive a restart: files by id, catalog media by path."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Protocol

from tasks.sandbox.render import RenderJob
from tasks.sandbox.render.jobs import RenderRequest

# The fields that hold one reference.
REFERENCES = (
    *("video", "audio", "place_mask", "product_mask", "face"),
    *("logo", "music", "presenter", "end_card"),
)


@dataclass(frozen=True)
class RenderSpec(RenderRequest[str]):
    """A render whose files are named by references: `file:<file id>` or a path of the catalogs' media."""

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
