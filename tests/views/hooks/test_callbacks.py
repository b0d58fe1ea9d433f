"""Callbacks of TopView, by the contract's operation taskNotice."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from tasks.models import Callback, Membership, Status, Submission
from tasks.views.hooks.callbacks import callback
from tests.views.rows import make_task

pytestmark = pytest.mark.postgres

BODY = {
    "uuid": "u-1",
    "bizType": "COMMON_TASK_IMAGE2VIDEO",
    "taskId": "t-1",
    "status": "success",
    "result": {"a": 1},
}


@pytest.fixture
def submission(mark: Membership) -> Submission:
    return make_task(mark, status=Status.RUNNING, remote_id="t-1").submissions.get()


def send(token: str, body: Any = BODY, media_type: str = "application/json") -> HttpResponse:
    """As TopView does: no cookie, no token of ours; the sender must not need one."""
    raw = body if isinstance(body, (str, bytes)) else json.dumps(body)
    client = Client(enforce_csrf_checks=True)
    return client.post(  # type: ignore[return-value]
        reverse("callback", args=[token]), raw, content_type=media_type, headers={"Topview-Uid": "Account01"}
    )


def test_a_callback_is_kept_and_acknowledged_in_the_documented_form(submission: Submission) -> None:
    answer = send(submission.token)
    assert answer.status_code == 200
    assert json.loads(answer.content) == {
        "code": "200",
        "message": "Success",
        "result": {"uuid": "u-1", "topviewUid": "Account01", "result": "success"},
    }
    assert Callback.objects.get().submission == submission


def test_a_repeated_callback_is_acknowledged_and_kept_once(submission: Submission) -> None:
    assert [send(submission.token).status_code for _ in range(3)] == [200, 200, 200]
    assert Callback.objects.count() == 1


def test_a_probe_without_anything_is_acknowledged(submission: Submission) -> None:
    assert send(submission.token, {}).status_code == 200


def test_an_unknown_token_is_not_found(submission: Submission) -> None:
    answer = send("nobodys-token")
    assert answer.status_code == 404
    assert answer.content == b""
    assert not Callback.objects.exists()


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        ("no json", "application/json", 400),
        ("[1, 2]", "application/json", 400),
        ('"text"', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        (json.dumps(BODY), "text/plain", 415),
        ("a=1", "application/x-www-form-urlencoded", 415),
        ('{"a": "' + "x" * (256 * 1024) + '"}', "application/json", 413),
    ],
)
def test_what_is_no_callback_is_refused(
    submission: Submission, body: Any, media_type: str, status: int
) -> None:
    assert send(submission.token, body, media_type).status_code == status
    assert not Callback.objects.exists()


@pytest.mark.parametrize("odd", [None, 5, ["list"], {"a": 1}, "x" * 5000, "nul\x00"])
def test_odd_values_are_no_fault(submission: Submission, odd: Any) -> None:
    assert send(submission.token, {**BODY, "uuid": odd, "taskId": odd}).status_code == 200


def test_a_callback_without_a_length_is_refused(submission: Submission) -> None:
    """Sent in pieces it would arrive as nothing: the server hands out as much as was announced."""
    request = RequestFactory().post(
        reverse("callback", args=[submission.token]), json.dumps(BODY), content_type="application/json"
    )
    request.META["CONTENT_LENGTH"] = ""
    assert callback(request, submission.token).status_code == 411


@pytest.mark.parametrize("odd", [None, 5, "x" * 5000])
def test_an_odd_uuid_is_echoed_within_limits(submission: Submission, odd: Any) -> None:
    echoed = json.loads(send(submission.token, {**BODY, "uuid": odd}).content)["result"]["uuid"]
    assert isinstance(echoed, str)
    assert echoed == (str(odd)[:200] if odd else "")


def test_only_posts_are_answered(submission: Submission) -> None:
    assert Client().get(reverse("callback", args=[submission.token])).status_code == 405


def test_a_callback_alone_finishes_nothing(submission: Submission) -> None:
    send(submission.token)
    submission.refresh_from_db()
    assert submission.status == Status.RUNNING
