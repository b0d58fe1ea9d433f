"""Files that an account may use: what was uploaded, and what the sandbox made."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.sandbox.clock import new_id, now
from tasks.sandbox.database import Database
from tasks.sandbox.messages import refuse
from tasks.sandbox.options import Options
from tasks.sandbox.signing import Signer

ROLES = {
    **dict.fromkeys(("png", "jpg", "jpeg", "bmp", "webp"), "image"),
    **dict.fromkeys(("mp4", "mov", "avi"), "video"),
    **dict.fromkeys(("mp3", "wav", "m4a"), "audio"),
}
MEDIA_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "bmp": "image/bmp",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "avi": "video/x-msvideo",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
}


@dataclass(frozen=True)
class StoredFile:
    """One file. `stored` is None until its bytes have arrived; `task_id` names the task that made it."""

    id: str
    uid: str
    format: str
    path: Path
    stored: float | None
    size: int | None
    digest: str | None
    task_id: str | None
    width: int | None
    height: int | None
    seconds: float | None

    @property
    def role(self) -> str:
        """image, video or audio."""
        return ROLES[self.format]

    @property
    def media_type(self) -> str:
        """For the Content-Type of a download."""
        return MEDIA_TYPES[self.format]


class Files:
    """The rows and addresses of files; the bytes lie in the store's folder."""

    def __init__(self, database: Database, options: Options, signer: Signer) -> None:
        self._database = database
        self._options = options
        self.signer = signer
        self.folder = options.store / "files"
        self.folder.mkdir(parents=True, exist_ok=True)

    def expect(self, uid: str, file_format: str) -> StoredFile:
        """Make the row of a file that is about to be uploaded."""
        number = new_id()
        self._database.insert(
            "file", id=number, uid=uid, format=file_format, path=f"{number}.{file_format}", at=now()
        )
        return self.get(number)

    def keep(self, uid: str, path: Path, *, task_id: str, facts: dict[str, Any]) -> StoredFile:
        """Adopt a rendered file that lies in the store already. `facts`: width, height, seconds."""
        number = new_id()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._database.insert(
            "file",
            id=number,
            uid=uid,
            format=path.suffix.lstrip("."),
            path=str(path.relative_to(self.folder)),
            stored=now(),
            size=path.stat().st_size,
            digest=digest,
            task_id=task_id,
            at=now(),
            **facts,
        )
        return self.get(number)

    def arrived(self, file: StoredFile, *, size: int, digest: str) -> None:
        """The bytes lie at the file's path now."""
        self._database.change(
            "UPDATE file SET stored = ?, size = ?, digest = ? WHERE id = ?", now(), size, digest, file.id
        )

    def find(self, number: str) -> StoredFile | None:
        """The file of this id, whoever it belongs to."""
        row = self._database.row("SELECT * FROM file WHERE id = ?", number)
        if row is None:
            return None
        facts = {name: row[name] for name in row.keys() if name not in ("path", "at")}  # noqa: SIM118
        return StoredFile(path=self.folder / row["path"], **facts)

    def get(self, number: str) -> StoredFile:
        """The file of this id, which is known to exist."""
        file = self.find(number)
        if file is None:
            raise LookupError(f"no file {number}")
        return file

    def used(self, uid: str, number: Any, *, key: str, roles: tuple[str, ...]) -> StoredFile:
        """The stored file of this account that a request names; refuses with 4004, or 4000 for its type."""
        file = self.find(str(number))
        if file is None or file.uid != uid or file.stored is None:
            refuse("4004", f"file not found: {key}")
        if file.role not in roles:
            refuse("4000", f"{key} must be {' or '.join(roles)}, not {file.format}")
        return file

    def space(self, uid: str) -> int:
        """Bytes that an account uses."""
        return int(self._database.value("SELECT sum(size) FROM file WHERE uid = ?", uid) or 0)

    def upload_url(self, file: StoredFile, base_url: str) -> str:
        """The signed address for the one PUT."""
        path = f"/sandbox/store/{file.id}"
        return f"{base_url}{path}?{self.signer.s3('PUT', path, lifetime=self._options.upload_link)}"

    def url(self, file: StoredFile, base_url: str, *, cdn: bool = False, dead: bool = False) -> str:
        """A fresh signed address of the file, of the S3 or the CDN kind; `dead`: one that has expired."""
        lifetime = -60 if dead else self._options.result_link
        if cdn:
            path = f"/sandbox/cdn/{file.id}.{file.format}"
            return f"{base_url}{path}?{self.signer.cdn(path, lifetime=lifetime)}"
        path = f"/sandbox/results/{file.id}.{file.format}"
        return f"{base_url}{path}?{self.signer.s3('GET', path, lifetime=lifetime)}"
