"""Evidence on a local disk: a file's name is the hash of its content, and it is there whole or not at all.

root/ab/cd/abcd…: written under root/incoming first, synced, then renamed, then the folders are synced; what was put
is on the disk when `put` returns. Folders and names tell nothing but the hash.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from adapters.files.kinds import HEAD_BYTES, proved, told_by
from engine.core.ports import StoredFile
from engine.errors import BadInput, NotFound

_NAME = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 18


class Disk:
    """The few steps that make a file durable, by themselves so that a test can let each of them fail."""

    def create(self, folder: Path) -> tuple[BinaryIO, Path]:
        """A new file under a name of its own, open for writing and reading."""
        handle, name = tempfile.mkstemp(dir=folder)
        return os.fdopen(handle, "w+b"), Path(name)

    def write(self, file: BinaryIO, piece: bytes) -> None:
        """Append."""
        file.write(piece)

    def sync(self, file: BinaryIO) -> None:
        """Bring content and size to the disk; nobody changes it from here on."""
        file.flush()
        os.fchmod(file.fileno(), 0o440)
        os.fsync(file.fileno())

    def make_folder(self, folder: Path) -> None:
        """Create, or leave as it is."""
        folder.mkdir(mode=0o750, exist_ok=True)

    def rename(self, old: Path, new: Path) -> None:
        """In one step, over what is there."""
        os.replace(old, new)

    def sync_folder(self, folder: Path) -> None:
        """Bring the names in a folder to the disk."""
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def remove(self, path: Path) -> None:
        """Delete a file that may be gone already."""
        path.unlink(missing_ok=True)


class LocalFiles:
    """Content-addressed files below one folder; any number of processes may use it at once."""

    def __init__(self, root: Path, *, disk: Disk | None = None) -> None:
        self._root = root
        self._incoming = root / "incoming"
        self._disk = disk or Disk()
        self._incoming.mkdir(mode=0o750, parents=True, exist_ok=True)

    def put(self, source: BinaryIO, *, limit: int) -> StoredFile:
        """Store what the source still holds, durably; putting the same again changes nothing.

        BadInput: `file_empty`, `file_too_large` (read no further than the limit), `file_kind_refused` (not one of
        JPEG, PNG, WebP, PDF, docx, xlsx, MP4), `file_disguised` (not what its first bytes say, or cut off).
        """
        head = _read(source, HEAD_BYTES)
        told = told_by(head)
        file, path = self._disk.create(self._incoming)
        try:
            with file:
                digest, size = self._copy(head, source, file, limit)
                media_type = proved(told, file, size)
                self._disk.sync(file)
            self._place(path, digest)
        finally:
            self._disk.remove(path)
        return StoredFile(sha256=digest, size=size, media_type=media_type)

    def open(self, sha256: str) -> BinaryIO:
        """Open for reading; NotFound `file_absent`."""
        if not _NAME.fullmatch(sha256):
            raise NotFound("file_absent", sha256=sha256)
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError as exc:
            raise NotFound("file_absent", sha256=sha256) from exc

    def __contains__(self, sha256: str) -> bool:
        return bool(_NAME.fullmatch(sha256)) and self._path(sha256).is_file()

    def names(self) -> Iterator[str]:
        """All stored names in order, for the check of references against files."""
        for first in sorted(self._root.glob("[0-9a-f][0-9a-f]")):
            for second in sorted(first.glob("[0-9a-f][0-9a-f]")):
                yield from sorted(name for name in os.listdir(second) if _NAME.fullmatch(name))

    def sweep(self, before: datetime) -> int:
        """Delete what unfinished uploads left behind before an instant; how many files went."""
        old = [path for path in self._incoming.iterdir() if _changed(path) < before]
        for path in old:
            self._disk.remove(path)
        return len(old)

    def _copy(self, head: bytes, source: BinaryIO, file: BinaryIO, limit: int) -> tuple[str, int]:
        hashed, size, piece = sha256(), 0, head
        while piece:
            size += len(piece)
            if size > limit:
                raise BadInput("file_too_large", limit=limit)
            hashed.update(piece)
            self._disk.write(file, piece)
            piece = source.read(min(_PIECE, limit + 1 - size))
        file.flush()
        return hashed.hexdigest(), size

    def _place(self, path: Path, digest: str) -> None:
        final = self._path(digest)
        second, first = final.parent, final.parent.parent
        self._disk.make_folder(first)
        self._disk.make_folder(second)
        self._disk.rename(path, final)
        for folder in (second, first, self._root):
            self._disk.sync_folder(folder)

    def _path(self, digest: str) -> Path:
        return self._root / digest[:2] / digest[2:4] / digest


def _read(source: BinaryIO, size: int) -> bytes:
    """Exactly so many bytes, fewer only at the end; a stream may hand them out in smaller pieces."""
    head = b""
    while len(head) < size and (piece := source.read(size - len(head))):
        head += piece
    return head


def _changed(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:  # another process finished it
        return datetime.max.replace(tzinfo=UTC)
