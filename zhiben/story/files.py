"""The evidence of the story: one small picture and one small document, stored once and referred to often."""

from __future__ import annotations

import io
import struct
import zlib

from engine.core.command import EvidenceRef
from zhiben.uploads import StoredUploads

_LIMIT = 100_000
#: Drawings for those who sign one act together, and a witness.
_SIGNERS = 5


def store_files(uploads: StoredUploads) -> dict[str, EvidenceRef]:
    """A reference for each kind of evidence."""
    picture = uploads.take(io.BytesIO(small_picture()), limit=_LIMIT)
    document = uploads.take(io.BytesIO(small_document()), limit=_LIMIT)
    stored = {"photo": picture, "signature": picture, "scan": document, "file": document}
    found = {
        kind: EvidenceRef(sha256=one.sha256, kind=kind, size=one.size, media_type=one.media_type)
        for kind, one in stored.items()
    }
    for number in range(_SIGNERS):
        drawn = uploads.take(io.BytesIO(small_picture(0x20 + number)), limit=_LIMIT)
        found[f"drawn{number}"] = EvidenceRef(
            sha256=drawn.sha256, kind="signature", size=drawn.size, media_type=drawn.media_type
        )
    return found


def small_picture(shade: int = 0x80) -> bytes:
    """A grey square of eight by eight pixels (PNG, second edition, ISO/IEC 15948)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    rows = b"".join(b"\x00" + bytes([shade]) * 8 for _ in range(8))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def small_document() -> bytes:
    """An empty page."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 4\n0000000000 65535 f \n" + table + trailer
