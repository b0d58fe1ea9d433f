"""Removing a background: one picture in, and files that later calls can use."""

import pytest

from tasks.commands.ledger.published_prices import PUBLISHED
from tasks.kinds import kind

from .world import CLIP, PHOTO, Library, SmallCatalog

KIND = kind("background-removal")


@pytest.mark.parametrize("picture", ["", str(CLIP.id), "00000000-0000-0000-0000-0000000000ff"])
def test_only_a_picture_of_the_library_is_taken(picture):
    form = KIND.inputs({"picture": picture}, files=Library(), catalog=SmallCatalog())
    assert list(form.errors) == ["picture"]


def test_the_task_is_called_like_its_picture():
    brief = {"picture": str(PHOTO.id)}
    assert KIND.title(brief, {str(PHOTO.id): "red cup.png"}) == "red cup.png"
    assert KIND.title(brief) == "Cut-out"


def test_nobody_states_a_price_and_none_is_invented():
    assert KIND.steps[0].price({}, PUBLISHED) is None
