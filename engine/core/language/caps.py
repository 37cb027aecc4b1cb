"""A cap on how often something may be begun, as text."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from engine.core.language.names import ID_PATTERN, FieldRef, Refers
from engine.core.language.parts import Part


class CapPart(Part):
    """How often a start may be taken: beyond it these fields say why and a flag may mark it; without them, never."""

    watch: Annotated[str, StringConstraints(pattern=ID_PATTERN), Refers("watch")]
    form: list[FieldRef] = Field(default_factory=list)
    mark: FieldRef | None = None
