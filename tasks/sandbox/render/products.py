"""One function for each product of a RenderJob."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path

from av.error import FFmpegError
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tasks.sandbox.render.backdrops import backdrop
from tasks.sandbox.render.camera import SPEAKER, moves
from tasks.sandbox.render.caption_styles import style_of
from tasks.sandbox.render.captions import Marks
from tasks.sandbox.render.composite import composed
from tasks.sandbox.render.cutout import cut_out
from tasks.sandbox.render.errors import RenderError
from tasks.sandbox.render.faces import NOTE, Face
from tasks.sandbox.render.film import FPS, frame_count, write_film
from tasks.sandbox.render.jobs import Rendered, RenderJob
from tasks.sandbox.render.looks import PALETTES
from tasks.sandbox.render.overlays import Captions, Mark, Meter, Overlay
from tasks.sandbox.render.pictures import SIZES, film_size, flat, open_picture
from tasks.sandbox.render.sound import Sound, decode, has_sound, write_mp3
from tasks.sandbox.render.speech import MOST_SECONDS, speak
from tasks.sandbox.render.stages import PictureStage, SlideStage, Stage, VideoStage, video_size

TAIL_SECONDS = 0.6
LEAST_SECONDS = 1.0
ANIMATION_SECONDS = 5.0
MOST_VARIANTS = 8


def render(job: RenderJob) -> list[Rendered]:
    """Do the job. Raises RenderError."""
    if not job.into.is_dir():
        raise RenderError("The folder for the results is missing.")
    if not 1 <= job.count <= MOST_VARIANTS:
        raise RenderError(f"Between 1 and {MOST_VARIANTS} variants can be rendered, not {job.count}.")
    try:
        return PRODUCTS[job.product](job)
    except FFmpegError as error:
        raise RenderError("The result can't be encoded.") from error


def talking(job: RenderJob) -> list[Rendered]:
    """Someone speaks: the first picture, or a video, with its script below."""
    sound, marks, spoken = _voice(job)
    frames = frame_count(sound.seconds)
    stage, size = _speaker(job, sound, frames)
    overlays = [*_script(job, marks, spoken, size), Meter(sound.levels(FPS), size), Mark(job.label, size)]
    return [write_film(job.into / "talking.mp4", stage, size, sound, overlays)]


def marketing(job: RenderJob) -> list[Rendered]:
    """A slideshow of all pictures, or a video, with a voice over it."""
    sound, marks, spoken = _voice(job)
    frames = frame_count(sound.seconds)
    stage, size = _speaker(job, sound, frames) if job.video and not job.pictures else _slides(job, frames)
    overlays = [*_script(job, marks, spoken, size), Mark(job.label, size)]
    return [write_film(job.into / "marketing.mp4", stage, size, sound, overlays)]


def animation(job: RenderJob) -> list[Rendered]:
    """A picture under a moving camera, every variant with another move; without sound to hear."""
    picture = flat(_picture(job, 0)) if job.pictures else _title_card(job)
    size = film_size(job.aspect, picture.size)
    seconds = min(MOST_SECONDS, max(LEAST_SECONDS, job.seconds or ANIMATION_SECONDS))
    sound = Sound.silence(seconds)
    order = moves(job.seed)
    out = []
    for number in range(job.count):
        stage = PictureStage(picture, size, order[number % len(order)], frame_count(seconds))
        path = job.into / f"animation-{number + 1}.mp4"
        out.append(write_film(path, stage, size, sound, [Mark(job.label, size)]))
    return out


def picture(job: RenderJob) -> list[Rendered]:
    """The second picture laid into the first, every variant a little different."""
    out = []
    for number in range(job.count):
        result, face = composed(job, seed=job.seed * 101 + number)
        out.append(_saved(result, job.into / f"picture-{number + 1}.png", face))
    return out


def cutout(job: RenderJob) -> list[Rendered]:
    """The first picture without its background; as a second one, the mask that was laid over it."""
    subject = cut_out(_picture(job, 0))
    made = [_saved(subject, job.into / "cutout.png")]
    return made if job.count < 2 else [*made, _saved(subject.getchannel("A"), job.into / "mask.png")]


def speech(job: RenderJob) -> list[Rendered]:
    """The text as an MP3 file, or the given audio as one."""
    sound, _marks, _spoken = _voice(job)
    path = job.into / f"{job.product}.mp3"
    write_mp3(sound, path)
    return [Rendered(path, "audio", None, None, sound.seconds, "audio/mpeg")]


PRODUCTS: Mapping[str, Callable[[RenderJob], list[Rendered]]] = {
    "talking": talking,
    "marketing": marketing,
    "animation": animation,
    "picture": picture,
    "cutout": cutout,
    "speech": speech,
    "voice-sample": speech,
}


def _voice(job: RenderJob) -> tuple[Sound, Marks, float]:
    """What is heard, when its words are said, and how long the speaking lasts without the quiet end."""
    marks: Marks = ()
    if job.audio is not None:
        sound = decode(job.audio, most_seconds=MOST_SECONDS)
    elif job.text.strip():
        spoken = speak(
            job.text, language=job.language, gender=job.voice_gender, speed=job.speed, voice=job.voice
        )
        sound, marks = spoken.sound, spoken.marks
    elif job.video is not None and has_sound(job.video):
        sound = decode(job.video, most_seconds=MOST_SECONDS)
    else:
        raise RenderError("There is neither a text nor a sound to speak with.")
    length = min(MOST_SECONDS, max(LEAST_SECONDS, sound.seconds + TAIL_SECONDS))
    return sound.lasting(length), marks, min(sound.seconds, length)


def _script(job: RenderJob, marks: Marks, spoken: float, size: tuple[int, int]) -> list[Overlay]:
    if not (job.captions and job.text.strip()):
        return []
    return [Captions(job.text, marks, spoken, style_of(job.caption_style), size)]


def _speaker(job: RenderJob, sound: Sound, frames: int) -> tuple[Stage, tuple[int, int]]:
    if job.video is not None:
        size = film_size(job.aspect, video_size(job.video))
        return VideoStage(job.video, size, FPS), size
    person = flat(_picture(job, 0))
    size = film_size(job.aspect, person.size)
    return PictureStage(person, size, SPEAKER, frames, levels=sound.levels(FPS)), size


def _slides(job: RenderJob, frames: int) -> tuple[Stage, tuple[int, int]]:
    pictures = [flat(open_picture(path)) for path in job.pictures] or [_title_card(job)]
    size = film_size(job.aspect, pictures[0].size)
    each = max(1, -(-frames // len(pictures)))
    order = moves(job.seed)
    slides = [PictureStage(one, size, order[n % len(order)], each) for n, one in enumerate(pictures)]
    return SlideStage(slides, each, FPS), size


def _title_card(job: RenderJob) -> Image.Image:
    """What stands in for pictures that nobody gave: a place that suits the words."""
    chance = random.Random(job.seed)
    size = SIZES.get(job.aspect, SIZES["9:16"])
    words = f"{job.label} {job.text}"
    return backdrop(size, words, chance.choice(PALETTES)[2], chance)


def _picture(job: RenderJob, index: int) -> Image.Image:
    if index >= len(job.pictures):
        raise RenderError("A picture is missing.")
    return open_picture(job.pictures[index])


def _saved(result: Image.Image, path: Path, face: Face | None = None) -> Rendered:
    """Write a PNG; a drawn face is noted in it, so that the picture can speak in a later job."""
    note = PngInfo()
    if face is not None:
        note.add_text(NOTE, face.to_note())
    result.save(path, pnginfo=note, compress_level=4)
    return Rendered(path, "image", *result.size, None, "image/png")
