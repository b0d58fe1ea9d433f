"""What a media file really is. Decoding happens in a child process that holds nothing worth stealing."""

from tasks.media.examiner import DEFAULT_MAX_PIXELS, Examined, examine
from tasks.media.facts import (
    Cause,
    Interrupted,
    MediaError,
    MediaFacts,
    NotNow,
    Occupied,
    Role,
    TooManyPixels,
    Undecodable,
)
from tasks.media.formats import (
    FORMATS,
    INLINE_MEDIA_TYPES,
    Format,
    describe,
    sniff,
)
from tasks.media.frame_timing import FrameTiming
from tasks.media.polyglots import hidden_content
from tasks.media.text_bodies import foreign_content

__all__ = [
    "DEFAULT_MAX_PIXELS",
    "FORMATS",
    "INLINE_MEDIA_TYPES",
    "Cause",
    "Examined",
    "Format",
    "FrameTiming",
    "MediaError",
    "MediaFacts",
    "Interrupted",
    "NotNow",
    "Occupied",
    "Role",
    "TooManyPixels",
    "Undecodable",
    "describe",
    "examine",
    "foreign_content",
    "hidden_content",
    "sniff",
]
