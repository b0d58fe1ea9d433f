"""The catalogs: voices, avatars, captions, templates.

Public ones come from the contract, own ones from the store.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.contract import Contract
from tasks.sandbox.clock import new_id, now
from tasks.sandbox.database import Database
from tasks.sandbox.files import Files, StoredFile
from tasks.sandbox.messages import refuse

Row = dict[str, Any]

PHOTO = 2
# TopView's photo avatars have categories of their own, of which the contract holds no sample.
PHOTO_CATEGORIES = (
    {"categoryId": "5a0d3f1c7be94e2f8c61a7d20b94c3e1", "categoryName": "Office"},
    {"categoryId": "c7e2b8914f0a4d36a5b1e98f27d06c42", "categoryName": "Street"},
)


@dataclass(frozen=True)
class Person:
    """An avatar: a public one (with `media`, a catalog path) or an own one (with `file_id`)."""

    id: str
    gender: str
    voice_id: str | None
    media: str | None = None
    file_id: str | None = None

    @property
    def own(self) -> bool:
        """Whether it is the account's own."""
        return self.file_id is not None

    @property
    def reference(self) -> str | None:
        """Its picture or film, as a RenderSpec names files."""
        return f"file:{self.file_id}" if self.file_id else self.media


class Catalog:
    """Answers the list calls' rows and finds single entries by id."""

    def __init__(self, contract: Contract, database: Database, files: Files) -> None:
        self._contract = contract
        self._database = database
        self._files = files

    def public(self, catalog: str) -> list[Row]:
        """The rows of a sample catalog, in its own order; media paths are relative."""
        return self._contract.rows(catalog)

    def voice(self, uid: str, number: str, *, key: str) -> Row:
        """A public voice or a cloned one of this account; refuses with 4004."""
        for row in [*self.public("voices"), *self.own_voices(uid, "")]:
            if row["voiceId"] == number:
                return row
        refuse("4004", f"voice not found: {key}")

    def person(self, uid: str, number: str, *, key: str) -> Person:
        """A public avatar or an own one of this account; refuses with 4004."""
        for row in self.public("ai_avatars"):
            if row["aiavatarId"] == number:
                return Person(
                    id=number,
                    gender=row["gender"] or "",
                    voice_id=row["voiceoverIdDefault"],
                    media=row["coverUrl"],
                )
        own = self._database.row("SELECT * FROM avatar WHERE id = ? AND uid = ?", number, uid)
        if own is None:
            refuse("4004", f"avatar not found: {key}")
        return Person(id=number, gender="", voice_id=own["voice_id"], file_id=own["file_id"])

    def entry(self, catalog: str, id_key: str, number: str, *, key: str) -> Row:
        """One row of a public catalog; refuses with 4004."""
        for row in self.public(catalog):
            if row[id_key] == number:
                return row
        refuse("4004", f"not found: {key}")

    def keep_avatar(self, uid: str, name: str, file: StoredFile, *, voice_id: str | None = None) -> str:
        """Make an own avatar from an uploaded video or picture; its id."""
        number = new_id()
        kind = 1 if file.role == "video" else PHOTO
        self._database.insert(
            "avatar", id=number, uid=uid, name=name, file_id=file.id, kind=kind, voice_id=voice_id, at=now()
        )
        return number

    def keep_voice(
        self, uid: str, name: str, file: StoredFile, *, language: str = "en", gender: str = "female"
    ) -> str:
        """Make a cloned voice with its sample; its id."""
        number = new_id()
        self._database.insert(
            "voice",
            id=number,
            uid=uid,
            name=name or number,
            file_id=file.id,
            language=language,
            gender=gender,
            seconds=file.seconds,
            at=now(),
        )
        return number

    def drop(self, table: str, uid: str, number: str) -> None:
        """Delete an own avatar or voice; refuses with 4004."""
        if not self._database.change(f"DELETE FROM {table} WHERE id = ? AND uid = ?", number, uid):
            refuse("4004", f"{table} not found")

    def own_avatars(self, uid: str, base_url: str) -> list[Row]:
        """The account's own avatars, newest first, as `AiAvatar` rows."""
        rows = self._database.rows("SELECT * FROM avatar WHERE uid = ? ORDER BY at DESC", uid)
        return [self._avatar_row(row, base_url) for row in rows]

    def own_voices(self, uid: str, base_url: str) -> list[Row]:
        """The account's cloned voices, newest first, as `Voice` rows."""
        rows = self._database.rows("SELECT * FROM voice WHERE uid = ? ORDER BY at DESC", uid)
        return [self._voice_row(row, base_url) for row in rows]

    def photo_avatars(self, uid: str, base_url: str, *, own: bool) -> list[Row]:
        """Photo avatars as `PhotoAvatarTemplate` rows."""
        rows = (
            self.own_avatars(uid, base_url)
            if own
            else [r for r in self.public("ai_avatars") if r["type"] == PHOTO]
        )
        return [
            {
                "avatarId": row["aiavatarId"],
                "imageS3Path": row["coverUrl"],
                "voiceId": row["voiceoverIdDefault"],
                "categoryList": [] if own else [PHOTO_CATEGORIES[number % len(PHOTO_CATEGORIES)]],
            }
            for number, row in enumerate(r for r in rows if r["type"] == PHOTO)
        ]

    def _avatar_row(self, row: Any, base_url: str) -> Row:
        file = self._files.get(row["file_id"])
        url = self._files.url(file, base_url)
        is_video = file.role == "video"
        return {
            "aiavatarId": row["id"],
            "aiavatarName": row["name"],
            "gender": None,
            "coverUrl": None if is_video else url,
            "thumbnailUrl": None if is_video else url,
            "previewVideoUrl": url if is_video else None,
            "previewImageUrl": None if is_video else url,
            "ethnicities": None,
            "voiceoverIdDefault": row["voice_id"],
            "faceSquareConfig": None,
            "type": row["kind"],
        }

    def _voice_row(self, row: Any, base_url: str) -> Row:
        return {
            "voiceId": row["id"],
            "voiceName": row["name"],
            "gender": row["gender"],
            "age": None,
            "accent": None,
            "style": None,
            "bestSupportLanguage": row["language"],
            "language": row["language"],
            "demoAudioUrl": self._files.url(self._files.get(row["file_id"]), base_url),
            "durations": None if row["seconds"] is None else f"{row['seconds']:.2f}",
        }


