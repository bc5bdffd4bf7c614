"""Pictures as people and attackers send them."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, PngImagePlugin

RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)
CORNERS = ((20, 20), (300, 20), (20, 300), (300, 300))
"""Top left, top right, bottom left, bottom right of a photo."""
MARK = b"S3CRET-MARK"


def quarters(side: int = 400, mode: str = "RGB") -> Image.Image:
    """Red and green above blue and yellow."""
    image, half = Image.new("RGB", (side, side), RED), side // 2
    image.paste(GREEN, (half, 0, side, half))
    image.paste(BLUE, (0, half, half, side))
    image.paste(YELLOW, (half, half, side, side))
    return image.convert(mode)


def encoded(image: Image.Image, format: str = "JPEG", **more: Any) -> bytes:
    out = BytesIO()
    image.save(out, format, **more)
    return out.getvalue()


def corners(photo: bytes) -> list[str]:
    """What colour each corner is, or its three numbers to the nearest 32."""
    names = {RED: "red", GREEN: "green", BLUE: "blue", YELLOW: "yellow", (255, 255, 255): "white"}
    found = [Image.open(BytesIO(photo)).convert("RGB").getpixel(place) for place in CORNERS]
    return [next((name for rgb, name in names.items() if _near(rgb, seen)), str(seen)) for seen in found]


def _near(left: Any, right: Any) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(left, right, strict=True))


def turned(orientation: int, format: str = "JPEG", side: int = 400) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(quarters(side), format, exif=exif)


def talkative(format: str) -> bytes:
    """With the place it was taken, words, a profile, a comment, and a page and an archive behind it."""
    exif = Image.Exif()
    exif[0x010E] = MARK.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 29: MARK.decode()})
    more: dict[str, Any] = {"exif": exif, "icc_profile": named_profile()}
    if format == "JPEG":
        more |= {"comment": MARK, "xmp": b"<x:xmpmeta>" + MARK + b"</x:xmpmeta>"}
    if format == "WEBP":
        more |= {"xmp": b"<x:xmpmeta>" + MARK + b"</x:xmpmeta>"}
    if format == "PNG":
        more["pnginfo"] = PngImagePlugin.PngInfo()
        more["pnginfo"].add_text("Comment", MARK.decode())
        more["pnginfo"].add_itxt("XML:com.adobe.xmp", MARK.decode())
    return encoded(quarters(), format, **more) + b"<script>alert('" + MARK + b"')</script>PK\x03\x04" + MARK


def named_profile() -> bytes:
    """An sRGB profile with a word of ours in its description."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    return bytes(profile) + MARK


def png_of(width: int, height: int, *more: tuple[bytes, bytes]) -> bytes:
    """A tiny file that says it is so large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), *more, (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks))


def _chunk(chunk: tuple[bytes, bytes]) -> bytes:
    name, body = chunk
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def markers(jpeg: bytes) -> set[int]:
    """The kinds of segments before the picture itself (ITU T.81, B.1.1)."""
    found, at = set(), 2
    while jpeg[at + 1] != 0xDA:
        assert jpeg[at] == 0xFF
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found
