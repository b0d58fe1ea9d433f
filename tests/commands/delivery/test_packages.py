"""What is in packages: files, their names, what is told of them, and nothing that is not approved."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.db import DatabaseError, connection
from django.urls import reverse
from django_q.models import OrmQ

from tasks.commands.delivery import freezing
from tasks.commands.delivery.approval import not_approved
from tasks.commands.delivery.archives import Archive, NotMeasured, note_download, revoke
from tasks.commands.delivery.freezing import NotApproved, Order, make_package
from tasks.commands.delivery.manifest import default_name
from tasks.commands.refusals import NotPossible
from tasks.commands.review.sending import recall
from tasks.kinds import KINDS
from tasks.models import (
    AuditEvent,
    Comment,
    CommentsKept,
    Decision,
    FilmTiming,
    Membership,
    Package,
    PackageAct,
    Verdict,
    Version,
    Visibility,
)
from tests.delivering import approved_version, bytes_of, measure, opened, package_of
from tests.people import browser_of, make_alice, make_blob, make_stranger
from tests.reviewing import judge, make_version, send
from tests.views.rows import make_output, make_task

pytestmark = pytest.mark.django_db


def told(package: Package) -> Any:
    return json.loads(opened(package).read("manifest.json"))


def comment_on(version: Version, author: Membership, body: str, **facts: Any) -> Comment:
    return Comment.objects.create(
        workspace=version.workspace, version=version, author=author.user, body=body, **facts
    )


def test_a_package_holds_the_manifest_the_sums_and_then_the_files(mark: Membership, rita: Membership) -> None:
    film = approved_version(mark, rita, title="Blue cup", width=1080, height=1920)
    clip = approved_version(mark, rita, title="口红 广告", width=1920, height=1088)
    archive = opened(package_of(mark, film, clip))
    assert archive.testzip() is None
    assert archive.namelist() == [
        "manifest.json",
        "SHA256SUMS",
        "blue-cup-v1-9x16.mp4",
        "口红-广告-v1-16x9.mp4",
    ]
    assert archive.read("blue-cup-v1-9x16.mp4") == film.blob.file.read()


def test_the_manifest_says_what_was_decided_about_which_bytes(mark: Membership, rita: Membership) -> None:
    film = approved_version(mark, rita, title="Cup")
    film.output.submission.cost = "2.5"
    film.output.submission.save()
    facts = told(package_of(mark, film))
    (file,) = facts["files"]
    assert facts["only_approved"] is True and facts["missing"] == []
    assert (file["piece"], file["version"], file["state"]) == ("Cup", 1, "approved")
    assert (file["sha256"], file["credits"], file["task"]) == (
        film.blob.sha256,
        "2.5",
        str(film.output.task_id),
    )
    assert file["brief_digest"] == film.brief_digest
    (decision,) = file["decisions"]
    assert (decision["verdict"], decision["by"], decision["sha256"]) == ("approved", "Rita", film.blob.sha256)
    assert decision["rule"]["decided_by"] == "reviewers"


def test_sha256sum_finds_every_file_as_it_was(mark: Membership, rita: Membership, tmp_path: Path) -> None:
    film = approved_version(mark, rita, title="إعلان")
    comment_on(film, rita, "Good.")
    opened(package_of(mark, film)).extractall(tmp_path / "out")
    done = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path / "out", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == 3


def test_a_script_goes_along_as_captions(mark: Membership, rita: Membership) -> None:
    kind = KINDS["text-to-voice"]
    spoken = next(name for name, field in kind.inputs.own_fields() if getattr(field, "spoken", False))
    brief = {"schema": 1, spoken: "Good morning & hello. It is new."}
    task = make_task(mark, kind=kind, brief=brief)
    version = send(make_output(task, seconds=4.0), mark)
    judge(version, rita)
    archive = opened(package_of(mark, version))
    (captions,) = (name for name in archive.namelist() if name.endswith(".srt"))
    lines = archive.read(captions).decode().splitlines()
    assert lines[0] == "1" and lines[1].startswith("00:00:00,000 --> 00:00:0")
    assert lines[2] == "Good morning & hello." and lines[6] == "It is new."
    assert archive.read(captions.replace(".srt", ".vtt")).startswith(b"WEBVTT")


def test_any_part_of_a_package_is_equal_to_that_of_the_whole(mark: Membership, rita: Membership) -> None:
    films = [approved_version(mark, rita, title=f"Film {number}") for number in range(4)]
    comment_on(films[0], rita, "口红 is too small.")
    package = package_of(mark, *films)
    whole, dice = bytes_of(package), random.Random(3)
    assert len(whole) == package.size
    for _round in range(60):
        start, stop = sorted(dice.choices(range(len(whole) + 1), k=2))
        assert bytes_of(package, start, stop) == whole[start:stop]


def test_names_differ_for_file_systems_that_know_no_case(mark: Membership, rita: Membership) -> None:
    films = [approved_version(mark, rita, title=title) for title in ("Cup", "CUP", "cup!")]
    names = opened(package_of(mark, *films)).namelist()[2:]
    assert sorted(names) == ["cup-v1-2.mp4", "cup-v1-3.mp4", "cup-v1.mp4"]


def test_comments_go_along_as_a_sheet_without_formulas(mark: Membership, rita: Membership) -> None:
    film = approved_version(mark, rita, title="Cup")
    FilmTiming.objects.create(blob=film.blob, frames=100, rate_numerator=25)
    first = comment_on(film, rita, '=HYPERLINK("http://x")', frame_in=30, x=5000, y=2500)
    comment_on(film, mark, "Later.", visibility=Visibility.EVERYONE)
    comment_on(film, mark, "An answer.", parent=first)
    comment_on(film, mark, "Deleted.", deleted_at=film.sent_at)
    rows = list(
        csv.DictReader(
            io.StringIO(opened(package_of(mark, film)).read("cup-v1-comments.csv").decode("utf-8-sig"))
        )
    )
    assert [row["Comment"] for row in rows] == ['\'=HYPERLINK("http://x")', "An answer.", "Later."]
    assert [row["Answers"] for row in rows] == ["", "1", ""]
    assert (rows[0]["Timecode"], rows[0]["Across %"], rows[0]["Author"]) == ("00:00:01:05", "50.00", "Rita")
    guests = opened(package_of(mark, film, comments=CommentsKept.EVERYONE))
    assert "Later." in guests.read("cup-v1-comments.csv").decode()
    assert "HYPERLINK" not in guests.read("cup-v1-comments.csv").decode()
    none = opened(package_of(mark, film, comments=CommentsKept.NONE))
    assert none.namelist() == ["manifest.json", "SHA256SUMS", "cup-v1.mp4"]


@pytest.mark.parametrize(
    ("rate", "frame", "place"),
    [
        ((24, 1), 100, "00:00:04:04"),
        ((25, 1), 100, "00:00:04:00"),
        ((30, 1), 89, "00:00:02:29"),
        ((24000, 1001), 86_400, "01:00:00:00"),
        ((30000, 1001), 1_800, "00:01:00:00"),
    ],
)
def test_markers_stand_on_their_frames(
    rate: tuple[int, int], frame: int, place: str, mark: Membership, rita: Membership
) -> None:
    film = approved_version(mark, rita, title="Cup")
    FilmTiming.objects.create(
        blob=film.blob, frames=100_000, rate_numerator=rate[0], rate_denominator=rate[1]
    )
    comment_on(film, rita, "Too\nloud | here", frame_in=frame, frame_out=frame + 4)
    comment_on(film, rita, "Without a place")
    text = opened(package_of(mark, film)).read("cup-v1.edl").decode()
    event, words, locator = text.splitlines()[4:7]
    assert event.split()[4] == event.split()[6] == place
    assert words == " |C:ResolveColorRed |M:Rita: Too loud / here |D:5"
    assert locator.startswith(f"* LOC: {place} RED")
    assert f"{rate[0]}/{rate[1]}" in text and "Without a place" not in text


def test_markers_of_a_film_of_varying_rate_stand_at_their_moments(mark: Membership, rita: Membership) -> None:
    film = approved_version(mark, rita, title="Cup")
    times = [0, 40_000, 1_000_000, 2_500_000]
    FilmTiming.objects.create(
        blob=film.blob, frames=4, rate_numerator=25, is_variable=True, frame_times=times, first_frame_at=0.0
    )
    comment_on(film, rita, "Here", frame_in=3)
    text = opened(package_of(mark, film)).read("cup-v1.edl").decode()
    assert "00:00:02:12" in text and "VARIABLE FRAME RATE" in text


def test_what_is_not_approved_stays_out_unless_it_is_asked_for(mark: Membership, rita: Membership) -> None:
    film, waiting = approved_version(mark, rita), make_version(mark)
    with pytest.raises(NotApproved) as refusal:
        package_of(mark, film, waiting)
    assert refusal.value.versions == [waiting]
    assert not Package.objects.exists()
    states = [file["state"] for file in told(package_of(mark, film, waiting, only_approved=False))["files"]]
    assert sorted(states) == ["approved", "open"]


def test_a_version_of_another_workspace_is_not_found(mark: Membership, rita: Membership) -> None:
    stranger = make_stranger()
    with pytest.raises(NotPossible):
        package_of(stranger, approved_version(mark, rita))


def test_a_form_that_another_workspace_has_sent_is_refused_and_shows_nothing_of_theirs(
    mark: Membership, rita: Membership
) -> None:
    theirs = package_of(mark, approved_version(mark, rita))
    stranger = make_stranger()
    mine = make_version(stranger)
    order = Order(theirs.pk, [mine.pk], timedelta(days=1), only_approved=False)
    with pytest.raises(NotPossible, match="sent before"):
        make_package(membership=stranger, order=order)
    assert list(Package.objects.all()) == [theirs]


def test_an_approval_that_is_withdrawn_closes_the_package(mark: Membership, rita: Membership) -> None:
    film = approved_version(mark, rita)
    package = package_of(mark, film)
    assert not_approved(package) == []
    judge(film, rita, Verdict.WITHDRAWN)
    assert [entry.version for entry in not_approved(package)] == [film]


def replace_and_send_again(version: Version, sender: Membership, content: bytes) -> None:
    version.output.blob = make_blob(sender.workspace, content, "video/mp4")
    version.output.save()
    send(version.output, sender)
    version.refresh_from_db()


def test_a_version_that_is_approved_again_with_other_bytes_opens_no_package_of_the_old(
    mark: Membership, rita: Membership
) -> None:
    film = approved_version(mark, rita)
    package = package_of(mark, film)
    judge(film, rita, Verdict.WITHDRAWN)
    replace_and_send_again(film, mark, b"another film")
    judge(film, rita)
    assert [entry.version for entry in not_approved(package)] == [film]
    answer = browser_of(rita).get(reverse("package-file", args=[package.pk, package.name]))
    assert answer.status_code == 409
    assert not_approved(package_of(mark, film)) == []


def test_a_file_that_is_not_there_is_told_in_the_manifest(mark: Membership, rita: Membership) -> None:
    film, gone = approved_version(mark, rita), approved_version(mark, rita, title="Gone")
    storages["default"].delete(str(gone.blob.file.name))
    package = package_of_what_is_there(mark, film, gone)
    facts = told(package)
    assert [one["piece"] for one in facts["missing"]] == ["Gone"]
    assert facts["missing"][0]["sha256"] == gone.blob.sha256
    assert len(facts["files"]) == 1


def package_of_what_is_there(maker: Membership, *versions: Version) -> Package:
    wanted = Order(uuid4(), [one.pk for one in versions], timedelta(days=1))
    package = make_package(membership=maker, order=wanted)
    measure(package)
    return package


def test_a_file_that_vanishes_or_shrinks_ends_the_archive_with_an_error(
    mark: Membership, rita: Membership
) -> None:
    films = [approved_version(mark, rita, title=f"Film {number}") for number in range(2)]
    package = package_of(mark, *films)
    path = Path(films[1].blob.file.path)
    os.truncate(path, 3)
    with pytest.raises(ConnectionResetError):
        bytes_of(package)
    path.unlink()
    with pytest.raises(ConnectionResetError):
        bytes_of(package)


def test_a_package_waits_until_its_files_are_measured(mark: Membership, rita: Membership) -> None:
    film = approved_version(mark, rita)
    package = make_package(membership=mark, order=Order(uuid4(), [film.pk], timedelta(days=1)))
    with pytest.raises(NotMeasured):
        Archive(package)
    assert any("measure_files" in str(row.task) for row in OrmQ.objects.all())
    size = package.size
    measure(package)
    assert len(bytes_of(package)) == size


def test_the_same_form_makes_one_package(mark: Membership, rita: Membership) -> None:
    order = Order(uuid4(), [approved_version(mark, rita).pk], timedelta(days=1))
    assert make_package(membership=mark, order=order) == make_package(membership=mark, order=order)
    assert Package.objects.count() == 1
    assert AuditEvent.objects.filter(verb="package-made").count() == 1


def test_a_package_that_was_made_is_never_changed(mark: Membership, rita: Membership) -> None:
    entry = package_of(mark, approved_version(mark, rita)).entries.first()
    assert entry is not None
    with pytest.raises(TypeError):
        entry.save()


def test_a_download_in_parts_is_one_and_revoking_is_for_its_maker_and_admins(
    mark: Membership, rita: Membership
) -> None:
    package = package_of(mark, approved_version(mark, rita))
    for _part in range(3):
        note_download(package=package, membership=rita)
    (event,) = package.events.filter(act=PackageAct.DOWNLOADED)
    assert (event.person_name, event.requests) == ("Rita", 3)
    with pytest.raises(NotPossible):
        revoke(package=package, membership=rita)
    assert revoke(package=package, membership=make_alice(mark.workspace))
    assert not revoke(package=package, membership=mark)


# How often each comes. A version that was rejected stays so: it would end most courses early.
_ACTS = {
    "approve": 8,
    "withdraw": 4,
    "reject": 0.5,
    "replace": 4,
    "recall": 2,
    "resend": 6,
    "pack": 5,
    "take": 3,
}


def act_at_random(
    dice: random.Random, people: tuple[Membership, Membership], name: str, *, steps: int = 60
) -> bool:
    """Sends, decisions, replaced results, withdrawals, packages and downloads, in any order.

    Whether a package was asked for of which a version was approved again with other bytes.
    """
    maker, judge_ = people
    versions = [make_version(maker) for _ in range(2)]
    packages: list[Package] = []
    # What is approved at the moment, told by the acts alone.
    good: dict[Any, str] = {}
    has_other_bytes = False
    for step in range(steps):
        version = dice.choice(versions)
        (act,) = dice.choices(list(_ACTS), list(_ACTS.values()))
        version.refresh_from_db()
        try:
            if act == "approve":
                judge(version, judge_)
                good[version.pk] = version.blob.sha256
            elif act in ("withdraw", "reject"):
                judge(version, judge_, Verdict.WITHDRAWN if act == "withdraw" else Verdict.REJECTED)
                good.pop(version.pk, None)
            elif act == "replace":
                content = f"other film {name} {step}".encode()
                version.output.blob = make_blob(maker.workspace, content, "video/mp4")
                version.output.save()
            elif act == "recall":
                recall(version=version, membership=maker)
            elif act == "resend":
                send(version.output, maker)
            elif act == "pack":
                packages.append(package_of(maker, *dice.sample(versions, dice.randint(1, 2))))
        except NotPossible:
            continue
        for package in packages if act == "take" else packages[-1:] if act == "pack" else []:
            held = {entry.version_id: entry.sha256 for entry in package.entries.exclude(blob=None)}
            if not not_approved(package):
                assert set(held.items()) <= set(good.items()), (name, step)
            has_other_bytes |= any(good.get(pk, sha256) != sha256 for pk, sha256 in held.items())
    return has_other_bytes


def test_no_course_of_events_lets_unapproved_bytes_out_of_an_approved_package(
    mark: Membership, rita: Membership
) -> None:
    reached = [act_at_random(random.Random(seed), (mark, rita), str(seed)) for seed in range(12)]
    assert sum(reached) > 1, "no course came to a version that was approved again with other bytes"


@pytest.mark.django_db(transaction=True)
def test_an_approval_that_is_withdrawn_while_a_package_is_made_is_in_none_that_is_handed_out(
    mark: Membership, rita: Membership
) -> None:
    films = [approved_version(mark, rita, title=f"Film {number}") for number in range(4)]

    def alone(act: Callable[[], object]) -> object:
        try:
            return act()
        except (NotPossible, DatabaseError) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        makes = [pool.submit(alone, lambda: package_of(mark, *films)) for _ in range(3)]
        takes_back = pool.submit(alone, lambda: judge(films[-1], rita, Verdict.WITHDRAWN))
    taken_back = takes_back.result()
    for made in (one.result() for one in makes):
        if isinstance(made, Package):
            states = {file["piece"]: file["state"] for file in told(made)["files"]}
            assert set(states.values()) == {"approved"}
            if not isinstance(taken_back, Exception):
                assert [entry.version for entry in not_approved(made)] == [films[-1]]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_nobody_withdraws_an_approval_between_the_look_at_it_and_the_package(
    mark: Membership, rita: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = approved_version(mark, rita)
    has_looked, may_go_on = Event(), Event()

    def name_late(*facts: Any) -> str:
        has_looked.set()
        assert may_go_on.wait(20)
        return default_name(*facts)

    monkeypatch.setattr(freezing, "default_name", name_late)

    def alone(act: Callable[[], Any]) -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        try:
            makes = pool.submit(alone, lambda: package_of(mark, film))
            assert has_looked.wait(20)
            takes_back = pool.submit(alone, lambda: judge(film, rita, Verdict.WITHDRAWN))
            with pytest.raises(TimeoutError):
                takes_back.result(timeout=1)
            assert not Decision.objects.filter(verdict=Verdict.WITHDRAWN).exists()
        finally:
            may_go_on.set()
        package, withdrawn = makes.result(20), takes_back.result(20)
    assert withdrawn.at > package.created_at
    assert [entry.version for entry in not_approved(package)] == [film]
