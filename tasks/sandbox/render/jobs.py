"""What the renderer is asked for, and what it hands back."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Literal, TypeVar

Product = Literal[
    "talking",
    "animation",
    "clip",
    "picture",
    "still",
    "cutout",
    "speech",
    "voice-sample",
    "music",
    "marketing",
]
# The longest film and the longest speech.
MOST_SECONDS = 120.0
# Pictures a second.
FPS = 24
Point = tuple[float, float]
Role = Literal["video", "image", "audio"]


File = TypeVar("File")


@dataclass(frozen=True)
class RenderRequest(Generic[File]):
    """What one render is asked for, whichever way its files are named.

    product: talking (someone speaks), animation (a picture moves), clip (a film once more), picture (two
    pictures become one), still (a picture, or one by the words of its label), cutout (the background goes),
    speech and voice-sample (an audio file), music, marketing (a slideshow with a voice).
    pictures: for talking the person first; for picture the model or scene first and the product second.
    video: takes the place of the pictures in talking and marketing; its sound is heard if nothing is said.
    audio: spoken instead of `text`; then `text`, if any, only makes the captions.
    voice: the id of a voice; the same id always sounds the same.
    voice_gender: "male", "female" or "" for either. speed: 0.5 to 2, 1 is normal.
    caption_style: a name in `caption_styles.STYLES` or a captionId; any other text picks one by its hash.
    aspect: "9:16", "3:4", "1:1", "4:3", "16:9", or "" for that of the input.
    height: the shorter side of a film in pixels, 720 unless another is named. fps: its pictures a second.
    mood: a word for a feeling.
    seconds: length of an animation, clip or music, or of a talking film that is not as long as its speech.
    least_seconds, most_seconds: of a marketing film. sounds: whether an animation can be heard.
    count: how many variants, of all but speaking and cutting out. label: a few words beside the Sandbox mark.

    Of a picture. place: the corners of where the product goes, clockwise from the upper left, as fractions of
    the scene. place_mask: white where it goes; product_mask: white where it is in its own picture; both have
    their pictures' pixels. product_share: how large it is, 1 is usual. keeps: "scene" or "product" stays as
    it is. face: a portrait that is put on the model.

    Of a marketing film. logo, music and presenter (a portrait or a film) accompany it; without music there is
    some by chance. end_card: what is seen at its end, cut to end_aspect unless that is "", on end_color.
    """

    product: Product
    pictures: tuple[File, ...] = ()
    video: File | None = None
    audio: File | None = None
    text: str = ""
    language: str = "en"
    voice: str = ""
    voice_gender: str = ""
    speed: float = 1.0
    captions: bool = False
    caption_style: str = ""
    aspect: str = ""
    seconds: float | None = None
    count: int = 1
    label: str = ""
    place: tuple[Point, ...] = ()
    place_mask: File | None = None
    product_mask: File | None = None
    product_share: float = 1.0
    keeps: str = ""
    face: File | None = None
    height: int | None = None
    fps: int = FPS
    mood: str = ""
    least_seconds: float = 1.0
    most_seconds: float = MOST_SECONDS
    sounds: bool = False
    logo: File | None = None
    music: File | None = None
    presenter: File | None = None
    end_card: File | None = None
    end_aspect: str = ""
    end_color: str = "black"


@dataclass(frozen=True)
class RenderJob(RenderRequest[Path]):
    """One piece of work; picklable, so that it can cross to a child process.

    into: an existing folder; files are named after their product. seed: the same seed, the same pictures.
    """

    into: Path = field(kw_only=True)
    seed: int = 0


@dataclass(frozen=True)
class Rendered:
    """One finished file. Width and height are in pixels, None for audio; seconds is None for pictures."""

    path: Path
    role: Role
    width: int | None
    height: int | None
    seconds: float | None
    media_type: str


class RenderError(Exception):
    """A job that can't be rendered; `str()` says why in words fit for the sandbox's answer.

    Raised for inputs that are missing, unreadable or of the wrong kind, and for a machine without the
    `sandbox` extra. It holds no path of the server.
    """
