"""Captions from scripts: what a sentence is, and about when it is spoken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.media.captions import cues_of, sentences_of, webvtt


@pytest.mark.parametrize(
    ("script", "sentences"),
    [
        ("Good morning. Three things are new!", ["Good morning.", "Three things are new!"]),
        ("It costs 1.50 today. Come.", ["It costs 1.50 today.", "Come."]),
        ("你好。再见！", ["你好。", "再见！"]),
        ('Wait.<break time="1.0s"/> Now "go." Done', ["Wait.", 'Now "go."', "Done"]),
        ("A title\n\nand words", ["A title", "and words"]),
        ("  \n ", []),
    ],
)
def test_a_script_is_cut_into_its_sentences(script: str, sentences: list[str]) -> None:
    assert sentences_of(script) == sentences


def test_sentences_share_the_whole_length_by_theirs_where_the_sound_is_not_known() -> None:
    short, long = cues_of("Four. And ten more.", 10)
    assert short.start == 0 and short.end == pytest.approx(10 * 5 / 18)
    assert (long.start, long.end) == (short.end, 10)


def test_no_sentence_stands_in_the_silence_before_behind_or_between() -> None:
    loud = [0] * 100 + [90] * 300 + [0] * 200 + [80] * 300 + [1] * 100
    first, second = cues_of("Eight.. Nine...", 10, loud)
    assert [first.start, second.end] == pytest.approx([1.0, 9.0])
    assert first.end == pytest.approx(4, abs=0.5)
    assert second.start >= first.end


@given(st.text(max_size=300), st.floats(0.1, 600), st.none() | st.lists(st.integers(0, 100), min_size=1))
def test_whatever_is_written_cues_follow_one_another_within_the_length(
    script: str, seconds: float, peaks: list[int] | None
) -> None:
    cues = cues_of(script, seconds, peaks)
    assert [cue.text for cue in cues] in ([], sentences_of(script))
    moments = [moment for cue in cues for moment in (cue.start, cue.end)]
    assert moments == sorted(moments)
    assert all(-1e-6 <= moment <= seconds + 1e-6 for moment in moments)


def test_signs_with_a_meaning_in_captions_are_escaped() -> None:
    told = webvtt(cues_of("Cups & <plates>.", 3661.5))
    assert told == "WEBVTT\n\n00:00:00.000 --> 01:01:01.500\nCups &amp; &lt;plates&gt;.\n"
