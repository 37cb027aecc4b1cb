"""Evidence files, whoever stores them: whole or not at all, what they say they are, and still there after a crash."""

from __future__ import annotations

import io
import os
import random
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile

import pytest
from PIL import Image

from adapters.files.local import Disk, LocalFiles
from engine.core.ports import EvidenceFiles, StoredFile
from engine.errors import BadInput, NotFound

LIMIT = 5_000_000


def picture(kind: str, size: tuple[int, int] = (320, 240)) -> bytes:
    noise = random.Random(1).randbytes(size[0] * size[1] * 3)
    written = io.BytesIO()
    Image.frombytes("RGB", size, noise).save(written, kind)
    return written.getvalue()


def office(*parts: str) -> bytes:
    written = io.BytesIO()
    with ZipFile(written, "w") as archive:
        for part in parts:
            archive.writestr(part, "<xml/>")
    return written.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


JPEG, PNG, WEBP = picture("JPEG"), picture("PNG"), picture("WEBP")
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
DOCX = office("[Content_Types].xml", "word/document.xml")
XLSX = office("[Content_Types].xml", "xl/workbook.xml")
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00\x00\x00\x08mdat"
WORDPROCESSING = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(params=[LocalFiles])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> EvidenceFiles:
    make: Callable[[Path], EvidenceFiles] = request.param
    return make(tmp_path / "evidence")


def put(files: EvidenceFiles, data: bytes, limit: int = LIMIT) -> StoredFile:
    return files.put(io.BytesIO(data), limit=limit)


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (JPEG, "image/jpeg"),
        (PNG, "image/png"),
        (WEBP, "image/webp"),
        (PDF, "application/pdf"),
        (DOCX, WORDPROCESSING),
        (XLSX, SPREADSHEET),
        (MP4, "video/mp4"),
    ],
)
def test_a_file_is_found_again_under_the_hash_of_its_content(
    files: EvidenceFiles, data: bytes, media_type: str
) -> None:
    stored = put(files, data)

    assert stored == StoredFile(sha256=sha256(data).hexdigest(), size=len(data), media_type=media_type)
    with files.open(stored.sha256) as file:
        assert file.read() == data
    assert stored.sha256 in files


def test_the_same_file_twice_is_kept_once(files: EvidenceFiles) -> None:
    assert put(files, JPEG) == put(files, JPEG)
    assert list(files.names()) == [sha256(JPEG).hexdigest()]


def test_all_names_are_listed(files: EvidenceFiles) -> None:
    assert list(files.names()) == []

    names = {put(files, data).sha256 for data in (JPEG, PNG, WEBP, PDF, DOCX, XLSX, MP4)}

    assert set(files.names()) == names
    assert len(names) == 7


