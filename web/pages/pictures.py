"""Small pictures of stored ones: turned upright, without what a camera wrote into them, and never of what is huge."""

from __future__ import annotations

import io
from base64 import b64encode
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

MEDIA_TYPE = "image/webp"
#: Pictures that are made small; of other files a page shows their name.
SHOWN = ("image/jpeg", "image/png", "image/webp")
#: Pixels of a picture that is still opened: a phone's panorama, not a bomb.
_MOST_PIXELS = 120_000_000
_QUALITY = 70


def shrink(source: BinaryIO, side: int) -> bytes | None:
    """The picture as WEBP, at most so many pixels wide and high, without metadata; None where it cannot be read."""
    try:
        with Image.open(source, formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return None
            picture.draft("RGB", (side * 2, side * 2))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((side, side))
            plain = Image.new("RGB", upright.size, "white")
            shown = upright.convert("RGBA")
            plain.paste(shown, mask=shown.getchannel("A"))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return None
    held = io.BytesIO()
    plain.save(held, "WEBP", quality=_QUALITY)
    return held.getvalue()


def data_address(picture: bytes | None) -> str:
    """A small picture within the page itself; "" where there is none."""
    return f"data:{MEDIA_TYPE};base64,{b64encode(picture).decode()}" if picture else ""
