"""What follows from acts that record who stands in, what organs may, who is on duty, who is recused, what units became.

Every row has one id, made of what it is about and when it begins unless one is given: told again with an earlier end it
is over by then, and told to end when it begins it never was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

from engine.core import administration_rows as read
from engine.core import command as cmd
from engine.core import event as ev
from engine.core.directory import Directory
from engine.core.directory_rows import RecusalKind, SuccessionKind
from engine.core.identifiers import is_id
from engine.errors import BadInput, NotPermitted

#: Nobody is on duty for longer at a stretch.
LONGEST_SHIFT = timedelta(days=7)
_MOST_DOCUMENTS = 50
_DAYS = ("valid_from", "valid_to")

Events = tuple[ev.AnyEvent, ...]


def record_substitutions(command: cmd.Command, act: cmd.RecordSubstitutions, directory: Directory) -> Events:
    """Who stands in for whom, in which role and procedure or all."""
    own = ("person", "substitute", "role", "procedure")
    rows = []
    for row in read.bounded(act.substitutions):
        read.only(row, ("id", *own, "reason", *_DAYS))
        told = read.words(row, (*own, "reason"))
        read.known_person(told, "person", directory)
        read.known_person(told, "substitute", directory)
        if told["person"] == told["substitute"]:
            raise BadInput("substitute_of_oneself", field="substitute")
        if told["role"] and told["role"] not in directory.roles:
            raise BadInput("role_unknown", field="role", got=told["role"])
        read.named(told, "procedure")
        rows.append(_dated("substitution", row, told, own, directory.substitution))
    return _recorded("substitution", rows)


def record_powers(command: cmd.Command, act: cmd.RecordPowers, directory: Directory) -> Events:
    """What organs may do, by which documents."""
    own = ("body", "matter", "region")
    rows = []
    for row in read.bounded(act.powers):
        read.only(row, ("id", *own, "documents", "basis", *_DAYS))
        told: dict[str, Any] = read.words(row, (*own, "basis"))
        read.needed(told, "body", "matter")
        read.named(told, "body")
        read.known_region(told["region"], "region", directory)
        told["documents"] = _documents(row.get("documents") or ())
        rows.append(_dated("power", row, told, (*own, "documents"), directory.power))
    return _recorded("power", rows)


def record_shifts(command: cmd.Command, act: cmd.RecordShifts, directory: Directory) -> Events:
    """Who is on duty by a roster from one instant to another."""
    own = ("roster", "person", "region")
    rows = []
    for row in read.bounded(act.shifts):
        read.only(row, ("id", *own, "begins", "ends"))
        told = read.words(row, own)
        read.needed(told, "roster")
        read.known_person(told, "person", directory)
        read.known_region(told["region"], "region", directory)
        begins, ends = (_instant(row.get(key), key) for key in ("begins", "ends"))
        told |= {"begins": begins.isoformat(), "ends": ends.isoformat()}
        name, known = _identified("shift", row, told, (*own, "begins"), directory.shift)
        _in_order(begins, ends, known, "ends")
        if ends - begins > LONGEST_SHIFT:
            raise BadInput("shift_too_long", field="ends", most=LONGEST_SHIFT.days)
        rows.append({"id": name, **told})
    return _recorded("shift", rows)


def record_recusals(command: cmd.Command, act: cmd.RecordRecusals, directory: Directory) -> Events:
    """To which unit or person somebody is related, and how."""
    own = ("person", "kind", "unit", "other")
    rows = []
    for row in read.bounded(act.recusals):
        read.only(row, ("id", *own, *_DAYS))
        told = read.words(row, own)
        read.known_person(told, "person", directory)
        _one_of(told, "kind", get_args(RecusalKind))
        if bool(told["unit"]) == bool(told["other"]):
            raise BadInput("unit_or_person", field="unit")
        read.named(told, "unit")
        if told["other"]:
            read.known_person(told, "other", directory)
        if told["other"] == told["person"]:
            raise BadInput("related_to_oneself", field="other")
        rows.append(_dated("recusal", row, told, own, directory.recusal))
    return _recorded("recusal", rows)


def record_successions(command: cmd.Command, act: cmd.RecordSuccessions, directory: Directory) -> Events:
    """What became of units; none lives on as itself, however long the chain."""
    rows = []
    for row in read.bounded(act.successions):
        read.only(row, ("id", "successor", "how", *_DAYS))
        told = read.words(row, ("id", "successor", "how"))
        read.needed(told, "id")
        read.named(told, "id", "successor")
        _one_of(told, "how", get_args(SuccessionKind))
        if (told["how"] == "closed") == bool(told["successor"]):
            raise BadInput("successor_of_closed", field="successor")
        days = read.told_days(row)
        _in_order(days["valid_from"], days["valid_to"], directory.succession(told["id"]) is not None, "valid_to")
        rows.append({**told, **days})
    _check_circles(rows, directory)
    return _recorded("succession", rows)


def _check_circles(rows: list[dict[str, Any]], directory: Directory) -> None:
    """Refuse a chain of successors, be they in force at the same time or not, that comes back to where it began."""
    after = {row["id"]: row["successor"] for row in rows if row["valid_from"] < row["valid_to"]}
    for start in after:
        unit, seen = after[start], {start}
        while unit:
            if unit in seen:
                raise BadInput("succession_in_a_circle", field="successor", got=unit)
            seen.add(unit)
            known = directory.succession(unit)
            unit = after.get(unit, known.successor if known and known.valid_from < known.valid_to else "")


# one's own rows ---------------------------------------------------------------------------------------------------


def keeps_own(command: cmd.Command) -> bool:
    """Whether the act records nothing but who stands in for its signatory, or to whom they are related."""
    match command.act:
        case cmd.RecordSubstitutions(substitutions=rows) | cmd.RecordRecusals(recusals=rows):
            return command.acted_by != cmd.SYSTEM and all(row.get("person") == command.acted_by for row in rows)
    return False


def check_own(events: Iterable[ev.AnyEvent], directory: Directory, today: date) -> None:
    """Refuse what nobody may record of themselves without the permission to keep the directory.

    Nobody gives away days that are past, nor is free again to decide where they said that they are related.
    """
    told = [event for event in events if isinstance(event, ev.RowsRecorded)]
    for table, row in ((event.table, row) for event in told for row in event.rows):
        if table == "recusal":
            known = directory.recusal(row["id"])
            if known is not None and date.fromisoformat(row["valid_to"]) < known.valid_to:
                raise NotPermitted("recusal_ended_by_oneself", person=row["person"])
            continue
        begun = directory.substitution(row["id"]) is not None
        if row["valid_to" if begun else "valid_from"] < today.isoformat():
            raise NotPermitted("own_days_past", day=today.isoformat())


# reading rows -----------------------------------------------------------------------------------------------------

Known = Callable[[str], Any]


def _dated(
    kind: str, row: Mapping[str, Any], told: Mapping[str, Any], natural: tuple[str, ...], known: Known
) -> dict[str, Any]:
    """The row with its id and days."""
    days = read.told_days(row)
    told = {**told, **days}
    name, is_known = _identified(kind, row, told, (*natural, "valid_from"), known)
    _in_order(days["valid_from"], days["valid_to"], is_known, "valid_to")
    return {"id": name, **told}


def _identified(
    kind: str, row: Mapping[str, Any], told: Mapping[str, Any], natural: tuple[str, ...], known: Known
) -> tuple[str, bool]:
    """The id of a row and whether it is told already; an id that is given must be of the same thing, or of nothing."""
    given = read.word(row.get("id") or "", "id")
    name = given or read.row_id(kind, *("\n".join(told[key]) if key == "documents" else told[key] for key in natural))
    if not is_id(name):
        raise BadInput("not_an_id", field="id")
    found = known(name)
    if found is not None and any(_told_of(found, key) != _compared(told[key]) for key in natural):
        raise BadInput("id_of_another", field="id", got=name)
    return name, found is not None


def _told_of(row: Any, key: str) -> Any:
    value = getattr(row, key)
    return value.isoformat() if isinstance(value, date) else value


def _compared(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _in_order(first: Any, end: Any, known: bool, field: str) -> None:
    """Refuse an end before the beginning, or at once unless that takes back what is known."""
    if end < first or (end == first and not known):
        raise BadInput("days_out_of_order", field=field, got=str(end))


def _documents(given: object) -> list[str]:
    if not isinstance(given, list | tuple) or len(given) > _MOST_DOCUMENTS:
        raise BadInput("not_a_list", field="documents")
    return sorted({name for one in given if (name := read.word(one, "documents"))})


def _instant(given: object, field: str) -> datetime:
    """An instant in UTC, to the second."""
    try:
        at = datetime.fromisoformat(str(given or ""))
        if at.tzinfo is not None:
            return at.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as exc:
        raise BadInput("not_an_instant", field=field, got=str(given)[:40]) from exc
    raise BadInput("not_an_instant", field=field, got=str(given)[:40])


def _one_of(row: Mapping[str, str], key: str, allowed: tuple[str, ...]) -> None:
    if row[key] not in allowed:
        raise BadInput("not_one_of", field=key, got=row[key], accepted=", ".join(allowed))


def _recorded(table: str, rows: list[dict[str, Any]]) -> Events:
    if len({row["id"] for row in rows}) < len(rows):
        raise BadInput("told_twice", field="rows", got=table)
    return (ev.RowsRecorded(table=table, rows=tuple(rows)),)
