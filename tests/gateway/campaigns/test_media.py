"""Pictures, videos and sounds: what is written beside them goes, what they show stays, what is none is refused."""

from __future__ import annotations

import io
import zlib

import pytest
from PIL import Image

from gateway.campaigns import containers, media
from gateway.campaigns.errors import MediaError
from tests.gateway.campaigns import made
from tests.gateway.campaigns.made import PLACE, SCRIPT


def test_a_picture_comes_in_a_few_widths_upright_and_without_what_cameras_write() -> None:
    sent = made.jpeg(900, 600, orientation=6)
    assert all(canary in sent for canary in (b"Canary Phone", b"Canary comment", b"Canary Name"))
    variants = media.pictures(sent)
    # Turned by a quarter: 600 wide, 900 high.
    assert [(one.form, one.width, one.height) for one in variants] == [
        ("320.webp", 320, 480),
        ("320.jpeg", 320, 480),
        ("600.webp", 600, 900),
        ("600.jpeg", 600, 900),
    ]
    for one in variants:
        assert b"Canary" not in one.content
        with Image.open(io.BytesIO(one.content)) as opened:
            assert opened.size == (one.width, one.height)
            assert not opened.getexif()
            assert not {"exif", "comment", "xmp", "icc_profile"} & set(opened.info)


def test_a_picture_whose_camera_wrote_nonsense_is_taken_all_the_same() -> None:
    sent = bytearray(made.jpeg(90, 60, orientation=6))
    sent[sent.index(b"Exif") + 19] = 5  # what the maker's name is said to be: a fraction
    assert {(one.width, one.height) for one in media.pictures(bytes(sent))} == {(60, 90)}


def test_a_small_picture_is_not_made_larger() -> None:
    assert {one.width for one in media.pictures(made.jpeg(200, 100, orientation=1))} == {200}


def test_what_is_see_through_gets_a_white_ground() -> None:
    png = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(png, "PNG")
    jpeg = next(one for one in media.pictures(png.getvalue()) if one.type == "image/jpeg")
    assert Image.open(io.BytesIO(jpeg.content)).getpixel((20, 20)) == (255, 255, 255)


def moving() -> bytes:
    drawn = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(drawn, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    return drawn.getvalue()


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (b"<svg onload='alert(1)'/>", "no picture that can be read: send a JPEG, PNG or WebP"),
        (b"", "no picture that can be read"),
        (made.jpeg()[:900], "no picture that can be read"),
        (made.bomb(), "unpacks to more than 60 million points"),
        (made.jpeg(2, 17_000), "unpacks to more than 60 million points"),
        (made.bomb(9_000), "unpacks to more than 60 million points"),
        (b"\xff\xd8" + bytes(media.MOST_PICTURE), "has 21 MB, and may have 20"),
        (moving(), "This picture moves"),
        (made.mp4(b"vide"), "no picture that can be read"),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(sent: bytes, says: str) -> None:
    with pytest.raises(MediaError, match=says):
        media.pictures(sent)


def test_a_video_with_a_script_in_its_metadata_loses_it_and_keeps_picture_and_sound_where_they_were() -> None:
    sent = made.mp4(b"vide", b"soun")
    assert sent.count(SCRIPT) == 4
    assert PLACE in sent
    one = media.recording(sent, "video")
    assert one.type == "video/mp4"
    assert len(one.content) == len(sent)  # nothing moved: tables of offsets hold
    assert one.content.index(b"pictures and sound") == sent.index(b"pictures and sound")
    for canary in (SCRIPT, PLACE, b"Canary", b"\xa9xyz", (3_900_000_000).to_bytes(4)):
        assert canary not in one.content
    assert (one.content.count(b"vide"), one.content.count(b"soun")) == (1, 2)  # the second in the media itself
    assert media.recording(one.content, "video").content == one.content


def test_a_track_of_places_is_refused_because_its_samples_lie_among_the_others() -> None:
    with pytest.raises(MediaError, match="a track beside picture and sound"):
        media.recording(made.mp4(b"vide", b"meta"), "video")


@pytest.mark.parametrize(
    ("sent", "kind", "says"),
    [
        (made.mp4(b"soun"), "video", "no picture in this video"),
        (made.mp4(b"vide"), "audio", "a picture in this sound"),
        (made.mp4(b"vide")[:-40], "video", "damaged or incomplete"),
        (made.mp4(), "video", "neither picture nor sound"),
        (b"\x1a\x45\xdf\xa3 matroska", "video", "no video that can be cleaned"),
        (b"RIFF....WAVE", "audio", "no sound that can be cleaned"),
        (bytes(media.MOST_RECORDING + 1), "video", "has 17 MB, and may have 16"),
        (made.box(b"ftyp", b"isom") + made.box(b"moov", made.box(b"mvhd", bytes(4))), "video", "damaged"),
    ],
)
def test_what_is_no_video_or_sound_is_refused_in_a_sentence(sent: bytes, kind: str, says: str) -> None:
    with pytest.raises(MediaError, match=says):
        media.recording(sent, kind)


def test_boxes_in_boxes_do_not_go_on_for_ever() -> None:
    deep = made.box(b"mvhd", bytes(100))
    for _ in range(200):
        deep = made.box(b"moov", deep)
    with pytest.raises(MediaError, match="too deep"):
        media.recording(made.box(b"ftyp", b"isom") + deep, "video")


def test_sounds_lose_their_tags() -> None:
    assert media.recording(made.mp3(), "audio").content == made.FRAME * 3
    one = media.recording(made.opus(), "audio")
    assert one.type == "audio/ogg"
    assert SCRIPT not in one.content
    assert b"Canary" not in one.content
    assert one.content.endswith(made.page(2, b"sound", 4))


def test_half_a_million_tags_are_gone_through_once() -> None:
    """Copying what is left at each would move a terabyte, and this test would not end."""
    tag = b"ID3\x04\x00\x00" + bytes(4)
    sent = tag * 500_000 + made.FRAME + b"\xff" * 5_000_000 + made.FRAME
    assert media.recording(sent, "audio").content == made.FRAME * 2


def test_the_checksum_of_a_page_is_ogg_s() -> None:
    """Not the reflected one of zlib; checked against the value that the polynomial gives for one byte."""
    assert containers._crc(b"\x01") == 0x04C11DB7 != zlib.crc32(b"\x01")
