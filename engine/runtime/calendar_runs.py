"""Carrying a published year of the calendar through: publish, redate every case, sweep once more, tell the holders."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from engine.core.administration import LIBRARY
from engine.core.command import (
    SYSTEM,
    Answer,
    CloseNotice,
    Medium,
    PublishCalendar,
    RedateCase,
    RedateDuty,
    Request,
    Stream,
)
from engine.errors import ZhibenError
from engine.runtime.bulk import BATCH, find_bulk, open_bulk, results, run_bulk
from engine.runtime.bulk_runs import BulkRuns
from engine.runtime.calendar_notice import Notices, Preview, check_next
from engine.runtime.door import Door
from engine.runtime.service import Service
from engine.store.calendars import CalendarRow
from engine.store.views import BulkRow

log = structlog.get_logger()

#: The purpose of the bulk operation that redates cases.
CALENDAR = "calendar"
#: What was dated by the old calendar while cases were redated is caught by a sweep; so often it is looked once more.
MOST_SWEEPS = 3


class NoticeRuns:
    """Publishes years of calendars and leads every open deadline after them, once, whatever stops it meanwhile."""

    def __init__(self, door: Door, notices: Notices, runs: BulkRuns | None = None, *, batch: int = BATCH) -> None:
        self._door = door
        self._notices = notices
        self._runs = runs
        self._batch = batch

    def propose(self, row: CalendarRow) -> CalendarRow:
        """Keep a yearly file to be looked at; nothing is counted by it yet."""

        def keep(service: Service) -> None:
            with service.store.session() as session:
                session.calendars.propose(row)

        self._door.run(keep)
        return row

    def publish(self, person: str, row: CalendarRow, *, medium: Medium) -> CalendarRow:
        """Put a year in force; a second time it is as it was. NotPermitted, Conflict, BadInput."""
        known = self._notices.row(person, row.id)
        if known.seq:
            return known
        check_next(row, self._notices.calendars()[row.calendar])
        act = PublishCalendar(
            calendar=row.calendar,
            year=row.year,
            version=row.version,
            status=row.status,  # type: ignore[arg-type]
            title=row.title,
            source=row.source,
            digest=row.digest,
            body=row.body.decode(),
        )
        self._door.submit(
            Request(id=f"calendar:{row.version}", stream=LIBRARY, act=act, acted_by=person, medium=medium)
        )
        self._notices.refresh()
        return self._notices.row(person, row.id)

    def begin(self, person: str, row: CalendarRow, *, medium: Medium = "web") -> BulkRow:
        """Publish a year and begin to redate, in the background where there is one; a second time the same run."""
        row = self.publish(person, row, medium=medium)
        known = self.progress(row)
        if known is None:
            requests = [
                *duties_of(row, self._notices.duties()),
                *requests_of(row, self._notices.preview(SYSTEM, row).cases),
            ]
            told = {"purpose": CALENDAR, "requests": requests, "person": person, "reason": row.title}
            if self._runs is not None:
                return self._runs.begin(row.id, **told)  # type: ignore[arg-type]
            known = open_bulk(self._door, bulk=row.id, **told)  # type: ignore[arg-type]
        if self._runs is None and known.status != "closed":
            known = run_bulk(self._door, row.id, batch=self._batch)
        if known.status == "closed":
            self.finish(known)
        return known

    def progress(self, row: CalendarRow) -> BulkRow | None:
        """How far the redating is; None = it was not begun."""
        return find_bulk(self._door, row.id)

    def finish(self, bulk: BulkRow) -> None:
        """What follows when all frozen cases are redated: catch what came meanwhile, tell the holders, once."""
        if bulk.purpose == CALENDAR:
            for row in self._notices.unsettled():
                if row.id == bulk.id:
                    self.settle(row)

    def take_up(self) -> int:
        """Go on with what a stop interrupted; how many years that concerned."""
        waiting = self._notices.unsettled()
        for row in waiting:
            bulk = find_bulk(self._door, row.id)
            if bulk is None or bulk.status == "closed":
                self.settle(row)
        if self._runs is not None:
            self._runs.take_up(CALENDAR)
        return len(waiting)

    def settle(self, row: CalendarRow) -> bool:
        """Redate what is left; once nothing is, say so and tell each holder how many of theirs moved."""
        swept: list[tuple[str, int]] = []
        for again in range(MOST_SWEEPS + 1):
            preview = self._notices.preview(SYSTEM, row)
            if not preview.cases and not preview.windows:
                break
            if again == MOST_SWEEPS:
                log.warning("calendar_not_followed", version=row.version, cases=len(preview.cases))
                return False
            swept += self._sweep(row, preview, f"{preview.at:%Y%m%d%H%M%S%f}.{again}")
        done = [
            (one.stream.removeprefix("case/"), one.seq)
            for one in results(self._door, row.id, status="done")
            if one.stream.startswith("case/")
        ]
        moved, holders = self._notices.told(row, [*done, *swept])
        act = CloseNotice(
            calendar=row.calendar,
            version=row.version,
            title=row.title,
            source=row.source,
            moved=moved,
            holders=dict(sorted(holders.items())),
        )
        self._door.submit(
            Request(id=f"calendar:{row.version}:close", stream=LIBRARY, act=act, acted_by=SYSTEM, medium="system")
        )
        return True

    def _sweep(self, row: CalendarRow, preview: Preview, mark: str) -> list[tuple[str, int]]:
        found = []
        duties = dict.fromkeys(one.duty for one in preview.windows)
        requests = [*duties_of(row, duties, mark), *requests_of(row, preview.cases, mark)]
        for start in range(0, len(requests), self._batch):
            for outcome in self._door.submit_batch(requests[start : start + self._batch]):
                if isinstance(outcome, Answer) and outcome.stream.kind == "case":
                    found.append((outcome.stream.id, outcome.seq))
                elif isinstance(outcome, ZhibenError):
                    log.warning("case_not_redated", reason=outcome.code)
        return found


def duties_of(row: CalendarRow, duties: Iterable[str], mark: str = "") -> list[Request]:
    """What leads the running windows of duties after a year, and looks again when each must do something next."""
    return [
        Request(
            id=f"redate:{row.id}:duty/{duty}:{mark}",
            stream=Stream(kind="duty", id=duty),
            act=RedateDuty(calendar=row.calendar, year=row.year),
            acted_by=SYSTEM,
            medium="system",
            caused_by=f"{LIBRARY}:{row.seq}",
        )
        for duty in duties
    ]


def requests_of(row: CalendarRow, cases: Iterable[str], mark: str = "") -> list[Request]:
    """What leads cases after a year: the engine's own acts, caused by the entry that put it in force."""
    return [
        Request(
            id=f"redate:{row.id}:{case}:{mark}",
            stream=Stream(kind="case", id=case),
            act=RedateCase(calendar=row.calendar, year=row.year),
            acted_by=SYSTEM,
            medium="system",
            caused_by=f"{LIBRARY}:{row.seq}",
        )
        for case in cases
    ]
