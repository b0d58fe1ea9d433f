"""What a film shows under its captions: a still picture, a row of pictures, or another film."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import av
from av.error import FFmpegError
from av.filter import Graph
from PIL import Image

from tasks.sandbox.render.camera import Move
from tasks.sandbox.render.faces import NOTE, Face
from tasks.sandbox.render.jobs import RenderError
from tasks.sandbox.render.lips import Lips
from tasks.sandbox.render.pictures import MOST_CROPPED, framed, framing
from tasks.sandbox.render.planes import Box, Planes, even

FADE_SECONDS = 0.5
# Pixels below which a move of the camera can't be seen.
LEAST_MOVED = 0.6


class FrameSource(Protocol):
    """Gives the pictures of a film one by one; each may be drawn upon."""

    def picture(self, index: int) -> Planes:
        """The picture of frame `index`. Frames are asked for in order."""


class PictureSource:
    """A still picture under a moving camera; a drawn face in it speaks when `levels` are given."""

    def __init__(
        self,
        picture: Image.Image,
        size: tuple[int, int],
        move: Move,
        frames: int,
        *,
        levels: Sequence[float] | None = None,
    ) -> None:
        zoom = max(move.start.zoom, move.end.zoom)
        self.size = size
        self.move = move
        self.frames = frames
        prepared = framed(picture, (even(size[0] * zoom), even(size[1] * zoom)))
        self.planes = Planes.of_picture(prepared)
        face = _face_in(picture, prepared.size)
        self.lips = Lips(prepared, face, levels) if face and levels is not None else None
        self._seen: Box = (-9.0, -9.0, -9.0, -9.0)
        self._shown = self.planes

    def picture(self, index: int) -> Planes:
        """What the camera sees at this frame."""
        box = self.move.box(index / max(1, self.frames - 1), self.planes.size)
        # Scaling is the costliest step: a camera that has hardly moved shows the last picture again.
        if max(abs(now - before) for now, before in zip(box, self._seen, strict=True)) >= LEAST_MOVED:
            self._seen, self._shown = box, self.planes.scaled(self.size, box)
        canvas = self._shown.copy()
        for area in self.lips.move(self.planes, index) if self.lips else ():
            self._renew(canvas, area)
        return canvas

    def _renew(self, canvas: Planes, area: tuple[int, int, int, int]) -> None:
        """Scale one area of the picture anew."""
        left, top = self._seen[0], self._seen[1]
        across = (self._seen[2] - left) / self.size[0]
        down = (self._seen[3] - top) / self.size[1]
        x0, x1 = _even_span((area[0] - left) / across, (area[2] - left) / across, self.size[0])
        y0, y1 = _even_span((area[1] - top) / down, (area[3] - top) / down, self.size[1])
        if x1 > x0 and y1 > y0:
            box = (left + x0 * across, top + y0 * down, left + x1 * across, top + y1 * down)
            canvas.paste(self.planes.scaled((x1 - x0, y1 - y0), box), (x0, y0))


class SlideSource:
    """One source after the other, each for an equal time, fading over."""

    def __init__(self, slides: Sequence[FrameSource], frames_each: int, fps: int) -> None:
        self.slides = slides
        self.frames_each = frames_each
        self.fade = max(1, min(round(FADE_SECONDS * fps), frames_each // 2))

    def picture(self, index: int) -> Planes:
        """The slide of this frame, or a mix with the next one."""
        number, within = divmod(index, self.frames_each)
        number = min(number, len(self.slides) - 1)
        within = index - number * self.frames_each
        shown = self.slides[number].picture(within)
        left = self.frames_each - within
        if left > self.fade or number + 1 == len(self.slides):
            return shown
        following = self.slides[number + 1].picture(-left)
        return shown.blended(following, 1 - left / (self.fade + 1))


def slides(
    pictures: Sequence[Image.Image], size: tuple[int, int], frames: int, order: Sequence[Move], fps: int
) -> FrameSource:
    """One picture after the other, each for an equal time and with the next move of the order."""
    each = max(1, -(-frames // len(pictures)))
    shown = [PictureSource(one, size, order[n % len(order)], each) for n, one in enumerate(pictures)]
    return SlideSource(shown, each, fps)


class VideoSource:
    """The pictures of a video, from the start again when it ends too early."""

    def __init__(self, path: Path, size: tuple[int, int], fps: int) -> None:
        self.path = path
        self.size = size
        self.fps = fps
        self._frames = self._endless()

    def picture(self, index: int) -> Planes:
        """The next picture. Raises RenderError when the video has none."""
        return Planes.of_frame(next(self._frames))

    def _endless(self) -> Iterator[av.VideoFrame]:
        while True:
            count = 0
            try:
                for frame in _scaled_frames(self.path, self.size, self.fps):
                    count += 1
                    yield frame
            except (FFmpegError, OSError) as error:
                # A damaged end does not matter as long as there is a beginning.
                if not count:
                    raise RenderError("The video can't be decoded.") from error
            if not count:
                raise RenderError("The video has no pictures.")


def video_size(path: Path) -> tuple[int, int]:
    """Width and height as shown, after rotation. Decodes one frame; raises RenderError."""
    frame = _first(path)
    turned = frame.rotation % 180 != 0
    return (frame.height, frame.width) if turned else (frame.width, frame.height)


def first_frame(path: Path) -> Image.Image:
    """A video's first picture, upright. Raises RenderError."""
    frame = _first(path)
    # PyAV's own stub leaves to_image without types.
    picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    return picture.rotate(frame.rotation, expand=True)


