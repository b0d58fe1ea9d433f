"""What inbox and review page cost the database stays the same as pieces are decided on."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tasks.models import Blob, Decision, Membership, Output, Piece, Verdict, Version, VersionState
from tests.database_work import database_work, learn_sizes
from tests.people import browser_of, make_rita
from tests.reviewing import judge, make_version
from tests.views.keeping import forget_all
from tests.views.rows import make_task

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

FEW, MANY, WAITING = 100, 1_000, 8
MARGIN = 50 if connection.vendor == "sqlite" else 600


@pytest.fixture
def browser(mark: Membership) -> Client:
    return browser_of(make_rita(mark.workspace))


def decide_on(mark: Membership, count: int) -> None:
    """So many more pieces, approved long ago."""
    task = make_task(mark)
    call, at = task.submissions.get(), timezone.now() - timedelta(days=30)
    place = {"workspace_id": mark.workspace_id}
    blobs = Blob.objects.bulk_create(
        Blob(**place, sha256=uuid4().hex * 2, size=1, media_type="video/mp4", file="none")
        for _ in range(count)
    )
    outputs = Output.objects.bulk_create(
        Output(**place, task=task, submission=call, role="video", identity=uuid4().hex, blob=blob)
        for blob in blobs
    )
    pieces = Piece.objects.bulk_create(Piece(**place, title="A turning cup") for _ in range(count))
    facts = {"number": 1, "state": VersionState.APPROVED, "sender_id": mark.user_id, "changed_at": at}
    versions = Version.objects.bulk_create(
        Version(**place, **facts, piece=piece, output=output, blob=output.blob, sort_at=at)
        for piece, output in zip(pieces, outputs, strict=True)
    )
    rita = Membership.objects.select_related("user").get(role="reviewer").user
    word = {"verdict": Verdict.APPROVED, "person": rita, "person_name": rita.name, "at": at}
    Decision.objects.bulk_create(Decision(**place, **word, version=version) for version in versions)
    learn_sizes()


def pages(version: Version) -> dict[str, str]:
    inbox = reverse("review-inbox")
    tabs = {tab: f"{inbox}?tab={tab}" for tab in ("", "open", "decided")}
    return tabs | {"page": reverse("review-page", args=[version.pk])}


def test_no_page_of_reviews_costs_more_when_ten_times_as_many_were_decided_on(
    mark: Membership, browser: Client
) -> None:
    version = [make_version(mark) for _ in range(WAITING)][0]

    def work() -> dict[str, int]:
        found = {}
        for name, url in pages(version).items():
            browser.get(url)
            forget_all()
            with database_work() as work:
                assert browser.get(url).status_code == 200
            found[name] = work.units
        return found

    decide_on(mark, FEW)
    few = work()
    decide_on(mark, MANY - FEW)
    dearer = {name: (few[name], now) for name, now in work().items() if now > few[name] * 1.3 + MARGIN}
    assert dearer == {}


def test_no_page_of_reviews_asks_more_often_when_it_shows_more(mark: Membership, browser: Client) -> None:
    version, rita = make_version(mark), Membership.objects.get(role="reviewer")

    def asked() -> dict[str, int]:
        counts = {}
        for name, url in pages(version).items():
            browser.get(url)
            forget_all()
            with CaptureQueriesContext(connection) as seen:
                assert browser.get(url).status_code == 200
            counts[name] = len(seen)
        return counts

    judge(make_version(mark), rita)
    few = asked()
    for _ in range(5):
        make_version(mark)
        judge(make_version(mark), rita)
    assert asked() == few
