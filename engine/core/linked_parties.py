"""Whether parties that are the signatories of other procedures' cases name actions that those procedures have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.core.definition import PartySpec, Procedure
from engine.core.expression_fitting import nearest
from engine.core.facts import BACK
from engine.core.provenance import Provenance, place_of
from engine.errors import DefinitionError


def unknown_actions(
    procedures: Mapping[str, Procedure], provenance: Mapping[str, Provenance], documents: Iterable[Any] = ()
) -> Iterator[DefinitionError]:
    """Actions that parties name of linked cases and that no procedure there has: nobody would ever be kept apart.

    `documents` are all procedures there are, as texts: to name what does not run here is no mistake, only unused.
    """
    elsewhere = {action for document in documents for action in actions_of_text(document)}
    for procedure in procedures.values():
        for party in procedure.parties:
            known = sorted(_actions_of(procedures, procedure, party)) if party.of else []
            for index, action in enumerate(party.actions if party.of else ()):
                if action not in known and not (party.of == BACK and action in elsewhere):
                    yield DefinitionError(
                        "unknown_action",
                        place=place_of(provenance[procedure.id], f"parties.{party.id}.actor.{index}"),
                        expected="one of " + ", ".join(known),
                        got=action,
                        nearest=nearest(action, known),
                    )


def _actions_of(procedures: Mapping[str, Procedure], procedure: Procedure, party: PartySpec) -> set[str]:
    """The actions of all procedures at the other end of a kind of link."""
    if party.of == BACK:
        others = [one for one in procedures.values() if any(procedure.id in link.to for link in one.links)]
    else:
        ends = {name for link in procedure.links if link.id == party.of for name in link.to}
        others = [one for name, one in procedures.items() if name in ends]
    return {
        action.id
        for other in others
        for action in (*other.starts, *(a for s in other.states for t in s.tasks for a in t.actions))
    }


def actions_of_text(plain: Any) -> Iterator[str]:
    """The ids of all actions of a procedure's document, resolved or not."""
    if isinstance(plain, dict):
        for key, value in plain.items():
            if key in ("actions", "starts") and isinstance(value, dict):
                yield from (str(one) for one in value)
            yield from actions_of_text(value)
