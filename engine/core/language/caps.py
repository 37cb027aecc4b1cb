"""A cap on how often something may be begun, as text."""

from __future__ import annotations

from pydantic import Field

from engine.core.language.names import FieldRef, WatchRef
from engine.core.language.parts import Part


class CapPart(Part):
    """How often a start may be taken: beyond it these fields say why and a flag may mark it; without them, never."""

    watch: WatchRef
    form: list[FieldRef] = Field(default_factory=list)
    mark: FieldRef | None = None
