"""The object store: signed uploads and downloads, and the catalog's public media. Errors are XML."""

import hashlib
import re
from pathlib import Path
from typing import BinaryIO

from tasks.sandbox.clock import new_id
from tasks.sandbox.fault_injection import FaultInjector
from tasks.sandbox.faults import ODD_CONTENTS
from tasks.sandbox.files import MEDIA_TYPES, StoredFile
from tasks.sandbox.messages import Answer, Refusal, Request, storage_error
from tasks.sandbox.render import RenderError
from tasks.sandbox.state import State

CHUNK = 256 * 1024
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
UPLOAD, DOWNLOAD = "uploadObject", "downloadObject"
FORBIDDEN_HEADERS = ("topview-uid", "authorization")


class Interrupted(Exception):
    """The caller went away before its upload was complete."""


class Storage:
    """Answers below `/sandbox/store/`, `/sandbox/results/`, `/sandbox/cdn/` and `/sandbox/media/`."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._fault_injector = FaultInjector(state.faults)

    def upload(self, request: Request, stream: BinaryIO) -> Answer:
        """Store the body of a PUT. Raises Interrupted when it ends early."""
        self._state.counters.called(UPLOAD)
        file = self._state.files.find(request.path.removeprefix("/sandbox/store/"))
        scopes = (UPLOAD, *((file.id,) if file else ()))
        early = self._fault_injector.early(*scopes, has_codes=False)
        if early:
            # It is given before the body of the request was read.
            early.close = not early.drop
        refused = early or self._upload_refused(request, file)
        if refused or file is None:
            return refused or storage_error(404, "NoSuchKey", "The specified key does not exist.")
        size, digest = self._write(file, stream, int(request.headers["content-length"]))
        self._state.files.arrived(file, size=size, digest=digest)
        answer = Answer(200, b"", "application/xml", {"ETag": f'"{digest[:32]}"'})
        return self._fault_injector.late(*scopes) or answer

    def download(self, request: Request) -> Answer:
        """A result, by either kind of signed address."""
        self._state.counters.called(DOWNLOAD)
        name = request.path.rsplit("/", 1)[-1]
        refused = self._leaked(request, DOWNLOAD) or self._unsigned(request)
        if refused:
            return refused
        file = self._state.files.find(name.split(".")[0])
        if file is None or file.stored is None:
            return storage_error(404, "NoSuchKey", "The specified key does not exist.")
        scopes = (DOWNLOAD, file.id, *((file.task_id,) if file.task_id else ()))
        if early := self._fault_injector.early(*scopes, has_codes=False):
            return early
        if odd := self._state.faults.take("odd-download", *scopes):
            media_type, content = ODD_CONTENTS[odd.value]
            return Answer(200, content, media_type)
        cut = self._state.faults.take("truncated-download", *scopes) if request.method == "GET" else None
        answer = ranged(request, file.path, file.media_type, f'"{(file.digest or file.id)[:32]}"')
        answer.cut = cut.number if cut else None
        return self._fault_injector.late(*scopes) or answer

    def media(self, request: Request) -> Answer:
        """A catalog file, rendered now if it never was."""
        try:
            path = self._state.media.path(request.path)
        except Refusal:
            return storage_error(404, "NoSuchKey", "The specified key does not exist.")
        except (RenderError, OSError) as error:
            return storage_error(500, "InternalError", str(error))
        media_type = MEDIA_TYPES.get(path.suffix.lstrip("."), "application/octet-stream")
        tag = hashlib.sha256(request.path.encode()).hexdigest()[:32]
        return ranged(request, path, media_type, f'"{tag}"')

    def _unsigned(self, request: Request) -> Answer | None:
        signer = self._state.files.signer
        if request.path.startswith("/sandbox/cdn/"):
            problem = signer.problem_cdn(request.path, request.query)
        else:
            method = "PUT" if request.method == "PUT" else "GET"
            problem = signer.problem_s3(method, request.path, request.query)
        if problem:
            return storage_error(403, problem, "Request has expired or is not signed.")
        return None

    def _leaked(self, request: Request, where: str) -> Answer | None:
        # The store is another party: TopView's credentials must never reach it.
        sent = [name for name in FORBIDDEN_HEADERS if name in request.headers]
        if not sent:
            return None
        self._state.counters.violated(where, [f"header {name}" for name in sent])
        return storage_error(400, "InvalidArgument", "Only one auth mechanism allowed")

    def _upload_refused(self, request: Request, file: StoredFile | None) -> Answer | None:
        refused = self._leaked(request, UPLOAD) or self._unsigned(request)
        if refused:
            return refused
        if file and (fault := self._state.faults.take("upload-refused", UPLOAD, file.id)):
            return storage_error(int(fault.number), "AccessDenied", "Access Denied")
        length = request.headers.get("content-length", "")
        if "transfer-encoding" in request.headers or not length.isdigit():
            return storage_error(
                411, "MissingContentLength", "You must provide the Content-Length HTTP header."
            )
        if int(length) > self._state.options.max_upload:
            return storage_error(
                400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"
            )
        return None

    def _write(self, file: StoredFile, stream: BinaryIO, size: int) -> tuple[int, str]:
        digest = hashlib.sha256()
        partial = file.path.with_suffix(f".{new_id()}.part")
        try:
            with partial.open("wb") as target:
                left = size
                while left:
                    piece = stream.read(min(CHUNK, left))
                    if not piece:
                        raise Interrupted
                    target.write(piece)
                    digest.update(piece)
                    left -= len(piece)
            partial.replace(file.path)
        finally:
            partial.unlink(missing_ok=True)
        return size, digest.hexdigest()


def ranged(request: Request, path: Path, media_type: str, tag: str) -> Answer:
    """A file, or the one range of it that was asked for."""
    size = path.stat().st_size
    headers = {"Accept-Ranges": "bytes", "ETag": tag, "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
    asked = RANGE.fullmatch(request.headers.get("range", ""))
    if request.headers.get("if-range", tag) != tag:
        asked = None
    if asked is None or asked.groups() == ("", ""):
        return Answer(200, media_type=media_type, headers=headers, file=path, part=(0, size))
    first, last = asked.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end or start >= size:
        answer = storage_error(416, "InvalidRange", "The requested range is not satisfiable")
        answer.headers["Content-Range"] = f"bytes */{size}"
        return answer
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return Answer(206, media_type=media_type, headers=headers, file=path, part=(start, end + 1))
