"""What decisions on duties need of the world: units as known at a version of the directory, and obligations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import msgspec
import orjson

from engine.audit.entry import parse_entry
from engine.core.administration import DIRECTORY
from engine.core.calendar import Calendar
from engine.core.command import Command, Stream
from engine.core.deadlines import shift
from engine.core.definition_duties import DutySpec
from engine.core.directory import Directory, Entity
from engine.core.duty_facts import SLICE, DutyFacts, DutyNeeds, NamesWanted, PageWanted, duty_needs
from engine.core.duty_state import DUTY_FOLD_VERSION, DutyState, fold_duty
from engine.core.facts import parse_point
from engine.core.obligation_known import KnownObligation, Standing
from engine.core.obligation_rows import ObligationRow, Status
from engine.core.obligations import read_key
from engine.core.upcast import decode_events
from engine.errors import NotFound
from engine.runtime.projection import from_micros, micros
from engine.runtime.replay import bytes_of, head_of
from engine.store.record import Record
from engine.store.records import StreamRow
from engine.store.session import Session

_write = msgspec.msgpack.Encoder()
_read = msgspec.msgpack.Decoder(DutyState)

_OF: dict[str, tuple[Status, ...]] = {
    "opened": ("open", "acted", "done", "late", "missed", "exempt", "lapsed"),
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
) -> DutyFacts:
    """The facts of a command on the stream of a duty."""
    wanted, version = duty_needs(state, command, calendar), directory.version
    known_at = _recorded(session, version) or command.recorded_at
    facts = DutyFacts(directory=directory, calendar=calendar, known_at=known_at)
    if state is None:
        return facts
    page, through = _page(session, wanted.page) if wanted.page else ((), "")
    subjects = set(wanted.subjects)
    if wanted.changed is not None:
        for table in ("unit", "succession"):
            subjects |= session.directory.changed(
                table,
                since=micros(wanted.changed.known_at),
                after=wanted.changed.after_day,
                day=wanted.changed.day,
            )
    rows = _rows(session, state, wanted, subjects, through, micros(command.recorded_at))
    if wanted.latest:
        subjects |= {row.subject for row in rows if row.latest and row.status in ("done", "missed")}
    now = micros(command.recorded_at)
    return DutyFacts(
        directory=directory,
        calendar=calendar,
        known_at=known_at,
        page=page,
        through=_end(rows) if wanted.waiting else through,
        entities=_entities(session, state, subjects, wanted),
        subjects=tuple(sorted(subjects)),
        names={one: tuple(_names(session, state.id, one, now)) for one in wanted.names},
        rows=tuple(standing(row) for row in rows),
    )


def _recorded(session: Session, version: int) -> datetime | None:
    """When a version of the directory was recorded."""
    found = session.record.recorded_at(DIRECTORY, version)
    return from_micros(found) if found is not None else None


def _page(session: Session, wanted: PageWanted) -> tuple[tuple[Entity, ...], str]:
    known_at = micros(wanted.known_at) if wanted.known_at else None
    found = session.directory.page("unit", wanted.day, after=wanted.after, limit=wanted.most + 1, known_at=known_at)
    return (found[: wanted.most], found[wanted.most - 1].id) if len(found) > wanted.most else (found, "")


def _entities(session: Session, state: DutyState, subjects: set[str], wanted: DutyNeeds) -> dict[str, Entity]:
    if state.spec.population.kind != "units" or not subjects:
        return {}
    return session.directory.entities("unit", sorted(subjects), wanted.day)


def _rows(
    session: Session, state: DutyState, wanted: DutyNeeds, subjects: set[str], through: str, now: int
) -> list[ObligationRow]:
    rows = session.obligations
    if wanted.waiting is not None:
        rhythm, period, after = wanted.waiting
        return rows.standing(state.id, ("open", "late"), period=period, rhythm=rhythm, after=after, limit=SLICE)
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


def _end(rows: list[ObligationRow]) -> str:
    """The name up to which a slice of rows reaches, "" = to the end."""
    return rows[-1].subject if len(rows) == SLICE else ""


def _names(session: Session, duty: str, wanted: NamesWanted, now: int) -> list[str]:
    return session.obligations.names(
        duty,
        _OF[wanted.what],
        rhythm=wanted.rhythm,
        period=wanted.period,
        due_by=now if wanted.what == "due" else None,
        missed_by=now if wanted.what == "missed" else None,
    )


def standing(row: ObligationRow) -> Standing:
    """A row as decisions know it."""
    return Standing(
        subject=row.subject,
        period=row.period,
        rhythm=row.rhythm,
        status=row.status,
        unit=row.unit,
        region=row.region,
        industry=row.industry,
        opens_at=from_micros(row.opens_at),
        due_at=from_micros(row.due_at),
        late=row.late,
        missed=row.missed,
        case=row.case,
        done_at=from_micros(row.done_at) if row.done_at is not None else None,
        latest=row.latest,
    )


def obligation_of(session: Session, text: str, calendars: Mapping[str, Calendar]) -> KnownObligation | None:
    """The obligation that a command names, as it stands; its duty's stream is not locked."""
    key = read_key(text)
    row = session.obligations.one(key.duty, key.period, key.subject)
    state = stored_duty(session.record, key.duty) if row is not None else None
    if row is None or state is None:
        return None
    until = made_up_until(state.spec, row, calendar_for(calendars, state.spec))
    return KnownObligation(spec=state.spec, row=standing(row), made_up_until=until)


def made_up_until(spec: DutySpec, row: ObligationRow, calendar: Calendar) -> datetime:
    """From which instant on an obligation is made up no more."""
    due_at = from_micros(row.due_at)
    return shift(due_at, parse_point(f"{spec.made_up_within} after"), calendar) if spec.made_up_within else due_at


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
