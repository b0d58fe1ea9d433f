"""Migrations keep data: rows of every table come through to the newest state and back, on both databases."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps.registry import Apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model
from django.test import override_settings
from django.utils import timezone

from tests.models import filler
from tests.models.journey import FIRST, NEWEST, Journey, Story, first_version, models_at
from tests.people import make_workspace

Made = dict[str, list[Model]]
# What tells of some rows of its own, and where it is told.
TELLERS: list[Callable[[Made], Story]] = []
# What has another name now, or none: tables and columns by their first names.
TABLES = {
    "answer": "apilogentry",
    "catalogshelf": "catalogstate",
    "move": "transition",
    "notice": "callback",
    "oddanswer": "unexpectedanswer",
}
COLUMNS = {
    ("catalogentry", "shelf"): "catalog",
    ("catalogshelf", "shelf"): "catalog",
    ("favourite", "shelf"): "catalog",
    ("answer", "answer_to"): "operation",
    ("submission", "held_at"): "quarantined_at",
    ("submission", "pace"): "lateness",
    ("task", "version"): "revision",
    ("submission", "notice_uuid"): "callback_uuid",
    ("credential", "notice_checked_at"): "callback_checked_at",
    ("credential", "notice_problem"): "callback_problem",
}
GONE = {("notice", "look_at"), ("notice", "seen_at")}
# Columns that held sentences, which causes quote now.
SENTENCES = {
    ("submission", "reason"),
    ("submission", "attention"),
    ("credential", "state_reason"),
    ("credential", "notice_problem"),
    ("catalogshelf", "error"),
    ("output", "error"),
}


class Travelled:
    """What came of the journey: its errors, the backup of the first version, and all rows that are in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with first_version(folder) as apps, override_settings(MEDIA_ROOT=str(folder / "media")):
            with transaction.atomic():
                made = [filler.fill(apps, portion=number) for number in range(len(TELLERS))]
                for row in filler.read(apps)["blob"]:
                    write_blob(folder / "media", row)
            self.rows = filler.read(apps)
            call_command("backup", str(folder / "backup"), verbosity=0)
            stories = [tell(rows) for tell, rows in zip(TELLERS, made, strict=True)]
            journey = Journey(stories)
            journey.travel()
        self.errors = {tell: journey.errors.get(story) for tell, story in zip(TELLERS, stories, strict=True)}


