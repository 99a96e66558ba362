"""Videos and sounds without what is written beside picture and sound: names, places, times, devices, scripts.

    cleaned(content, kind) -> (type, content)      raises MediaError

There is no decoder here, and none is needed: containers say what each of their parts is, and whatever is not known to
carry picture or sound is emptied. What hides in the pictures and the sound themselves is not looked for.

MP4 (ISO/IEC 14496-12): boxes that are not needed become `free` ones full of zeros; nothing moves, so no offset changes.
MP3: frames only, without ID3v1, ID3v2 and APEv2. Ogg Opus (RFC 7845): its page of comments is written anew, empty.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from gateway.campaigns.errors import MediaError

INTO = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"mvex", b"moof", b"traf"})
"""Boxes that hold boxes, and are walked into."""

NEEDED = frozenset(
    {
        b"ftyp",
        b"mdat",
        b"mvhd",
        b"tkhd",
        b"mdhd",
        b"hdlr",
        b"vmhd",
        b"smhd",
        b"nmhd",
        b"dref",
        b"elst",
        b"trex",
        b"mehd",
    }
    | {b"stsd", b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"sgpd", b"sbgp", b"sdtp"}
    | {b"mfhd", b"tfhd", b"tfdt", b"trun", b"sidx", b"cslg"}
)
"""Boxes without which picture or sound would be lost."""

DATED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
"""Boxes that begin with when the recording was made and changed."""

SEEN_AND_HEARD = frozenset({b"vide", b"soun"})
DEEPEST = 8

MP4_ONLY = "send an MP4 (H.264 with AAC), as phones record it."


def cleaned(content: bytes, kind: str) -> tuple[str, bytes]:
    """The media type, and the content without anything beside picture and sound."""
    if content[4:8] == b"ftyp":
        tracks, emptied = _mp4(content)
        if kind == "video" and b"vide" not in tracks:
            raise MediaError("There is no picture in this video: send it as a sound, or send another file.")
        if kind == "audio" and b"vide" in tracks:
            raise MediaError("There is a picture in this sound: send it as a video, or save the sound alone.")
        return f"{kind}/mp4", emptied
    if kind == "audio" and content.startswith(b"OggS"):
        return "audio/ogg", _ogg(content)
    if kind == "audio" and (content.startswith(b"ID3") or FRAME.match(content)):
        return "audio/mpeg", _mp3(content)
    if kind == "audio":
        raise MediaError(
            "This is no sound that can be cleaned of what is written beside it: send MP3, M4A or Ogg Opus."
        )
    raise MediaError(f"This is no video that can be cleaned of what is written beside it: {MP4_ONLY}")


# MP4 ----------------------------------------------------------------------------------------------------------------


def _mp4(content: bytes) -> tuple[set[bytes], bytes]:
    """The kinds of its tracks, and the file with the same length and the rest emptied."""
    made = bytearray(content)
    tracks: set[bytes] = set()
    _walk(made, 0, len(made), tracks, 0)
    if not tracks:
        raise MediaError(f"This file is damaged, or holds neither picture nor sound: {MP4_ONLY}")
    return tracks, bytes(made)


def _walk(made: bytearray, start: int, end: int, tracks: set[bytes], depth: int) -> None:
    if depth > DEEPEST:
        raise MediaError(f"This file is damaged: its parts lie too deep. {MP4_ONLY.capitalize()}")
    for name, at, inside, after in _boxes(made, start, end):
        if name in INTO:
            _walk(made, inside, after, tracks, depth + 1)
        elif name == b"hdlr":
            _handler(made, inside, after, tracks)
        elif name not in NEEDED:
            made[at + 4 : at + 8] = b"free"
            made[inside:after] = bytes(after - inside)
        elif name in DATED:
            size = 16 if made[inside] == 1 else 8  # two times, of eight bytes each in version 1
            made[inside + 4 : inside + 4 + size] = bytes(size)


def _boxes(made: bytearray, start: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Name, where it begins, where its content begins, and where it ends."""
    damaged = MediaError(f"This file is damaged or incomplete: {MP4_ONLY}")
    while start < end:
        if end - start < 8:
            raise damaged
        size, name = struct.unpack_from(">I4s", made, start)
        head = 8
        if size == 1 and end - start >= 16:
            size, head = struct.unpack_from(">Q", made, start + 8)[0], 16
        elif size == 0:
            size = end - start
        if size < head or start + size > end or (name in DATED and size < head + 20):
            raise damaged
        yield bytes(name), start, start + head, start + size
        start += size


