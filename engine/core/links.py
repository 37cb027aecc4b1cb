"""What a case asks of other cases: to be linked, to begin; and how that travels as signals.

A signal is part of the entry that sent it and is carried out as a command `signal:{stream}:{seq}:{n}` on its target:
started cases are commands in the name of who signed what caused them, everything else is taken note of.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import FieldSpec, LinkCases, StartEach, StartSpec
from engine.core.effect_checks import ITEM, key_of
from engine.core.expression_types import to_json
from engine.core.forms import FILE_KINDS, read_form
from engine.core.machine import Machine
from engine.core.permission import is_late_entry
from engine.core.turn import Turn
from engine.errors import BadInput, Conflict, NotPermitted

#: Names of signals besides what a linked case tells (`event_links.Told`).
START, LINKED = "start", "linked"
#: What a case that links another is always told: waits stand on it.
_ALWAYS = ("started", "ended", "reopened")


def signal_id(source: cmd.Stream, seq: int, n: int) -> str:
    """The id of the command that a signal is carried out as."""
    return f"signal:{source}:{seq}:{n}"


def child_id(command_id: str) -> str:
    """The id of the case that a command begins: the same for every attempt to carry it out."""
    return sha256(command_id.encode()).hexdigest()[:32]


def hears(machine: Machine, link: str) -> tuple[str, ...]:
    """What cases linked so are to tell: what waits stand on, and what the procedure reacts to."""
    reactions = [*machine.procedure.on, *(one for state in machine.states.values() for one in state.on)]
    late = any(one.link == link and one.when == "any_overdue" for one in reactions)
    return (*_ALWAYS, "overdue") if late else _ALWAYS


def carry_out(turn: Turn, effect: LinkCases | StartSpec | StartEach) -> None:
    """Link or start what an effect says; refused while the case is hidden, for a link would tell of it."""
    if turn.case.sealed:
        raise NotPermitted("case_still_hidden", case=turn.case.number)
    match effect:
        case LinkCases(how=how, field=field):
            value = turn.case.fields.get(field)
            for name in value if isinstance(value, list | tuple) else [value] if value else ():
                _link(turn, how, str(name))
        case StartSpec():
            _start(turn, effect, {})
        case StartEach():
            rows = turn.case.fields.get(effect.of)
            columns = turn.machine.fields[effect.of].columns
            for number, row in enumerate(rows if isinstance(rows, list | tuple) else ()):
                _start(turn, effect, _item(columns, row), row=number + 1)


def _item(columns: tuple[FieldSpec, ...], row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{ITEM}.{column.id}": row.get(column.id) for column in columns}


def _link(turn: Turn, how: str, to: str) -> None:
    if (how, to) in turn.case.links:
        return
    if to == turn.case.id:
        raise NotPermitted("linked_to_itself", link=how)
    _check_free(turn, how)
    turn.emit(ev.CaseLinked(to=to, how=how))
    send(turn, cmd.Stream(kind="case", id=to), LINKED, _introduction(turn, how))


def _check_free(turn: Turn, how: str) -> None:
    """A kind of link to one case leads to one that is open."""
    if not turn.machine.links[how].many and any(one.how == how and not one.closed for one in turn.case.linked):
        raise NotPermitted("linked_already", link=how)


def _introduction(turn: Turn, how: str) -> dict[str, Any]:
    """What a linked case learns of the one that links it."""
    return {
        "how": how,
        "procedure": turn.machine.procedure.id,
        "number": turn.case.number,
        "hears": list(hears(turn.machine, how)),
    }


def send(turn: Turn, to: cmd.Stream, name: str, data: dict[str, Any]) -> int:
    """Let another stream take note; the number of the signal within this entry."""
    n = turn.next_number()
    turn.emit(ev.SignalSent(n=n, to=to, name=name, data=data))
    return n


def _start(turn: Turn, effect: StartSpec | StartEach, item: Mapping[str, Any], row: int = 0) -> None:
    guards, scope = turn.machine.guards, turn.scope(**item)
    if effect.when and not guards[key_of(effect, effect.when)].evaluate(scope):
        return
    target = turn.facts.machines.get(effect.procedure)
    if target is None:
        raise Conflict("procedure_not_published", procedure=effect.procedure)
    if effect.link:
        _check_free(turn, effect.link)
    found = {name: to_json(guards[key_of(effect, text)].evaluate(scope)) for name, text in effect.values.items()}
    data = {name: value for name, value in found.items() if value is not None}
    _check_child(target, effect, data, row)
    n = turn.next_number()
    source = turn.command.stream
    child = cmd.Stream(kind="case", id=child_id(signal_id(source, turn.head.seq, n)))
    told = {
        **(_introduction(turn, effect.link) if effect.link else {}),
        "version": target.version,
        "action": effect.action,
        "data": data,
        "by": turn.command.acted_by,
        "entered_by": turn.command.entered_by,
    }
    if is_late_entry(turn.command) and turn.command.acted_by != cmd.SYSTEM:
        told["occurred_at"] = turn.at.isoformat()
    if effect.link:
        turn.emit(ev.CaseLinked(to=child.id, how=effect.link))
    turn.emit(ev.SignalSent(n=n, to=child, name=START, data=told))


def _check_child(target: Machine, effect: StartSpec | StartEach, data: dict[str, Any], row: int) -> None:
    """The form of the new case is read now, so that who acts is told what is wrong with it."""
    try:
        read_child(target, effect.action, data)
    except BadInput as wrong:
        place = {"row": row} if row else {}
        of = effect.of if isinstance(effect, StartEach) else ""
        problems = [{**problem, **place} for problem in wrong.data.get("problems", ())]
        told = {"procedure": effect.procedure, "problems": problems, **place}
        raise BadInput("child_form_refused", field=of or "form", **told) from wrong


def read_child(machine: Machine, action: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The values a case begins with where another one fills its form: files were stored with the other's."""
    spec = machine.starts[action]
    data = {name: _as_many(machine.fields.get(name), value) for name, value in data.items()}
    borrowed = [
        cmd.EvidenceRef(sha256=str(digest), kind=machine.fields[name].kind, size=0, media_type="", field=name)
        for name, value in data.items()
        if name in machine.fields and machine.fields[name].kind in FILE_KINDS and isinstance(value, list | tuple)
        for digest in value
    ]
    return read_form(machine.fields, spec.form, data, evidence=borrowed)


