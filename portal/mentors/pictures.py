"""A picture as somebody's phone made it becomes a photo: small, square, the right way up, and nothing in it but what
is seen. Pure.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from threading import Lock

from PIL import Image, ImageCms, ImageOps

SIDE = 320
"""Pixels of a photo, each way."""
LEAST_SIDE = 100
"""Pixels of a picture, each way: a smaller one would be a blur."""
MOST_BYTES = 8 * 1024 * 1024
"""Of a picture. Phones make 4 to 6 MB."""
MOST_PIXELS = 16_000_000
"""Of a picture, by its first bytes: a few of them can stand for billions of pixels, at 4 bytes each."""
MOST_PIXELS_OF_A_JPEG = 50_000_000
"""It is read at an eighth of its size."""
READ = ("JPEG", "PNG", "WEBP")
"""What is read, by what is in it: a name or a type that comes with it says nothing."""
MOST_SCANS = 32
"""Of a JPEG, which is refined scan by scan: a usual one has ten, and thousands of empty ones would take minutes."""
QUALITY = 82
DAMAGED = "This photo is damaged, so we cannot read it. Choose another."
FACE = (0.5, 0.4)
"""What is kept where a picture is not square: the middle, of a tall one rather the upper part."""
WHITE = (255, 255, 255, 255)

Image.MAX_IMAGE_PIXELS = None  # ours is asked right after opening; Pillow's own only warns up to twice its limit
_one_at_a_time = Lock()
"""A picture takes up to 350 MB while it is read. What Pillow warns of is silenced for the whole process, too."""


class BadPicture(Exception):
    """It cannot be a photo. The message says why, and what would be right."""


def photo_from(picture: bytes) -> bytes:
    """A JPEG of 320 by 320 pixels in sRGB, without any metadata. Raises BadPicture."""
    if not picture:
        raise BadPicture("This file is empty. Choose a photo.")
    if len(picture) > MOST_BYTES:
        raise BadPicture(f"At most {MOST_BYTES // 1024**2} MB, please. Choose a smaller photo.")
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = _opened(picture)
        if picture.count(b"\xff\xda") > MOST_SCANS and image.format not in ("PNG", "WEBP"):
            raise BadPicture(DAMAGED)
        return _photo_from(image)


def _opened(picture: bytes) -> Image.Image:
    """Only its first bytes are read."""
    try:
        image = Image.open(BytesIO(picture), formats=READ)
    except Exception as error:  # Pillow has a dozen ways to say so
        raise BadPicture("This is not a photo that we can read. Choose a JPEG, PNG or WebP.") from error
    most = MOST_PIXELS if image.format in ("PNG", "WEBP") else MOST_PIXELS_OF_A_JPEG
    if image.width * image.height > most:
        raise BadPicture(f"At most {most // 1_000_000} million pixels, please. Choose a smaller photo.")
    if min(image.size) < LEAST_SIDE:
        raise BadPicture(f"At least {LEAST_SIDE} pixels each way, please. Choose a larger photo.")
    return image


def _photo_from(image: Image.Image) -> bytes:
    try:
        profile = image.info.get("icc_profile")
        image.draft(None, (2 * SIDE, 2 * SIDE))
        image.load()
        upright = _upright(_smaller(image))
        square = ImageOps.fit(_plain(upright), (SIDE, SIDE), Image.Resampling.LANCZOS, centering=FACE)
        return _encoded(_in_srgb(square, profile))
    except Exception as error:  # as above, and what comes from a file that only begins like a picture
        raise BadPicture(DAMAGED) from error


def _smaller(image: Image.Image) -> Image.Image:
    """Nearer to its size in the end, so that all that follows takes little memory."""
    by = min(image.size) // (2 * SIDE)
    if by < 2 or image.mode not in ("RGB", "RGBA", "L", "LA", "CMYK"):
        return image
    reduced = image.reduce(by)
    reduced.info = image.info  # which way is up
    return reduced


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # what says which way is up cannot be read
        return image


def _plain(image: Image.Image) -> Image.Image:
    """Eight bits a colour and nothing to see through, in RGB, or in CMYK, which only its profile can turn into RGB."""
    if image.mode in ("RGB", "CMYK"):
        return image
    if image.mode.startswith("I"):  # 16 bits
        return image.point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    seen = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, WHITE), seen).convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """By its colour profile where it has one that can be read."""
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            turned = ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except Exception:  # the colours of a picture are no reason to refuse it
            turned = None
        if turned is not None:
            return turned
    return image.convert("RGB")


def _encoded(image: Image.Image) -> bytes:
    clean = Image.new("RGB", image.size)
    clean.paste(image)  # a new image knows nothing of what came with the old one
    out = BytesIO()
    clean.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()
