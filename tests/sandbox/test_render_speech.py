"""Speech: many languages, two genders, speed, and no mixing of two speakers."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tasks.sandbox.render import Rendered, RenderError, RenderJob, catalog_media, render
from tasks.sandbox.render.samples import SENTENCES
from tasks.sandbox.render.speech import speak
from tests.sandbox.watching import draw_picture, watch


def loudness(samples: list[int]) -> float:
    return float((sum(sample * sample for sample in samples) / len(samples)) ** 0.5)


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_every_language_of_the_catalog_is_audible(language: str) -> None:
    spoken = speak(SENTENCES[language].format(name="Ada"), language=language)
    assert 1 < spoken.sound.seconds < 15
    assert loudness(list(spoken.sound.samples[::50])) > 500


def test_the_words_are_said_one_after_the_other() -> None:
    text = "one two three four five"
    spoken = speak(text)
    positions = [position for position, _ in spoken.marks]
    times = [time for _, time in spoken.marks]
    assert [text[position:].split()[0] for position in positions] == text.split()
    assert times == sorted(times) and times[-1] < spoken.sound.seconds


def test_positions_count_letters_in_other_alphabets_too() -> None:
    text = "Привет мир"
    assert [text[position] for position, _ in speak(text, language="ru").marks] == ["П", "м"]


def test_a_man_a_woman_and_another_voice_sound_different() -> None:
    sounds = [
        speak("Good morning", gender=gender, voice=voice).sound.samples.tobytes()
        for gender, voice in (("male", "a"), ("female", "a"), ("female", "b"))
    ]
    assert len(set(sounds)) == 3


def test_the_same_voice_keeps_its_pace() -> None:
    once, again = (speak("Good morning to all of you", voice="x").sound.seconds for _ in range(2))
    assert once == pytest.approx(again, abs=0.02)


def test_a_faster_voice_takes_less_time() -> None:
    slow, fast = (speak("This takes some time to say.", speed=speed).sound.seconds for speed in (0.7, 1.6))
    assert fast < slow * 0.7


def test_endless_text_stops_after_two_minutes() -> None:
    assert speak("many words " * 2_000).sound.seconds <= 121


@pytest.mark.parametrize("text", ["", " \n ", "\u200b"])
def test_nothing_to_say_is_refused(text: str) -> None:
    with pytest.raises(RenderError):
        speak(text)


def test_speakers_at_the_same_time_do_not_mix() -> None:
    texts = ["This is one of many speakers. " * number for number in (6, 1, 4, 2, 5, 3)]
    alone = [speak(text) for text in texts]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(speak, texts))
    for text, one, other in zip(texts, alone, together, strict=True):
        assert [position for position, _ in other.marks] == [position for position, _ in one.marks], text
        assert other.sound.seconds == pytest.approx(one.sound.seconds, abs=0.05)


@pytest.mark.parametrize("product", ["speech", "voice-sample"])
def test_speech_is_an_mp3_file(tmp_path: Path, product: str) -> None:
    (made,) = render(RenderJob(product=product, into=tmp_path, text="Hello, this is me."))  # type: ignore[arg-type]
    heard = watch(made.path)
    assert (made.role, made.media_type, made.path.suffix) == ("audio", "audio/mpeg", ".mp3")
    assert heard.audio_codec in ("mp3", "mp3float")
    assert made.seconds == pytest.approx(heard.audio_seconds, abs=0.15)
    assert heard.loudness > 500


def test_jobs_run_in_child_processes(tmp_path: Path) -> None:
    picture = draw_picture(tmp_path / "in.png", "#80a020")
    job = RenderJob(product="animation", into=tmp_path, pictures=(picture,), aspect="1:1", seconds=1.0)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        made: list[Rendered] = pool.submit(render, job).result()
        sample = pool.submit(
            catalog_media, "captions", {"captionId": "x"}, "x.png", tmp_path / "shelf"
        ).result()
        with pytest.raises(RenderError, match="picture"):
            pool.submit(render, RenderJob(product="cutout", into=tmp_path)).result()
    assert watch(made[0].path).video_codec == "h264"
    assert sample.exists()
