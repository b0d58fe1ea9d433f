"""Voice clone and text to voice: what a sample may be, how words are said, and what both cost."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from tasks.commands.ledger.published_prices import PUBLISHED
from tasks.kinds import kind
from tasks.kinds.base import KindForm

from .world import PHOTO, RECORDING, Library, SmallCatalog, like

CLONE, READ = kind("voice-clone"), kind("text-to-voice")
WORDS = {"words": "SQL is a language.", "voice": "voice-a", "speed": "1.00"}


def sampled(**changes: object) -> KindForm:
    upload = like(RECORDING, **changes)
    return CLONE.inputs({"sample": str(upload.id)}, files=Library(upload), catalog=SmallCatalog())


def read(answers: Mapping[str, str]) -> KindForm:
    return READ.inputs(answers, files=Library(), catalog=SmallCatalog())


@pytest.mark.parametrize(
    "changes",
    [
        {"seconds": 10.0},
        {"seconds": 300.0},
        {"format": "wav"},
        {"size": 10 * 1024 * 1024 - 1},
        {"seconds": None},
    ],
)
def test_a_sample_within_the_documented_limits_is_taken(changes):
    assert sampled(**changes).errors == {}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seconds": 9.9}, ["9.9", "10 to 300"]),
        ({"seconds": 300.1}, ["300.1", "10 to 300"]),
        ({"format": "m4a"}, ["M4A", "MP3, WAV"]),
        ({"size": 10 * 1024 * 1024}, ["10.0"]),
    ],
)
def test_a_sample_beyond_the_limits_is_told_what_came_and_what_is_allowed(changes, said):
    form = sampled(**changes)
    assert list(form.errors) == ["sample"]
    [message] = form.errors["sample"]
    assert [word for word in said if word not in message] == []


def test_a_picture_is_no_voice():
    form = CLONE.inputs({"sample": str(PHOTO.id)}, files=Library(), catalog=SmallCatalog())
    assert list(form.errors) == ["sample"]


def test_a_cloned_voice_joins_the_voices_and_needs_no_file_to_succeed():
    step = CLONE.steps[0]
    assert step.adds_to({}) == ("voices",)
    assert step.expected_outputs({}) == 0
    assert "voice" in str(step.note({"voice_id": "aZ19"}))
    assert step.note({}) == ""


def test_the_documented_prices_are_told():
    for declared, credits in ((CLONE, "1"), (READ, "0.1")):
        found = declared.steps[0].price({}, PUBLISHED)
        assert found is not None and found.least == found.most == Decimal(credits)


@pytest.mark.parametrize("field", ["words", "voice"])
def test_a_text_and_a_voice_are_asked_for_on_their_fields(field):
    assert list(read({name: value for name, value in WORDS.items() if name != field}).errors) == [field]


@pytest.mark.parametrize("line", ["SQL", "SQL =", "= sequel", "=", "SQL: sequel"])
def test_a_pronunciation_without_both_sides_is_refused_with_the_line(line):
    form = read({**WORDS, "pronunciation": f"TopView = top view\n{line}"})
    assert list(form.errors) == ["pronunciation"]
    assert line.strip("= ") in form.errors["pronunciation"][0]


def test_pronunciations_are_sent_line_by_line_and_kept_as_written():
    form = read({**WORDS, "pronunciation": " SQL = sequel = really \n\n C = see "})
    assert form.errors == {}
    body = READ.steps[0].body(form.brief(), {})
    assert body["pronRules"] == [
        {"oldStr": "SQL", "newStr": "sequel = really"},
        {"oldStr": "C", "newStr": "see"},
    ]
    assert "pronunciation" in READ.read_brief(form.brief())


def test_titles_come_from_the_name_the_file_or_the_words():
    assert CLONE.title({"name": "Me", "sample": "a"}, {"a": "me.mp3"}) == "Me"
    assert CLONE.title({"sample": "a"}, {"a": "me.mp3"}) == "me.mp3"
    assert CLONE.title({"sample": "a"}) == "Cloned voice"
    assert READ.title(WORDS) == WORDS["words"]
