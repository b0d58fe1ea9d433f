"""Speech from text with espeak-ng, without a network.

The library and its voices come from the wheel `espeakng-loader` (extra `sandbox`), called through ctypes.
It keeps one global state and is not safe under threads, so a lock lets one speech through at a time.
"""

import array
import ctypes
import re
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any

from tasks.sandbox.render.jobs import MOST_SECONDS, RenderError
from tasks.sandbox.render.sound import Sound, resampled

WORDS_A_MINUTE = 165

# espeak-ng 1.52, speak_lib.h: the numbers of its enums.
SYNCHRONOUS_OUTPUT = 2
POSITION_BY_CHARACTER = 1
UTF_8 = 1
RATE_PARAMETER = 1
PITCH_PARAMETER = 3
USUAL_PITCH = 50
END_OF_EVENTS, WORD_EVENT = 0, 1

# espeak-ng names some languages otherwise than TopView's catalogs, or only with a region.
VOICES = {
    "en": "en-us",
    "en-in": "en-gb",
    "fr": "fr-fr",
    "zh": "cmn",
    "zh-cn": "cmn",
    "zh-hant": "cmn",
    "zh-tw": "cmn",
    "zh-hk": "yue",
    "no": "nb",
    "es-mx": "es-419",
    # No Filipino voice exists; the Malay one reads its spelling closest to how it sounds.
    "fil": "ms",
    "tl": "ms",
}
PAUSE = re.compile(r'(<break time="[0-9]{1,2}\.[0-9]s"\s*/>)')
VARIANTS = {"female": ("f2", "f3", "f4", "f5"), "male": ("m3", "m1", "m7", "m8")}


@dataclass(frozen=True)
class Speech:
    """Spoken text. `marks` pairs a position in the text, in characters, with the second it is said at."""

    sound: Sound
    marks: tuple[tuple[int, float], ...]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)
_lock = threading.Lock()


def speak(
    text: str,
    *,
    language: str = "en",
    gender: str = "",
    speed: float = 1.0,
    voice: str = "",
    mood: str = "",
) -> Speech:
    """Say `text`, at most two minutes of it.

    A language without a voice is read by the American English one. The id `voice` picks
    one of the voices of the gender; a mood, whichever word it is, makes that one higher or lower.
    Raises RenderError when there is nothing to say or no speech library.
    """
    if not any(character.isalnum() for character in without_pauses(text)):
        raise RenderError("There is no text to speak.")
    sound, marks, start = Sound.silence(0), [], 0
    pieces = PAUSE.split(text)
    # What is said in one go, each with the pause after it, "" at the end.
    for part, pause in zip_longest(pieces[0::2], pieces[1::2], fillvalue=""):
        if any(character.isalnum() for character in part):
            spoken = _spoken(part, language, gender, speed, voice, mood)
            marks += [(start + at, sound.seconds + second) for at, second in spoken.marks]
            sound = sound.followed_by(spoken.sound)
        start += len(part) + len(pause)
        sound = sound.followed_by(Sound.silence(float(pause.split('"')[1][:-1]) if pause else 0))
    return Speech(sound, tuple(marks))


def without_pauses(text: str) -> str:
    """The text with blanks in place of its pauses, so that every word stays where it is."""
    return PAUSE.sub(lambda found: " " * len(found.group()), text)


def _spoken(text: str, language: str, gender: str, speed: float, voice: str, mood: str) -> Speech:
    recording = _Recording()
    with _lock:
        library, rate = _library()
        recording.most_samples = int(MOST_SECONDS * rate)
        _choose_voice(library, language, gender, voice)
        library.espeak_SetParameter(RATE_PARAMETER, int(WORDS_A_MINUTE * min(2.0, max(0.5, speed))), 0)
        library.espeak_SetParameter(PITCH_PARAMETER, _pitch(mood), 0)
        callback = _Callback(recording.receive)
        library.espeak_SetSynthCallback(callback)
        encoded = text.encode()
        library.espeak_Synth(encoded, len(encoded) + 1, 0, POSITION_BY_CHARACTER, 0, UTF_8, None, None)
    if not recording.samples:
        raise RenderError("The text holds nothing that can be spoken.")
    return Speech(resampled(recording.samples, rate), tuple(recording.marks))


class _Recording:
    """Collects samples and word events while the library speaks."""

    def __init__(self) -> None:
        self.samples = array.array("h")
        self.marks: list[tuple[int, float]] = []
        self.most_samples = 0

    def receive(self, wave: Any, count: int, events: Any) -> int:
        """The library's callback; 1 tells it to stop."""
        if wave and count > 0:
            self.samples.frombytes(ctypes.string_at(wave, count * 2))
        index = 0
        while events[index].type != END_OF_EVENTS:
            if events[index].type == WORD_EVENT:
                self.marks.append((events[index].text_position - 1, events[index].audio_position / 1000))
            index += 1
        return int(len(self.samples) >= self.most_samples)


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    """The loaded library and its sample rate."""
    try:
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
        folder: str = espeakng_loader.get_data_path()
    except (ImportError, OSError, RuntimeError) as error:
        raise RenderError("Speech needs the package espeakng-loader (extra `sandbox`).") from error
    rate: int = library.espeak_Initialize(SYNCHRONOUS_OUTPUT, 0, folder.encode(), 0)
    if rate <= 0:
        raise RenderError("The speech library can't start.")
    return library, rate


def _pitch(mood: str) -> int:
    """From 0 to 100; a good deal beside the usual one for any mood."""
    word = mood.strip().lower()
    return (10 + 5 * (zlib.crc32(word.encode()) % 5) + 60 * (len(word) % 2)) if word else USUAL_PITCH


def _choose_voice(library: ctypes.CDLL, language: str, gender: str, voice: str) -> None:
    variants = VARIANTS.get(gender) or VARIANTS["female"] + VARIANTS["male"]
    variant = variants[zlib.crc32(voice.encode()) % len(variants)]
    set_voice: Callable[[bytes], int] = library.espeak_SetVoiceByName
    code = language.strip().lower().replace("_", "-")
    short = code.split("-")[0]
    for name in (VOICES.get(code, code), VOICES.get(short, short), "en-us"):
        if set_voice(f"{name}+{variant}".encode()) == 0:
            return
    raise RenderError("The speech library has no voices.")
