"""Films: playable, in the asked shape, of the caller's own pictures, audible and captioned."""

from dataclasses import replace
from pathlib import Path

import av
import pytest
from PIL import Image

from tasks.sandbox.render import Rendered, RenderError, RenderJob, render
from tasks.sandbox.render.jobs import FPS
from tests.sandbox.watching import Watched, difference, draw_picture, mean_color, watch

TEXT = "Hello there. This is a short script."
AUDIBLE = 500


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_picture(tmp_path_factory.mktemp("person") / "person.png", "#2060c0")


@pytest.fixture(scope="module")
def job(person: Path, tmp_path_factory: pytest.TempPathFactory) -> RenderJob:
    return RenderJob(
        product="talking",
        into=tmp_path_factory.mktemp("talking"),
        pictures=(person,),
        text=TEXT,
        captions=True,
        caption_style="box",
        aspect="9:16",
    )


@pytest.fixture(scope="module")
def result(job: RenderJob) -> Rendered:
    (only,) = render(job)
    return only


@pytest.fixture(scope="module")
def film(result: Rendered) -> Watched:
    return watch(result.path)


def rendered_anew(job: RenderJob, folder: Path, **changes: object) -> list[Rendered]:
    """Films in few pictures, which take most of the time, unless `fps` says otherwise."""
    folder.mkdir(exist_ok=True)
    return render(replace(job, **{"into": folder, "fps": FPS // 4, **changes}))  # type: ignore[arg-type]


def test_a_talking_film_is_what_browsers_play(result: Rendered, film: Watched) -> None:
    assert (film.video_codec, film.pixel_format) == ("h264", "yuv420p")
    assert (film.audio_codec, film.sample_rate, film.channels) == ("aac", 44_100, 1)
    assert film.frames[0].size == (result.width, result.height) == (720, 1280)
    assert (result.role, result.media_type) == ("video", "video/mp4")


def test_the_index_stands_in_front_of_the_pictures(result: Rendered) -> None:
    data = result.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_talking_film_lasts_as_long_as_its_speech_and_a_moment_more(
    job: RenderJob, result: Rendered, film: Watched, tmp_path: Path
) -> None:
    (spoken,) = rendered_anew(job, tmp_path, product="speech")
    assert spoken.seconds is not None
    assert result.seconds == pytest.approx(spoken.seconds, abs=0.1)
    assert film.video_seconds == pytest.approx(film.audio_seconds, abs=0.15)
    assert film.video_seconds > 1.5


def test_the_speech_can_be_heard(film: Watched) -> None:
    assert film.loudness > AUDIBLE


def test_the_first_frame_shows_the_picture(film: Watched) -> None:
    red, green, blue = mean_color(film.frames[0].crop((60, 500, 660, 800)))
    assert blue > 150 and blue > red + 80 and blue > green + 50


def test_the_camera_moves(film: Watched) -> None:
    upper = (0, 0, 720, 640)
    assert difference(film.frames[2].crop(upper), film.frames[-2].crop(upper)) > 1


def test_captions_can_be_left_out(job: RenderJob, film: Watched, tmp_path: Path) -> None:
    (plain,) = rendered_anew(job, tmp_path, captions=False, fps=FPS)
    frames = watch(plain.path).frames
    lower, upper = (60, 880, 660, 1060), (0, 100, 720, 800)
    assert difference(frames[12].crop(lower), film.frames[12].crop(lower)) > 10
    assert difference(frames[12].crop(upper), film.frames[12].crop(upper)) < 3


def test_captions_change_with_what_is_said(film: Watched) -> None:
    lower = (60, 880, 660, 1060)
    assert difference(film.frames[8].crop(lower), film.frames[-20].crop(lower)) > 5


def test_a_caption_style_that_follows_the_words_marks_another_word_later(
    job: RenderJob, tmp_path: Path
) -> None:
    (marked,) = rendered_anew(
        job, tmp_path, caption_style="highlight", text="Seven golden apples fell", fps=12
    )
    yellow = [yellow_middle(frame.crop((0, 880, 720, 1060))) for frame in watch(marked.path).frames[3:15:3]]
    rounded = [round(middle / 10) for middle in yellow]
    assert rounded == sorted(rounded) and yellow[-1] - yellow[0] > 100


def yellow_middle(picture: Image.Image) -> float:
    """Where from left to right the yellow letters are."""
    data = picture.convert("RGB").tobytes()
    places = [
        index // 3 % picture.width
        for index in range(0, len(data), 3)
        if data[index] > 200 and data[index + 1] > 170 and data[index + 2] < 90
    ]
    return sum(places) / max(1, len(places))


@pytest.mark.parametrize(
    ("aspect", "size"),
    [("3:4", (720, 960)), ("1:1", (720, 720)), ("4:3", (960, 720)), ("16:9", (1280, 720)), ("", (720, 1280))],
)
def test_a_film_has_the_asked_shape_or_that_of_its_picture(
    job: RenderJob, tmp_path: Path, aspect: str, size: tuple[int, int]
) -> None:
    (made,) = rendered_anew(job, tmp_path, product="animation", aspect=aspect, seconds=1.0)
    assert watch(made.path).frames[0].size == size


@pytest.mark.parametrize("size", [(3000, 10), (10, 3000), (1, 1)])
def test_a_stripe_or_a_dot_still_becomes_a_film_to_watch(
    job: RenderJob, tmp_path: Path, size: tuple[int, int]
) -> None:
    Image.new("RGB", size, "teal").save(tmp_path / "odd.png")
    (made,) = rendered_anew(job, tmp_path, pictures=(tmp_path / "odd.png",), aspect="", text="Hi.")
    assert made.width is not None and made.height is not None
    assert min(made.width, made.height) >= 360


def test_variants_of_an_animation_differ_and_are_silent(job: RenderJob, tmp_path: Path) -> None:
    made = rendered_anew(job, tmp_path, product="animation", aspect="1:1", count=3, seconds=1.0)
    films = [watch(one.path) for one in made]
    assert len({one.path for one in made}) == 3
    assert all(one.loudness < 5 and one.video_seconds == pytest.approx(1.0, abs=0.05) for one in films)
    lasts = [one.frames[-1] for one in films]
    assert difference(lasts[0], lasts[1]) > 1 and difference(lasts[1], lasts[2]) > 1


def test_the_same_seed_gives_the_same_film(job: RenderJob, tmp_path: Path) -> None:
    files = [
        rendered_anew(job, tmp_path / name, product="animation", aspect="1:1", seconds=1.0, seed=seed)[0].path
        for name, seed in (("one", 4), ("two", 4), ("other", 5))
    ]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert difference(watch(files[0]).frames[-1], watch(files[2]).frames[-1]) > 1


def test_a_talking_video_shows_the_frames_of_the_given_video(job: RenderJob, tmp_path: Path) -> None:
    green = draw_picture(tmp_path / "green.png", "#18a040", (640, 360))
    (source,) = rendered_anew(
        job, tmp_path / "source", product="animation", pictures=(green,), aspect="16:9", seconds=1.0
    )
    (made,) = rendered_anew(job, tmp_path / "made", pictures=(), video=source.path, aspect="", captions=False)
    film = watch(made.path)
    assert film.frames[0].size == (1280, 720)
    assert film.video_seconds > 1.5, "a video that is too short starts again"
    for frame in (film.frames[0], film.frames[-1]):
        red, green_level, blue = mean_color(frame.crop((700, 100, 1200, 600)))
        assert green_level > red + 60 and green_level > blue + 40


def test_a_video_of_another_shape_is_shown_whole(job: RenderJob, tmp_path: Path) -> None:
    wide = draw_picture(tmp_path / "wide.png", "#c03020", (960, 400))
    (source,) = rendered_anew(
        job, tmp_path / "source", product="animation", pictures=(wide,), aspect="16:9", seconds=1.0
    )
    (made,) = rendered_anew(job, tmp_path / "made", pictures=(), video=source.path, captions=False)
    frame = watch(made.path).frames[0]
    red, green, blue = mean_color(frame.crop((300, 600, 420, 680)))
    assert red > 150 and green < 90 and blue < 90
    assert max(mean_color(frame.crop((0, 1100, 80, 1280)))) < 60


def test_an_uploaded_sound_is_spoken_instead_of_the_text(job: RenderJob, tmp_path: Path) -> None:
    (sound,) = rendered_anew(
        job, tmp_path / "sound", product="speech", text="One, two, three, four, five, six, seven."
    )
    (made,) = rendered_anew(job, tmp_path / "made", audio=sound.path, text="Other words", aspect="1:1")
    film = watch(made.path)
    assert sound.seconds is not None
    assert film.audio_seconds == pytest.approx(sound.seconds + 0.6, abs=0.2)
    assert film.loudness > AUDIBLE


def test_a_marketing_film_shows_every_picture_in_turn(job: RenderJob, person: Path, tmp_path: Path) -> None:
    orange = draw_picture(tmp_path / "orange.png", "#e08010", (800, 800))
    (made,) = rendered_anew(job, tmp_path, product="marketing", pictures=(person, orange), aspect="1:1")
    frames = watch(made.path).frames
    first, last = (
        mean_color(frames[0].crop((200, 300, 500, 500))),
        mean_color(frames[-1].crop((200, 300, 500, 500))),
    )
    assert first[2] > first[0] + 60
    assert last[0] > last[2] + 60


def test_without_pictures_a_place_that_suits_the_words_stands_in(job: RenderJob, tmp_path: Path) -> None:
    (made,) = rendered_anew(job, tmp_path, product="marketing", pictures=(), aspect="1:1")
    assert max(mean_color(watch(made.path).frames[0])) > 60


def test_a_drawn_face_moves_its_lips_while_it_speaks(tmp_path: Path) -> None:
    from tasks.sandbox.render import catalog_media

    entry = {"aiavatarId": "f00d", "aiavatarName": "Someone", "gender": "female"}
    portrait = catalog_media("avatars", entry, "f00d.png", tmp_path)
    made = render(RenderJob(product="talking", into=tmp_path, pictures=(portrait,), text="La la la la la la"))
    frames = watch(made[0].path).frames
    # The usual face of an entry without a place: its mouth lies just below the middle of the face.
    mouths = [frame.crop((290, 400, 430, 480)) for frame in frames]
    cheeks = [frame.crop((330, 300, 390, 330)) for frame in frames]
    assert max(difference(mouths[-1], mouth) for mouth in mouths) > 6
    assert max(difference(cheek, after) for cheek, after in zip(cheeks, cheeks[1:], strict=False)) < 4


@pytest.mark.parametrize(
    "changes",
    [
        {"pictures": ()},
        {"text": "  "},
        {"text": "\u200b"},
        {"aspect": "adaptive"},
        {"aspect": "90:1"},
        {"count": 0},
        {"count": 50},
        {"pictures": (Path("missing.png"),)},
        {"audio": Path("missing.mp3")},
        {"video": Path("missing.mp4")},
        {"into": Path("/nowhere/at/all")},
    ],
)
def test_a_job_that_cannot_be_done_is_refused(
    job: RenderJob, tmp_path: Path, changes: dict[str, object]
) -> None:
    with pytest.raises(RenderError):
        render(replace(job, **{"into": tmp_path, **changes}))  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["pictures", "audio", "video"])
@pytest.mark.parametrize("content", [b"", b"<html>no media</html>", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_a_file_that_is_no_media_is_refused(
    job: RenderJob, tmp_path: Path, field: str, content: bytes
) -> None:
    path = tmp_path / "broken"
    path.write_bytes(content)
    value = (path,) if field == "pictures" else path
    with pytest.raises(RenderError):
        render(replace(job, **{"into": tmp_path, field: value}))  # type: ignore[arg-type]


def test_a_video_cut_short_is_refused_or_shown_as_far_as_it_goes(
    job: RenderJob, result: Rendered, tmp_path: Path
) -> None:
    data = result.path.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: data.index(b"mdat") + 40])
    with pytest.raises(RenderError):
        rendered_anew(job, tmp_path, video=cut)
    cut.write_bytes(data[: len(data) // 2])
    (made,) = rendered_anew(job, tmp_path, video=cut, text="Half of it.", fps=FPS)
    with av.open(made.path) as container:
        assert sum(1 for _ in container.decode(video=0)) > 24
