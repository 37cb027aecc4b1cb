"""What a file really is: told by its first bytes, then proved by its content; the sender's word counts for nothing."""

from __future__ import annotations

import os
from typing import BinaryIO
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from PIL import Image

from engine.errors import BadInput

#: Bytes that are enough to tell a kind.
HEAD_BYTES = 64
#: Width times height; a 50-megapixel telephone passes. A progressive JPEG of that size takes 150 MB to read.
MOST_PIXELS = 50_000_000
MOST_MEMBERS = 2_000
MOST_UNPACKED = 200_000_000
#: Bytes of an archive's directory.
MOST_DIRECTORY = 1_000_000

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ZIP = "application/zip"
#: End record and the longest comment behind it.
_LONGEST_END = 22 + 65_535
_IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_VIDEO_BRANDS = (
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"MSNV",
    b"3gp4",
    b"3gp5",
)
_OFFICE_PARTS = {"word/document.xml": _DOCX, "xl/workbook.xml": _XLSX}


def told_by(head: bytes) -> str:
    """The media type that the first bytes tell, "application/zip" for office files; BadInput for any other kind."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return _ZIP
    if head[4:8] == b"ftyp" and head[8:12] in _VIDEO_BRANDS:
        return "video/mp4"
    raise BadInput("file_empty" if not head else "file_kind_refused")


def proved(told: str, file: BinaryIO, size: int) -> str:
    """The media type of a whole file whose head told `told`; BadInput `file_disguised` when the content belies it."""
    if told == _ZIP:
        return _office(file, size)
    if _members(file, size):
        raise BadInput("file_disguised", told=told, reason="an archive as well")
    if told in _IMAGES:
        _check_image(told, file)
    if told == "application/pdf":
        _check_pdf(file, size)
    return told


def _office(file: BinaryIO, size: int) -> str:
    """Only the directory of the archive is read, nothing is unpacked."""
    members = _members(file, size)
    if members is None:
        raise BadInput("file_disguised", told=_ZIP, reason="no archive")
    names = [member.filename for member in members]
    kinds = [kind for part, kind in _OFFICE_PARTS.items() if part in names]
    if not kinds:
        raise BadInput("file_kind_refused", told=_ZIP)
    if any(name.rsplit("/", 1)[-1].lower() == "vbaproject.bin" for name in names):
        raise BadInput("file_kind_refused", told=kinds[0], reason="macros")
    if (
        len(kinds) > 1
        or "[Content_Types].xml" not in names
        or len(set(names)) != len(names)
        or any(name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") for name in names)
    ):
        raise BadInput("file_disguised", told=kinds[0], reason="not a document's parts")
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
        raise BadInput("file_too_large", unpacked=True, limit=MOST_UNPACKED)
    return kinds[0]


def _members(file: BinaryIO, size: int) -> list[ZipInfo] | None:
    """What an unpacker would find in the file, wherever it starts; None when it is no archive."""
    file.seek(max(0, size - _LONGEST_END))
    tail = file.read(_LONGEST_END)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        return None
    # The reader keeps some 400 bytes for each of 46 of the directory: bound it before it is read (APPNOTE 4.3.16).
    directory = int.from_bytes(tail[end + 12 : end + 16], "little")
    if directory > MOST_DIRECTORY or tail[max(0, end - 20) : end].startswith(b"PK\x06\x07"):
        raise BadInput("file_too_large", members=True, limit=MOST_MEMBERS)
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            return archive.infolist()
    except (BadZipFile, LargeZipFile, NotImplementedError, OSError, ValueError):
        return None


def _check_image(told: str, file: BinaryIO) -> None:
    try:
        with _image(told, file) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise BadInput("file_too_large", pixels=width * height, limit=MOST_PIXELS)
            image.verify()
        if told == "image/jpeg":  # verify() reads nothing of a JPEG; an eighth of its size shows whether it is whole
            with _image(told, file) as image:
                image.draft("RGB", (width // 8 or 1, height // 8 or 1))
                image.load()
    except Image.DecompressionBombError as exc:
        raise BadInput("file_too_large", limit=MOST_PIXELS) from exc
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError) as exc:
        raise BadInput("file_disguised", told=told, reason=type(exc).__name__) from exc


def _image(told: str, file: BinaryIO) -> Image.Image:
    file.seek(0)
    return Image.open(file, formats=(_IMAGES[told],))


def _check_pdf(file: BinaryIO, size: int) -> None:
    file.seek(max(0, size - 2048), os.SEEK_SET)
    if b"%%EOF" not in file.read(2048):
        raise BadInput("file_disguised", told="application/pdf", reason="no end")
