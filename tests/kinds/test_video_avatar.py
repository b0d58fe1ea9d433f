"""The rules across the fields of the talking avatar; each message stands on its field."""

from collections.abc import Mapping
from functools import partial

import pytest

from tasks.commands.ledger.published_prices import PUBLISHED
from tasks.kinds import kind
from tasks.kinds.base import CatalogEntry, KindForm

from .world import CLIP, PHOTO, RECORDING, Library, SmallCatalog, like

KIND = kind("video-avatar")
PHOTO_TEXT = {
    "person": "photo",
    "photo": str(PHOTO.id),
    "speech": "text",
    "script": "Hello.",
    "voice": "voice-a",
    "engine": "avatar-1",
}
PUBLIC_TEXT = {
    "person": "public",
    "avatar": "avatar-with-voice",
    "speech": "text",
    "script": "Hello.",
    "engine": "avatar-1",
}


def judged(
    answers: Mapping[str, str], *, files: Library | None = None, catalog: SmallCatalog | None = None
) -> KindForm:
    return KIND.inputs(answers, files=files or Library(), catalog=catalog or SmallCatalog())


def without(answers: Mapping[str, str], name: str, **changes: str) -> dict[str, str]:
    return {key: value for key, value in {**answers, **changes}.items() if key != name}


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        (without(PHOTO_TEXT, "photo"), "photo"),
        (without(PHOTO_TEXT, "photo", person="video"), "video"),
        (without(PHOTO_TEXT, "photo", person="own"), "own_avatar"),
        (without(PUBLIC_TEXT, "avatar"), "avatar"),
        (without(PHOTO_TEXT, "script"), "script"),
        ({**PHOTO_TEXT, "script": " \r\n "}, "script"),
        (without(PHOTO_TEXT, "voice"), "voice"),
        (without(PHOTO_TEXT, "photo", person="own", own_avatar="my-avatar", voice=""), "voice"),
        (without(PHOTO_TEXT, "voice", person="video", video=str(CLIP.id)), "voice"),
        ({**PUBLIC_TEXT, "avatar": "avatar-without-voice"}, "voice"),
        ({**PHOTO_TEXT, "speech": "recording"}, "recording"),
        (without(PHOTO_TEXT, "person"), "person"),
        (without(PHOTO_TEXT, "speech"), "speech"),
        (without(PHOTO_TEXT, "engine"), "engine"),
    ],
)
def test_what_the_contract_requires_is_asked_for_on_its_field_alone(answers, field):
    form = judged(answers)
    assert list(form.errors) == [field]
    assert len(form.errors[field]) == 1


def test_an_avatar_of_the_catalog_may_speak_with_its_own_voice():
    form = judged(PUBLIC_TEXT)
    assert form.errors == {}
    assert "voice" not in form.brief()


def test_an_avatar_whose_voice_is_not_known_yet_is_not_refused():
    entry = CatalogEntry("avatar-with-voice", "Nadia", "avatars", {})
    assert judged(PUBLIC_TEXT, catalog=SmallCatalog((entry,))).errors == {}


@pytest.mark.parametrize("person", ["photo", "video", "own"])
def test_captions_count_only_for_an_avatar_of_the_catalog(person):
    answers = {**PHOTO_TEXT, "person": person, "video": str(CLIP.id), "own_avatar": "my-avatar"}
    form = judged({**answers, "caption": "caption-a"})
    assert form.errors == {}
    assert "caption" not in form.brief()


@pytest.mark.parametrize(
    ("person", "kept"), [("photo", True), ("video", True), ("own", False), ("public", False)]
)
def test_only_an_uploaded_person_can_be_kept_as_an_avatar(person, kept):
    answers = {**PHOTO_TEXT, "person": person, "video": str(CLIP.id), "own_avatar": "my-avatar"}
    form = judged({**answers, "avatar": "avatar-with-voice", "save_avatar": "on"})
    assert form.errors == {}
    assert form.brief().get("save_avatar", False) is kept


@pytest.mark.parametrize(
    "speed", ["0.79", "1.21", "1.01", "0", "-1", "1e999999999", "NaN", "sNaN", "-Infinity", "x"]
)
def test_a_speed_out_of_its_range_or_steps_is_refused(speed):
    assert list(judged({**PHOTO_TEXT, "speed": speed}).errors) == ["speed"]


@pytest.mark.parametrize(
    ("speed", "stored"), [("0.8", "0.80"), ("1.2", "1.20"), ("0.95", "0.95"), (" 1 ", "1.00")]
)
def test_a_speed_within_its_range_is_kept_to_the_digit(speed, stored):
    form = judged({**PHOTO_TEXT, "speed": speed})
    assert form.errors == {}
    assert form.brief()["speed"] == stored


