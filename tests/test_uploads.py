"""Bringing files in: the checks and their words, the name, what is kept, and the address that takes them."""

from __future__ import annotations

import errno
import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.db import connections
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from tasks.audit import Verb
from tasks.commands.library.blobs import BlobMissing, keep_blob, open_blob
from tasks.commands.library.uploads import hide_upload, store_upload
from tasks.forms.library.uploads import UploadForm, check_path
from tasks.models import AuditEvent, Blob, Membership, Role, Upload, UploadState, Workspace
from tasks.names import NAME_LENGTH, safe_name
from tests.examining import examine_all, examined
from tests.media.samples import make_audio, make_picture, make_video
from tests.people import browser_of, make_member, make_workspace

HTML = b"<!doctype html><html><script>alert(1)</script></html>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


@pytest.fixture
def member(db: None) -> Membership:
    return make_member(make_workspace())


@pytest.fixture
def store(tmp_path: Path, member: Membership) -> Iterator[Callable[..., Upload]]:
    """Brings a file in as a view would, and throws the temporary copy away."""

    def bring(path: Path, name: str | None = None, who: Membership = member) -> Upload:
        brought = check_path(path, name or path.name)
        try:
            return store_upload(workspace=who.workspace, owner=who.user, brought=brought)
        finally:
            brought.discard()

    yield bring


def form_of(name: str, content: bytes) -> UploadForm:
    return UploadForm({}, {"file": SimpleUploadedFile(name, content)})


def codes(form: UploadForm) -> list[str]:
    return [str(problem.code) for problem in form.errors.as_data().get("file", [])]


def words(form: UploadForm) -> str:
    return " ".join(str(text) for text in form.errors["file"])


# --- What is looked at before a file is kept --------------------------------------------------------------


@pytest.mark.parametrize(
    "ending", ["png", "jpg", "jpeg", "bmp", "webp", "mp4", "mov", "avi", "mp3", "wav", "m4a"]
)
def test_every_format_of_the_contract_is_taken(tmp_path: Path, ending: str) -> None:
    real = {"jpeg": "jpg"}.get(ending, ending)
    make: Any = make_audio if ending in ("mp3", "wav", "m4a") else make_picture
    make = make_video if ending in ("mp4", "mov", "avi") else make
    content = make(tmp_path / f"real.{real}").read_bytes()
    form = form_of(f"Sample.{ending.upper()}", content)
    assert form.is_valid(), form.errors
    assert form.brought.sha256 == hashlib.sha256(content).hexdigest()
    assert (form.brought.size, form.brought.format.name) == (len(content), real)
    form.brought.discard()
    assert not form.brought.path.exists()


def test_a_large_file_that_waits_on_disk_is_taken(tmp_path: Path) -> None:
    content = make_picture(tmp_path / "plain.png").read_bytes()
    with TemporaryUploadedFile("plain.png", "image/png", len(content), None) as waiting:
        waiting.write(content)
        waiting.seek(0)
        form = UploadForm({}, {"file": waiting})
        assert form.is_valid(), form.errors
        assert form.brought.path.read_bytes() == content
        form.brought.discard()


@pytest.mark.parametrize("name", ["photo.jfif", "photo.heic", "photo", "photo.exe", "photo.mp4"])
def test_a_file_is_taken_for_what_it_is_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    form = form_of(name, make_picture(tmp_path / "real.jpg").read_bytes())
    assert form.is_valid(), form.errors
    assert (form.brought.format.name, form.brought.name) == ("jpg", name)
    form.brought.discard()


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("photo.png", HTML, "HTML"),
        ("photo.jpg", SVG, "SVG"),
        ("film.mp4", b"#EXTM3U\nhttp://127.0.0.1/secret", "M3U8"),
        ("paper.pdf", b"%PDF-1.7\n", "PDF"),
        ("film.mp4", b"\1\2\3 no format at all", "no picture, video or recording"),
    ],
)
def test_something_else_is_refused_and_named_with_the_way_out(name: str, content: bytes, word: str) -> None:
    form = form_of(name, content)
    assert codes(form) == ["content"]
    assert word in words(form) and "Save it as PNG or JPEG, MP4, or MP3" in words(form)


@pytest.mark.parametrize("extra", [HTML, b"PK\x05\x06" + b"\0" * 18])
def test_a_picture_that_is_something_else_as_well_is_refused(tmp_path: Path, extra: bytes) -> None:
    form = form_of("photo.png", make_picture(tmp_path / "real.png").read_bytes() + extra)
    assert codes(form) == ["content"]
    assert "at once" in words(form)


