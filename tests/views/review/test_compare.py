"""Which versions are compared, and what differs in what was asked for."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from tasks.models import Membership, Piece, Task, Version
from tests.people import browser_of
from tests.reviewing import make_version, send
from tests.views.rows import make_output, make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def piece(mark: Membership) -> Piece:
    first = make_version(mark)
    make_version(mark, piece=first.piece)
    later = make_task(mark, title="Later")
    Task.objects.filter(pk=later.pk).update(brief={"schema": 1, "prompt": "It stands still.", "count": "2"})
    send(make_output(Task.objects.get(pk=later.pk)), mark, piece=first.piece)
    return first.piece


def compared(browser: Client, piece: Piece, query: str = "") -> tuple[list[int], str]:
    page = browser.get(f"{reverse('piece-compare', args=[piece.pk])}?{query}").content.decode()
    shown = re.findall(
        r'data-side="[ab]".*?<figcaption class="row"><a href="/review/([0-9a-f-]+)/"', page, re.S
    )
    return [Version.objects.get(pk=one).number for one in shown], page


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [2, 3]),
        ("a=1", [1, 3]),
        ("a=3&b=1", [3, 1]),
        ("b=3", [2, 3]),
        ("a=99&b=x", [2, 3]),
        ("a=-1&b=9999999999999", [2, 3]),
        ("f=99999999999999999999", [2, 3]),
    ],
)
def test_the_newest_two_are_compared_unless_others_are_asked_for(
    query: str, numbers: list[int], mark: Membership, piece: Piece
) -> None:
    assert compared(browser_of(mark), piece, query)[0] == numbers


def test_what_was_asked_for_otherwise_stands_below(mark: Membership, piece: Piece) -> None:
    _shown, page = compared(browser_of(mark), piece, "a=2&b=3")
    assert "It turns." in page and "It stands still." in page
    assert "Nothing: the same was asked for." in compared(browser_of(mark), piece, "a=1&b=2")[1]


def test_a_piece_of_one_version_is_compared_with_itself(mark: Membership) -> None:
    version = make_version(mark)
    assert compared(browser_of(mark), version.piece)[0] == [1, 1]