@contextmanager
def without_collector() -> Iterator[None]:
    """Look for no garbage: a sixth of the work, since models as they were are full of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


# Not of the module alone: tests with transactions of their own run after those of all other modules.
@pytest.fixture(scope="session")
def travelled(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Travelled:
    """The journey of all stories."""
    with django_db_blocker.unblock(), without_collector():
        return Travelled(tmp_path_factory.mktemp("journey"))


def on_the_journey(tell: Callable[[Made], Story]) -> Callable[[Travelled], None]:
    """Make a test of a story, told on the journey of all with rows of the first version for it alone."""
    TELLERS.append(tell)

    def test(travelled: Travelled) -> None:
        if error := travelled.errors[tell]:
            raise error

    return test


@on_the_journey
def test_every_row_comes_through_to_the_newest_version_and_back(made: Made) -> Story:
    apps = yield FIRST
    keys = {name: {row.pk for row in rows} for name, rows in made.items()}
    old = {
        name: [row for row in rows if row[apps.get_model("tasks", name)._meta.pk.attname] in keys[name]]
        for name, rows in filler.read(apps).items()
    }
    assert all(len(rows) == filler.ROWS for rows in old.values())
    assert len(old) > 20

    kept = as_today(old)
    found = filler.read((yield NEWEST), kept)
    assert those_of(found, kept) == kept
    back = filler.read((yield FIRST), old)
    assert those_of(back, old) == old


def those_of(found: filler.Rows, kept: filler.Rows) -> filler.Rows:
    """The rows among those found that are as they were kept."""
    return {name: [row for row in rows if row in kept[name]] for name, rows in found.items()}


@pytest.mark.django_db(transaction=True)
def test_a_backup_of_the_first_version_is_restored_into_the_newest(
    travelled: Travelled, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    # The rows are no portal's: nothing of them could be put on hold.
    monkeypatch.setattr("tasks.commands.operations.backup.restore.quarantine_everything", lambda: 0)
    make_workspace("It was here before")

    with without_collector():
        call_command("restore", str(travelled.folder / "backup"), "--replace", "--without-keys", verbosity=0)

    kept = as_today(travelled.rows)
    found = filler.read(models_at(NEWEST), kept)
    for forgotten in ("heartbeat", "lease"):
        assert found.pop(forgotten) == []
        kept.pop(forgotten)
    assert found == kept


def as_today(rows: filler.Rows) -> filler.Rows:
    """Rows of the first version as they are today: names, causes, and without the columns that are gone."""
    return {
        TABLES.get(table, table): [
            {
                COLUMNS.get((table, name), name): quoted(value) if (table, name) in SENTENCES else value
                for name, value in row.items()
                if (table, name) not in GONE
            }
            for row in found
        ]
        for table, found in rows.items()
    }


def quoted(text: str) -> dict[str, Any] | None:
    """A sentence of an earlier version as it is stored now."""
    return {"code": "earlier", "facts": {"text": text}} if text else None


def write_blob(media: Path, row: dict[str, Any]) -> None:
    """Bytes for a row, and their hash in it."""
    path = media / row["file"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(row["file"].encode())
    digest = hashlib.sha256(row["file"].encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tasks_blob SET sha256 = %s, size = %s WHERE file = %s",
            [digest, len(row["file"].encode()), row["file"]],
        )


@on_the_journey
def test_an_account_counts_as_read_only_as_far_as_its_log_was(made: Made) -> Story:
    read, half, never = keys_of(made, "credential")
    accounts = (yield "0007_looked_at").get_model("tasks", "Credential").objects
    looked_at = timezone.now()
    early = looked_at - timedelta(days=2)
    accounts.filter(pk=read).update(looked_at=looked_at, charges_read_at=looked_at)
    accounts.filter(pk=half).update(looked_at=looked_at, charges_read_at=early)
    accounts.filter(pk=never).update(looked_at=looked_at, charges_read_at=None)

    rows = rows_of((yield NEWEST), "Credential", made).values_list("pk", "read_whole_at")
    assert dict(rows) == {read: looked_at, half: early, never: None}


BEFORE_CLAIMS = "0016_refused_at"


def prepare_claims(apps: Apps, made: Made) -> None:
    """Calls as they were when claims stood among the callbacks: all of one account, and no claim yet."""
    call = made["submission"][0]
    rows_of(apps, "Credential", made).update(service="sandbox", uid=f"the-account-of-{call.pk}")
    rows_of(apps, "Notice", made).update(remote_id="")
    rows_of(apps, "Submission", made).update(source=None, attention="", remote_id="")


@on_the_journey
def test_of_calls_that_follow_one_task_the_earliest_keeps_it_and_the_others_are_second_claims(
    made: Made,
) -> Story:
    apps = yield BEFORE_CLAIMS
    prepare_claims(apps, made)
    calls = rows_of(apps, "Submission", made)
    later, first, alone = calls.order_by("pk")
    now = timezone.now()
    calls.filter(pk=first.pk).update(remote_id="the-one", accepted_at=now - timedelta(hours=2))
    calls.filter(pk=later.pk).update(remote_id="the-one", accepted_at=now, status="succeeded")
    calls.filter(pk=alone.pk).update(remote_id="another")
    for name in ("Output", "Charge"):
        rows_of(apps, name, made).update(submission=later)

    apps = yield NEWEST
    found = claims_of(apps, made).values_list("submission", "remote_id", "outcome")
    assert set(found) == {
        (first.pk, "the-one", "followed"),
        (later.pk, "the-one", "second"),
        (alone.pk, "another", "followed"),
    }
    rows = {row.pk: row for row in rows_of(apps, "Submission", made)}
    told = rows[later.pk].attention["facts"]["text"]
    assert "A second claim" in told and "the-one" in told
    assert "another workspace of this portal" in told
    assert rows[first.pk].attention is rows[alone.pk].attention is None
    assert (rows[later.pk].status, rows[later.pk].remote_id) == ("succeeded", "the-one")
    assert rows[later.pk].outputs.count() == rows[later.pk].charges.count() == filler.ROWS


@on_the_journey
def test_steps_that_work_on_one_task_follow_it_together(made: Made) -> Story:
    apps = yield BEFORE_CLAIMS
    prepare_claims(apps, made)
    calls = rows_of(apps, "Submission", made)
    preview, export, again = calls.order_by("pk")
    for row, step, age in ((preview, "preview", 3), (export, "export", 2), (again, "export", 1)):
        at = timezone.now() - timedelta(hours=age)
        calls.filter(pk=row.pk).update(
            task=preview.task_id, step=step, item=str(age), remote_id="shared", accepted_at=at
        )

    claims = claims_of((yield NEWEST), made)
    root = claims.get(submission=preview.pk)
    assert (root.outcome, root.joins) == ("followed", None)
    for row in (export, again):
        claim = claims.get(submission=row.pk)
        assert (claim.outcome, claim.joins_id) == ("followed", root.pk)


@on_the_journey
def test_claims_leave_the_callbacks_and_come_back_among_them(made: Made) -> Story:
    apps = yield BEFORE_CLAIMS
    prepare_claims(apps, made)
    call = rows_of(apps, "Submission", made).order_by("pk").first()
    person = rows_of(apps, "User", made).first()
    rows_of(apps, "Notice", made).delete()
    notices = apps.get_model("tasks", "Notice").objects.filter(submission=call)
    at = timezone.now() - timedelta(minutes=5)
    facts = {"workspace_id": call.workspace_id, "submission": call, "received_at": at, "look_at": at}
    notices.create(**facts, uuid="given-by-person", remote_id="given", body={"actor": person.pk})
    notices.create(**facts, uuid="found-trace", remote_id="found", seen_at=at)
    notices.create(**facts, uuid="own-task", remote_id="own")
    notices.create(**facts, uuid="n-1", remote_id="told", body={"status": "success"})
    before = list(notices.order_by("remote_id").values())

    apps = yield NEWEST
    assert list(claims_of(apps, made).values_list("remote_id", "source", "outcome", "actor")) == [
        ("found", "trace", "dropped", None),
        ("given", "person", "", person.pk),
        ("own", "own-task", "", None),
        ("told", "callback", "", None),
    ]
    callbacks = apps.get_model("tasks", "Callback").objects
    left = callbacks.filter(submission__in=keys_of(made, "submission"))
    assert list(left.values_list("uuid", flat=True)) == ["n-1"]

    notices = (yield BEFORE_CLAIMS).get_model("tasks", "Notice").objects
    back = notices.filter(submission__in=keys_of(made, "submission")).order_by("remote_id")
    assert [{**row, "id": None} for row in back.values()] == [{**row, "id": None} for row in before]
    # As many as there were.
    back.filter(remote_id="own").delete()


@on_the_journey
def test_a_call_whose_files_are_awaited_says_so_and_has_not_finished(made: Made) -> Story:
    waiting, ended, watched = keys_of(made, "submission")
    calls = rows_of((yield "0024_quarantine"), "Submission", made)
    at = timezone.now() - timedelta(minutes=3)
    calls.filter(pk=waiting).update(status="running", finished_at=at)
    calls.filter(pk=ended).update(status="succeeded", finished_at=at)
    calls.filter(pk=watched).update(status="stopped", finished_at=None, answer_digest="")

    rows = rows_of((yield NEWEST), "Submission", made)
    found = {row[0]: row[1:] for row in rows.values_list("pk", "files_awaited_since", "finished_at")}
    assert found == {waiting: (at, None), ended: (None, at), watched: (None, None)}
    rows.filter(pk=watched).update(answer_digest="same", answer_stale_since=at)

    back = rows_of((yield "0024_quarantine"), "Submission", made)
    assert back.get(pk=waiting).finished_at == back.get(pk=ended).finished_at == at
    assert back.get(pk=watched).answer_digest == ""


@on_the_journey
def test_causes_go_back_as_what_topview_said_or_else_as_their_codes(made: Made) -> Story:
    apps = yield NEWEST
    calls, moves = (rows_of(apps, name, made) for name in ("Submission", "Transition"))
    said = {"code": "generation-failed", "facts": {"said": "No face."}}
    silent = {"code": "busy", "facts": {"said": ""}}
    first, second, third = keys_of(made, "submission")
    calls.filter(pk=first).update(reason=said, attention=None)
    calls.filter(pk=second).update(reason=silent, attention=said)
    calls.filter(pk=third).update(reason=None, attention=quoted("A sentence."))
    moves.update(reason=said, detail="")

    apps = yield "0027_unchecked_cause"
    calls, moves = (rows_of(apps, name, made) for name in ("Submission", "Transition"))
    assert {row[0]: row[1:] for row in calls.values_list("pk", "reason", "attention")} == {
        first: ("No face.", ""),
        second: ("busy", "No face."),
        third: ("", "A sentence."),
    }
    assert set(moves.values_list("detail", flat=True)) == {"No face."}


def keys_of(made: Made, table: str) -> list[Any]:
    """The keys of a story's rows, by the table's first name."""
    return [row.pk for row in made[table]]


def rows_of(apps: Apps, name: str, made: Made) -> Any:
    """The story's rows of a table, as they are now."""
    first_name = {now: before for before, now in TABLES.items()}.get(name.lower(), name.lower())
    return apps.get_model("tasks", name).objects.filter(pk__in=keys_of(made, first_name))


def claims_of(apps: Apps, made: Made) -> Any:
    """What is claimed for the story's calls."""
    claims: Any = apps.get_model("tasks", "Claim").objects.order_by("remote_id")
    return claims.filter(submission__in=keys_of(made, "submission"))