@pytest.mark.parametrize(
    "name", ["", "0" * 64, "../../secret", "/etc/passwd", "A" * 64, "0" * 63 + "\n", f"{'0' * 64}/.."]
)
def test_what_is_not_there_is_not_found_whatever_its_name(files: EvidenceFiles, name: str) -> None:
    with pytest.raises(NotFound, match="file_absent"):
        files.open(name)

    assert name not in files


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "file_kind_refused"),
        (b"<?xml version='1.0'?><svg/>", "file_kind_refused"),
        (b"<html><script>alert(1)</script></html>", "file_kind_refused"),
        (b"MZ\x90\x00\x03", "file_kind_refused"),
        (b"\x7fELF", "file_kind_refused"),
        (b"GIF89a", "file_kind_refused"),
        (b"#!/bin/sh\n", "file_kind_refused"),
        (b"\x00\x00\x00\x18ftypheic", "file_kind_refused"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_kind_refused"),
        (office("a.txt"), "file_kind_refused"),
        (office("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "file_kind_refused"),
        (office("xl/workbook.xml"), "file_disguised"),
        (office("[Content_Types].xml", "xl/workbook.xml", "word/document.xml"), "file_disguised"),
        (office("[Content_Types].xml", "xl/workbook.xml", "../../evil.sh"), "file_disguised"),
        (XLSX[: len(XLSX) // 2], "file_disguised"),
        (office("[Content_Types].xml", "xl/workbook.xml", *(f"{n}.xml" for n in range(2_000))), "file_too_large"),
        (office("[Content_Types].xml", "xl/workbook.xml", *(f"{n}.xml" for n in range(20_000))), "file_too_large"),
        (JPEG + office(*(f"{n}.xml" for n in range(20_000))), "file_too_large"),
        (JPEG[: len(JPEG) // 2], "file_disguised"),
        (b"\xff\xd8\xff\xe0<script>alert(1)</script>", "file_disguised"),
        (b"\xff\xd8\xff", "file_disguised"),
        (PNG[:200] + b"\x00" + PNG[201:], "file_disguised"),
        (PNG[:40], "file_disguised"),
        (b"RIFF\x04\x00\x00\x00WEBP", "file_disguised"),
        (JPEG + XLSX, "file_disguised"),
        (PDF[:20], "file_disguised"),
        (PDF + office("a.exe"), "file_disguised"),
        (png_that_claims(60_000, 60_000), "file_too_large"),
        (png_that_claims(9_000, 9_000), "file_too_large"),
    ],
)
def test_a_file_that_is_not_what_we_keep_is_refused_and_leaves_nothing(
    files: EvidenceFiles, tmp_path: Path, data: bytes, code: str
) -> None:
    with pytest.raises(BadInput) as refused:
        put(files, data)

    assert refused.value.code == code
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_at_the_limit_is_kept_and_one_byte_more_is_refused(files: EvidenceFiles) -> None:
    with pytest.raises(BadInput) as refused:
        put(files, JPEG, limit=len(JPEG) - 1)

    assert (refused.value.code, refused.value.data) == ("file_too_large", {"field": "", "limit": len(JPEG) - 1})
    assert list(files.names()) == []
    assert put(files, JPEG, limit=len(JPEG)).size == len(JPEG)


def test_no_more_than_the_limit_is_read_of_a_file_that_never_ends(files: EvidenceFiles) -> None:
    class Endless(io.RawIOBase):
        """Hands out a JPEG's beginning and then zeros, a few at a time."""

        given = 0

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            assert size > 0
            piece = (b"\xff\xd8\xff" if not self.given else b"\x00" * 1000)[:size]
            self.given += len(piece)
            return piece

    endless = Endless()

    with pytest.raises(BadInput, match="file_too_large"):
        files.put(endless, limit=100_000)  # type: ignore[arg-type]

    assert endless.given == 100_001


def test_a_stored_file_cannot_be_changed_by_mistake(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path)
    name = put(files, JPEG).sha256

    assert (tmp_path / name[:2] / name[2:4] / name).stat().st_mode & 0o222 == 0


# ---------------------------------------------------------------------------------------------- crashes of the disk
class Crash(BaseException):
    """The machine went off."""


class FailingDisk(Disk):
    """Notes every step and goes off for good at one of them: before it, or half way through a write."""

    def __init__(self, at: int) -> None:
        self.steps: list[str] = []
        self._at = at

    def _step(self, name: str) -> None:
        if len(self.steps) >= self._at:
            raise Crash
        self.steps.append(name)

    def create(self, folder: Path) -> tuple[BinaryIO, Path]:
        self._step("create")
        return super().create(folder)

    def write(self, file: BinaryIO, piece: bytes) -> None:
        if len(self.steps) >= self._at:
            super().write(file, piece[: len(piece) // 2])
        self._step("write")
        super().write(file, piece)

    def sync(self, file: BinaryIO) -> None:
        self._step("sync")
        super().sync(file)

    def make_folder(self, folder: Path) -> None:
        self._step("make_folder")
        super().make_folder(folder)

    def rename(self, old: Path, new: Path) -> None:
        self._step("rename")
        super().rename(old, new)

    def sync_folder(self, folder: Path) -> None:
        self._step("sync_folder")
        super().sync_folder(folder)

    def remove(self, path: Path) -> None:
        self._step("remove")
        super().remove(path)


STEPS = [
    "create", "write", "write", "sync", "make_folder", "make_folder", "rename", "sync_folder", "sync_folder",
    "sync_folder", "remove",
]  # fmt: skip


def test_content_is_on_the_disk_before_its_name_and_the_name_before_the_answer(tmp_path: Path) -> None:
    disk = FailingDisk(at=100)

    put(LocalFiles(tmp_path, disk=disk), JPEG)

    assert disk.steps == STEPS


@pytest.mark.parametrize("at", range(len(STEPS)))
def test_a_crash_at_any_step_leaves_the_whole_file_or_none(tmp_path: Path, at: int) -> None:
    crashing = LocalFiles(tmp_path, disk=FailingDisk(at=at))

    with pytest.raises(Crash):
        put(crashing, JPEG)

    files = LocalFiles(tmp_path)
    for name in files.names():
        with files.open(name) as file:
            assert sha256(file.read()).hexdigest() == name
    assert (sha256(JPEG).hexdigest() in files) == ("rename" in STEPS[:at])
    assert put(files, JPEG).sha256 in files


def test_what_a_crash_left_behind_is_swept_away_but_no_running_upload(tmp_path: Path) -> None:
    with pytest.raises(Crash):
        put(LocalFiles(tmp_path, disk=FailingDisk(at=2)), JPEG)
    (left,) = (tmp_path / "incoming").iterdir()
    noon = datetime(2026, 10, 9, 4, tzinfo=UTC)
    os.utime(left, (noon.timestamp(), noon.timestamp()))
    files = LocalFiles(tmp_path)

    assert files.sweep(noon) == 0
    assert files.sweep(noon.replace(hour=5)) == 1
    assert list((tmp_path / "incoming").iterdir()) == []
