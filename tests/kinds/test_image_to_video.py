"""The fields of image to video, and how its variations are counted."""

from collections.abc import Mapping

import pytest

from tasks.kinds import kind
from tasks.kinds.base import KindForm, UnusableBrief

from .world import CLIP, PHOTO, Library, SmallCatalog

KIND = kind("image-to-video")
PLAIN = {"image": str(PHOTO.id), "mode": "lite", "duration": "5", "count": "2"}


def judged(answers: Mapping[str, str]) -> KindForm:
    return KIND.inputs(answers, files=Library(), catalog=SmallCatalog())


@pytest.mark.parametrize("field", PLAIN)
def test_each_required_answer_is_asked_for_on_its_field(field):
    form = judged({name: value for name, value in PLAIN.items() if name != field})
    assert list(form.errors) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("image", str(CLIP.id)),
        ("mode", "best,lite"),
        ("mode", "LITE"),
        ("duration", "7"),
        ("duration", "5.0"),
        ("count", "0"),
        ("count", "5"),
        ("count", "1.5"),
        ("count", "Infinity"),
        ("count", "9" * 5000),
        ("prompt", "a" * 2001),
        ("negative_prompt", "a\x00b"),
        ("prompt", "\ud800"),
    ],
)
def test_a_value_the_contract_does_not_know_is_refused_on_its_field(field, value):
    assert list(judged({**PLAIN, field: value}).errors) == [field]


def test_ten_megabytes_of_text_are_refused_without_being_repeated():
    form = judged({**PLAIN, "prompt": "a" * 10_000_000, "mode": "b" * 10_000_000, "image": "c" * 10_000_000})
    assert set(form.errors) == {"prompt", "mode", "image"}
    assert len(form.errors.as_text()) < 1000


@pytest.mark.parametrize("count", ["1", "2", "3", "4", " 4 ", "4.0"])
def test_as_many_outputs_are_expected_as_were_asked_for(count):
    form = judged({**PLAIN, "count": count})
    assert form.errors == {}
    assert KIND.steps[0].expected_outputs(form.brief()) == int(float(count))


def test_the_brief_names_its_upload_once_and_as_an_id():
    form = judged(PLAIN)
    assert form.is_valid()
    assert KIND.uploads(form.brief()) == [PHOTO.id]


@pytest.mark.parametrize(
    "brief",
    [
        {"image": str(PHOTO.id)},  # never sent to TopView
        {"mode": "gone"},
        {"count": "many"},
    ],
)
def test_a_brief_that_no_longer_fits_is_refused_by_name(brief):
    with pytest.raises(UnusableBrief):
        KIND.steps[0].body(brief, {})


def test_an_upload_id_that_cannot_be_read_is_refused_by_name():
    with pytest.raises(UnusableBrief):
        KIND.uploads({"image": "not an id"})


def test_an_older_brief_opens_the_form_with_what_is_still_known():
    assert KIND.read_brief({"schema": 0, "mode": "pro", "style": "gone"}) == {"mode": "pro"}
    assert not KIND.is_current({"schema": 0, "mode": "pro"})


def test_the_title_is_the_prompt_or_the_name_of_the_picture():
    assert KIND.title({"prompt": "The cup turns."}) == "The cup turns."
    assert KIND.title({"image": "abc"}, {"abc": "cup.png"}) == "cup.png"
    assert KIND.title({}) == "Moving picture"
