"""Obligations as rows, and what may become of them; instants are microseconds UTC since 1970.

What a change means is said twice: in statements (`engine.store.obligations`) for thousands of rows at once, and here,
row by row, for scenarios and for comparing the table with what the entries say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

import msgspec
from msgspec.structs import replace

from engine.core.obligation_known import Standing
from engine.errors import Conflict

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Status = Literal["open", "acted", "done", "late", "missed", "exempt", "lapsed"]


class ObligationRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One obligation: a duty, a period, a subject."""

    duty: str
    period: str
    subject: str
    subject_kind: str
    unit: str
    region: str
    industry: str
    opens_at: int
    due_at: int
    missed_at: int
    status: Status = "open"
    #: it was not done when due, it was missed, it was done afterwards: what was once so stays
    late: bool = False
    missed: bool = False
    made_up: bool = False
    case: str = ""
    person: str = ""
    #: when its case was begun, and when it was done; None = not yet
    begun_at: int | None = None
    done_at: int | None = None
    rhythm: int = 0
    #: hash of the names with which it was opened
    population: str = ""
    reason: str = ""
    latest: bool = False


class OpenRows(msgspec.Struct, frozen=True, gc=False):
    """These begin."""

    rows: tuple[ObligationRow, ...]


class MarkLate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whatever of a window is not done by now is late."""

    duty: str
    #: "" = of every window of the rhythm
    period: str
    rhythm: int
    due_at: int
    #: of names after one and up to another; "" = from the beginning, to the end
    part: tuple[str, str] = ("", "")


class MarkMissed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whatever of a window nobody has acted on by now is missed."""

    duty: str
    period: str
    rhythm: int
    missed_at: int
    part: tuple[str, str] = ("", "")


class Redate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whatever of a window is neither done nor late ends at another time."""

    duty: str
    period: str
    rhythm: int
    due_at: int
    missed_at: int


class Lapse(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is open or late of a subject need not be done any more, or (`on` False) must be after all."""

    duty: str
    period: str
    subject: str
    reason: str = ""
    on: bool = True
    #: not on: what is past by then is late, or missed
    at: int = 0


class Follow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Another window of the subject follows this one, which is the latest no more."""

    duty: str
    subject: str


class Exempt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is open or late of a subject is excused, or (`on` False) is as it was."""

    duty: str
    period: str
    subject: str
    reason: str = ""
    on: bool = True
    #: not on: what is past by then is late, or missed
    at: int = 0


