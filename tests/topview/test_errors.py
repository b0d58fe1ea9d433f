"""The tree of errors is complete: every class has words for people."""

from __future__ import annotations

import pytest
from django.utils.functional import Promise
from django.utils.translation import override

from tasks.topview.errors import TopViewError


def classes(root: type[TopViewError] = TopViewError) -> list[type[TopViewError]]:
    return [root, *(one for child in root.__subclasses__() for one in classes(child))]


@pytest.mark.parametrize("kind", classes())
def test_every_class_has_words_of_its_own_for_people(kind):
    assert "user_message" in vars(kind)
    assert isinstance(kind.user_message, Promise)
    with override("en"):
        words = str(kind.user_message)
    assert words.endswith(".")
    assert words.count(". ") + words.count("; ") >= 1, "what happened, and one next step"


def test_no_two_classes_say_the_same():
    with override("en"):
        words = [str(kind.user_message) for kind in classes()]
    assert len(words) == len(set(words))