def _handler(made: bytearray, inside: int, after: int, tracks: set[bytes]) -> None:
    """What kind of track this is; its name goes. A track of data can't be emptied: its samples lie among the others."""
    if after - inside < 24:
        raise MediaError(f"This file is damaged: {MP4_ONLY}")
    kind = bytes(made[inside + 8 : inside + 12])
    if kind in (b"url ", b"alis"):  # where QuickTime looks for its data: in the file itself
        return
    if kind not in SEEN_AND_HEARD:
        raise MediaError(
            "This file has a track beside picture and sound, which may say where it was recorded: save it anew with "
            "picture and sound alone."
        )
    tracks.add(kind)
    made[inside + 12 : after] = bytes(after - inside - 12)


# MP3 ----------------------------------------------------------------------------------------------------------------


_RATES = bytes(byte for byte in range(0x10, 0xF0) if byte & 0x0C != 0x0C)
FRAME = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][%b]." % re.escape(_RATES), re.DOTALL)
"""How a frame begins: eleven bits set, a version (1, 2, 2.5), layer III, a rate and a sampling that exist."""


def _mp3(content: bytes) -> bytes:
    """Every byte is looked at a few times at most, however many tags somebody wrote one after the other."""
    start, end = 0, len(content)
    while content.startswith(b"ID3", start) and start + 10 < end:
        flags, *sizes = content[start + 5 : start + 10]
        size = sum((byte & 0x7F) << shift for byte, shift in zip(sizes, (21, 14, 7, 0), strict=True))
        start += 10 + size + (10 if flags & 0x10 else 0)
    if content[end - 128 : end - 125] == b"TAG":
        end -= 128
    if end >= 32 and content[end - 32 : end - 24] == b"APETAGEX":
        size = struct.unpack_from("<I", content, end - 20)[0]
        end -= size + 32 if content[max(0, end - 32 - size) : max(0, end - 24 - size)] == b"APETAGEX" else size
    kept = b"".join(_frames(content, start, end))
    if not kept:
        raise MediaError("This is no MP3 that can be read: save it anew, or send M4A or Ogg Opus.")
    return kept


RATES = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits a second of layer III, by MPEG version (2.5 as 2)."""
SAMPLES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Samples a second, by the two bits that name the version."""


def _frames(content: bytes, start: int, end: int) -> Iterator[bytes]:
    """Frame by frame; what lies between them is left out."""
    while (found := FRAME.search(content, start, max(start, end))) is not None:
        at = found.start()
        version = (content[at + 1] >> 3) & 3
        rate = RATES[1 if version == 3 else 2][content[at + 2] >> 4]
        sampled = SAMPLES[version][(content[at + 2] >> 2) & 3]
        size = (144 if version == 3 else 72) * rate * 1000 // sampled + ((content[at + 2] >> 1) & 1)
        if at + size > end:
            return
        yield content[at : at + size]
        start = at + size


# Ogg ----------------------------------------------------------------------------------------------------------------

EMPTY_TAGS = b"OpusTags" + struct.pack("<I", 0) + struct.pack("<I", 0)


def _ogg(content: bytes) -> bytes:
    """The pages of one Opus stream, the second one with empty comments."""
    refused = MediaError("This Ogg file can't be cleaned of its comments: save it as Ogg Opus or MP3.")
    pages = list(_pages(content))
    if len(pages) < 3 or not pages[0][27 + pages[0][26] :].startswith(b"OpusHead"):
        raise refused
    second = pages[1]
    body = 27 + second[26]
    # Its comments end where its page ends, and the next page begins a packet: else they go on there.
    if not second[body:].startswith(b"OpusTags") or second[body - 1] == 255 or pages[2][5] & 1:
        raise refused
    if len({page[14:18] for page in pages}) != 1:
        raise refused
    head = second[:22] + bytes(4) + bytes([1, len(EMPTY_TAGS)])
    tags = head + EMPTY_TAGS
    tags = tags[:22] + struct.pack("<I", _crc(tags)) + tags[26:]
    return pages[0] + tags + b"".join(pages[2:])


def _pages(content: bytes) -> Iterator[bytes]:
    at = 0
    while content[at : at + 4] == b"OggS" and at + 27 <= len(content):
        segments = content[at + 26]
        lengths = content[at + 27 : at + 27 + segments]
        size = 27 + segments + sum(lengths)
        if at + size > len(content):
            return
        yield content[at : at + size]
        at += size


def _crc(page: bytes) -> int:
    """Ogg's own: the polynomial 0x04c11db7, without reflection, beginning with 0 (RFC 3533)."""
    found = 0
    for byte in page:
        found ^= byte << 24
        for _ in range(8):
            found = (found << 1) ^ 0x04C11DB7 if found & 0x80000000 else found << 1
        found &= 0xFFFFFFFF
    return found
