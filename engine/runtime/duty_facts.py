"""What decisions on duties need of the world: units as known at a version of the directory, and obligations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import msgspec
import orjson
from msgspec.structs import replace

from engine.audit.entry import parse_entry
from engine.core.administration import DIRECTORY
from engine.core.calendar import Calendar
from engine.core.command import Command, Stream
from engine.core.definition_duties import DutySpec
from engine.core.directory import Directory, Entity
from engine.core.duty_facts import SLICE, DutyFacts, DutyNeeds, NamesWanted, PageWanted, duty_needs
from engine.core.duty_state import DUTY_FOLD_VERSION, DutyState, fold_duty
from engine.core.obligation_known import KnownObligation
from engine.core.obligation_rows import ObligationRow, Status, standing
from engine.core.obligations import made_up_until, read_key
from engine.core.upcast import decode_events
from engine.errors import NotFound
from engine.runtime.pace import Pace
from engine.runtime.projection import from_micros, micros
from engine.runtime.replay import bytes_of, head_of
from engine.store.record import Record
from engine.store.records import StreamRow
from engine.store.session import Session

_write = msgspec.msgpack.Encoder()
_read = msgspec.msgpack.Decoder(DutyState)

_OF: dict[str, tuple[Status, ...]] = {
    "due": ("open", "acted"),
    "missed": ("open", "late"),
}


def duty_stream(duty: str) -> Stream:
    """The stream of a duty."""
    return Stream(kind="duty", id=duty)


def duty_version(spec: DutySpec) -> str:
    """The hash of a duty's canonical bytes."""
    return sha256(orjson.dumps(msgspec.to_builtins(spec), option=orjson.OPT_SORT_KEYS)).hexdigest()


def write_duty(state: DutyState) -> bytes:
    """The duty as bytes for the next load."""
    return _write.encode(state)


def read_duty(snapshot: bytes, fold_version: int, record: Record, of: Stream) -> DutyState | None:
    """The duty from its snapshot, or from its entries where an older fold made that."""
    if snapshot and fold_version == DUTY_FOLD_VERSION:
        return _read.decode(snapshot)
    return replay_duty(record, of)


def replay_duty(record: Record, of: Stream) -> DutyState | None:
    """The duty that the entries of its stream make."""
    state: DutyState | None = None
    for data in bytes_of(record, of):
        told = parse_entry(data)
        state = fold_duty(state, head_of(told), decode_events(told.events))
    return state


def duty_of(session: Session, row: StreamRow | None) -> DutyState | None:
    """The duty of a stream's row."""
    return read_duty(row.snapshot, row.fold_version, session.record, row.stream) if row is not None else None


def fetch(
    session: Session,
    state: DutyState | None,
    command: Command,
    calendar: Calendar,
    directory: Directory,
    pace: Pace,
) -> DutyFacts:
    """The facts of a command on the stream of a duty."""
    wanted, version = duty_needs(state, command, calendar), directory.version
    known_at = _recorded(session, version) or command.recorded_at
    facts = DutyFacts(directory=directory, calendar=calendar, known_at=known_at)
    if state is None:
        return facts
    page, through = _page(session, wanted.page, pace) if wanted.page else ((), "")
    subjects = set(wanted.subjects)
    if wanted.changed is not None:
        told = state.compared is None or state.compared.directory != version
        for table in ("unit", "succession"):
            subjects |= session.directory.changed(
                table,
                since=micros(wanted.changed.known_at) if told else None,
                after=wanted.changed.after_day,
                day=wanted.changed.day,
            )
    if wanted.changed is not None and len(subjects) > pace.of("opened", SLICE):
        # So many at once (a list was imported anew) that everybody is compared, one slice after the other.
        page, through = _page(session, PageWanted(after="", day=wanted.day, known_at=None), pace)
        wanted, subjects = replace(wanted, page=PageWanted(after="", day=wanted.day, known_at=None)), set()
    waiting = pace.of("reminded", SLICE)
    rows = _rows(session, state, wanted, subjects, through, micros(command.recorded_at), waiting)
    if wanted.latest:
        subjects |= {row.subject for row in rows if row.latest and row.status in ("done", "missed")}
    now = micros(command.recorded_at)
    names, named_through = _named(session, state, wanted, now, pace.of("marked", SLICE))
    return DutyFacts(
        directory=directory,
        calendar=calendar,
        known_at=known_at,
        page=page,
        through=_end(rows, waiting) if wanted.waiting else through,
        entities=_entities(session, state, subjects, wanted),
        subjects=tuple(sorted(subjects)),
        names=names,
        named_through=named_through,
        rows=tuple(standing(row) for row in rows),
    )