def test_an_empty_file_is_refused() -> None:
    assert codes(form_of("photo.png", b"")) == ["empty"]


def test_no_file_is_refused() -> None:
    assert codes(UploadForm({}, {})) == ["required"]


def test_a_file_over_the_limit_is_refused_with_both_sizes(settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 2048
    form = form_of("photo.png", b"x" * 4096)
    assert codes(form) == ["size"]
    assert "4.0\xa0KB" in words(form) and "2.0\xa0KB" in words(form)


def test_a_refused_file_leaves_nothing_behind(settings: Any, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    assert codes(form_of("photo.png", HTML)) == ["content"]
    assert list(tmp_path.iterdir()) == []


# --- Names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Spring sale.png", "Spring sale.png"),
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\me\\Bild.JPG", "Bild.JPG"),
        ("春季促销 café.mp4", "春季促销 café.mp4"),
        ("cafe\u0301.png", "café.png"),
        ("\u202egnp.exe.png", "gnp.exe.png"),
        ("line\r\nbreak\t.png", "line break.png"),
        ("nul\0byte.png", "nul byte.png"),
        (".png", "file.png"),
        ("..png", "file.png"),
        ("", "file"),
        ("x" * 300 + ".webp", "x" * 195 + ".webp"),
    ],
)
def test_names_are_made_safe_and_stay_readable(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=400))
def test_no_name_can_break_out(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= NAME_LENGTH
    assert safe.isprintable() or any(sign in safe for sign in "\u200d\u200c\xad") or not safe.isascii()
    assert not {"/", "\\", "\0", "\n", "\r", "\u202e", "\u2066"} & set(safe)
    assert not safe.startswith(".")


# --- Keeping ---------------------------------------------------------------------------------------------


def test_a_file_is_kept_before_anybody_has_examined_it_and_written_down(
    tmp_path: Path, member: Membership, store: Callable[..., Upload]
) -> None:
    path = make_video(tmp_path / "Clip.mp4")
    upload = store(path)
    assert (upload.state, upload.name, upload.role, upload.owner) == (
        UploadState.STORED,
        "Clip.mp4",
        "video",
        member.user,
    )
    with open_blob(upload.blob) as kept:
        assert kept.read() == path.read_bytes()
    event = AuditEvent.objects.get(verb=Verb.UPLOADED)
    assert (event.actor, event.subject_id) == (member.user, str(upload.pk))
    assert not Upload.objects.usable(member.workspace).exists()


def test_the_same_bytes_under_the_same_name_are_one_upload(
    tmp_path: Path, store: Callable[..., Upload]
) -> None:
    path = make_picture(tmp_path / "photo.png")
    assert store(path) == store(path)
    assert AuditEvent.objects.filter(verb=Verb.UPLOADED).count() == 1


def test_the_same_bytes_under_another_name_share_a_blob(tmp_path: Path, store: Callable[..., Upload]) -> None:
    path = make_picture(tmp_path / "photo.png")
    first, other = store(path), store(path, "other.png")
    assert first != other
    first, other = examined(first), examined(other)
    assert (first.blob, first.poster) == (other.blob, other.poster)


def test_a_hidden_upload_can_be_brought_again(
    tmp_path: Path, member: Membership, store: Callable[..., Upload]
) -> None:
    path = make_picture(tmp_path / "photo.png")
    first = store(path)
    hide_upload(upload=first, actor=member.user)
    again = store(path)
    assert again != first
    assert list(Upload.objects.for_library(member.workspace)) == [again]


def test_hiding_is_written_down_once(
    tmp_path: Path, member: Membership, store: Callable[..., Upload]
) -> None:
    upload = store(make_picture(tmp_path / "photo.png"))
    hide_upload(upload=upload, actor=member.user)
    hide_upload(upload=Upload.objects.get(pk=upload.pk), actor=member.user)
    assert AuditEvent.objects.filter(verb=Verb.UPLOAD_HIDDEN).count() == 1
    assert default_storage.exists(str(upload.blob.file.name))


def test_two_workspaces_keep_equal_bytes_apart(tmp_path: Path, store: Callable[..., Upload]) -> None:
    path, stranger = make_picture(tmp_path / "photo.png"), make_member(make_workspace("Other"))
    mine, theirs = store(path), store(path, who=stranger)
    assert mine.blob != theirs.blob
    assert mine.blob.file.name != theirs.blob.file.name


def keep(workspace: Workspace, source: Path) -> Blob:
    content = source.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return keep_blob(
        workspace=workspace, source=source, sha256=sha256, size=len(content), media_type="image/png"
    )


@pytest.mark.django_db(transaction=True)
def test_equal_bytes_that_come_at_the_same_time_are_kept_once(tmp_path: Path) -> None:
    workspace, source = make_workspace(), make_picture(tmp_path / "photo.png")
    start = threading.Barrier(6)

    def one() -> UUID:
        start.wait(timeout=30)
        try:
            return keep(workspace, source).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        found = [ready.result() for ready in [threads.submit(one) for _ in range(6)]]
    assert len(set(found)) == Blob.objects.count() == 1
    folder = Path(default_storage.path(str(Blob.objects.get().file.name))).parent
    assert [path.name for path in folder.iterdir()] == [Blob.objects.get().sha256]


def test_a_file_that_vanished_is_put_back(tmp_path: Path, member: Membership) -> None:
    source = make_picture(tmp_path / "photo.png")
    blob = keep(member.workspace, source)
    default_storage.delete(str(blob.file.name))
    with pytest.raises(BlobMissing):
        open_blob(blob)
    assert keep(member.workspace, source) == blob
    with open_blob(blob) as kept:
        assert kept.read() == source.read_bytes()


def test_half_a_file_left_by_a_crash_is_replaced(tmp_path: Path, member: Membership) -> None:
    source = make_picture(tmp_path / "photo.png")
    blob = keep(member.workspace, source)
    place = Path(default_storage.path(str(blob.file.name)))
    place.write_bytes(source.read_bytes()[:10])
    keep(member.workspace, source)
    assert place.read_bytes() == source.read_bytes()


def test_a_large_file_is_hashed_while_it_comes_and_not_read_again(
    tmp_path: Path, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make_picture(tmp_path / "photo.png").read_bytes().ljust(3 * 1024 * 1024, b"\0")
    monkeypatch.delattr(File, "chunks")
    answer = browser_of(member).post(reverse("upload-new"), {"file": named("photo.png", content)})
    assert answer.status_code == 303
    blob = Upload.objects.get().blob
    assert (blob.sha256, blob.size) == (hashlib.sha256(content).hexdigest(), len(content))


def test_a_source_that_changed_since_it_was_measured_is_refused(tmp_path: Path, member: Membership) -> None:
    source = make_picture(tmp_path / "photo.png")
    with pytest.raises(ValueError, match="measured"):
        keep_blob(workspace=member.workspace, source=source, sha256="0" * 64, size=1, media_type="image/png")
    assert not Blob.objects.exists()


# --- The address -----------------------------------------------------------------------------------------


def named(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def send(client: Client, *files: io.BytesIO, accept: str = "application/json", **headers: str) -> Any:
    return client.post(reverse("upload-new"), {"file": list(files)}, headers={"accept": accept, **headers})


def test_a_script_gets_the_upload_and_its_state_at_once_and_its_facts_when_it_was_examined(
    tmp_path: Path, member: Membership
) -> None:
    browser = browser_of(member)
    answer = send(browser, named("Photo.png", make_picture(tmp_path / "a.png").read_bytes()))
    upload, told = Upload.objects.get(), answer.json()
    assert answer.status_code == 201
    assert (told["id"], told["role"], told["name"]) == (str(upload.pk), "image", "Photo.png")
    assert (told["state"], told["words"]) == ("stored", "Waiting to be checked.")
    assert browser.get(told["state_url"], {"seen": told["seen"]}).status_code == 204
    assert browser.get(reverse("upload-file", args=[upload.pk])).status_code == 404
    examine_all()
    known = browser.get(told["state_url"], {"seen": told["seen"]}).json()
    assert (known["state"], known["words"], known["format"]) == ("ready", "", "png")
    assert (known["width"], known["height"], known["seconds"]) == (320, 240, None)
    assert known["poster"] == known["preview"]
    assert browser.get(known["poster"]).headers["Content-Type"] == "image/webp"


def test_a_script_gets_the_reasons_of_a_refusal(member: Membership) -> None:
    answer = send(browser_of(member), named("page.png", HTML))
    assert answer.status_code == 422
    assert "HTML" in answer.json()["errors"][0]
    assert not Upload.objects.exists()


def test_a_storage_that_takes_nothing_is_told_in_words_and_costs_only_time(
    tmp_path: Path, member: Membership, settings: Any
) -> None:
    picture = make_picture(tmp_path / "a.png").read_bytes()
    usual, full = settings.MEDIA_ROOT, tmp_path / "full"
    full.write_text("a file where a folder should be")
    settings.MEDIA_ROOT = str(full)
    answer = send(browser_of(member), named("Photo.png", picture))
    assert answer.status_code == 422
    assert "cannot keep files right now" in answer.content.decode()
    assert not Upload.objects.exists() and not Blob.objects.exists()
    settings.MEDIA_ROOT = usual
    assert send(browser_of(member), named("Photo.png", picture)).status_code == 201


def test_several_files_are_judged_one_by_one(tmp_path: Path, member: Membership) -> None:
    good = named("good.png", make_picture(tmp_path / "a.png").read_bytes())
    answer = send(browser_of(member), good, named("bad.png", HTML))
    assert answer.status_code == 201
    assert [one["name"] for one in answer.json()["uploads"]] == ["good.png"]
    assert [text.split(":")[0] for text in answer.json()["errors"]] == ["bad.png"]


def test_a_plain_form_goes_to_the_library_and_is_told_there(tmp_path: Path, member: Membership) -> None:
    browser, content = browser_of(member), make_picture(tmp_path / "a.png").read_bytes()
    answer = send(browser, named("good.png", content), named("bad.png", HTML), accept="text/html")
    assert (answer.status_code, answer.headers["Location"]) == (303, reverse("library"))
    page = browser.get(answer.headers["Location"]).content.decode()
    assert "bad.png: " in page and "1 file is in the library." in page


@pytest.mark.parametrize("when", ["before", "while writing"])
def test_a_full_disk_is_answered_in_words_and_nothing_is_kept(
    tmp_path: Path, member: Membership, settings: Any, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_file: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if when == "before":
        settings.DISK_FULL_BYTES = 2**62
    else:
        monkeypatch.setattr("tasks.views.http.receiving.store_upload", full)
    picture = make_picture(tmp_path / "cup.png").read_bytes()
    answer = send(browser_of(member), named("cup.png", picture))
    assert answer.status_code == 507
    assert "disk is nearly full" in answer.json()["errors"][0]
    assert not Upload.objects.exists() and not Blob.objects.exists()
    plain = send(browser_of(member), named("cup.png", picture), accept="text/html")
    assert plain.status_code == 303


def test_no_file_is_answered_in_words(member: Membership) -> None:
    answer = browser_of(member).post(reverse("upload-new"), headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_too_many_files_are_answered_in_words(member: Membership, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    answer = send(browser_of(member), *[named(f"{number}.png", b"x") for number in range(3)])
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize("times", [2, 5])
def test_a_body_over_the_limit_is_answered_in_words(member: Membership, settings: Any, times: int) -> None:
    settings.UPLOAD_MAX_BYTES = 300_000
    answer = send(browser_of(member), named("big.png", b"x" * 300_000 * times))
    assert answer.status_code == 422
    assert "at most" in answer.json()["errors"][0]
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"--x\r\nnonsense", b'--x\r\nContent-Disposition: form-data; name="file"; file']
)
def test_a_broken_body_is_refused_without_a_fault(member: Membership, body: bytes) -> None:
    answer = browser_of(member).post(
        reverse("upload-new"),
        data=body,
        content_type="multipart/form-data; boundary=x",
        headers={"accept": "application/json"},
    )
    assert answer.status_code in (400, 422)


def test_a_reviewer_may_not_upload(member: Membership) -> None:
    reviewer = make_member(member.workspace, Role.REVIEWER)
    assert send(browser_of(reviewer), named("a.png", b"x")).status_code == 403


def test_a_stranger_is_sent_to_sign_in(db: None) -> None:
    assert send(Client(), named("a.png", b"x"), accept="text/html").status_code == 302
    answer = send(Client(), named("a.png", b"x"))
    assert answer.status_code == 401
    assert "Sign in" in answer.json()["errors"][0]


def test_a_post_from_another_site_is_refused(tmp_path: Path, member: Membership) -> None:
    browser = browser_of(member, checks_tokens=True)
    content = make_picture(tmp_path / "a.png").read_bytes()
    assert send(browser, named("a.png", content)).status_code == 403
    assert not Upload.objects.exists()


def test_only_post_is_taken(member: Membership) -> None:
    assert browser_of(member).get(reverse("upload-new")).status_code == 405
