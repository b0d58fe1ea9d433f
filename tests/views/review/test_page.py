"""The inbox, the review page and deciding on it, as a browser sees them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks.commands.review.rule_changes import change_rule
from tasks.commands.review.sending import recall
from tasks.models import Comment, Decision, Membership, Verdict, Version, VersionState
from tests.people import browser_of, make_alice, make_blob
from tests.reviewing import judge, make_version, seen, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(rita: Membership) -> Client:
    return browser_of(rita)


def page(browser: Client, version: Version) -> str:
    return browser.get(reverse("review-page", args=[version.pk])).content.decode()


def decide(browser: Client, version: Version, verdict: str, reason: str = "", **changes: object) -> Any:
    now = seen(version)
    data = {"verdict": verdict, "reason": reason, "sha256": now.sha256, "revision": now.revision}
    return browser.post(reverse("review-decide", args=[version.pk]), data | changes)


def test_what_waits_stands_in_the_inbox_and_is_counted_in_the_navigation(
    browser: Client, mark: Membership
) -> None:
    version = make_version(mark)
    shown = browser.get(reverse("review-inbox")).content.decode()
    assert reverse("review-page", args=[version.pk]) in shown
    assert '<span class="count">1<' in shown
    decide(browser, version, "approved")
    shown = browser.get(reverse("review-inbox")).content.decode()
    assert "Nothing waits for you" in shown
    assert '<span class="count">' not in shown


def test_the_inbox_has_the_most_urgent_first_and_says_what_is_late(browser: Client, mark: Membership) -> None:
    first, late = make_version(mark), make_version(mark)
    Version.objects.filter(pk=late.pk).update(due_on="2026-01-02", sort_at="2026-01-03T00:00Z")
    shown = browser.get(reverse("review-inbox")).content.decode()
    assert shown.index(f"version-{late.pk}") < shown.index(f"version-{first.pk}")
    assert "was due 2026-01-02" in shown


@pytest.mark.parametrize(
    ("tab", "held"), [("", "open"), ("open", "open"), ("mine", ""), ("decided", "approved"), ("odd", "open")]
)
def test_each_tab_of_the_inbox_holds_its_own(tab: str, held: str, browser: Client, mark: Membership) -> None:
    rita = Membership.objects.get(role="reviewer")
    versions = {"open": make_version(mark), "approved": make_version(mark)}
    judge(versions["approved"], rita)
    shown = browser.get(reverse("review-inbox"), {"tab": tab}).content.decode()
    found = {name for name, version in versions.items() if f"version-{version.pk}" in shown}
    assert found == ({held} if held else set())


def test_after_a_decision_the_next_one_opens_and_the_last_leads_to_the_inbox(
    browser: Client, mark: Membership
) -> None:
    first, second = make_version(mark), make_version(mark)
    assert f'rel="next" href="{reverse("review-page", args=[second.pk])}"' in page(browser, first)
    assert decide(browser, first, "approved").url == reverse("review-page", args=[second.pk])
    assert decide(browser, second, "rejected", "Too loud.").url == reverse("review-inbox")
    assert list(Decision.objects.values_list("verdict", flat=True)) == ["approved", "rejected"]


def test_a_refusal_without_a_reason_says_so_at_the_field(browser: Client, mark: Membership) -> None:
    version = make_version(mark)
    answer = decide(browser, version, "changes")
    assert answer.status_code == 422
    assert "Say why" in answer.content.decode()
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("verdict", "perfect"), ("verdict", ""), ("revision", "x"), ("sha256", "")]
)
def test_a_form_that_was_tampered_with_decides_nothing(
    field: str, value: str, browser: Client, mark: Membership
) -> None:
    version = make_version(mark)
    now = seen(version)
    data = {"verdict": "approved", "sha256": now.sha256, "revision": str(now.revision), field: value}
    assert browser.post(reverse("review-decide", args=[version.pk]), data).status_code == 422
    assert not Decision.objects.exists()


def test_what_is_newer_than_the_page_is_told_and_the_reason_is_kept(
    browser: Client, mark: Membership
) -> None:
    version = make_version(mark)
    before = seen(version)
    Comment.objects.create(
        workspace=mark.workspace, version=version, author=mark.user, body="Wait.", revision=version.touch()
    )
    answer = decide(browser, version, "rejected", "Too dark.", revision=before.revision)
    said = answer.content.decode()
    assert answer.status_code == 409
    assert "Comment by Mark: Wait." in said and "Too dark." in said
    newer = make_version(mark, piece=version.piece)
    answer = decide(browser, version, "approved", revision=before.revision)
    assert f'href="{reverse("review-page", args=[newer.pk])}"' in answer.content.decode()
    version.refresh_from_db()
    assert version.state == VersionState.SUPERSEDED and not Decision.objects.exists()


def test_replaced_bytes_are_told_and_not_decided_on(browser: Client, mark: Membership) -> None:
    version = make_version(mark)
    sent = version.blob
    version.output.blob = make_blob(mark.workspace, b"made anew", "video/mp4")
    version.output.save()
    answer = decide(browser, version, "approved")
    assert answer.status_code == 409 and "was replaced" in answer.content.decode()
    got = browser.get(reverse("version-file", args=[version.pk]))
    with sent.file.open() as file:
        assert b"".join(got) == file.read(), "the page shows what was sent"


def test_whoever_may_not_decide_is_told_why_and_has_no_form(browser: Client, mark: Membership) -> None:
    version = make_version(mark)
    maker = page(browser_of(mark), version)
    assert "This waits for: Reviewers and admins." in maker
    assert reverse("review-decide", args=[version.pk]) not in maker
    alice = make_alice(mark.workspace)
    own = page(browser_of(alice), make_version(alice))
    assert "You made this, so others decide about it." in own


def test_an_approval_can_be_withdrawn_on_the_page(browser: Client, mark: Membership) -> None:
    version = make_version(mark)
    decide(browser, version, "approved")
    assert "Withdraw the approval" in page(browser, version)
    answer = decide(browser, version, "withdrawn", "The price is wrong.")
    assert answer.url == reverse("review-page", args=[version.pk])
    version.refresh_from_db()
    assert version.state == VersionState.WITHDRAWN
    assert [one.verdict for one in version.decisions.all()] == [Verdict.APPROVED, Verdict.WITHDRAWN]


def test_the_stage_says_which_bytes_are_decided_on_and_no_poll_changes_that(
    browser: Client, mark: Membership
) -> None:
    version = make_version(mark)
    shown = version.blob.sha256
    whole = page(browser, version)
    assert f'<input type="hidden" form="decision-form" name="sha256" value="{shown}">' in whole
    version.output.blob = make_blob(mark.workspace, b"made anew", "video/mp4")
    version.output.save()
    recall(version=version, membership=mark)
    send(version.output, mark)
    live = browser.get(reverse("review-thread", args=[version.pk]), {"seen": "1"}).content.decode()
    assert 'value="approved"' in live and "sha256" not in live
    now = seen(version)
    answer = browser.post(
        reverse("review-decide", args=[version.pk]),
        {"verdict": "approved", "sha256": shown, "revision": now.revision},
    )
    assert answer.status_code == 409 and "was replaced" in answer.content.decode()


def test_nothing_stands_inline_in_the_pages_of_a_review(browser: Client, mark: Membership) -> None:
    version = make_version(mark)
    make_version(mark, piece=version.piece)
    for name, row in (("review-page", version.pk), ("piece-compare", version.piece_id)):
        shown = browser.get(reverse(name, args=[row])).content.decode()
        assert "<script src=" in shown and "<script>" not in shown and '<script type="' not in shown
        assert "<script id=" not in shown and " style=" not in shown


def test_after_a_decision_the_next_one_opens_and_not_what_was_passed_over(
    browser: Client, mark: Membership
) -> None:
    _passed, decided, following = (make_version(mark) for _ in range(3))
    assert decide(browser, decided, "approved").url == reverse("review-page", args=[following.pk])


def test_only_a_version_that_waits_says_in_which_stage(
    browser: Client, mark: Membership, alice: Membership
) -> None:
    waiting, decided = make_version(mark), make_version(mark)
    decide(browser, decided, "approved")
    stages = [
        {"name": "Brand", "decided_by": "reviewers", "needed": "one"},
        {"name": "Client", "decided_by": "admins", "needed": "one"},
    ]
    change_rule(membership=alice, stages=stages)
    assert "stage 1 of 2: Brand" in page(browser, waiting)
    assert "stage 1 of 2" not in page(browser, decided)


def test_the_maker_goes_on_from_the_page_of_what_was_turned_down(browser: Client, mark: Membership) -> None:
    version = make_version(mark)
    again = f"{reverse('task-new', args=[version.output.task.kind])}?from={version.output.task_id}"
    assert again not in page(browser_of(mark), version)
    decide(browser, version, "changes", "Show the price.")
    assert again in page(browser_of(mark), version) and again not in page(browser, version)


def test_a_reason_is_not_called_optional_where_it_is_needed(browser: Client, mark: Membership) -> None:
    version = make_version(mark)
    card = page(browser, version).partition('id="decision"')[2].partition("</section>")[0]
    assert "optional" not in card and "Needed unless you approve" in card
