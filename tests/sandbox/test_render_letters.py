"""Letters and captions: every script that the portal's languages need, broken into readable cards."""

import hashlib
import re

import pytest
from PIL import Image

from tasks.sandbox.render.caption_styles import STYLES, draw_card, style_of
from tasks.sandbox.render.captions import Card, Word, cards, joined
from tasks.sandbox.render.lettering import FOLDER, draw_line, is_right_to_left, line_width, runs
from tasks.sandbox.render.samples import SENTENCES


def fits(line: str) -> bool:
    return line_width(line, 40) <= 600


def texts_of(made: list[Card]) -> list[list[str]]:
    return [[joined(line) for line in card.lines] for card in made]


@pytest.mark.parametrize(
    "text", [*SENTENCES.values(), "שלום עולם", "繁體中文，這是測試", "ქართული", "বাংলা", "Ελληνικά"]
)
def test_no_letter_of_a_language_is_missing(text: str) -> None:
    drawn = "".join(run.text for run in runs(text))
    assert sorted(drawn) == sorted(text) or not [c for c in text if c.isalpha() and c not in drawn]


@pytest.mark.parametrize("text", ["A 漢字 Я", "Hello", "你好", "مرحبا", "สวัสดี"])
def test_letters_leave_ink_within_their_width(text: str) -> None:
    picture = Image.new("L", (600, 80), 0)
    draw_line(picture, (20, 55), text, 40, 255)  # type: ignore[arg-type]
    box = picture.getbbox()
    assert box is not None
    assert box[0] >= 15 and box[2] <= 20 + line_width(text, 40) + 5


def test_emoji_and_other_unknown_characters_are_left_out() -> None:
    assert "".join(run.text for run in runs("Hi 🎉 there\ue000")) == "Hi  there"


def test_arabic_and_hebrew_run_from_right_to_left() -> None:
    assert is_right_to_left("123 مرحبا") and is_right_to_left("שלום") and not is_right_to_left("Hi مرحبا")


def test_the_fonts_are_those_that_the_manifest_lists() -> None:
    listed = dict(re.findall(r"\| `([^`]+)` \|.*`([0-9a-f]{96})`", (FOLDER / "README.md").read_text("utf-8")))
    files = {path.name: path for path in FOLDER.iterdir() if path.suffix in (".ttf", ".otf")}
    assert listed == {name: hashlib.sha384(path.read_bytes()).hexdigest() for name, path in files.items()}
    assert (FOLDER / "OFL.txt").exists()


def test_cards_hold_the_whole_text_in_order_on_at_most_two_lines() -> None:
    text = "Meet the bottle that keeps your coffee hot for twelve hours. Light, leak proof, and made to last."
    made = cards(text, (), 8.0, fits)
    assert " ".join(line for card in texts_of(made) for line in card) == text
    assert all(len(card.lines) <= 2 and fits(joined(line)) for card in made for line in card.lines)


def test_cards_follow_each_other_without_a_gap() -> None:
    made = cards("One thing. And another thing. And one more.", (), 6.0, fits)
    assert made[0].start == 0 and made[-1].end == 6.0
    assert all(card.end == following.start for card, following in zip(made, made[1:], strict=False))


def test_a_sentence_starts_a_new_card() -> None:
    assert texts_of(cards("Yes. No! 好。不好。", (), 4.0, fits)) == [["Yes."], ["No!"], ["好。"], ["不好。"]]


def test_a_long_sentence_is_not_left_with_one_lonely_word() -> None:
    lines = texts_of(
        cards("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi", (), 9.0, fits)
    )
    assert all(len(" ".join(card)) > 12 for card in lines)


def test_words_are_shown_when_they_are_said() -> None:
    made = cards("First sentence. Second sentence.", ((0, 0.0), (6, 0.5), (16, 3.0), (23, 3.5)), 4.0, fits)
    assert [(card.start, card.end) for card in made] == [(0.0, 3.0), (3.0, 4.0)]
    assert made[1].word_at(3.2) == 0 and made[1].word_at(3.6) == 1


@pytest.mark.parametrize(("text", "whole"), [("。」", ""), ("น้ำ", "น้ำ"), ("เด็ก", "เด็"), ("「好」", "「好」")])
def test_no_line_breaks_inside_a_syllable_or_before_a_full_stop(text: str, whole: str) -> None:
    words = [
        word.text for card in cards("好" + text, (), 1.0, lambda line: len(line) < 2) for word in card.words
    ]
    assert whole in "".join(words)
    assert not any(word[0] in "。」ำ้็" for word in words)


def test_every_caption_id_of_the_catalog_has_its_own_style(catalog_captions: list[str]) -> None:
    assert len({style_of(caption).name for caption in catalog_captions}) == len(catalog_captions)


def test_a_style_is_found_by_its_name_and_an_unknown_one_is_always_the_same() -> None:
    assert style_of("neon").name == "neon"
    assert style_of("something else") == style_of("something else")
    assert style_of("").name == "box"


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_a_card_is_never_wider_than_the_film(style: object) -> None:
    card = Card(((Word("Donaudampfschifffahrtsgesellschaftskapitän", spaced=True, at=0),),), 0, 1)
    picture = draw_card(card, style, 44, 600, 0)  # type: ignore[arg-type]
    assert picture.width <= 600 + 2 * 44
    assert picture.width % 2 == picture.height % 2 == 0
    assert picture.getchannel("A").getextrema()[1] > 200  # type: ignore[operator]


@pytest.fixture
def catalog_captions() -> list[str]:
    import json
    from pathlib import Path

    import tasks.contract

    path = Path(tasks.contract.__file__).parent / "catalog" / "captions.json"
    return [row["captionId"] for row in json.loads(path.read_text("utf-8"))["result"]]
