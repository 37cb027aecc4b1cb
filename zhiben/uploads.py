"""Files that come in: first durable on disk, then known to the record."""

from __future__ import annotations

from typing import BinaryIO

from engine.core.ports import EvidenceFiles, StoredFile
from engine.runtime.door import Door
from engine.runtime.projection import micros
from engine.runtime.service import Service
from engine.store.views import EvidenceRow


class StoredUploads:
    """Takes files and records that they are durable, so that commands may refer to them."""

    def __init__(self, files: EvidenceFiles, door: Door) -> None:
        self._files = files
        self._door = door

    def take(self, source: BinaryIO, *, limit: int) -> StoredFile:
        """Store a file and its row; BadInput when it is too large or not what it says."""
        stored = self._files.put(source, limit=limit)

        def record(service: Service) -> None:
            row = EvidenceRow(
                sha256=stored.sha256,
                size=stored.size,
                media_type=stored.media_type,
                stored_at=micros(service.clock.now()),
            )
            with service.store.session() as session:
                session.evidence.put(row)

        self._door.run(record)
        return stored