def page(rows: list[Row], query: Mapping[str, Any]) -> Row:
    """One page of rows in the shape of the contract's pages."""
    number, size = int(query.get("pageNo") or 1), int(query.get("pageSize") or 20)
    start = (number - 1) * size
    return {"total": len(rows), "pageNo": number, "pageSize": size, "data": rows[start : start + size]}


def absolute(value: Any, base_url: str) -> Any:
    """The value with the catalog's relative media paths made whole."""
    if isinstance(value, str):
        return f"{base_url}{value}" if value.startswith("/sandbox/media/") else value
    if isinstance(value, list):
        return [absolute(item, base_url) for item in value]
    if isinstance(value, dict):
        return {key: absolute(item, base_url) for key, item in value.items()}
    return value


def keep(rows: Iterable[Row], *tests: Callable[[Row], bool]) -> list[Row]:
    """The rows that pass every test."""
    return [row for row in rows if all(test(row) for test in tests)]


def same(key: str, wanted: Any) -> Callable[[Row], bool]:
    """A test: the row's value is the wanted one; passes everything when none is wanted."""
    return lambda row: wanted in (None, "") or row.get(key) == wanted


def holds(list_key: str, id_key: str, wanted: str | None) -> Callable[[Row], bool]:
    """A test: one of the comma-separated ids is in the row's list."""
    ids = {part.strip() for part in (wanted or "").split(",") if part.strip()}
    return lambda row: not ids or any(item[id_key] in ids for item in row.get(list_key) or ())
