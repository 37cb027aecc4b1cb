"""A cap on how often something may be begun: a watch counts, and beyond it the start is refused or must say why."""

from __future__ import annotations

from engine.core.definition_parts import Record


class CapSpec(Record, frozen=True, kw_only=True):
    """What a start action asks of a watch at the moment of the act."""

    #: whose condition says that the cap is reached; it counts cases per unit
    watch: str
    #: fields of the form that must be filled in beyond the cap; () = it is refused
    form: tuple[str, ...] = ()
    #: flag that is set beyond the cap, for branches to read; "" = none
    mark: str = ""
