"""Resolved procedures → machines, with every error at the place in a file where it was written."""

from __future__ import annotations

from engine.core.compiler import compile_procedure
from engine.core.link_checks import check_together
from engine.core.machine import Machine
from engine.core.provenance import located
from engine.core.resolve import ResolvedPlace
from engine.errors import DefinitionError, DefinitionErrors


def machines(resolved: ResolvedPlace) -> dict[str, Machine]:
    """The machine of every procedure of a place, by procedure id; raises DefinitionErrors."""
    made: dict[str, Machine] = {}
    problems: list[DefinitionError] = []
    for name, procedure in resolved.procedures.items():
        try:
            made[name] = compile_procedure(procedure)
        except DefinitionErrors as errors:
            problems += [located(one, resolved.provenance[name]) for one in errors.problems]
    if not problems:
        for name, wrong in check_together(made).items():
            problems += [located(one, resolved.provenance[name]) for one in wrong]
    if problems:
        raise DefinitionErrors(problems)
    return made