class Take(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A case is begun for it; refused by the database if it has one already."""

    duty: str
    period: str
    subject: str
    case: str
    #: "" = the engine opened it for who is late: nobody has acted
    person: str = ""
    #: when it was begun
    at: int


class Settle(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What becomes of it by its case: done at an instant, or (None) as if nobody had acted."""

    duty: str
    period: str
    subject: str
    case: str
    done_at: int | None
    #: the case goes on after all: it was reopened
    acted: bool = False
    #: given up: what is past by then is late, or missed
    at: int


ObligationChange = OpenRows | MarkLate | MarkMissed | Redate | Lapse | Follow | Exempt | Take | Settle

#: What stands so has an end that is still to come, or may have again.
RUNNING: tuple[Status, ...] = ("open", "acted", "exempt", "lapsed")

#: Rows by duty, period and subject.
Rows = dict[tuple[str, str, str], ObligationRow]


def micros(at: datetime) -> int:
    """Microseconds UTC since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def instant(value: int) -> datetime:
    """The aware instant of microseconds UTC since 1970."""
    return _EPOCH + timedelta(microseconds=value)


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
        opens_at=instant(row.opens_at),
        due_at=instant(row.due_at),
        late=row.late,
        missed=row.missed,
        case=row.case,
        done_at=instant(row.done_at) if row.done_at is not None else None,
        latest=row.latest,
    )


def apply(rows: Rows, changes: Iterable[ObligationChange]) -> None:
    """Make the changes in order; Conflict `obligation_taken` where one has a case already."""
    for change in changes:
        _APPLY[type(change)](rows, change)


def _open(rows: Rows, change: OpenRows) -> None:
    rows.update({(row.duty, row.period, row.subject): row for row in change.rows})


def _each(rows: Rows, change: MarkLate | MarkMissed | Redate) -> list[ObligationRow]:
    mine = (row for row in rows.values() if (row.duty, row.rhythm) == (change.duty, change.rhythm))
    after, through = ("", "") if isinstance(change, Redate) else change.part
    of_part = (row for row in mine if row.subject > after and (not through or row.subject <= through))
    return [row for row in of_part if change.period in ("", row.period)]


def _put(rows: Rows, row: ObligationRow, **changed: Any) -> None:
    rows[row.duty, row.period, row.subject] = replace(row, **changed)


def _mark_late(rows: Rows, change: MarkLate) -> None:
    for row in _each(rows, change):
        if row.due_at <= change.due_at and row.status in ("open", "acted") and not row.late:
            _put(rows, row, late=True, status="late" if row.status == "open" else row.status)


def _mark_missed(rows: Rows, change: MarkMissed) -> None:
    for row in _each(rows, change):
        if row.missed_at <= change.missed_at and row.status in ("open", "late"):
            _put(rows, row, late=True, missed=True, status="missed")


def _redate(rows: Rows, change: Redate) -> None:
    for row in _each(rows, change):
        if row.status in RUNNING and not row.late:
            _put(rows, row, due_at=change.due_at, missed_at=change.missed_at)


def _lapse(rows: Rows, change: Lapse) -> None:
    row = rows.get((change.duty, change.period, change.subject))
    if row is None:
        return
    if change.on and row.status in ("open", "late", "exempt"):
        _put(rows, row, status="lapsed", reason=change.reason, latest=False)
    elif not change.on and row.status == "lapsed":
        _put(rows, row, **_as_if_untouched(row, change.at), reason="")


def _follow(rows: Rows, change: Follow) -> None:
    for row in list(rows.values()):
        if (row.duty, row.subject, row.latest) == (change.duty, change.subject, True):
            _put(rows, row, latest=False)


def _exempt(rows: Rows, change: Exempt) -> None:
    row = rows.get((change.duty, change.period, change.subject))
    if row is None:
        return
    if change.on and row.status in ("open", "late"):
        _put(rows, row, status="exempt", reason=change.reason)
    elif not change.on and row.status == "exempt":
        _put(rows, row, **_as_if_untouched(row, change.at), reason="")


def _take(rows: Rows, change: Take) -> None:
    row = rows.get((change.duty, change.period, change.subject))
    if row is None or row.case or row.status not in ("open", "late", "missed"):
        raise Conflict("obligation_taken", duty=change.duty, subject=change.subject, period=change.period)
    acted = {"status": "acted", "person": change.person, "made_up": row.due_at <= change.at} if change.person else {}
    _put(rows, row, case=change.case, begun_at=change.at, **acted)


def _settle(rows: Rows, change: Settle) -> None:
    row = rows.get((change.duty, change.period, change.subject))
    if row is None or row.case != change.case:
        return
    if change.done_at is not None:
        after = row.due_at <= change.done_at
        made_up = row.made_up or (not row.person and after)
        _put(rows, row, status="done", done_at=change.done_at, late=row.late or after, made_up=made_up)
    elif change.acted:
        _put(rows, row, status="acted", done_at=None)
    else:
        none = {"case": "", "person": "", "begun_at": None, "done_at": None, "made_up": False}
        _put(rows, row, **_as_if_untouched(row, change.at), **none)


def _as_if_untouched(row: ObligationRow, at: int) -> dict[str, Any]:
    missed, late = row.missed or row.missed_at <= at, row.late or row.due_at <= at
    return {"status": "missed" if missed else "late" if late else "open", "late": late, "missed": missed}


_APPLY = cast(
    "dict[type, Callable[[Rows, Any], None]]",
    {
        OpenRows: _open,
        MarkLate: _mark_late,
        MarkMissed: _mark_missed,
        Redate: _redate,
        Lapse: _lapse,
        Follow: _follow,
        Exempt: _exempt,
        Take: _take,
        Settle: _settle,
    },
)
