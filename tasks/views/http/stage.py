"""What a page's stage shows: a stored film, sound or picture, with what its player must know."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from tasks.media.captions import Cue, webvtt
from tasks.media.player_aids import COLUMNS
from tasks.models import AssetRole, Blob, FilmTiming, Output, PlayerMedia
from tasks.views.http.playback import Playback, playback_of
from tasks.views.http.serving import serve_blob


class Timing(TypedDict):
    """When a film shows its frames, as `static/js/frame-clock.js` takes it."""

    frames: int
    rate: tuple[int, int]
    first: float  # seconds
    isVariable: bool
    times: list[int] | None  # microseconds


@dataclass(frozen=True, slots=True)
class Strip:
    """Small pictures of a film for its seek bar, in rows of `columns`, one `every` so many seconds."""

    url: str
    tiles: int
    columns: int
    every: float


@dataclass(frozen=True, slots=True)
class StageMedia:
    """One film, sound or picture. `key` tells it from others of the page, `digest` from other bytes."""

    key: str
    digest: str
    role: str
    url: str
    download_url: str
    poster_url: str
    width: int | None
    height: int | None
    seconds: float | None
    playback: Playback
    timing: Timing | None = None
    captions_url: str = ""
    strip: Strip | None = None
    wave: str = ""  # the outline of a sound, as the path of an SVG of 1000 by 200
    watermark: str = ""  # what lies over the picture

    @property
    def id(self) -> str:
        """The stage's own id in the page: with other bytes it is another stage."""
        return f"stage-{self.key}-{self.digest[:12]}"

    @property
    def timing_json(self) -> str:
        """For an attribute: nothing stands inline in a page."""
        return json.dumps(self.timing, separators=(",", ":"))

    @property
    def media_id(self) -> str:
        """By which the player stays the same while the rest of the page changes."""
        return f"{self.role}-{self.key}"

    @property
    def is_upright(self) -> bool:
        """Whether it stands beside what is said about it, where there is room."""
        return (self.height or 0) > (self.width or 0)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a page finds the bytes of a stage; "" for what its reader is not offered."""

    file: str
    download: str = ""
    poster: str = ""
    strip: str = ""
    captions: str = ""
    # Of what browsers play instead, where that is not the members' address.
    preview: str = ""


def on_stage(
    output: Output, blob: Blob | None, at: Addresses, *, key: UUID, watermark: str = ""
) -> StageMedia:
    """These bytes, which are or were the result's, as a stage shows them, with what was made of them."""
    return StageMedia(
        key=str(key),
        digest=blob.sha256 if blob else "",
        role=output.role,
        url=at.file,
        download_url=at.download,
        poster_url=at.poster,
        width=output.width,
        height=output.height,
        seconds=output.seconds,
        playback=playback_of(blob, at.file, small_url=at.preview),
        timing=timing_of(blob),
        strip=strip_of(blob, at.strip),
        wave=wave_of(blob) if output.role == AssetRole.AUDIO else "",
        captions_url=at.captions,
        watermark=watermark,
    )


def timing_of(blob: Blob | None) -> Timing | None:
    """None for what shows no frames or is not measured yet. Reads the blob's timing."""
    timing: FilmTiming | None = getattr(blob, "timing", None)
    if timing is None or timing.frames is None:
        return None
    return Timing(
        frames=timing.frames,
        rate=(timing.rate_numerator, timing.rate_denominator),
        first=timing.first_frame_at,
        isVariable=timing.is_variable,
        times=timing.frame_times,
    )


def player_media_of(blob: Blob | None) -> PlayerMedia | None:
    """What was made for players of these bytes, if anything was. Reads the blob's."""
    made: PlayerMedia | None = getattr(blob, "player_media", None)
    return made


def strip_of(blob: Blob | None, url: str) -> Strip | None:
    """The film's strip, which `url` gives."""
    made = player_media_of(blob)
    if made is None or made.strip_id is None:
        return None
    return Strip(url, made.tiles, min(COLUMNS, made.tiles), made.tile_seconds)


def wave_of(blob: Blob | None) -> str:
    """The sound's outline; empty while nobody has measured it."""
    made = player_media_of(blob)
    if made is None or not made.peaks:
        return ""
    above = "".join(f"L{place} {-max(1, peak)}" for place, peak in enumerate(made.peaks))
    below = "".join(f"L{place} {max(1, peak)}" for place, peak in reversed([*enumerate(made.peaks)]))
    return f"M0 0{above}{below}Z"


def serve_strip(request: HttpRequest, blob: Blob | None) -> HttpResponseBase:
    """The strip of bytes that the person may see. Raises Http404 where there is none."""
    made = player_media_of(blob)
    if made is None or made.strip is None:
        raise Http404("no strip")
    return serve_blob(request, made.strip, name="strip.webp")


def captions_file(cues: list[Cue]) -> HttpResponse:
    return HttpResponse(webvtt(cues), content_type="text/vtt; charset=utf-8")
