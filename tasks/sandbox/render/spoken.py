"""What films with a voice have in common: the voice itself, its captions, and who speaks."""

from dataclasses import dataclass

from tasks.sandbox.render.camera import SPEAKER
from tasks.sandbox.render.caption_styles import style_of
from tasks.sandbox.render.captions import Marks
from tasks.sandbox.render.film import frame_count
from tasks.sandbox.render.frame_sources import FrameSource, PictureSource, VideoSource, video_size
from tasks.sandbox.render.jobs import MOST_SECONDS, RenderError, RenderJob
from tasks.sandbox.render.overlays import Captions, Overlay
from tasks.sandbox.render.pictures import film_size, flat, given_picture
from tasks.sandbox.render.sound import Sound, decode, has_sound
from tasks.sandbox.render.speech import speak, without_pauses

TAIL_SECONDS = 0.6
LEAST_SECONDS = 1.0


@dataclass(frozen=True)
class Voice:
    """What is heard, when its words are said, and how long the speaking lasts without the quiet end."""

    sound: Sound
    marks: Marks
    seconds: float

    def lasting(self, seconds: float) -> "Voice":
        """Cut, or followed by silence."""
        return Voice(self.sound.lasting(seconds), self.marks, min(self.seconds, seconds))


def voice_of(job: RenderJob) -> Voice:
    """The voice of a job, with a moment of silence at its end. Raises RenderError."""
    marks: Marks = ()
    if job.audio is not None:
        sound = decode(job.audio, most_seconds=MOST_SECONDS).at_speed(job.speed)
    elif job.text.strip():
        facts = {"language": job.language, "gender": job.voice_gender, "voice": job.voice}
        spoken = speak(job.text, speed=job.speed, mood=job.mood, **facts)
        sound, marks = spoken.sound, spoken.marks
    elif job.video is not None and has_sound(job.video):
        sound = decode(job.video, most_seconds=MOST_SECONDS)
    else:
        raise RenderError("There is neither a text nor a sound to speak with.")
    length = min(MOST_SECONDS, max(LEAST_SECONDS, sound.seconds + TAIL_SECONDS))
    return Voice(sound, marks, sound.seconds).lasting(length)


def captions_of(job: RenderJob, voice: Voice, size: tuple[int, int]) -> list[Overlay]:
    """The captions that were asked for, if any."""
    if not (job.captions and job.text.strip()):
        return []
    text = without_pauses(job.text)
    return [Captions(text, voice.marks, voice.seconds, style_of(job.caption_style), size)]


def speaker_of(job: RenderJob, sound: Sound) -> tuple[FrameSource, tuple[int, int]]:
    """Who speaks: a video, else the first picture; with the size of the film. Raises RenderError."""
    if job.video is not None:
        size = film_size(job.aspect, video_size(job.video), job.height)
        return VideoSource(job.video, size, job.fps), size
    person = flat(given_picture(job, 0))
    size = film_size(job.aspect, person.size, job.height)
    frames = frame_count(sound.seconds, job.fps)
    return PictureSource(person, size, SPEAKER, frames, levels=sound.levels(job.fps)), size
