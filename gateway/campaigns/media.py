"""Pictures, videos and sounds as they are shown: rid of what cameras and phones write into them, small enough for
cheap data plans, and nothing but what they say they are.

    pictures(content) -> variants      a picture in a few widths, decoded and drawn anew
    recording(content) -> variant      a video or a sound whose container is emptied of everything but picture and sound

Raises MediaError, one sentence for whoever sent it.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image
from PIL.ExifTags import Base

from gateway.campaigns import containers
from gateway.campaigns.errors import MediaError

MOST_PICTURE = 20 * 1024 * 1024
MOST_RECORDING = 16 * 1024 * 1024
"""Bytes as sent."""
MOST_PIXELS = 60_000_000
"""A picture that unpacks to more is refused before it is unpacked: 180 MB of memory at that."""
LONGEST_SIDE = 16_000
"""A WebP takes no more."""

TOO_LARGE = "This picture has {n} MB, and may have {most}: make it smaller."
TOO_MANY_POINTS = "This picture unpacks to more than 60 million points: make it smaller."
NONE = "This is no picture that can be read: send a JPEG, PNG or WebP."
MOVES = "This picture moves: send a still one, or a video."

WIDTHS = (320, 640, 1200)
"""A phone on a slow line, a phone, a card on social media and a large screen."""
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by the orientation that its camera wrote. Pillow's own way writes all of its EXIF anew,
and fails on what many phones write."""
FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of a picture, or a recording. `form` names it within its piece: "640.webp", "video"."""

    form: str
    type: str
    content: bytes
    width: int = 0
    height: int = 0

    @property
    def digest(self) -> str:
        """Under which it is found: the address of a file that never changes."""
        return hashlib.sha256(self.content).hexdigest()[:32]


def pictures(content: bytes) -> tuple[Variant, ...]:
    """The picture in each width that it has, as WebP and as JPEG: upright, in the colours of the web, without EXIF,
    GPS, comments or thumbnails, because only its pixels are kept."""
    if len(content) > MOST_PICTURE:
        raise MediaError(TOO_LARGE, n=_mb(len(content)), most=_mb(MOST_PICTURE))
    drawn = _drawn(content)
    widths = [width for width in WIDTHS if width < drawn.width] + [min(drawn.width, WIDTHS[-1])]
    return tuple(variant for width in dict.fromkeys(widths) for variant in _at(drawn, width))


def _drawn(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged EXIF, which goes anyway
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                _check(picture)
                drawn = picture.convert("RGBA")
                turn = TURNS.get(picture.getexif().get(Base.Orientation, 1))
                upright = drawn.transpose(turn) if turn is not None else drawn
    except Image.DecompressionBombError:
        raise MediaError(TOO_MANY_POINTS) from None
    except MediaError:
        raise
    except Exception:  # noqa: BLE001 - what a damaged or hostile picture makes Pillow raise
        raise MediaError(NONE) from None
    # A new one, with a white ground: nothing that lay beside the pixels comes along.
    fresh = Image.new("RGB", upright.size, "white")
    fresh.paste(upright, mask=upright.getchannel("A"))
    return fresh


def _check(picture: Image.Image) -> None:
    """By what its head says, before anything is unpacked."""
    if picture.width * picture.height > MOST_PIXELS or max(picture.size) > LONGEST_SIDE:
        raise MediaError(TOO_MANY_POINTS)
    if getattr(picture, "n_frames", 1) > 1:
        raise MediaError(MOVES)


def _at(drawn: Image.Image, width: int) -> Iterable[Variant]:
    height = max(1, round(drawn.height * width / drawn.width))
    resized = drawn.resize((width, height), Image.Resampling.LANCZOS) if width != drawn.width else drawn
    for name, options in (("webp", {"quality": 68, "method": 4}), ("jpeg", {"quality": 72, "progressive": True})):
        made = io.BytesIO()
        resized.save(made, name.upper(), **options)
        yield Variant(f"{width}.{name}", f"image/{name}", made.getvalue(), width, height)


def recording(content: bytes, kind: str) -> Variant:
    """A video or a sound (`kind` is video or audio), emptied of everything but picture and sound."""
    if len(content) > MOST_RECORDING:
        most = _mb(MOST_RECORDING)
        raise MediaError(
            f"This {kind} has {_mb(len(content))} MB, and may have {most}: shorten it, or save it smaller."
        )
    type_, cleaned = containers.cleaned(content, kind)
    return Variant(kind, type_, cleaned)


def _mb(size: int) -> int:
    return -(-size // (1024 * 1024))
