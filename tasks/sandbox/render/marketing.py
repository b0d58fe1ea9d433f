"""A marketing film: pictures or a film with a voice over them, and all that accompanies these."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

from tasks.sandbox.render.backdrops import backdrop
from tasks.sandbox.render.camera import moves
from tasks.sandbox.render.film import frame_count, write_film
from tasks.sandbox.render.frame_sources import FrameSource, first_frame, slides
from tasks.sandbox.render.jobs import MOST_SECONDS, Rendered, RenderError, RenderJob
from tasks.sandbox.render.looks import PALETTES
from tasks.sandbox.render.overlays import Badge, Mark, Overlay
from tasks.sandbox.render.pictures import SIZES, film_size, flat, open_picture
from tasks.sandbox.render.planes import Planes
from tasks.sandbox.render.sound import Sound, chord, decode
from tasks.sandbox.render.spoken import captions_of, speaker_of, voice_of

END_SECONDS = 2.0
MUSIC_LOUDNESS = 0.2
# Shares of the film's shorter side.
LOGO_SIDE, PRESENTER_SIDE = 0.16, 0.3


def marketing(job: RenderJob) -> list[Rendered]:
    """One film of the length that was asked for. Raises RenderError."""
    voice = voice_of(job)
    end = END_SECONDS if job.end_card else 0.0
    length = min(job.most_seconds, max(job.least_seconds, voice.seconds + end))
    voice = voice.lasting(length - end).lasting(length)
    source, size = _pictures(job, voice.sound)
    overlays: list[Overlay] = [*captions_of(job, voice, size), *_companions(job, size)]
    last = frame_count(length - end, job.fps)
    if job.end_card:
        source = Ending(source, _end_card(job, job.end_card, size), overlays, last, job.fps)
        overlays = []
    music = decode(job.music, most_seconds=MOST_SECONDS) if job.music else chord(job.seed % 5)
    sound = voice.sound.over(music, MUSIC_LOUDNESS)
    overlays = [*overlays, Mark(job.label, size)]
    return [write_film(job.into / "marketing.mp4", source, size, sound, overlays, fps=job.fps)]


@dataclass(frozen=True)
class Ending:
    """A film with what lies over it until a frame, and one picture from there on."""

    film: FrameSource
    card: Planes
    overlays: Iterable[Overlay]
    begins: int
    fps: int

    def picture(self, index: int) -> Planes:
        """The film's picture, or the card."""
        if index >= self.begins:
            return self.card.copy()
        canvas = self.film.picture(index)
        for overlay in self.overlays:
            overlay.draw(canvas, index, index / self.fps)
        return canvas


def _pictures(job: RenderJob, sound: Sound) -> tuple[FrameSource, tuple[int, int]]:
    if job.video and not job.pictures:
        return speaker_of(job, sound)
    pictures = [_still(path) for path in job.pictures] or [title_card(job)]
    size = film_size(job.aspect, pictures[0].size, job.height)
    return slides(pictures, size, frame_count(sound.seconds, job.fps), moves(job.seed), job.fps), size


def title_card(job: RenderJob) -> Image.Image:
    """What stands in for pictures that nobody gave: a place that suits the words."""
    chance = random.Random(job.seed)
    size = SIZES.get(job.aspect, SIZES["9:16"])
    return backdrop(size, f"{job.label} {job.text}", chance.choice(PALETTES)[2], chance)


def _companions(job: RenderJob, size: tuple[int, int]) -> list[Overlay]:
    """The logo at the upper right, the presenter at the lower left."""
    width, height = size
    edge = round(min(size) * 0.04)
    found: list[Overlay] = []
    if job.logo is not None:
        logo = open_picture(job.logo).convert("RGBA")
        logo.thumbnail((round(min(size) * LOGO_SIDE),) * 2, Image.Resampling.LANCZOS)
        found.append(Badge(logo, (width - logo.width - edge, edge)))
    if job.presenter is not None:
        person = _round(_still(job.presenter), round(min(size) * PRESENTER_SIDE))
        found.append(Badge(person, (edge, round(height * 0.62) - person.height)))
    return found


def _still(path: Path) -> Image.Image:
    """A picture, or the first one of a film. Raises RenderError."""
    try:
        return flat(open_picture(path))
    except RenderError:
        return first_frame(path)


def _round(picture: Image.Image, side: int) -> Image.Image:
    out = ImageOps.fit(picture, (side, side), centering=(0.5, 0.2)).convert("RGBA")
    disc = Image.new("L", out.size, 0)
    ImageDraw.Draw(disc).ellipse((0, 0, side - 1, side - 1), fill=255)
    out.putalpha(disc)
    return out


def _end_card(job: RenderJob, path: Path, size: tuple[int, int]) -> Planes:
    """The card, whole, with its colour where the film is larger."""
    card = _still(path)
    if job.end_aspect:
        across, down = SIZES[job.end_aspect]
        scale = min(card.width / across, card.height / down)
        card = ImageOps.fit(card, (max(1, round(across * scale)), max(1, round(down * scale))))
    return Planes.of_picture(ImageOps.pad(card, size, color=job.end_color))
