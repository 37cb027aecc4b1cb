"""A district that dates by a calendar of 2027 that is not published yet, and the notice when it comes."""

from __future__ import annotations

from datetime import datetime

from engine.core.case import Case, Task
from engine.core.definition import Procedure
from engine.runtime.bulk_runs import BulkRuns
from engine.runtime.calendar_notice import Notices
from engine.runtime.calendar_runs import NoticeRuns
from engine.runtime.catalog import Directories
from engine.runtime.clock import VirtualClock
from engine.runtime.reading import Reading
from engine.runtime.writer import DirectDoor
from engine.store.calendars import CalendarRow
from engine.store.store import Store
from tests.districts import DISTRICT_ROLES, MASTER, District, case
from tests.samples import SAMPLE
from tests.worlds import local

#: Nobody knows yet when people rest in 2027.
BEFORE = local("2026-12-30 10:00")
NOTICE = """year: 2027
version: {version}
status: {status}
title: 国办2027
source: 国务院办公厅关于2027年部分节假日安排的通知（国办发明电〔2026〕9号）
holidays:
  2027-01-01 to 2027-01-03: 元旦
  2027-02-05 to 2027-02-12: 春节
workdays:
  2027-01-16: 元旦
  2027-02-14: 春节
"""


def notice(version: int = 1, status: str = "official", **more: tuple[str, str]) -> bytes:
    """The bytes of a yearly file of 2027; `more` replaces texts in it."""
    text = NOTICE.format(version=version, status=status)
    for old, new in more.values():
        text = text.replace(old, new)
    return text.encode()


class NoticeDistrict(District):
    """A settled district at the end of 2026, with those who publish calendars."""

    def __init__(
        self, store: Store, *, at: datetime = BEFORE, background: bool = False, procedure: Procedure = SAMPLE
    ) -> None:
        super().__init__(store, clock=VirtualClock(at), procedure=procedure)
        self.settle()
        self.door = DirectDoor(lambda: self.service)
        told = {
            "store": store,
            "catalog": self.catalog,
            "directories": Directories(DISTRICT_ROLES),
            "clock": self.clock,
            "master": MASTER,
        }
        self.notices = Notices(**told)
        self.reading = Reading(**told, note=lambda request: self.door.submit(request))
        self.background = BulkRuns(self.door, batch=7) if background else None
        self.runs = NoticeRuns(self.door, self.notices, self.background, batch=7)

    def proposed(self, body: bytes | None = None, by: str = "lin") -> CalendarRow:
        """A yearly file put in by somebody who may publish."""
        row = self.notices.proposal(by, body or notice(), name="2027.yaml")
        return self.runs.propose(row)

    def state(self, name: str) -> Case:
        """A case as it stands."""
        with self.store.session() as session:
            return self.service.case_of(session, session.load([case(name)])[case(name)])

    def task(self, name: str, n: int = 1) -> Task:
        """An open task of a case."""
        found = self.state(name).task(n)
        assert found is not None
        return found
