"""A small library and a few catalogs, as a workspace would fill them in."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from tasks.kinds.base import CatalogEntry, FileFacts, KindForm

PHOTO = FileFacts(UUID(int=1), "image", "portrait.png", 250_000, "png", width=720, height=960)
CLIP = FileFacts(UUID(int=2), "video", "me.mp4", 9_000_000, "mp4", width=1280, height=720, seconds=12.5)
RECORDING = FileFacts(UUID(int=3), "audio", "greeting.mp3", 400_000, "mp3", seconds=21.0)
MASK = FileFacts(UUID(int=20), "image", "mask.png", 4_000, "png", width=720, height=960)

FILES = {"photo": PHOTO, "clip": CLIP, "recording": RECORDING, "mask": MASK}
FILE_IDS = {str(facts.id): f"topview-{name}" for name, facts in FILES.items()}

ENTRIES = (
    CatalogEntry("avatar-with-voice", "Nadia", "avatars", {"default_voice": "voice-a"}),
    CatalogEntry("avatar-without-voice", "Omar", "avatars", {"default_voice": None}),
    CatalogEntry("my-avatar", "Me", "own-avatars", {}),
    CatalogEntry("photo-avatar-a", "Irene", "photo-avatars", {"own": True}),
    CatalogEntry("model-a", "Woman in a kitchen", "product-avatars", {"width": 720, "height": 1280}),
    CatalogEntry("template-a", "Tops scene 01", "anyshoot-templates", {"width": 720, "height": 960}),
    CatalogEntry("voice-a", "Harbor", "voices", {"language": "en"}),
    CatalogEntry("caption-a", "Bold", "captions", {}),
)


class Library:
    """The uploads of one workspace."""

    def __init__(self, *more: FileFacts) -> None:
        self.uploads = {facts.id: facts for facts in (*FILES.values(), *more)}

    def find(self, upload_id: UUID) -> FileFacts | None:
        return self.uploads.get(upload_id)

    def why_not(self, upload_id: UUID) -> str:
        return ""

    def is_painted(self, upload_id: UUID) -> bool:
        return self.uploads[upload_id].name != "black.png"


class SmallCatalog:
    """The catalogs of one workspace."""

    def __init__(self, entries: tuple[CatalogEntry, ...] = ENTRIES) -> None:
        self.entries = entries

    def find(self, catalog_name: str, remote_id: str) -> CatalogEntry | None:
        remote_id.encode()  # as a database would
        return next(
            (entry for entry in self.entries if (entry.catalog_name, entry.id) == (catalog_name, remote_id)),
            None,
        )

    def is_empty(self, catalog_name: str) -> bool:
        return not any(entry.catalog_name == catalog_name for entry in self.entries)

    def values(self, catalog_name: str, fact: str) -> set[str]:
        return {
            str(entry.facts[fact])
            for entry in self.entries
            if entry.catalog_name == catalog_name and fact in entry.facts
        }

    def at(self, catalog_name: str, position: int) -> str:
        return [entry.id for entry in self.entries if entry.catalog_name == catalog_name][position]


def posted(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers with "file:photo" replaced by the id of that upload, also in a list."""
    return {name: _named(value) for name, value in answers.items()}


def _named(value: Any) -> Any:
    if isinstance(value, list):
        return [_named(one) for one in value]
    return {f"file:{name}": str(facts.id) for name, facts in FILES.items()}.get(value, value)


def posted_again(form: KindForm, initial: Mapping[str, Any]) -> dict[str, Any]:
    """What a form that opens with these values posts when nothing is changed."""
    shown = {name: form.fields[name].prepare_value(value) for name, value in initial.items()}
    return {
        name: value if isinstance(value, list) else str(value)
        for name, value in shown.items()
        if value is not False
    }


def like(facts: FileFacts, **changes: object) -> FileFacts:
    """Another upload that differs in the named facts."""
    return replace(facts, id=UUID(int=99), **changes)  # type: ignore[arg-type]
