"""Marketing videos, and the words of their scripts."""

from collections.abc import Mapping
from typing import Any

from tasks.kinds import kind
from tests.fields.bench import BLUE, GREEN, HIGH, YELLOW, Bench, Made
from tests.fields.shows import (
    CAPTIONS,
    MIDDLE,
    Change,
    Sheet,
    all_of,
    becomes,
    count,
    differs,
    is_the_same,
    lasts,
    of_step,
    shape,
    sounds_otherwise,
    tone,
    words_beside_the_mark,
)

SLUG = "marketing-video"
LOGO = (0.88, 0.03, 0.95, 0.1)
PRESENTER = (0.06, 0.46, 0.28, 0.6)
ASIDE = (0.4, 0.12, 0.7, 0.4)
# A film of 540 × 960 in one of 9:16 leaves no room beside it; in a square card it leaves this above.
ABOVE_THE_CARD = (0.2, 0.1, 0.8, 0.2)
ENDING = {"ending": "own", "end_card": "file:green", "end_ratio": "all", "end_colour": "black"}
OWN_WORDS = {"writer": "own", "own_script": "Take a cup. Fill it. Drink.", "style": "none"}
AFTER_A_WORD = {**OWN_WORDS, "style": "word", "style_word": "Curiosity"}
IN_WORDS = {**OWN_WORDS, "style": "words", "style_words": "Very calm"}
BLACK, WHITE = (0, 0, 0), (255, 255, 255)

USUAL = {
    "source": "own",
    "material": ["file:red"],
    "name": "Clay cup",
    "description": "It keeps tea warm.",
    "writer": "topview",
    "language": "en",
    "presenter": "any",
    "aspect": "9:16",
    "length": "15-30",
    "ending": "none",
    "way": "straight",
}

MARKETING = Sheet(
    usual=USUAL,
    make=of_step(SLUG, "preview"),
    fields={
        "source": Change({"source": "link", "link": "https://shop.example/mug"}, differs(MIDDLE, least=10)),
        "link": Change(
            {"link": "https://shop.example/another-mug"},
            differs(ASIDE, least=4),
            {"source": "link", "link": "https://shop.example/mug"},
        ),
        "material": [
            Change({"material": ["file:blue"]}, becomes(BLUE, ASIDE)),
            Change({"material": ["file:red", "file:blue"]}, becomes(BLUE, ASIDE, moment=2)),
            Change({"material": ["file:clip"]}, becomes((40, 160, 90), (0.1, 0.5, 0.9, 0.6))),
        ],
        "name": Change({"name": "Glass"}, sounds_otherwise),
        "description": Change(
            {"description": "Hot water is what it likes best."}, differs(CAPTIONS, moment=0)
        ),
        "writer": Change(OWN_WORDS, sounds_otherwise),
        "own_script": Change({"own_script": "Never put it down. It is yours."}, sounds_otherwise, OWN_WORDS),
        "style": Change({"style": "word", "style_word": "Curiosity"}, words_beside_the_mark, OWN_WORDS),
        "style_word": Change({"style_word": "Pain"}, words_beside_the_mark, AFTER_A_WORD),
        "style_words": Change({"style_words": "As loud as can be"}, words_beside_the_mark, IN_WORDS),
        "audience": Change({"audience": "people at sea"}, sounds_otherwise),
        "language": Change({"language": "de"}, sounds_otherwise, {"voice": "entry:voices/0"}),
        "voice": Change({"voice": "entry:voices/1"}, sounds_otherwise, {"voice": "entry:voices/0"}),
        "presenter": Change(
            {"presenter": "own", "own_avatar": "entry:own-avatars/1"},
            all_of(becomes(BLUE, (0.12, 0.5, 0.2, 0.56)), is_the_same(ASIDE)),
        ),
        "avatar": Change(
            {"avatar": "entry:avatars/3"},
            differs(PRESENTER, least=4),
            {"presenter": "catalog", "avatar": "entry:avatars/0"},
        ),
        "own_avatar": Change(
            {"own_avatar": "entry:own-avatars/1"},
            becomes(BLUE, (0.12, 0.5, 0.2, 0.56)),
            {"presenter": "own", "own_avatar": "entry:own-avatars/0"},
        ),
        "aspect": [
            Change({"aspect": ratio}, shape(*map(int, ratio.split(":")))) for ratio in ("1:1", "16:9")
        ],
        "length": [
            Change({"length": "30-50"}, lasts(29.9, 50.1)),
            Change({"length": "45-60"}, lasts(44.9, 60.1)),
        ],
        "caption": Change(
            {"caption": "entry:captions/4"}, differs(CAPTIONS, moment=0), {"caption": "entry:captions/0"}
        ),
        "logo": Change({"logo": "file:yellow"}, all_of(becomes(YELLOW, LOGO), is_the_same(ASIDE))),
        "music": Change({"music": "file:high"}, tone(HIGH, least=0.02)),
        "ending": Change(ENDING, all_of(becomes(GREEN, moment=2), is_the_same(ASIDE, moment=1, most=4))),
        "end_card": Change({"end_card": "file:yellow"}, becomes(YELLOW, moment=2), ENDING),
        "end_ratio": Change(
            {"end_ratio": "1:1"},
            all_of(becomes(BLACK, ABOVE_THE_CARD, moment=2), is_the_same(MIDDLE, moment=2)),
            ENDING,
        ),
        "end_colour": Change(
            {"end_colour": "white"},
            becomes(WHITE, ABOVE_THE_CARD, moment=2),
            {**ENDING, "end_ratio": "1:1"},
        ),
        "way": Change({"way": "preview"}, count(3)),
    },
)

MADE_FIRST = {**USUAL, "way": "preview", "logo": "file:yellow"}


def previewed(bench: Bench) -> tuple[Mapping[str, Any], Made]:
    """What later steps are asked of the first preview, and the previews."""
    made = bench.make(kind(SLUG), "preview", MADE_FIRST, {})
    brief = bench.form(kind(SLUG).inputs, MADE_FIRST).brief()
    facts = made.outputs[0].facts
    return {**brief, "remote_id": made.number, "item_facts": facts, "item": "0"}, made


def reworded(bench: Bench, answers: Mapping[str, Any]) -> Made:
    """A preview with other words; without any change the first one."""
    asked, made = previewed(bench)
    segments = [list(pair) for pair in asked["item_facts"]["segments"]]
    if "segments" not in answers:
        return made
    segments[0][1] = answers["segments"]
    return bench.make(kind(SLUG), "script", {"segments": segments}, asked)


SCRIPT = Sheet(
    usual={},
    make=reworded,
    fields={
        "segments": Change({"segments": "Nobody has ever seen such a thing before today."}, sounds_otherwise)
    },
)

SHEETS = {
    ("marketing-video", ""): MARKETING,
    ("marketing-video", "script"): SCRIPT,
}


def is_the_order_that_was_previewed(bench: Bench) -> None:
    """An export has the logo and the length that its preview was ordered with, and more pixels."""
    asked, previews = previewed(bench)
    export = bench.make(kind(SLUG), "export", {}, asked)
    becomes(YELLOW, LOGO)(bench.make(kind(SLUG), "preview", USUAL, {}), export)
    assert 14.9 <= export.film.seconds <= 30.1
    assert min(export.film.size) == 2 * min(previews.film.size)