def _first(path: Path) -> av.VideoFrame:
    try:
        with av.open(path) as container:
            if not container.streams.video:
                raise RenderError("The file has no pictures.")
            return next(container.decode(video=0))
    except (FFmpegError, OSError, StopIteration) as error:
        raise RenderError("The video can't be decoded.") from error


def _face_in(picture: Image.Image, size: tuple[int, int]) -> Face | None:
    face = Face.from_note(picture.info.get(NOTE))
    how = framing(picture.size, size)
    moved = face.moved(how.scale, how.left, how.top) if face else None
    inside = (
        moved
        and moved.head > 8
        and all(0 < at < side for at, side in zip((moved.x, moved.y), size, strict=True))
    )
    return moved if inside else None


def _even_span(start: float, end: float, most: int) -> tuple[int, int]:
    """The even numbers just outside, but within 0 and `most`."""
    return max(0, int(start // 2) * 2), min(most, int(end // 2 + 1) * 2)


def _scaled_frames(path: Path, size: tuple[int, int], fps: int) -> Iterator[av.VideoFrame]:
    with av.open(path) as container:
        graph: Graph | None = None
        for frame in container.decode(video=0):
            if graph is None:
                graph = _graph(container.streams.video[0], frame, size, fps)
            graph.vpush(frame)
            yield from _ready(graph)
        if graph is not None:
            graph.vpush(None)
            yield from _ready(graph)


def _ready(graph: Graph) -> Iterator[av.VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (BlockingIOError, EOFError):
            return


def _graph(stream: av.VideoStream, frame: av.VideoFrame, size: tuple[int, int], fps: int) -> Graph:
    """Turn upright, scale to fill the size (or to fit into it, if too much would be lost), even the rate."""
    width, height = size
    turn = {90: "cclock", -90: "clock"}.get(frame.rotation)
    shown = (frame.height, frame.width) if turn else (frame.width, frame.height)
    wide, tall = width / shown[0], height / shown[1]
    whole = 1 - min(wide, tall) / max(wide, tall) > MOST_CROPPED
    graph = Graph()
    chain = [graph.add_buffer(template=stream)]
    if turn:
        chain.append(graph.add("transpose", turn))
    elif abs(frame.rotation) == 180:
        chain += [graph.add("hflip"), graph.add("vflip")]
    kept = "decrease" if whole else "increase"
    chain.append(
        graph.add("scale", f"{width}:{height}:force_original_aspect_ratio={kept}:force_divisible_by=2")
    )
    fit = ("pad", f"{width}:{height}:-1:-1:color=0x14161f") if whole else ("crop", f"{width}:{height}")
    chain += [
        graph.add(*fit),
        graph.add("fps", str(fps)),
        graph.add("format", "yuv420p"),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*chain).configure()
    return graph
