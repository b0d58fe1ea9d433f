"""What a file may be. The upload check and the page read the same data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks.kinds.base.types import FileFacts, Role, number_words
from tasks.text import StrOrPromise

MEGABYTE = 1024 * 1024
_NUMBERS = ("max_bytes", "min_seconds", "max_seconds", "min_side", "max_side")

ROLE_WORDS: dict[str, StrOrPromise] = {
    "image": gettext_lazy("a picture"),
    "video": gettext_lazy("a video"),
    "audio": gettext_lazy("a sound file"),
    "text": gettext_lazy("a text"),
    "file": gettext_lazy("a file"),
}


# What a file picker should offer besides: not every system knows what these endings are.
_CONVERTED: dict[str, tuple[str, ...]] = {
    "image": ("image/*", ".heic", ".heif", ".avif"),
    "video": ("video/*", ".mkv", ".3gp", ".m4v"),
    "audio": ("audio/*", ".opus", ".aac", ".flac", ".aiff"),
}


@dataclass(frozen=True)
class Limits:
    """Formats, size, length and sides that are accepted; each check is named and has its own message."""

    role: Role
    formats: tuple[str, ...]
    max_bytes: int
    min_seconds: float | None = None
    max_seconds: float | None = None
    min_side: int | None = None  # pixels, of the shorter side
    max_side: int | None = None  # pixels, of the longer side

    @property
    def accept(self) -> str:
        """The value of a file picker's `accept`: ".png,.jpg,image/*"; other formats are converted."""
        return ",".join([*(f".{name}" for name in self.formats), *_CONVERTED.get(self.role, ())])

    @property
    def words(self) -> str:
        """The limits as one line for people."""
        parts = [_("%(formats)s, others are converted") % {"formats": self._formats_words()}]
        parts.append(_("up to %(size)s") % {"size": filesizeformat(self.max_bytes)})
        if self.min_side or self.max_side:
            parts.append(_("%(range)s pixels a side") % {"range": _span(self.min_side, self.max_side)})
        if self.min_seconds or self.max_seconds:
            parts.append(_("%(range)s seconds long") % {"range": _span(self.min_seconds, self.max_seconds)})
        return " · ".join(parts)

    def as_query(self) -> str:
        """The limits as the query of an address, for a list of files that marks which of them fit."""
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        told = {name: value for name, value in numbers.items() if value is not None}
        return urlencode({"formats": ",".join(self.formats), **told})

    @classmethod
    def from_query(cls, role: Role, asked: Mapping[str, str]) -> Limits | None:
        """The limits that an address carries; None when it carries none that can be read."""
        try:
            numbers: dict[str, Any] = {name: _number(asked[name]) for name in _NUMBERS if name in asked}
            return cls(role, tuple(asked["formats"].split(",")), **numbers)
        except (KeyError, ValueError, TypeError):
            return None

    def problems(self, facts: FileFacts) -> Iterator[str]:
        """One sentence for each limit the file breaks: what came, and what is allowed."""
        if facts.role != self.role:
            yield _("This is %(came)s; %(needed)s is needed here (%(allowed)s).") % {
                "came": ROLE_WORDS[facts.role],
                "needed": ROLE_WORDS[self.role],
                "allowed": self._formats_words(),
            }
            return
        if facts.format.lower() not in self.formats and not facts.makeable & set(self.formats):
            yield _("This file is %(came)s; allowed are %(allowed)s.") % {
                "came": facts.format.upper(),
                "allowed": self._formats_words(),
            }
        if facts.size > self.max_bytes:
            sizes = {"came": filesizeformat(facts.size), "allowed": filesizeformat(self.max_bytes)}
            yield _("This file has %(came)s; at most %(allowed)s is allowed.") % sizes
        yield from self._side_problems(facts)
        yield from self._length_problems(facts)

    def _formats_words(self) -> str:
        return ", ".join(name.upper() for name in self.formats)

    def _side_problems(self, facts: FileFacts) -> Iterator[str]:
        if facts.width is None or facts.height is None:
            return
        came = f"{number_words(facts.width)} × {number_words(facts.height)}"
        shorter, longer = sorted((facts.width, facts.height))
        if (self.min_side and shorter < self.min_side) or (self.max_side and longer > self.max_side):
            yield _("This file has %(came)s pixels; allowed are %(range)s pixels a side.") % {
                "came": came,
                "range": _span(self.min_side, self.max_side),
            }

    def _length_problems(self, facts: FileFacts) -> Iterator[str]:
        if facts.seconds is None:
            return
        too_short = self.min_seconds is not None and facts.seconds < self.min_seconds
        too_long = self.max_seconds is not None and facts.seconds > self.max_seconds
        if too_short or too_long:
            yield _("This file is %(came)s seconds long; allowed are %(range)s seconds.") % {
                "came": number_words(facts.seconds, 1),
                "range": _span(self.min_seconds, self.max_seconds),
            }


def _number(text: str) -> float:
    """Raises ValueError."""
    return int(text) if text.isdecimal() else float(text)


def _span(least: float | None, most: float | None) -> str:
    if least and most:
        return _("%(least)s to %(most)s") % {"least": number_words(least), "most": number_words(most)}
    if most:
        return _("at most %(most)s") % {"most": number_words(most)}
    return _("at least %(least)s") % {"least": number_words(least or 0)}


# Formats: those documented for TopView's upload call (operation getUploadCredential). TopView states no
# general size, side or length limit, so the numbers are this portal's own, wide enough for any real material.
IMAGE = Limits(
    "image", ("png", "jpg", "jpeg", "webp", "bmp"), max_bytes=30 * MEGABYTE, min_side=64, max_side=8192
)
VIDEO = Limits("video", ("mp4", "mov"), max_bytes=500 * MEGABYTE, max_seconds=600, min_side=64, max_side=4096)
AUDIO = Limits("audio", ("mp3", "wav", "m4a"), max_bytes=50 * MEGABYTE, max_seconds=600)

UPLOAD_LIMITS: dict[str, Limits] = {limits.role: limits for limits in (IMAGE, VIDEO, AUDIO)}
"""The widest limits by role: what the library takes in, before any field looks at it."""