def _recorded(session: Session, version: int) -> datetime | None:
    """When a version of the directory was recorded."""
    found = session.record.recorded_at(DIRECTORY, version)
    return from_micros(found) if found is not None else None


def _page(session: Session, wanted: PageWanted, pace: Pace) -> tuple[tuple[Entity, ...], str]:
    known_at, most = micros(wanted.known_at) if wanted.known_at else None, pace.of("opened", wanted.most)
    found = session.directory.page("unit", wanted.day, after=wanted.after, limit=most + 1, known_at=known_at)
    return (found[:most], found[most - 1].id) if len(found) > most else (found, "")


def _entities(session: Session, state: DutyState, subjects: set[str], wanted: DutyNeeds) -> dict[str, Entity]:
    if state.spec.population.kind != "units" or not subjects:
        return {}
    return session.directory.entities("unit", sorted(subjects), wanted.day)


def _rows(
    session: Session, state: DutyState, wanted: DutyNeeds, subjects: set[str], through: str, now: int, waiting: int
) -> list[ObligationRow]:
    rows = session.obligations
    if wanted.waiting is not None:
        rhythm, period, after = wanted.waiting
        return rows.standing(state.id, ("open", "late"), period=period, rhythm=rhythm, after=after, limit=waiting)
    if not wanted.rows:
        return []
    if wanted.page is not None:
        found = rows.between(state.id, wanted.page.after, through, now)
    elif state.spec.population.kind == "units" or wanted.subjects:
        found = rows.of_subjects(state.id, subjects, now)
    else:
        found = rows.between(state.id, "", "", now)
    if wanted.latest:
        known = {(row.period, row.subject) for row in found}
        over = (row for row in rows.latest(state.id) if row.status in ("done", "missed"))
        found += [row for row in over if (row.period, row.subject) not in known]
    return found


def _end(rows: list[ObligationRow], most: int) -> str:
    """The name up to which a slice of rows reaches, "" = to the end."""
    return rows[-1].subject if len(rows) == most else ""


def _named(
    session: Session, state: DutyState, wanted: DutyNeeds, now: int, most: int
) -> tuple[dict[NamesWanted, tuple[str, ...]], str]:
    """Names as they are wanted, and how far a slice of them reaches; "" = to the end."""
    found: dict[NamesWanted, tuple[str, ...]] = {}
    through = ""
    for one in wanted.names:
        names = _names(session, state.id, one, now, None if one.after is None else most + 1)
        if one.after is not None and len(names) > most:
            names, through = names[:most], names[most - 1]
        found[one] = tuple(names)
    return found, through


def _names(session: Session, duty: str, wanted: NamesWanted, now: int, limit: int | None) -> list[str]:
    return session.obligations.names(
        duty,
        _OF[wanted.what],
        rhythm=wanted.rhythm,
        period=wanted.period,
        due_by=now if wanted.what == "due" else None,
        missed_by=now if wanted.what == "missed" else None,
        after=wanted.after or "",
        limit=limit,
    )


def obligation_of(session: Session, text: str, calendars: Mapping[str, Calendar]) -> KnownObligation | None:
    """The obligation that a command names, as it stands; its duty's stream is not locked."""
    key = read_key(text)
    row = session.obligations.one(key.duty, key.period, key.subject)
    state = stored_duty(session.record, key.duty) if row is not None else None
    if row is None or state is None:
        return None
    until = made_up_until(state.spec, from_micros(row.due_at), calendar_for(calendars, state.spec))
    return KnownObligation(spec=state.spec, row=standing(row), made_up_until=until)


def stored_duty(record: Record, duty: str) -> DutyState | None:
    """A duty as it is stored, without a lock."""
    of = duty_stream(duty)
    found = record.snapshot_of(of)
    return read_duty(*found, record, of) if found is not None else None


def calendar_for(calendars: Mapping[str, Calendar], spec: DutySpec) -> Calendar:
    """The calendar that a duty counts by."""
    if (found := calendars.get(spec.calendar)) is None:
        raise NotFound("calendar_not_found", calendar=spec.calendar)
    return found
