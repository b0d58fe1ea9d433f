"""One function for each product of a RenderJob."""

from collections.abc import Callable, Mapping
from pathlib import Path

from av.error import FFmpegError
from PIL import Image, ImageEnhance
from PIL.PngImagePlugin import PngInfo

from tasks.sandbox.render.camera import moves
from tasks.sandbox.render.composite import composed, mark
from tasks.sandbox.render.cutout import cut_out
from tasks.sandbox.render.faces import NOTE, Face
from tasks.sandbox.render.film import frame_count, write_film
from tasks.sandbox.render.frame_sources import VideoSource, slides, video_size
from tasks.sandbox.render.jobs import MOST_SECONDS, Rendered, RenderError, RenderJob
from tasks.sandbox.render.marketing import marketing, title_card
from tasks.sandbox.render.overlays import Mark, Meter
from tasks.sandbox.render.pictures import film_size, flat, framed, given_picture, open_picture
from tasks.sandbox.render.sound import Sound, chord, decode, has_sound, write_mp3
from tasks.sandbox.render.spoken import LEAST_SECONDS, captions_of, speaker_of, voice_of

ANIMATION_SECONDS = 5.0
MUSIC_SECONDS = 8.0
MOST_VARIANTS = 8
# A film whose shorter side is longer than this has a third of the pictures, or it would take minutes.
LARGE = 1080
HUM = 0.6


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
    voice = voice_of(job)
    voice = voice.lasting(job.seconds) if job.seconds else voice
    source, size = speaker_of(job, voice.sound)
    meter = Meter(voice.sound.levels(job.fps), size)
    overlays = [*captions_of(job, voice, size), meter, Mark(job.label, size)]
    return [write_film(job.into / "talking.mp4", source, size, voice.sound, overlays, fps=job.fps)]


def animation(job: RenderJob) -> list[Rendered]:
    """Pictures under a moving camera, one after the other, every variant with other moves."""
    pictures = [flat(open_picture(path)) for path in job.pictures] or [title_card(job)]
    size = film_size(job.aspect, pictures[0].size, job.height)
    fps = job.fps if min(size) <= LARGE else max(1, job.fps // 3)
    seconds = min(MOST_SECONDS, max(LEAST_SECONDS, job.seconds or ANIMATION_SECONDS))
    silence = Sound.silence(seconds)
    sound = silence.over(chord(job.seed % 5), HUM) if job.sounds else silence
    order = moves(job.seed)
    out = []
    for number in range(job.count):
        turned = [*order[number % len(order) :], *order[: number % len(order)]]
        source = slides(pictures, size, frame_count(seconds, fps), turned, fps)
        path = job.into / f"animation-{number + 1}.mp4"
        out.append(write_film(path, source, size, sound, [Mark(job.label, size)], fps=fps))
    return out


def picture(job: RenderJob) -> list[Rendered]:
    """The second picture laid into the first, every variant a little different."""
    out = []
    for number in range(job.count):
        result, face = composed(job, seed=job.seed * 101 + number)
        out.append(_saved(result, job.into / f"picture-{number + 1}.png", face))
    return out


def clip(job: RenderJob) -> list[Rendered]:
    """A film in the size and for the time that was asked for, with its own sound. Raises RenderError."""
    if job.video is None:
        raise RenderError("A video is missing.")
    size = film_size(job.aspect, video_size(job.video), job.height)
    sound = decode(job.video, most_seconds=MOST_SECONDS) if has_sound(job.video) else Sound.silence(0)
    length = job.seconds or sound.seconds or ANIMATION_SECONDS
    sound = sound.lasting(min(MOST_SECONDS, max(LEAST_SECONDS, length)))
    out = []
    for number in range(job.count):
        source = VideoSource(job.video, size, job.fps)
        path = job.into / f"clip-{number + 1}.mp4"
        out.append(write_film(path, source, size, sound, [Mark(job.label, size)], fps=job.fps))
    return out


def still(job: RenderJob) -> list[Rendered]:
    """The pictures one after the other, or one that suits the label, every variant in other colours."""
    pictures = [flat(open_picture(path)) for path in job.pictures] or [title_card(job)]
    out = []
    for number in range(job.count):
        source = pictures[number % len(pictures)]
        made = framed(source, film_size(job.aspect, source.size, job.height))
        made = ImageEnhance.Color(made).enhance(1 + (number - job.seed % 3) * 0.12)
        mark(made, job.label)
        out.append(_saved(made, job.into / f"still-{number + 1}.png"))
    return out


def cutout(job: RenderJob) -> list[Rendered]:
    """The first picture without its background; as a second one, the mask that was laid over it."""
    subject = cut_out(given_picture(job, 0))
    made = [_saved(subject, job.into / "cutout.png")]
    return made if job.count < 2 else [*made, _saved(subject.getchannel("A"), job.into / "mask.png")]


def speech(job: RenderJob) -> list[Rendered]:
    """The text as an MP3 file, or the given audio as one."""
    sound = voice_of(job).sound
    path = job.into / f"{job.product}.mp3"
    write_mp3(sound, path)
    return [Rendered(path, "audio", None, None, sound.seconds, "audio/mpeg")]


def music(job: RenderJob) -> list[Rendered]:
    """A quiet chord as MP3 files, every variant another one."""
    seconds = min(MOST_SECONDS, max(LEAST_SECONDS, job.seconds or MUSIC_SECONDS))
    out = []
    for number in range(job.count):
        path = job.into / f"music-{number + 1}.mp3"
        write_mp3(Sound.silence(seconds).over(chord((job.seed + number) % 5), 1.0), path)
        out.append(Rendered(path, "audio", None, None, seconds, "audio/mpeg"))
    return out


PRODUCTS: Mapping[str, Callable[[RenderJob], list[Rendered]]] = {
    "talking": talking,
    "marketing": marketing,
    "animation": animation,
    "clip": clip,
    "picture": picture,
    "still": still,
    "cutout": cutout,
    "speech": speech,
    "voice-sample": speech,
    "music": music,
}


def _saved(result: Image.Image, path: Path, face: Face | None = None) -> Rendered:
    """Write a PNG; a drawn face is noted in it, so that the picture can speak in a later job."""
    note = PngInfo()
    if face is not None:
        note.add_text(NOTE, face.to_note())
    result.save(path, pnginfo=note, compress_level=4)
    return Rendered(path, "image", *result.size, None, "image/png")
