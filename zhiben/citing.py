"""Clauses as people cite them: those of a plan by the plan, those of the law by the law."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.language.plan import Clause
from web.catalogues import say


def cited(clauses: Mapping[str, Clause]) -> dict[str, str]:
    """Clause id -> how a page cites it; what names no document is of the plan itself."""
    return {name: _cited(clause.cites) for name, clause in clauses.items()}


def _cited(cites: str) -> str:
    return cites if say("basis.opens") in cites else say("basis.of_plan", clause=cites)
