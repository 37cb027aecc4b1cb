"""Whether a state that waits for linked cases waits any longer."""

from __future__ import annotations

from engine.core.case import Case, Linked
from engine.core.definition_links import WaitSpec


def is_over(case: Case, wait: WaitSpec) -> bool:
    """Whether linked cases have ended as a state waits for."""
    linked = [one for one in case.linked if one.how == wait.link]
    match wait.how_many:
        case "all":
            return all(_ended_so(one, wait.ends) for one in linked)
        case "any":
            return any(_ended_so(one, wait.ends) for one in linked)
        case "none":
            return all(one.closed and one.closed not in wait.ends for one in linked)


def _ended_so(linked: Linked, ends: tuple[str, ...]) -> bool:
    return bool(linked.closed) and (not ends or linked.closed in ends)
