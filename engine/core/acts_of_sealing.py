"""A case is hidden when it begins and shown when it is opened; each first look meanwhile is noted."""

from __future__ import annotations

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.seals import seal_of
from engine.core.turn import Turn


def close(turn: Turn) -> None:
    """Hide a case that begins, where its procedure says so."""
    seal = seal_of(turn.machine)
    if seal is None:
        return
    creators = dict.fromkeys((turn.command.acted_by, turn.command.entered_by))
    turn.emit(ev.CaseSealed(hidden_from=seal.hidden_from, until=seal.until, creators=tuple(creators)))


def open_by(turn: Turn, action: str) -> None:
    """Hide a case no more, if that is what the action does."""
    seal = seal_of(turn.machine)
    if seal is not None and turn.case.sealed and action in seal.until:
        turn.emit(ev.CaseUnsealed(action=action))


def look(turn: Turn, act: cmd.SeeCase) -> None:
    """Note a person's first look at a hidden case; later looks, and those at an open one, change nothing."""
    person = turn.command.acted_by
    if turn.case.sealed and person not in turn.case.seen and person != cmd.SYSTEM:
        turn.emit(ev.CaseSeen(person=person))
