"""Pictures as the three planes of yuv420p video, so that a frame needs no colour conversion of its own.

Scaling and pasting planes costs about a third of doing the same in RGB. Colours are BT.709, limited range.
"""

from dataclasses import dataclass
from typing import Self

import av
from PIL import Image

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Planes:
    """Brightness at full size, the two colour differences at half size; all mode "L". Sides are even."""

    luma: Image.Image
    blue: Image.Image
    red: Image.Image

    @classmethod
    def of_picture(cls, picture: Image.Image) -> Self:
        """Convert an RGB picture with even sides."""
        # PyAV's own stub leaves this one without types.
        frame: av.VideoFrame = av.VideoFrame.from_image(picture.convert("RGB"))  # type: ignore[no-untyped-call]
        return cls.of_frame(frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"))

    @classmethod
    def of_frame(cls, frame: av.VideoFrame) -> Self:
        """Copy the planes of a yuv420p frame, without what fills up its lines."""
        images = []
        for plane in frame.planes:
            whole = Image.frombytes("L", (plane.line_size, plane.height), bytes(plane))
            filled = plane.line_size != plane.width
            images.append(whole.crop((0, 0, plane.width, plane.height)) if filled else whole)
        return cls(*images)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole picture."""
        return self.luma.size

    def copy(self) -> "Planes":
        """The same picture, free to be drawn upon."""
        return Planes(self.luma.copy(), self.blue.copy(), self.red.copy())

    def scaled(self, size: tuple[int, int], box: Box) -> "Planes":
        """The part inside `box` (in pixels, fractions allowed) at another size."""
        half_size = (size[0] // 2, size[1] // 2)
        left, top, right, bottom = box
        half_box = (left / 2, top / 2, right / 2, bottom / 2)
        bilinear = Image.Resampling.BILINEAR
        return Planes(
            self.luma.resize(size, bilinear, box),
            self.blue.resize(half_size, bilinear, half_box),
            self.red.resize(half_size, bilinear, half_box),
        )

    def paste(self, other: "Planes", at: tuple[int, int]) -> None:
        """Lay another picture over this one, its corner at `at`, which is rounded down to even numbers."""
        left, top = at[0] // 2, at[1] // 2
        self.luma.paste(other.luma, (left * 2, top * 2))
        self.blue.paste(other.blue, (left, top))
        self.red.paste(other.red, (left, top))

    def blended(self, other: "Planes", share: float) -> "Planes":
        """A mix of the two with `share` (0 to 1) of the other."""
        return Planes(
            Image.blend(self.luma, other.luma, share),
            Image.blend(self.blue, other.blue, share),
            Image.blend(self.red, other.red, share),
        )

    def to_frame(self) -> av.VideoFrame:
        """A new video frame, whose lines are filled up with grey where they are longer."""
        frame = av.VideoFrame(*self.size, "yuv420p")
        for plane, image in zip(frame.planes, (self.luma, self.blue, self.red), strict=True):
            line = image
            if image.width != plane.line_size:
                line = Image.new("L", (plane.line_size, image.height), 128)
                line.paste(image, (0, 0))
            plane.update(line.tobytes())
        return frame


@dataclass(frozen=True)
class Sticker:
    """A picture with transparency, ready to be pasted onto planes many times."""

    planes: Planes
    alpha: Image.Image
    half_alpha: Image.Image

    @classmethod
    def of_picture(cls, picture: Image.Image) -> Self:
        """Convert an RGBA picture with even sides."""
        alpha = picture.getchannel("A")
        return cls(Planes.of_picture(picture), alpha, alpha.reduce(2))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.planes.size

    def paste_onto(self, canvas: Planes, at: tuple[int, int]) -> None:
        """Paste with the left upper corner at `at`, which is rounded down to even numbers."""
        left, top = at[0] // 2, at[1] // 2
        canvas.luma.paste(self.planes.luma, (left * 2, top * 2), self.alpha)
        canvas.blue.paste(self.planes.blue, (left, top), self.half_alpha)
        canvas.red.paste(self.planes.red, (left, top), self.half_alpha)


def even(number: float) -> int:
    """The nearest even whole number, at least 2."""
    return max(2, round(number / 2) * 2)
