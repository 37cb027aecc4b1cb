"""What other cases do to a case: begin it, link it, tell it what became of them; and what it tells them in turn."""

from __future__ import annotations

from typing import get_args

from engine.core import acts_of_sealing, effects, links, permission
from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import Happening, ReactionSpec
from engine.core.definition_links import RETURN, RETURN_LATER
from engine.core.event_links import Told
from engine.core.known import check_known
from engine.core.opening import open_case
from engine.core.turn import Turn
from engine.errors import NotFound, NotPermitted

#: What a linked case tells -> what a procedure calls it.
_HAPPENED: dict[Told, Happening] = {
    "started": "any_started",
    "ended": "any_ended",
    "reopened": "any_reopened",
    "overdue": "any_overdue",
}
_TOLD: dict[str, Told] = {name: name for name in get_args(Told)}


def start_linked(turn: Turn, act: cmd.StartLinked) -> None:
    """Open a case that another one starts, in the name of who signed there: who may, that procedure has said."""
    if turn.command.medium != "signal":
        raise NotPermitted("system_only", act="start_linked")
    action = turn.machine.starts.get(act.action)
    if action is None:
        raise NotFound("action_not_found", action=act.action)
    values = links.read_child(turn.machine, act.action, act.data)
    open_case(turn, values)
    acts_of_sealing.close(turn)
    check_known(turn, values)
    turn.emit(ev.FieldsSet(values=values))
    person = turn.command.acted_by
    party = permission.party_as(turn.machine, turn.case, turn.facts, action, None, person, turn.day) or ""
    turn.emit(ev.ActionTaken(action=action.id, party=party))
    if act.how:
        _linked_by(turn, act.source, act.how, act.procedure, act.number, act.hears)
    effects.carry_out(turn, action.do, None)
    effects.go(turn, action, ("", "", action.id), None, {})
    tell_former(turn)


def tell_former(turn: Turn) -> None:
    """Link the latest of the cases of which this one is the return."""
    for former in turn.facts.former[:1]:
        turn.emit(ev.CaseLinked(to=former, how=RETURN))
        told = {"case": turn.case.id, "number": turn.case.number}
        links.send(turn, cmd.Stream(kind="case", id=former), RETURN, told)


def receive_signal(turn: Turn, act: cmd.ReceiveSignal) -> None:
    """Note what happened on another stream, and do what follows from that here."""
    if turn.command.acted_by != cmd.SYSTEM:
        raise NotPermitted("system_only", act="receive_signal")
    turn.emit(ev.SignalReceived(source=act.source, source_seq=act.source_seq, name=act.name, data=act.data))
    same = turn.machine.procedure.same
    if act.name == RETURN and same is not None:
        turn.emit(ev.CaseLinked(to=act.source.id, how=RETURN_LATER))
        turn.notify(same.notify, same.text, None)
    elif act.name == links.LINKED:
        _be_linked(turn, act)
    elif (what := _TOLD.get(act.name)) is not None:
        _be_told(turn, act, what)


def _be_linked(turn: Turn, act: cmd.ReceiveSignal) -> None:
    """Keep who has linked this case, and tell at once how it stands."""
    told = act.data
    _linked_by(turn, act.source, told["how"], told["procedure"], told["number"], tuple(told["hears"]))
    if turn.case.closed:
        links.send(turn, act.source, "ended", {"number": turn.case.number, "closed": turn.case.closed})
    elif "overdue" in told["hears"] and any(task.expired_at for task in turn.case.tasks):
        links.send(turn, act.source, "overdue", {"number": turn.case.number})


def _linked_by(turn: Turn, source: cmd.Stream, how: str, procedure: str, number: str, hears: tuple[str, ...]) -> None:
    turn.emit(ev.LinkedBack(by=source.id, how=how, procedure=procedure, number=number, hears=hears))
    links.send(turn, source, "started", {"number": turn.case.number})


def _be_told(turn: Turn, act: cmd.ReceiveSignal, what: Told) -> None:
    """Keep what became of a linked case, then react, then go on where nothing is waited for any more."""
    name = act.source.id
    kinds = [one.how for one in turn.case.linked if one.case == name]
    if not kinds:
        return
    turn.emit(
        ev.LinkedChanged(
            case=name, what=what, number=str(act.data.get("number", "")), closed=str(act.data.get("closed", ""))
        )
    )
    if turn.case.closed:
        return
    for how in dict.fromkeys(kinds):
        for when in _happened(turn, how, what):
            _react(turn, how, when)
    turn.settle()


def _happened(turn: Turn, how: str, told: Told) -> tuple[Happening, ...]:
    all_ended = told == "ended" and all(one.closed for one in turn.case.linked if one.how == how)
    return (_HAPPENED[told], "all_ended") if all_ended else (_HAPPENED[told],)


def _react(turn: Turn, how: str, when: Happening) -> None:
    """What the procedure, then the states in which the case is, say to it."""
    for reaction in turn.machine.procedure.on:
        if (reaction.link, reaction.when) == (how, when):
            effects.carry_out(turn, reaction.do, None)
            effects.open_tasks(turn, reaction.do)
    for state in turn.case.leaves():
        for reaction in turn.machine.states[state].on:
            if (reaction.link, reaction.when) == (how, when) and state in turn.case.leaves():
                _react_in(turn, state, reaction)


def _react_in(turn: Turn, state: str, reaction: ReactionSpec) -> None:
    effects.carry_out(turn, reaction.do, None)
    move = turn.choose(turn.machine.reactions.get((state, reaction.link, reaction.when), ()))
    if move is not None and move.target:
        turn.move(move)
    effects.open_tasks(turn, reaction.do)


def tell_linking(turn: Turn) -> None:
    """Tell whoever has linked this case what this act made of it; asked once, when everything is decided."""
    if not turn.case.linked_by:
        return
    told: list[tuple[Told, dict[str, str]]] = []
    for event in turn.events:
        match event:
            case ev.CaseClosed():
                told.append(("ended", {"number": turn.case.number, "closed": event.how}))
            case ev.CaseReopened():
                told.append(("reopened", {"number": turn.case.number}))
            case ev.DeadlineExpired():
                told.append(("overdue", {"number": turn.case.number}))
            case _:
                pass
    for by in dict.fromkeys((one.case, one.hears) for one in turn.case.linked_by):
        for name, data in told:
            if name in by[1]:
                links.send(turn, cmd.Stream(kind="case", id=by[0]), name, dict(data))
