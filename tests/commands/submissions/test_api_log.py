"""TopView's own words: kept redacted and for a while, and never in the way of the work."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from tasks import jobs
from tasks.commands.evidence.callbacks import receive_callback
from tasks.commands.submissions import api_log
from tasks.commands.submissions.api_log import MOST_KEPT, keep_answer, keep_callback
from tasks.commands.submissions.redaction import redacted
from tasks.models import ApiLogEntry, ApiOperation, Status, Submission
from tasks.topview.results import Envelope
from tests.commands.conftest import Orders, Worker
from tests.sandbox_fixture import SandboxDriver

SUBMIT = "submitCommonImage2Video"


def kept(submission: Submission) -> list[tuple[str, int | None, str]]:
    """Which answers are kept, oldest first."""
    return [(row.operation, row.http_status, row.code) for row in submission.api_log.all()]


def test_an_accepted_call_keeps_its_answer(portal: SandboxDriver, orders: Orders, worker: Worker):
    submission = worker.submit(orders.submission())
    assert kept(submission) == [("submit", 200, "200")]
    assert submission.api_log.get().body["result"]["taskId"] == submission.remote_id


@pytest.mark.parametrize(
    ("fault", "value", "found"),
    [
        ("code", 6001, (200, "6001")),
        ("code", 5003, (200, "5003")),
        ("http-before", 502, (502, "")),
        ("unreadable", None, (200, "200")),
        ("wrong-shape", None, (200, "200")),
    ],
)
def test_an_answer_that_went_wrong_is_kept_too(
    fault: str,
    value: Any,
    found: tuple[int, str],
    portal: SandboxDriver,
    orders: Orders,
    worker: Worker,
):
    portal.fault(fault, scope=SUBMIT, next=1, value=value)
    submission = worker.submit(orders.submission())
    row = submission.api_log.get()
    assert (row.http_status, row.operation) == (found[0], ApiOperation.SUBMIT)
    assert row.code in (found[1], "")


def test_where_nothing_came_nothing_is_kept(portal: SandboxDriver, orders: Orders, worker: Worker):
    portal.fault("drop-before", scope=SUBMIT, next=1)
    assert kept(worker.submit(orders.submission())) == []


def test_a_callback_is_kept_without_the_signatures_of_its_addresses(orders: Orders, worker: Worker):
    submission = worker.submit(orders.submission())
    film = {"filePath": "https://cdn.example/film.mp4?Signature=hush&Key-Pair-Id=1"}
    body = {"uuid": "u", "taskId": submission.remote_id, "result": {"videos": [film]}}
    for _time in range(2):
        receive_callback(token=submission.token, uid="", body=body)
    row = submission.api_log.get(operation=ApiOperation.CALLBACK)
    assert row.body["result"]["videos"] == [{"filePath": "https://cdn.example/film.mp4?…"}]


def envelope(body: Any, **facts: Any) -> Envelope:
    return Envelope(**{"http_status": 200, "code": "200", "body": body, **facts})


def ask(submission: Submission, body: Any, **facts: Any) -> None:
    keep_answer(submission=submission, operation=ApiOperation.QUERY, envelope=envelope(body, **facts))


def test_an_answer_that_says_the_same_again_adds_nothing(orders: Orders):
    submission = orders.submission()
    for word in ("running", "running", "success", "success", "running"):
        ask(
            submission,
            {"result": {"status": word, "url": f"https://a.example/f?sig={timezone.now().timestamp()}"}},
        )
    words = [row.body["result"]["status"] for row in submission.api_log.all()]
    assert words == ["running", "success", "running"]


def test_what_queries_say_is_kept_when_it_changes(portal: SandboxDriver, orders: Orders, worker: Worker):
    portal.speed(60)
    submission = worker.submit(orders.submission())
    for _look in range(3):
        worker.refresh()
    portal.fault("code", next=1, value=5003)
    worker.refresh()
    worker.finish(submission)
    worker.refresh()
    rows = submission.api_log.filter(operation=ApiOperation.QUERY)
    told = [row.code if row.code != "200" else row.body["result"]["status"] for row in rows]
    assert told[0] in ("init", "running") and "5003" in told and told[-1] == "success"
    assert len(told) <= 5
    assert "X-Amz-Signature" not in json.dumps([row.body for row in rows])


def test_no_key_and_no_signature_is_ever_kept(orders: Orders):
    submission = orders.submission()
    secret = "the-very-key"
    body = {
        "message": f"Bearer {secret} and sk-abc-123",
        "Authorization": "Bearer x",
        "noticeUrl": "https://portal.example/notices/hush/",
        secret: [secret],
        "deep": {"uploadUrl": "https://s3.example/a?X-Amz-Signature=hush"},
        "long": "x" * 1990 + " sk-this-is-a-key-that-is-cut",
    }
    ask(submission, body, clean=lambda words: words.replace(secret, "•"))
    text = json.dumps(submission.api_log.get().body)
    assert not [word for word in (secret, "sk-abc", "sk-this", "hush", "Bearer x") if word in text]


@pytest.mark.parametrize(
    "body",
    ["a page", None, [], {"nul": "\0", "half": "\ud800"}, {"deep": [[[[[[[[[[[[[[1]]]]]]]]]]]]]]}],
    ids=["text", "nothing", "list", "unstorable", "deep"],
)
def test_whatever_comes_can_be_kept(orders: Orders, body: Any):
    submission = orders.submission()
    ask(submission, body)
    assert submission.api_log.count() == 1


def test_what_is_huge_is_cut():
    found = redacted({str(number): "x" * 5000 for number in range(300)})
    assert len(json.dumps(found)) < 70_000


def test_of_one_call_only_so_many_are_kept(orders: Orders):
    submission = orders.submission()
    for number in range(MOST_KEPT + 5):
        keep_callback(submission=submission, body={"uuid": str(number)})
    rows = list(submission.api_log.all())
    assert (len(rows), rows[-1].body["uuid"]) == (MOST_KEPT, str(MOST_KEPT + 4))


def test_old_answers_go_and_young_ones_stay(orders: Orders, settings, monkeypatch: pytest.MonkeyPatch):
    settings.ANSWERS_KEPT_DAYS = 3
    monkeypatch.setattr(api_log, "_BATCH", 2)
    submission = orders.submission()
    for number in range(6):
        ask(submission, {"number": number})
    old = list(submission.api_log.values_list("pk", flat=True)[:5])
    ApiLogEntry.objects.filter(pk__in=old).update(at=timezone.now() - timedelta(days=3, minutes=1))
    jobs.sweep()
    assert [row.body["number"] for row in submission.api_log.all()] == [5]


def test_nothing_is_kept_where_nobody_wants_it(orders: Orders, settings):
    settings.ANSWERS_KEPT_DAYS = 0
    submission = orders.submission()
    ask(submission, {"a": 1})
    assert kept(submission) == []


def test_a_database_that_refuses_the_record_does_not_lose_the_paid_task(
    orders: Orders, worker: Worker, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_arguments: object, **_facts: object) -> None:
        raise DatabaseError("no room")

    monkeypatch.setattr(ApiLogEntry.objects, "create", refuse)
    submission = worker.submit(orders.submission())
    assert (submission.status, bool(submission.remote_id)) == (Status.RUNNING, True)
