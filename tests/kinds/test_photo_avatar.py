"""The rules across the fields of the photo avatar, its price, and how long it may take."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from tasks.commands.ledger.published_prices import PUBLISHED
from tasks.kinds import kind
from tasks.kinds.base import KindForm

from .world import PHOTO, RECORDING, Library, SmallCatalog, like

KIND = kind("photo-avatar")
STEP = KIND.steps[0]
TEXT = {
    "person": "photo",
    "photo": str(PHOTO.id),
    "speech": "text",
    "script": "Hello.",
    "voice": "voice-a",
    "mode": "avatar4",
}
SPOKEN = {
    "person": "picked",
    "avatar": "photo-avatar-a",
    "speech": "recording",
    "recording": str(RECORDING.id),
    "mode": "avatar4",
}


def judged(answers: Mapping[str, str], *, files: Library | None = None) -> KindForm:
    return KIND.inputs(answers, files=files or Library(), catalog=SmallCatalog())


def spoken(seconds: float, **changes: str) -> KindForm:
    recording = like(RECORDING, seconds=seconds)
    return judged({**SPOKEN, "recording": str(recording.id), **changes}, files=Library(recording))


@pytest.mark.parametrize("field", ["photo", "script", "voice", "mode", "speech", "person"])
def test_what_a_script_needs_is_asked_for_on_its_field(field):
    assert list(judged({name: value for name, value in TEXT.items() if name != field}).errors) == [field]


@pytest.mark.parametrize("field", ["avatar", "recording"])
def test_what_a_recording_needs_is_asked_for_on_its_field(field):
    assert list(judged({name: value for name, value in SPOKEN.items() if name != field}).errors) == [field]


@pytest.mark.parametrize(
    ("mode", "seconds"), [("avatar2", 28.0), ("avatar4", 120.0), ("avatar4Fast", 120.0), ("avatar4", 29.0)]
)
def test_a_recording_of_the_longest_length_is_taken(mode, seconds):
    assert spoken(seconds, mode=mode).errors == {}


@pytest.mark.parametrize(
    ("mode", "seconds", "allowed"),
    [("avatar2", 28.1, "28"), ("avatar4", 120.2, "120"), ("avatar4Fast", 500.0, "120")],
)
def test_a_longer_recording_is_refused_with_both_lengths(mode, seconds, allowed):
    form = spoken(seconds, mode=mode)
    assert list(form.errors) == ["recording"]
    [message] = form.errors["recording"]
    assert f"{seconds:.1f}" in message
    assert f"{allowed} seconds" in message


def test_a_recording_left_behind_in_a_hidden_field_is_not_judged():
    recording = like(RECORDING, seconds=300.0)
    form = judged({**TEXT, "mode": "avatar2", "recording": str(recording.id)}, files=Library(recording))
    assert form.errors == {}


def test_a_long_script_is_never_refused_for_its_length_in_seconds():
    assert judged({**TEXT, "mode": "avatar2", "script": "word " * 900}).errors == {}


@pytest.mark.parametrize("pause", ['<break time="0.1s"/>', '<break time="99.9s" />', '<break time="1.0s"/>'])
def test_a_pause_as_documented_is_kept(pause):
    form = judged({**TEXT, "script": f"One. {pause} Two. 3 < 4"})
    assert form.errors == {}
    assert pause in form.brief()["script"]


@pytest.mark.parametrize(
    "pause",
    [
        '<break time="0.0s"/>',
        '<break time="100.0s"/>',
        '<break time="1s"/>',
        "<break>",
        "< BREAK time=1.0s",
        "<break",
    ],
)
def test_a_pause_of_another_form_is_refused_on_the_script(pause):
    form = judged({**TEXT, "script": f"One. {pause} Two."})
    assert list(form.errors) == ["script"]
    assert '<break time="1.0s"/>' in form.errors["script"][0]


def test_a_movement_has_at_most_six_hundred_characters():
    assert judged({**TEXT, "motion": "a" * 600}).errors == {}
    assert list(judged({**TEXT, "motion": "a" * 601}).errors) == ["motion"]


@pytest.mark.parametrize(("mode", "kept"), [("avatar4", True), ("avatar4Fast", True), ("avatar2", False)])
def test_off_peak_counts_only_for_the_engines_that_have_it(mode, kept):
    form = judged({**TEXT, "mode": mode, "off_peak": "on"})
    assert form.errors == {}
    assert form.brief().get("off_peak", False) is kept


@pytest.mark.parametrize(
    ("seconds", "changes", "credits"),
    [
        (20.0, {}, "2.0"),
        (20.01, {}, "2.1"),
        (20.01, {"off_peak": "on"}, "1.05"),
        (20.01, {"mode": "avatar4Fast"}, "1.26"),
        (20.01, {"mode": "avatar2"}, "8.4"),
        (0.2, {"mode": "avatar4Fast", "off_peak": "on"}, "0.03"),
    ],
)
def test_each_begun_second_of_a_recording_is_charged_at_the_documented_rate(seconds, changes, credits):
    form = spoken(seconds, **changes)
    assert form.is_valid()
    found = STEP.price(form.brief(), PUBLISHED)
    assert found is not None and found.least == found.most == Decimal(credits)


def test_the_price_of_a_script_or_of_a_recording_of_unknown_length_is_not_invented():
    form = judged(TEXT)
    assert form.is_valid()
    assert STEP.price(form.brief(), PUBLISHED) is None
    recording = like(RECORDING, seconds=None)
    form = judged({**SPOKEN, "recording": str(recording.id)}, files=Library(recording))
    assert form.is_valid()
    assert STEP.price(form.brief(), PUBLISHED) is None


def test_off_peak_may_take_a_day_before_it_counts_as_late():
    assert STEP.deadline({"mode": "avatar4", "off_peak": True}) == 24 * 60 * 60
    assert STEP.deadline({"mode": "avatar4"}) == STEP.deadline_seconds < 2 * 60 * 60


def test_a_portrait_that_is_kept_can_be_picked_here_and_for_a_talking_avatar():
    form = judged({**TEXT, "save_avatar": "on"})
    assert form.is_valid()
    assert set(STEP.adds_to(form.brief())) == {"photo-avatars", "own-avatars"}
    picked = judged({**SPOKEN, "save_avatar": "on"})
    assert picked.is_valid()
    assert STEP.adds_to(picked.brief()) == ()


def test_engine_off_peak_and_length_make_another_shape():
    shape = partial(KIND.shape, STEP)
    brief = {"mode": "avatar4", "speech": "recording", "recording": "x", "recorded_seconds": "21.0"}
    assert shape(brief) == shape({**brief, "recorded_seconds": "24.5"})
    others: list[dict[str, Any]] = [{"mode": "avatar2"}, {"off_peak": True}, {"recorded_seconds": "65"}]
    assert len({shape({**brief, **other}) for other in ({}, *others)}) == 4
