"""A picture becomes a photo: small, square, the right way up, and nothing in it but what is seen."""

from __future__ import annotations

import random
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from portal.mentors.pictures import MOST_BYTES, BadPicture, photo_from
from tests.mentors.pictures import MARK, corners, encoded, markers, png_of, quarters, talkative, turned

FORMATS = ("JPEG", "PNG", "WEBP")
UPRIGHT = ["red", "green", "blue", "yellow"]
UNREADABLE = "This is not a photo that we can read. Choose a JPEG, PNG or WebP."
DAMAGED = "This photo is damaged, so we cannot read it. Choose another."
ALLOWED = {0xE0, 0xDB, 0xC2, 0xC4}
"""JFIF, tables of quantization, a progressive frame, Huffman tables."""


def refused(picture: bytes) -> str:
    with pytest.raises(BadPicture) as refusal:
        photo_from(picture)
    return str(refusal.value)


@pytest.mark.parametrize("format", FORMATS)
def test_a_photo_is_a_small_square_jpeg(format: str) -> None:
    photo = photo_from(encoded(quarters(1000), format))
    image = Image.open(BytesIO(photo))
    assert (image.format, image.size, image.mode, len(photo) < 40_000) == ("JPEG", (320, 320), "RGB", True)
    assert corners(photo) == UPRIGHT


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_left_of_what_came_with_the_picture(format: str) -> None:
    picture = talkative(format)
    assert (picture.count(MARK) >= 4, b"<script>" in picture) == (True, True)
    photo = photo_from(picture)
    left = [word for word in (MARK, b"Exif", b"GPS", b"xmp", b"ICC", b"script", b"PK\x03\x04") if word in photo]
    assert (left, markers(photo), photo[-2:]) == ([], ALLOWED, b"\xff\xd9")
    assert Image.open(BytesIO(photo)).info.keys() <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "progressive",
        "progression",
    }


def test_control_saving_it_again_would_leave_some() -> None:
    naive = BytesIO()
    Image.open(BytesIO(talkative("JPEG"))).save(naive, "JPEG")
    assert (MARK in naive.getvalue(), markers(naive.getvalue()) <= ALLOWED) == (True, False)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("orientation", "seen"),
    [
        (1, "r g b y"),
        (2, "g r y b"),
        (3, "y b g r"),
        (4, "b y r g"),
        (5, "r b g y"),
        (6, "b r y g"),
        (7, "y g b r"),
        (8, "g y r b"),
    ],
)
def test_it_is_the_right_way_up(format: str, orientation: int, seen: str) -> None:
    for side in (400, 1600):
        assert " ".join(name[0] for name in corners(photo_from(turned(orientation, format, side)))) == seen


def test_a_broken_orientation_is_left_as_it_is() -> None:
    picture = encoded(quarters(), exif=b"Exif\0\0MM\0\x2a\xff\xff\xff\xff" + b"\xff" * 20)
    assert corners(photo_from(picture)) == UPRIGHT
    assert corners(photo_from(encoded(quarters(), exif=b"Exif\0\0nonsense"))) == UPRIGHT


@pytest.mark.parametrize(
    ("picture", "seen"),
    [
        (encoded(quarters(mode="CMYK")), UPRIGHT),
        (encoded(quarters(mode="P"), "PNG"), UPRIGHT),
        (encoded(quarters(mode="P"), "PNG", transparency=bytes(256)), ["white"] * 4),
        (encoded(quarters(mode="P"), "PNG", transparency=0), UPRIGHT),
        (encoded(Image.new("RGBA", (400, 400), (0, 0, 0, 0)), "PNG"), ["white"] * 4),
        (encoded(Image.new("RGBA", (2000, 2000), (0, 0, 0, 0)), "WEBP"), ["white"] * 4),
        (encoded(Image.new("LA", (400, 400), (0, 0)), "PNG"), ["white"] * 4),
        (encoded(Image.new("1", (400, 400), 1), "PNG"), ["white"] * 4),
        (encoded(Image.new("I;16", (400, 400), 65535), "PNG"), ["white"] * 4),
        (encoded(Image.new("I;16", (400, 400), 32768), "PNG"), ["(128, 128, 128)"] * 4),
    ],
)
def test_pictures_of_all_modes(picture: bytes, seen: list[str]) -> None:
    assert corners(photo_from(picture)) == seen


