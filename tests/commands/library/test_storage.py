"""Our own storage fails: a full disk, a folder without rights, an object store in the middle of a call."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config  # type: ignore[import-untyped]  # it has no stubs
from botocore.exceptions import ClientError, EndpointConnectionError  # type: ignore[import-untyped]
from django.core.files.storage import storages
from storages.backends.s3 import S3Storage  # type: ignore[import-untyped]  # it has no stubs

from tasks.causes import Code
from tasks.commands.library.blobs import _publish_in_folder, keep_file, open_blob
from tasks.commands.library.object_store import StorageFailed
from tasks.models import Blob, Membership, Output, OutputState, Status, Submission, Workspace
from tests.causes import code_of
from tests.commands.conftest import Orders, Worker
from tests.commands.copies import finished, left_over, make_due, original, output
from tests.object_store import bucket_of, moto_store, storages_at, strict_store
from tests.people import browser_of
from tests.ports import free_port
from tests.sandbox_fixture import SandboxDriver

__all__ = ["finished", "output"]

pytestmark = pytest.mark.sqlite

NOBODY = 65534


def in_child(act: Callable[[], object], *, prepare: Callable[[], object]) -> int:
    """Do it in a child process that has given something up first; the errno of the OSError it met, else 0."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = 255
    try:
        prepare()
        act()
        code = 0
    except OSError as error:
        code = error.errno or 254
    finally:
        os._exit(code)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach, as pytest's own cannot be."""
    folder = Path(tempfile.mkdtemp(prefix="portal-storage-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def source_in(folder: Path, size: int = 300_000) -> Path:
    """A file to keep."""
    source = folder / "source"
    source.write_bytes(os.urandom(size))
    source.chmod(0o644)
    return source


def files_in(folder: Path) -> list[str]:
    """Every file below, hidden ones too."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_disk_that_fills_up_in_the_middle_leaves_nothing(open_folder: Path):
    source, place = source_in(open_folder), open_folder / "media"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    def publish() -> None:
        _publish_in_folder(place / "ab" / "abcd", source, 0o640)

    assert in_child(publish, prepare=limit) == errno.EFBIG
    assert files_in(place) == []
    publish()
    assert files_in(place) == ["abcd"]
    assert (place / "ab" / "abcd").read_bytes() == source.read_bytes()


def test_a_folder_without_rights_leaves_nothing(open_folder: Path):
    source, place = source_in(open_folder), open_folder / "media"
    place.mkdir()
    place.chmod(0o555)

    def become_nobody() -> None:
        if os.geteuid() == 0:
            os.setuid(NOBODY)

    def publish() -> None:
        _publish_in_folder(place / "ab" / "abcd", source, 0o640)

    assert in_child(publish, prepare=become_nobody) == errno.EACCES
    assert files_in(place) == []
    place.chmod(0o755)
    publish()
    assert files_in(place) == ["abcd"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, Code.DISK_FULL),
        (errno.EDQUOT, Code.DISK_FULL),
        (errno.EACCES, Code.DISK_READ_ONLY),
        (errno.EROFS, Code.DISK_READ_ONLY),
        (errno.EIO, Code.FILE_NOT_WRITTEN),
    ],
)
def test_each_failure_of_the_disk_has_its_cause_and_costs_only_time(
    number: int,
    code: Code,
    output: Output,
    worker: Worker,
    settings,
    monkeypatch: pytest.MonkeyPatch,
):
    def fail(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    before = files_in(Path(settings.MEDIA_ROOT))
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)
        worker.save(output)
    assert (output.state, output.blob, output.saved_at) == (OutputState.WAITING, None, None)
    assert code_of(output.error) == code
    assert files_in(Path(settings.MEDIA_ROOT)) == before
    assert left_over(settings) == []
    make_due(output)
    assert worker.save(output).state == OutputState.SAVED


class HalfStore(S3Storage):  # type: ignore[misc]  # it has no stubs
    """A store whose next calls break as the object store's library says it."""

    failures: list[Exception] = []  # noqa: RUF012  # one list for every instance: the test fills it

    def save(self, *arguments: Any, **named: Any) -> Any:
        """Fail as long as there is a failure left."""
        if self.failures:
            raise self.failures.pop(0)
        return super().save(*arguments, **named)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """One store for all of these tests; names are hashes and workspaces, so nobody meets."""
    with moto_store() as address:
        yield address


@pytest.fixture
def in_store(portal: SandboxDriver, settings, endpoint: str) -> str:
    """The portal keeps its files there."""
    settings.STORAGES = {**settings.STORAGES, "default": storages_at(endpoint)}
    return endpoint


def stored(endpoint: str, blob: Blob) -> bytes:
    """A blob as it lies in the store."""
    content: bytes = bucket_of(endpoint).Object(blob.file.name).get()["Body"].read()
    return content


class TestObjectStore:
    """Everything that a folder does, in a bucket."""

    def test_a_film_goes_from_upload_to_copy_through_the_bucket(
        self, in_store: str, portal: SandboxDriver, finished: Submission, output: Output, worker: Worker
    ):
        worker.save(output)
        assert (output.state, output.error) == (OutputState.SAVED, None)
        assert output.blob is not None and output.poster is not None
        assert stored(in_store, output.blob) == original(portal, finished)
        assert stored(in_store, output.poster)[:4] == b"RIFF"

    def test_a_person_gets_parts_of_it(
        self, in_store: str, portal: SandboxDriver, output: Output, worker: Worker, mark: Membership
    ):
        worker.save(output)
        content = original(portal, output.submission)
        client, url = browser_of(mark), f"/outputs/{output.pk}/file/"
        answer = client.get(url)
        assert (answer.status_code, b"".join(answer)) == (200, content)
        part = client.get(url, headers={"range": "bytes=10-99"})
        assert (part.status_code, b"".join(part)) == (206, content[10:100])
        end = client.get(url, headers={"range": "bytes=-7"})
        assert (end.status_code, b"".join(end)) == (206, content[-7:])
        assert client.get(url, headers={"range": f"bytes={len(content)}-"}).status_code == 416

    def test_a_large_file_comes_in_pieces_from_any_place(
        self, in_store: str, studio: Workspace, tmp_path: Path
    ):
        source = source_in(tmp_path, 5 * 1024 * 1024 + 17)
        content = source.read_bytes()
        with open_blob(keep_file(workspace=studio, source=source, media_type="video/mp4")) as file:
            assert file.seek(0, os.SEEK_END) == len(content)
            file.seek(0)
            assert b"".join(iter(lambda: file.read(100_000), b"")) == content
            file.seek(2 * 1024 * 1024 - 5)
            assert file.read(5) == content[2 * 1024 * 1024 - 5 : 2 * 1024 * 1024]
            assert file.read(5) == content[2 * 1024 * 1024 : 2 * 1024 * 1024 + 5]

    @pytest.mark.parametrize(
        "failure",
        [
            ClientError({"Error": {"Code": "SlowDown", "Message": "reduce"}}, "PutObject"),
            ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject"),
            EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
            PermissionError(errno.EACCES, "no"),
        ],
        ids=["busy", "denied", "away", "rights"],
    )
    @pytest.mark.parametrize("after", [0, 1], ids=["at the film", "at the poster"])
    def test_a_store_that_fails_costs_only_time(
        self,
        failure: Exception,
        after: int,
        in_store: str,
        portal: SandboxDriver,
        output: Output,
        worker: Worker,
        settings,
        monkeypatch: pytest.MonkeyPatch,
    ):
        broken = {**storages_at(in_store), "BACKEND": "tests.commands.library.test_storage.HalfStore"}
        settings.STORAGES = {**settings.STORAGES, "default": broken}
        usual = HalfStore.save
        if after:
            saved: list[object] = []

            def second(store: HalfStore, *arguments: Any, **named: Any) -> Any:
                saved.append(arguments)
                return (usual if len(saved) == 2 else S3Storage.save)(store, *arguments, **named)

            monkeypatch.setattr(HalfStore, "save", second)
        HalfStore.failures[:] = [failure]
        worker.save(output)
        assert (output.state, output.blob, output.poster) == (OutputState.WAITING, None, None)
        assert output.error and output.source_url
        assert left_over(settings) == []
        assert HalfStore.failures == []
        make_due(output)
        assert worker.save(output).state == OutputState.SAVED
        assert output.blob is not None
        assert stored(in_store, output.blob) == original(portal, output.submission)

    def test_half_an_object_under_the_name_is_replaced(
        self, in_store: str, studio: Workspace, tmp_path: Path
    ):
        source = source_in(tmp_path)
        blob = keep_file(workspace=studio, source=source, media_type="video/mp4")
        bucket_of(in_store).put_object(Key=blob.file.name, Body=b"half")
        keep_file(workspace=studio, source=source, media_type="video/mp4")
        assert stored(in_store, blob) == source.read_bytes()

    def test_a_store_that_is_away_says_so_and_loses_no_task(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, settings, mark: Membership
    ):
        submission = orders.submission()
        upload = submission.task.uploads.get()
        nowhere = storages_at(f"http://127.0.0.1:{free_port()}")
        usual = settings.STORAGES
        settings.STORAGES = {**usual, "default": _impatient(nowhere)}
        answer = browser_of(mark).get(f"/uploads/{upload.pk}/file/")
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
        worker.submit(submission)
        assert (submission.status, code_of(submission.reason)) == (Status.QUEUED, Code.STORAGE_UNREADABLE)
        settings.STORAGES = usual
        assert worker.submit_now(submission).status == Status.RUNNING
        assert portal.accepted() == 1


def _impatient(store: dict[str, Any]) -> dict[str, Any]:
    """Without the library's own repetitions, which only take time here."""
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return {**store, "OPTIONS": {**store["OPTIONS"], "client_config": config}}


def test_a_strict_store_takes_our_signature_and_no_other(
    portal: SandboxDriver, studio: Workspace, settings, tmp_path: Path
):
    source = source_in(tmp_path)
    with strict_store(tmp_path / "store") as endpoint:
        settings.STORAGES = {**settings.STORAGES, "default": storages_at(endpoint)}
        blob = keep_file(workspace=studio, source=source, media_type="video/mp4")
        with open_blob(blob) as file:
            assert b"".join(iter(lambda: file.read(65536), b"")) == source.read_bytes()
        assert storages["default"].size(str(blob.file.name)) == blob.size
        settings.STORAGES = {**settings.STORAGES, "default": storages_at(endpoint, secret="x" * 40)}
        with pytest.raises(StorageFailed):
            open_blob(blob)
        with pytest.raises(StorageFailed):
            keep_file(workspace=studio, source=source, media_type="video/mp4")