def test_a_script_over_the_limit_is_told_both_numbers():
    [message] = judged({**PHOTO_TEXT, "script": "a" * 5001}).errors["script"]
    assert "5,001" in message
    assert "5,000" in message
    assert "5,000" in judged({})["script"].help_text


def test_a_script_of_the_limit_counts_a_line_end_once():
    script = "a\r\n" * 2499 + "bc"
    form = judged({**PHOTO_TEXT, "script": script})
    assert form.errors == {}
    assert len(form.brief()["script"]) == 5000


@pytest.mark.parametrize(
    ("name", "role", "changes", "said"),
    [
        ("photo", PHOTO, {"format": "tiff"}, ["TIFF", "PNG"]),
        ("photo", CLIP, {}, ["a video", "a picture", "PNG"]),
        ("video", RECORDING, {"format": "mp4"}, ["a sound file", "a video"]),
        ("photo", PHOTO, {"size": 31 * 1024 * 1024}, ["31.0", "30.0"]),
        ("photo", PHOTO, {"width": 20}, ["20 × 960", "64"]),
        ("photo", PHOTO, {"height": 9000}, ["720 × 9,000", "8,192"]),
        ("video", CLIP, {"seconds": 601.2}, ["601.2", "600"]),
        ("recording", RECORDING, {"seconds": 3600.0}, ["3,600.0", "600"]),
    ],
)
def test_a_file_beyond_the_limits_is_told_what_came_and_what_is_allowed(name, role, changes, said):
    upload = like(role, **changes)
    person = "video" if name == "video" else "photo"
    speech = "recording" if name == "recording" else "text"
    answers = {**PHOTO_TEXT, "person": person, "speech": speech, name: str(upload.id)}
    form = judged(answers, files=Library(upload))
    assert list(form.errors) == [name]
    for word in said:
        assert word in form.errors[name][0]


@pytest.mark.parametrize("upload_id", ["12", "\x00", "00000000-0000-0000-0000-0000000000ff", "{}" * 10, "é"])
def test_a_file_that_is_not_in_the_library_is_refused(upload_id):
    assert list(judged({**PHOTO_TEXT, "photo": upload_id}).errors) == ["photo"]


@pytest.mark.parametrize("remote_id", ["voice\x00", "\ud800", "v" * 300, "'; --", "\u202evoice"])
def test_an_id_no_catalog_can_hold_is_refused(remote_id):
    assert list(judged({**PHOTO_TEXT, "voice": remote_id}).errors) == ["voice"]


def test_a_voice_that_is_gone_and_a_list_never_read_have_different_messages():
    gone = judged({**PHOTO_TEXT, "voice": "voice-z"})
    unread = judged({**PHOTO_TEXT, "voice": "voice-a"}, catalog=SmallCatalog(()))
    assert list(gone.errors) == list(unread.errors) == ["voice"]
    assert gone.errors != unread.errors


def test_what_was_typed_survives_a_refusal():
    form = judged({**PHOTO_TEXT, "voice": "", "caption": "caption-a", "script": "Kept."})
    assert not form.is_valid()
    assert form["script"].value() == "Kept."
    assert form["caption"].value() == "caption-a"


def test_the_title_is_the_first_words_of_the_script_or_the_name_of_the_recording():
    assert KIND.title({"script": "Good\nmorning to you all"}) == "Good morning to you all"
    long = KIND.title({"script": "word " * 50})
    assert long.endswith("word…")
    assert len(long) <= 61
    assert KIND.title({"recording": "abc"}, {"abc": "greeting.mp3"}) == "greeting.mp3"
    assert KIND.title({"recording": "abc"}) == "Talking avatar"


def test_longer_scripts_and_other_engines_are_other_shapes_for_an_estimate():
    shape = partial(KIND.shape, KIND.steps[0])
    brief = {"engine": "avatar-1", "speech": "text", "script": "a" * 150}
    assert shape(brief) == shape({**brief, "script": "b" * 140})
    assert shape(brief) != shape({**brief, "script": "b" * 190})
    assert shape(brief) != shape({**brief, "script": "\u4f60" * 150})
    spoken = {"engine": "avatar-1", "speech": "recording", "recording": "x"}
    assert (
        len({shape(one) for one in (spoken, *({**spoken, "recorded_seconds": n} for n in ("9", "21")))}) == 3
    )
    assert shape(brief) != shape({**brief, "script": "a" * 900})
    assert shape(brief) != shape({**brief, "engine": "avatar-2"})
    assert KIND.steps[0].price(brief, PUBLISHED) is None


def test_a_person_who_is_kept_adds_to_the_own_avatars():
    step = kind("video-avatar").steps[0]
    assert step.adds_to({"save_avatar": True}) == ("own-avatars",)
    assert step.adds_to({}) == ()
