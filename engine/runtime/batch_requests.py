"""Requests on their way into a batch and out of it: fit or not, as commands, with their files and answers."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.command import Answer, Command, Request
from engine.core.fold import Head
from engine.core.ports import Clock
from engine.errors import BadInput
from engine.runtime.unfit import refuse_unfit
from engine.store.records import EntryRow


def command_of(request: Request, clock: Clock) -> Command:
    """The request as a command that the door takes now."""
    now = clock.now()
    return Command(
        id=request.id,
        stream=request.stream,
        act=request.act,
        acted_by=request.acted_by,
        entered_by=request.entered_by or request.acted_by,
        occurred_at=request.occurred_at or now,
        recorded_at=now,
        medium=request.medium,
        device=request.device,
        caused_by=request.caused_by,
    )


def unfit(request: Request) -> BadInput | None:
    """Why a request cannot be decided whatever the case says; None = it can."""
    try:
        refuse_unfit(request)
    except BadInput as wrong:
        return wrong
    return None


def head_of_command(command: Command, seq: int) -> Head:
    """What `fold` needs of the entry that a command writes."""
    return Head(
        id=command.stream.id,
        seq=seq,
        acted_by=command.acted_by,
        occurred_at=command.occurred_at,
        recorded_at=command.recorded_at,
    )


def files_named(requests: Sequence[Request]) -> tuple[str, ...]:
    """The files that requests name by what can be a name, without repetition."""
    named = [one.sha256 for request in requests for one in getattr(request.act, "evidence", ())]
    return tuple(dict.fromkeys(name for name in named if name.isascii() and name.isalnum()))


def answer_of_entry(command: Command, entry: EntryRow) -> Answer:
    """What a command that wrote an entry is answered."""
    return Answer(command=command.id, stream=command.stream, seq=entry.seq, leaf=entry.leaf.hex())
