"""What would become of an act, were it done now."""

from __future__ import annotations

from engine.core import command as cmd
from engine.core.case import Case
from engine.core.decide import decide
from engine.errors import ZhibenError
from engine.proof.play import World


def refused(world: World, case: Case, person: str, act: cmd.AnyAct) -> ZhibenError | None:
    """Why an act on a case would be refused now; None = it would not be. Nothing is done."""
    machine = world.machines[case.version]
    command = cmd.Command(
        id="try",
        stream=cmd.Stream(kind="case", id=case.id),
        act=act,
        acted_by=person,
        entered_by=person,
        occurred_at=world.now,
        recorded_at=world.now,
        medium="web",
    )
    try:
        decide(machine, case, command, world.facts(machine, case, command))
    except ZhibenError as error:
        return error
    return None
