"""Both generations of product avatar: what is asked, what is refused, what a missing face means."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from tasks.causes import Cause, Code
from tasks.commands.ledger.published_prices import PUBLISHED
from tasks.kinds import kind
from tasks.kinds.base import KindForm, UnusableBrief

from .world import CLIP, FILE_IDS, PHOTO, RECORDING, Library, SmallCatalog, like

KIND, FIRST = kind("product-avatar"), kind("product-avatar-v1")
PLACE = "[[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]"
PLAIN = {
    "product": str(PHOTO.id),
    "model": "public",
    "avatar": "model-a",
    "placement": "auto",
    "keep": "model",
    "size": "2",
}
EARLIER = {
    "product": str(PHOTO.id),
    "model": "public",
    "avatar": "model-a",
    "prompt": "She holds it.",
    "size": "2",
}
SPOKEN = {"mode": "avatar4", "speech": "text", "script": "Taste it.", "voice": "voice-a"}
RECORDED = {"mode": "avatar4", "speech": "recording", "recording": str(RECORDING.id)}


def judged(answers: Mapping[str, Any], inputs: type[KindForm] = KIND.inputs, **more: Any) -> KindForm:
    return inputs(answers, files=more.pop("files", Library()), catalog=SmallCatalog(), **more)


def video(answers: Mapping[str, Any], declared=KIND, **more: Any) -> KindForm:
    inputs = declared.step("video").follow_up.inputs
    assert inputs is not None
    return judged(answers, inputs, **more)


@pytest.mark.parametrize(
    ("declared", "plain", "field"),
    [
        *((KIND, PLAIN, name) for name in PLAIN),
        *((FIRST, EARLIER, name) for name in EARLIER),
        (KIND, {**PLAIN, "model": "own", "model_picture": str(PHOTO.id)}, "model_picture"),
        (KIND, {**PLAIN, "placement": "manual", "location": PLACE}, "location"),
        (FIRST, {**EARLIER, "model": "own", "model_picture": str(PHOTO.id)}, "model_picture"),
    ],
)
def test_each_required_answer_is_asked_for_on_its_field(declared, plain, field):
    assert judged(plain, declared.inputs).errors == {}
    form = judged({name: value for name, value in plain.items() if name != field}, declared.inputs)
    assert list(form.errors) == [field]


@pytest.mark.parametrize("name", SPOKEN)
def test_each_required_answer_of_the_video_is_asked_for_on_its_field(name):
    assert list(video({key: value for key, value in SPOKEN.items() if key != name}).errors) == [name]
    assert list(video({**RECORDED, "recording": ""}).errors) == ["recording"]


@pytest.mark.parametrize(
    ("declared", "plain", "field", "value"),
    [
        (KIND, PLAIN, "product", str(CLIP.id)),
        (KIND, PLAIN, "face", str(RECORDING.id)),
        (KIND, PLAIN, "avatar", "avatar-with-voice"),
        (KIND, PLAIN, "size", "7"),
        (KIND, PLAIN, "size", "0"),
        (KIND, PLAIN, "keep", "both"),
        (KIND, PLAIN, "prompt", "a" * 2001),
        (FIRST, EARLIER, "size", "7"),
        (FIRST, EARLIER, "prompt", " "),
        (KIND, {**PLAIN, "placement": "manual"}, "location", "[[10, 10], [90, 10], [90, 90]]"),
        (
            KIND,
            {**PLAIN, "placement": "manual"},
            "location",
            "[[10, 10], [721, 10], [721, 90], [10, 90]]",
        ),
    ],
)
def test_what_the_contract_does_not_know_is_refused_on_its_field(declared, plain, field, value):
    assert list(judged({**plain, field: value}, declared.inputs).errors) == [field]


@pytest.mark.parametrize("mode", ["avatar2", "avatar4", "avatar4Fast"])
@pytest.mark.parametrize(("seconds", "fits"), [(28.0, True), (28.1, False), (120.0, False), (120.1, False)])
def test_a_recording_may_be_as_long_as_the_mode_speaks(mode, seconds, fits):
    recording = like(RECORDING, seconds=seconds)
    form = video({**RECORDED, "mode": mode, "recording": str(recording.id)}, files=Library(recording))
    allowed = fits or (mode != "avatar2" and seconds <= 120)
    assert list(form.errors) == ([] if allowed else ["recording"])


@pytest.mark.parametrize("mode", ["avatar4", "avatar4Fast", "lite", "pro"])
def test_a_picture_without_a_face_takes_only_the_second_avatar(mode):
    facts = KIND.step("video").follow_up.initial({"number": "img-1", "face": False})
    assert list(video({**SPOKEN, "mode": mode}, initial=facts).errors) == ["mode"]
    assert video({**SPOKEN, "mode": "avatar2"}, initial=facts).errors == {}


@pytest.mark.parametrize("face", [True, None])
def test_a_face_that_was_found_or_not_looked_for_takes_every_mode(face):
    for declared in (KIND, FIRST):
        facts = declared.step("video").follow_up.initial({"number": "img-1", "face": face})
        assert video({**SPOKEN, "mode": "avatar2"}, declared, initial=facts).errors == {}
        assert declared.step("pictures").note({"number": "img-1", "face": face}) == ""
    assert video(SPOKEN, initial={"face": face}).errors == {}


def test_in_the_first_generation_a_picture_without_a_face_moves_but_does_not_talk():
    facts = FIRST.step("video").follow_up.initial({"number": "7", "face": False})
    assert list(video({**SPOKEN, "mode": "avatar2"}, FIRST, initial=facts).errors) == ["mode"]
    assert video({"mode": "lite"}, FIRST, initial=facts).errors == {}


@pytest.mark.parametrize("declared", [KIND, FIRST])
def test_a_picture_without_a_face_is_marked_in_words(declared):
    note = str(declared.step("pictures").note({"number": "1", "face": False}))
    assert "no face" in note


@pytest.mark.parametrize("declared", [KIND, FIRST])
def test_a_picture_that_topview_did_not_number_cannot_become_a_video(declared):
    refusal = declared.step("video").follow_up.refusal
    assert "no number" in str(refusal({"number": "", "face": None}))
    assert "no number" in str(refusal({}))
    assert refusal({"number": "1", "face": False}) == ""


def test_a_cut_out_product_without_a_number_is_refused_by_name():
    brief = judged(PLAIN)
    assert brief.is_valid()
    with pytest.raises(UnusableBrief, match="number") as refused:
        KIND.step("pictures").body({**brief.brief(), "remote_file_id": ""}, FILE_IDS)
    assert refused.value.cause == Cause.of(Code.CUTOUT_WITHOUT_NUMBER)


def test_what_belongs_to_the_other_placement_is_left_out():
    form = judged({**PLAIN, "location": PLACE})
    assert form.is_valid() and "location" not in form.brief()
    form = judged({**PLAIN, "placement": "manual", "location": PLACE})
    assert form.is_valid() and not {"keep", "size"} & set(form.brief())


def test_the_pictures_follow_the_cut_out_by_themselves_and_the_video_waits_for_a_choice():
    brief: dict[str, Any] = {}
    assert [step.slug for step in KIND.automatic_steps(brief, "cutout")] == ["pictures"]
    assert KIND.automatic_steps(brief, "pictures") == []
    started = {"cutout", "pictures"}
    assert KIND.open_steps(brief, done={"cutout"}, started=started) == []
    assert [step.slug for step in KIND.open_steps(brief, done=started, started=started)] == ["video"]
    assert KIND.waiting_steps(brief, done={"pictures"}, started={"video"}) == []


def test_only_documented_prices_are_told():
    found = KIND.step("pictures").price({}, PUBLISHED)
    assert found is not None and found.least == found.most == Decimal("0.5")
    for declared, step in ((KIND, "cutout"), (KIND, "video"), (FIRST, "pictures"), (FIRST, "video")):
        assert declared.step(step).price({}, PUBLISHED) is None
        assert declared.step(step).pricing.note


def test_longer_speech_is_another_shape():
    shape = partial(KIND.shape, KIND.step("video"))
    assert shape({**SPOKEN, "script": "a" * 100}) == shape({**SPOKEN, "script": "b" * 145})
    assert shape({**SPOKEN, "script": "a" * 100}) != shape({**SPOKEN, "script": "a" * 300})
    assert shape(SPOKEN) != shape({**SPOKEN, "mode": "avatar2"})


def test_the_title_is_the_prompt_or_the_name_of_the_product():
    assert KIND.title({"product": "abc"}, {"abc": "cup.png"}) == "cup.png"
    assert FIRST.title({"prompt": "She smiles."}) == "She smiles."
    assert KIND.title({}) == FIRST.title({}) == "Product avatar"
