"""Where people begin."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tasks.models import Membership
from tests.people import PASSWORD, browser_of


def test_reviewers_begin_at_what_waits_for_them_and_others_at_their_tasks(
    alice: Membership, mark: Membership, rita: Membership
) -> None:
    begins = {str(one.user): browser_of(one).get("/").headers["Location"] for one in (alice, mark, rita)}
    assert begins == {"Alice": "/tasks/", "Mark": "/tasks/", "Rita": "/review/"}


def test_whoever_opens_the_portal_unsigned_begins_there_too(rita: Membership) -> None:
    client = Client()
    sign_in = client.get("/").headers["Location"]
    answer = client.post(sign_in, {"login": rita.user.email, "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("review-inbox")


def test_a_stranger_is_sent_to_sign_in_and_back(db: None) -> None:
    assert Client().get("/").headers["Location"] == "/accounts/login/?next=/"
