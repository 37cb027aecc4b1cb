"""Reading for whoever operates the installation on its own machine: as the engine itself they see everything."""

from __future__ import annotations

from engine.core.command import SYSTEM
from engine.core.directory import Scope
from engine.runtime.reading import Reading
from engine.store.reader import Reader


class Operating(Reading):
    """Reads as a person sees, or, as the engine itself, without bounds; never handed to the web."""

    def _scope(self, reader: Reader, person: str) -> Scope:
        return Scope(person=SYSTEM, everything=True) if person == SYSTEM else super()._scope(reader, person)
