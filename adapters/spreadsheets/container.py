"""Looks at the zip directory of a workbook before anything is unpacked."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Sequence

from adapters.spreadsheets.limits import MEBIBYTE, Limits
from engine.errors import BadInput

# What a disguised file starts with. OLE2 holds the old binary workbooks and also password-protected new ones.
SIGNATURES = ((b"\xd0\xcf\x11\xe0", "ole2"), (b"%PDF", "pdf"), (b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"))
ARCHIVES = (".zip", ".xlsx", ".xlsm", ".xlsb", ".docx", ".pptx", ".jar", ".gz", ".7z", ".rar", ".tar", ".bz2", ".xz")
ENCRYPTED = 0x1


def open_container(data: bytes, limits: Limits) -> zipfile.ZipFile:
    """The archive of an .xlsx workbook whose directory keeps within the limits; BadInput otherwise."""
    if not data.startswith(b"PK\x03\x04"):
        raise BadInput("not_a_spreadsheet", found=_signature(data))
    if data.count(b"PK\x01\x02") > 4 * limits.entries:  # so that a million records are not even listed
        raise BadInput("archive_unsafe", reason="too_many_entries", limit=limits.entries)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as broken:
        raise BadInput("spreadsheet_broken", reason="archive") from broken
    entries = archive.infolist()
    names = {_folded(entry.filename) for entry in entries}
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        raise BadInput("not_a_spreadsheet", found="zip")
    _check_directory(entries, names, limits)
    return archive


def _signature(data: bytes) -> str:
    if not data:
        return "empty"
    for start, name in SIGNATURES:
        if data.startswith(start):
            return name
    return "binary" if b"\x00" in data[:1024] else "text"


def _folded(name: str) -> str:
    return name.replace("\\", "/").casefold()


def _check_directory(entries: Sequence[zipfile.ZipInfo], names: set[str], limits: Limits) -> None:
    if len(entries) > limits.entries:
        raise BadInput("archive_unsafe", reason="too_many_entries", limit=limits.entries)
    if len(names) != len(entries):  # two readers could each see another part of that name
        raise BadInput("archive_unsafe", reason="repeated_entry")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked_bytes:
        raise BadInput("archive_unsafe", reason="too_large_unpacked", size=unpacked, limit=limits.unpacked_bytes)
    for entry in entries:
        reason = _danger(entry, limits)
        if reason:
            raise BadInput("archive_unsafe", reason=reason, entry=entry.filename[:200])
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise BadInput("macros_refused")


def _danger(entry: zipfile.ZipInfo, limits: Limits) -> str:
    name = _folded(entry.filename)
    if name.startswith("/") or ":" in name or ".." in name.split("/"):
        return "unsafe_name"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "symbolic_link"
    if entry.flag_bits & ENCRYPTED:
        return "encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "unknown_compression"
    if name.endswith(ARCHIVES):
        return "nested_archive"
    if entry.file_size > MEBIBYTE and entry.file_size > limits.ratio * max(entry.compress_size, 1):
        return "compressed_too_well"
    return ""
