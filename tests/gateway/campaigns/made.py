"""Pictures, videos and sounds as phones make them, small: with what they write beside picture and sound."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

SCRIPT = b"<script>alert(1)</script>"
PLACE = b"-04.0500+064.2000/"


def jpeg(width: int = 900, height: int = 600, *, orientation: int = 6) -> bytes:
    """With EXIF that says where it was taken and with what, a comment, and which way is up."""
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x9286] = orientation, "Canary Phone", "by Canary Name"
    exif.get_ifd(0x8825).update({1: "S", 2: (4.0, 3.0, 0.0), 3: "E", 4: (64.0, 12.0, 0.0)})
    made = io.BytesIO()
    picture.save(made, "JPEG", exif=exif, comment=b"Canary comment")
    return made.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """A PNG of a few bytes whose head says that it has a billion points."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def box(name: bytes, *content: bytes) -> bytes:
    inside = b"".join(content)
    return struct.pack(">I", 8 + len(inside)) + name + inside


def track(kind: bytes) -> bytes:
    head = box(b"tkhd", struct.pack(">IIII", 7, 3_900_000_000, 3_900_000_000, 1), bytes(68))
    handler = box(b"hdlr", bytes(8), kind, bytes(12), b"Canary Phone\0")
    table = box(b"stbl", box(b"stsd", bytes(8)), box(b"stco", struct.pack(">III", 0, 1, 48)))
    media = box(
        b"mdia", box(b"mdhd", struct.pack(">III", 0, 3_900_000_000, 0), bytes(12)), handler, box(b"minf", table)
    )
    return box(b"trak", head, media, box(b"udta", box(b"name", SCRIPT)))


def mp4(*kinds: bytes) -> bytes:
    """With places and a script where phones and programs write them."""
    written = box(b"udta", box(b"\xa9xyz", struct.pack(">HH", len(PLACE), 0), PLACE), box(b"meta", bytes(4), SCRIPT))
    head = box(b"mvhd", struct.pack(">III", 0, 3_900_000_000, 3_900_000_000), bytes(88))
    tracks = b"".join(track(kind) for kind in kinds)
    parts = box(b"ftyp", b"isom", bytes(4)), box(b"mdat", b"pictures and sound"), box(b"uuid", bytes(16), SCRIPT)
    return b"".join(parts) + box(b"moov", head, tracks, written)


FRAME = b"\xff\xfb\x50\xc4" + bytes(208 - 4)
"""MPEG 1, layer III, 64 kbit/s, 44.1 kHz: 144 * 64000 / 44100 bytes."""


def mp3() -> bytes:
    size = len(SCRIPT)
    tag = b"ID3\x04\x00\x00" + bytes([0, 0, 0, size]) + SCRIPT
    return tag + FRAME * 3 + b"TAG" + SCRIPT.ljust(125, b"\0")


def page(number: int, body: bytes, flags: int = 0) -> bytes:
    return (
        b"OggS"
        + bytes([0, flags])
        + bytes(8)
        + b"\x01\0\0\0"
        + struct.pack("<II", number, 0)
        + bytes([1, len(body)])
        + body
    )


def opus() -> bytes:
    tags = b"OpusTags" + struct.pack("<I", 6) + b"Canary" + struct.pack("<II", 1, len(SCRIPT)) + SCRIPT
    return page(0, b"OpusHead" + bytes(11), 2) + page(1, tags) + page(2, b"sound", 4)
