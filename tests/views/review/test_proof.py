"""The proof page: everything that is known of a piece, for whoever has to show it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.models import Membership, Submission, Verdict, Version, VersionAct, VersionEvent
from tests.people import browser_of
from tests.reviewing import judge, make_version

pytestmark = pytest.mark.django_db


def proof(member: Membership, version: Version) -> str:
    return browser_of(member).get(reverse("piece-proof", args=[version.piece_id])).content.decode()


def test_each_version_shows_maker_means_cost_and_decisions(mark: Membership, rita: Membership) -> None:
    first = make_version(mark)
    Submission.objects.filter(task=first.output.task).update(cost=Decimal("1.5"), remote_id="tv-4711")
    judge(first, rita)
    second = make_version(mark, piece=first.piece)
    judge(second, rita, Verdict.REJECTED, "The second one is too dark.")
    page = proof(rita, first)
    for said in (
        *(first.blob.sha256, second.blob.sha256, "Mark", "1.5 credits", "tv-4711", "Rita"),
        *("The second one is too dark.", "v1 is approved; v2: Rejected"),
    ):
        assert said in page
    assert page.index('id="v2"') < page.index('id="v1"')


def test_who_saw_it_and_who_took_it_stands_there_once_for_each(mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    assert proof(mark, version).count("Nobody yet") == 2
    browser = browser_of(rita)
    file = reverse("version-file", args=[version.pk])
    for _ in range(2):
        browser.get(reverse("review-page", args=[version.pk]))
        browser.get(file)
        browser.get(f"{file}?download=1")
        browser.get(f"{file}?download=1", headers={"range": "bytes=2-"})
    assert sorted(VersionEvent.objects.values_list("act", "person_name")) == [
        ("downloaded", "Rita"),
        ("seen", "Rita"),
    ]
    assert "Nobody yet" not in proof(mark, version)


def test_looking_again_later_renews_the_last_time_alone(mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    address = reverse("review-page", args=[version.pk])
    browser_of(rita).get(address)
    early = timezone.now() - timedelta(hours=3)
    VersionEvent.objects.update(at=early, last_at=early)
    browser_of(rita).get(address)
    event = VersionEvent.objects.get(act=VersionAct.SEEN)
    assert event.at == early and event.last_at > early + timedelta(hours=2)


def test_a_resumed_download_is_none_of_its_own(mark: Membership, rita: Membership) -> None:
    version = make_version(mark)
    file = reverse("version-file", args=[version.pk])
    browser_of(rita).get(f"{file}?download=1", headers={"range": "bytes=5-"})
    browser_of(rita).head(f"{file}?download=1")
    assert not VersionEvent.objects.exists()