def _as_many(spec: FieldSpec | None, value: Any) -> Any:
    """One value as a list of one, for a field of many."""
    return [value] if spec is not None and spec.many and not isinstance(value, list | tuple) else value


# carrying signals out ------------------------------------------------------------------------------------------------


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A signal as what it is carried out as."""

    act: cmd.AnyAct
    acted_by: str
    entered_by: str
    #: None = when it is delivered
    occurred_at: datetime | None = None


def delivery(source: cmd.Stream, seq: int, n: int, name: str, data: Mapping[str, Any]) -> Delivery:
    """What a signal is carried out as, in whose name, and when it is taken to have happened."""
    if name != START:
        act = cmd.ReceiveSignal(source=source, source_seq=seq, n=n, name=name, data=dict(data))
        return Delivery(act=act, acted_by=cmd.SYSTEM, entered_by=cmd.SYSTEM)
    at = data.get("occurred_at")
    return Delivery(
        act=cmd.StartLinked(
            version=data["version"],
            action=data["action"],
            data=data["data"],
            source=source,
            source_seq=seq,
            how=data.get("how", ""),
            procedure=data.get("procedure", ""),
            number=data.get("number", ""),
            hears=tuple(data.get("hears", ())),
        ),
        acted_by=data["by"],
        entered_by=data["entered_by"],
        occurred_at=datetime.fromisoformat(at) if at else None,
    )