def test_of_one_that_moves_the_first_picture_is_kept() -> None:
    for kind in ("WEBP", "PNG"):
        moving = encoded(quarters(), kind, save_all=True, append_images=[Image.new("RGB", (400, 400), (255, 255, 255))])
        frames = getattr(Image.open(BytesIO(moving)), "n_frames", 1)
        assert (kind, frames, corners(photo_from(moving))) == (kind, 2, UPRIGHT)


def test_one_of_thousands_of_scans_that_would_take_minutes_is_refused() -> None:
    picture = encoded(quarters(), progressive=True)
    last = picture[picture.rindex(b"\xff\xda") : -2]
    assert corners(photo_from(picture[:-2] + last * 5 + picture[-2:])) == UPRIGHT
    assert refused(picture[:-2] + last * 40 + picture[-2:]) == DAMAGED


def test_colours_follow_their_profile() -> None:
    """Lab's profile on RGB does not fit and says nothing; a profile of ours is obeyed, and one cut short is not."""
    good = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (good, lab, good[:200], b"\0" * 500):
        assert corners(photo_from(encoded(quarters(), icc_profile=profile))) == UPRIGHT
    swapped = good.replace(b"rXYZ", b"tmpX").replace(b"bXYZ", b"rXYZ").replace(b"tmpX", b"bXYZ")
    assert corners(photo_from(encoded(quarters(), icc_profile=swapped)))[0] == "blue"


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (b"", "This file is empty. Choose a photo."),
        (b"\0" * (MOST_BYTES + 1), "At most 8 MB, please. Choose a smaller photo."),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', UNREADABLE),
        (b"<!doctype html><script>alert(1)</script>", UNREADABLE),
        (encoded(quarters(), "GIF", comment=b"<script>alert(1)</script>"), UNREADABLE),
        (encoded(quarters(), "TIFF"), UNREADABLE),
        (encoded(quarters(), "ICO"), UNREADABLE),
        (encoded(quarters(), "BMP"), UNREADABLE),
        (encoded(quarters(), "PDF"), UNREADABLE),
        (encoded(quarters(), "EPS"), UNREADABLE),
        (encoded(quarters(), "AVIF"), UNREADABLE),
        (b"\xff\xd8\xff", UNREADABLE),
        (png_of(30_000, 30_000), "At most 16 million pixels, please. Choose a smaller photo."),
        (png_of(2**31 - 1, 2**31 - 1), "At most 16 million pixels, please. Choose a smaller photo."),
        (png_of(4001, 4000), "At most 16 million pixels, please. Choose a smaller photo."),
        (png_of(4000, 4000), DAMAGED),
        (encoded(Image.new("L", (8000, 6251))), "At most 50 million pixels, please. Choose a smaller photo."),
        (png_of(400, 400), DAMAGED),
        (png_of(0, 400), UNREADABLE),
        (encoded(quarters(99)), "At least 100 pixels each way, please. Choose a larger photo."),
        *[(encoded(quarters(), kind)[:-300], DAMAGED) for kind in ("JPEG", "PNG")],
        (encoded(quarters(), "WEBP")[:-300], UNREADABLE),
    ],
    ids=range(23),
)
def test_what_cannot_be_a_photo_is_refused_with_what_would_be_right(picture: bytes, why: str) -> None:
    assert refused(picture) == why


def test_at_the_limits() -> None:
    for picture in (
        encoded(quarters(100)),
        encoded(Image.new("L", (8000, 6250))),
        encoded(quarters()).ljust(MOST_BYTES, b"\0"),
    ):
        assert Image.open(BytesIO(photo_from(picture))).size == (320, 320)


def test_a_text_that_would_fill_the_memory_is_refused() -> None:
    bomb = b"Comment\0\0" + zlib.compress(b"\0" * 200_000_000, 9)
    assert refused(png_of(400, 400, (b"zTXt", bomb))) in (UNREADABLE, DAMAGED)


@pytest.mark.parametrize("format", FORMATS)
def test_a_mutated_picture_is_a_photo_or_refused(format: str) -> None:
    chance, valid = random.Random(format), talkative(format)
    outcomes: set[object] = set()
    for _ in range(200):
        mutated = bytearray(valid)
        for _ in range(chance.choice((1, 4, 40))):
            mutated[chance.randrange(len(mutated) if chance.random() < 0.5 else 600)] = chance.randrange(256)
        del mutated[chance.choice((len(mutated), chance.randrange(len(mutated)))) :]
        try:
            outcomes.add(markers(photo_from(bytes(mutated))) == ALLOWED)
        except BadPicture as refusal:
            outcomes.add(type(refusal))
    assert outcomes == {True, BadPicture}
