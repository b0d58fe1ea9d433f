"""Strips and loudness, made by the worker of what was saved, and what players are given of them."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.urls import reverse
from PIL import Image

from tasks import jobs
from tasks.kinds import KINDS
from tasks.media.player_aids import PEAKS
from tasks.models import Membership, Output, PlayerMedia
from tests.media.samples import make_audio, make_video
from tests.people import browser_of, make_blob
from tests.views.rows import make_output, make_task

pytestmark = pytest.mark.django_db


def saved(mark: Membership, content: bytes, media_type: str, **facts: Any) -> Output:
    output = make_output(make_task(mark), **facts)
    Output.objects.filter(pk=output.pk).update(blob=make_blob(mark.workspace, content, media_type))
    output.refresh_from_db()
    return output


def made_of(output: Output) -> PlayerMedia:
    return PlayerMedia.objects.get(source=output.blob)


def test_a_film_gets_a_strip_and_its_loudness(mark: Membership, tmp_path: Path) -> None:
    film = make_video(tmp_path / "film.mp4", 3)
    output = saved(mark, film.read_bytes(), "video/mp4", seconds=3.0, width=160, height=120)
    jobs.make_player_media()
    made = made_of(output)
    assert (made.is_made, made.tiles, made.tile_seconds) == (True, 6, 0.5)
    assert made.peaks is not None and len(made.peaks) == PEAKS and max(made.peaks) == 100
    answer = browser_of(mark).get(reverse("output-strip", args=[output.pk]))
    with Image.open(io.BytesIO(b"".join(answer))) as strip:
        assert strip.size == (6 * 160, 120)
    page = browser_of(mark).get(reverse("task-page", args=[output.task_id])).content.decode()
    assert f'data-strip="{reverse("output-strip", args=[output.pk])}"' in page


def test_a_long_film_has_a_hundred_tiles_at_most(mark: Membership, tmp_path: Path) -> None:
    film = make_video(tmp_path / "film.mp4", 60, (32, 24), audio=False)
    output = saved(mark, film.read_bytes(), "video/mp4", seconds=60.0)
    jobs.make_player_media()
    made = made_of(output)
    assert (made.tiles, made.tile_seconds, made.peaks) == (100, 0.6, None)


def test_a_sound_shows_its_loudness(mark: Membership, tmp_path: Path) -> None:
    sound = make_audio(tmp_path / "tone.mp3", 2)
    output = saved(mark, sound.read_bytes(), "audio/mpeg", role="audio", seconds=2.0)
    jobs.make_player_media()
    made = made_of(output)
    assert (made.tiles, made.strip) == (0, None)
    assert made.peaks is not None and min(made.peaks[100:900]) > 50
    page = browser_of(mark).get(reverse("task-page", args=[output.task_id])).content.decode()
    assert "data-wave" in page


def test_what_cannot_be_drawn_is_not_tried_for_ever(mark: Membership) -> None:
    output = saved(mark, b"no film at all", "video/mp4", seconds=2.0)
    jobs.make_player_media()
    made = made_of(output)
    assert (made.is_made, made.tiles, made.tries) == (True, 0, 1)
    jobs.make_player_media()
    assert made_of(output).tries == 1
    assert browser_of(mark).get(reverse("output-strip", args=[output.pk])).status_code == 404


def test_a_film_whose_bytes_are_away_is_tried_later(mark: Membership, tmp_path: Path) -> None:
    output = saved(mark, make_video(tmp_path / "film.mp4", 1).read_bytes(), "video/mp4", seconds=1.0)
    assert output.blob is not None
    kept = Path(output.blob.file.path)
    away = kept.rename(tmp_path / "away")
    jobs.make_player_media()
    assert not made_of(output).is_made
    away.rename(kept)
    jobs.make_player_media()
    assert made_of(output).tries == 1
    PlayerMedia.objects.update(next_at=F("next_at") - timedelta(hours=2))
    jobs.make_player_media()
    assert made_of(output).tiles == 2


def test_the_script_is_offered_as_captions(mark: Membership) -> None:
    brief = {"schema": 1, "speech": "text", "script": "Good morning. Come & see."}
    output = make_output(make_task(mark, kind=KINDS["video-avatar"], brief=brief))
    answer = browser_of(mark).get(reverse("output-captions", args=[output.pk]))
    assert answer["Content-Type"] == "text/vtt; charset=utf-8"
    assert "Good morning.\n" in answer.content.decode() and "Come &amp; see.\n" in answer.content.decode()
    page = browser_of(mark).get(reverse("task-page", args=[output.task_id])).content.decode()
    assert f'<track kind="captions" src="{reverse("output-captions", args=[output.pk])}"' in page


def test_without_a_script_there_are_no_captions(mark: Membership) -> None:
    brief = {"schema": 1, "speech": "audio", "script": "Good morning."}
    output = make_output(make_task(mark, kind=KINDS["video-avatar"], brief=brief))
    assert browser_of(mark).get(reverse("output-captions", args=[output.pk])).content == b"WEBVTT\n"
    page = browser_of(mark).get(reverse("task-page", args=[output.task_id])).content.decode()
    assert "<track" not in page
