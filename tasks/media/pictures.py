"""Examines pictures with Pillow. Imported in the child process only."""

from __future__ import annotations

import struct
import warnings
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from PIL import ExifTags, Image, ImageCms, ImageOps, PngImagePlugin

from tasks.media.facts import Cause, MediaFacts, TooManyPixels, Undecodable
from tasks.media.formats import SHOWN_BY_NONE, Format
from tasks.media.thumbnails import save_thumbnail, thumbnail_path

POSTER_WIDTH, POSTER_HEIGHT = 480, 1600
# The orientation that browsers honour stands in EXIF alone, and not in that of a WebP.
XMP_KEYS = ("xmp", "XML:com.adobe.xmp", "Raw profile type exif")
_SRGB = ImageCms.createProfile("sRGB")
# What Pillow can hand to the converter of colours, by the colour space that a profile is made for.
_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_HEIC_HEAD = 256 * 1024
_END_OF_JPEG = b"\xff\xd9"

# We look at the size ourselves, before anything is decoded.
Image.MAX_IMAGE_PIXELS = None
# Profiles and notes of some megabytes are usual; the child's memory is limited anyway.
PngImagePlugin.MAX_TEXT_CHUNK = 64 * 1024**2
PngImagePlugin.MAX_TEXT_MEMORY = 256 * 1024**2
warnings.simplefilter("ignore")


def examine(path: Path, known: Format, poster: Path | None, max_pixels: int) -> MediaFacts:
    """Check the claimed size, decode the (first) picture, write the poster when one is wanted."""
    try:
        picture = upright(decoded(path, known, max_pixels), path)
        if poster is not None:
            save_poster(picture.copy(), poster)
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, MemoryError) as error:
        raise Undecodable.damaged(error, path) from None
    width, height = picture.size
    plays = known.name not in SHOWN_BY_NONE
    return MediaFacts("image", known.name, known.media_type, width=width, height=height, plays=plays)


def opened(path: Path, known: Format) -> Image.Image:
    """A picture of which the head alone has been read. Raises whatever Pillow raises."""
    if known.reader == "HEIF":
        # Loaded for the few that need it, as PyAV is below: both take longer than most pictures.
        import pi_heif

        pi_heif.register_heif_opener()
    picture: Image.Image = Image.open(path, formats=(known.reader,))
    return picture


def decoded(path: Path, known: Format, max_pixels: int) -> Image.Image:
    """The (first) picture of a file, as it lies there. Raises MediaError, and whatever Pillow raises."""
    picture = opened(path, known)
    refuse_too_many(*picture.size, max_pixels)
    try:
        picture.load()
    except OSError:
        if known.name != "jpg" or not _lacks_only_its_end(path):
            raise
        picture = Image.open(BytesIO(path.read_bytes() + _END_OF_JPEG), formats=("JPEG",))
        picture.load()
    return picture


def upright(picture: Image.Image, path: Path) -> Image.Image:
    """The picture as browsers turn it; `path` is the file that it was decoded from."""
    for key in XMP_KEYS:
        picture.info.pop(key, None)
    if picture.format == "WEBP":
        return picture
    if told := picture.info.get("original_orientation"):
        with path.open("rb") as file:
            head = file.read(_HEIC_HEAD)
        # Where a HEIC says itself how it is turned, that has been done; EXIF may say it once more.
        if b"irot" not in head and b"imir" not in head:
            picture.getexif()[ExifTags.Base.Orientation] = told
    return ImageOps.exif_transpose(picture)


def in_srgb(picture: Image.Image) -> Image.Image:
    """The picture in the colours that its profile means. A profile that does not fit it is left out."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode.startswith(("I", "F")):
        return picture
    with suppress(ImageCms.PyCMSError, OSError, ValueError):
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = _MODES.get(source.profile.xcolor_space)
        # The mode that says the same without transparency and palette.
        if mode != {"1": "L", "LA": "L", "L": "L", "CMYK": "CMYK"}.get(picture.mode, "RGB"):
            return picture
        alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
        made = ImageCms.profileToProfile(picture.convert(mode), source, _SRGB, outputMode="RGB")
        assert made is not None  # it is changed in place only when asked for
        if alpha is not None:
            made.putalpha(alpha)
        return made
    return picture


def _lacks_only_its_end(path: Path) -> bool:
    """Whether FFmpeg, which does without the end marker, finds every block of a JPEG."""
    import av

    decoder = av.CodecContext.create("mjpeg", "r")
    decoder.options = {"err_detect": "explode"}
    try:
        return bool(decoder.decode(av.Packet(path.read_bytes())))
    except av.FFmpegError:
        return False


def refuse_too_many(width: int, height: int, max_pixels: int) -> None:
    """Raise TooManyPixels when the claimed size is over the limit, Undecodable when there is no area."""
    if width <= 0 or height <= 0:
        raise Undecodable(Cause.EMPTY, "it has no area")
    if width * height > max_pixels:
        raise TooManyPixels(width, height, max_pixels)


def with_eight_bits(picture: Image.Image) -> Image.Image:
    """A grey picture of 16 bits in 8, any other as it is: Pillow would cut off at 255, and leave white."""
    is_deep = picture.mode.startswith("I;16")
    return picture.point(lambda value: value / 256).convert("L") if is_deep else picture


def save_poster(picture: Image.Image, into: Path) -> None:
    """Write a small WebP in sRGB that keeps transparency and drops everything that is not picture.

    Its thumbnail, where that is smaller, is written beside it.
    """
    picture.thumbnail((POSTER_WIDTH, POSTER_HEIGHT), reducing_gap=2.0)
    picture = in_srgb(with_eight_bits(picture))
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    picture = picture.convert(mode)
    for key in ("icc_profile", "exif", "xmp"):
        picture.info.pop(key, None)
    picture.save(into, "WEBP", quality=80, method=4)
    save_thumbnail(picture, thumbnail_path(into))
