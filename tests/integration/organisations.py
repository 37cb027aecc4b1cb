"""A district whose people come and go, and what its worker then finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, AnyAct, EndRole, GrantRole, RecordPersons
from engine.core.definition import Procedure
from engine.core.directory import Directory
from engine.core.ports import StoredFile
from engine.errors import NotFound
from engine.runtime.desk import Desk
from engine.runtime.reading import PageAsk
from engine.runtime.replay import bytes_of
from engine.store.store import Store
from engine.store.worklists import TaskFilter
from tests.districts import MASTER, District, case
from tests.integration.posts import worker
from tests.samples import SAMPLE


class Shelf:
    """No files at all: nothing here is proved by one."""

    def __contains__(self, sha256: str) -> bool:
        return False

    def put(self, source: BinaryIO, *, limit: int) -> StoredFile:
        """See EvidenceFiles."""
        raise NotFound("file_absent")

    def open(self, sha256: str) -> BinaryIO:
        """See EvidenceFiles."""
        raise NotFound("file_absent")

    def names(self) -> Iterator[str]:
        """See EvidenceFiles."""
        return iter(())


class Organisation(District):
    """A district whose people come and go."""

    def tell(self, *acts: AnyAct) -> None:
        """Record in the directory."""
        for act in acts:
            self.do(self.request(DIRECTORY, act, SYSTEM, medium="system"))

    def directory(self) -> Directory:
        """The organisation as it is known now."""
        with self.store.read() as reader:
            return self.service.directories.at(reader, reader.record.seq_of(DIRECTORY))

    def end(self, person: str, day: str) -> None:
        """All roles of a person end."""
        self.tell(*(EndRole(holding=one.id, valid_to=day) for one in self.directory().ever_held(person)))

    def join(self, person: str, role: str, region: str = "", unit: str = "", since: str = "2026-03-02") -> None:
        """Somebody new gets a role."""
        named = RecordPersons(persons=({"id": person, "name": f"{person} 某"},))
        self.tell(named, GrantRole(person=person, role=role, region=region, unit=unit, valid_from=since))

    def turn(self) -> int:
        """One turn of the worker; how many cases it looked at."""
        return worker(self).round().holders

    def held(self, name: str) -> dict[int, tuple[str, ...]]:
        """Who finds which open task of a case."""
        found: dict[int, tuple[str, ...]] = {}
        with self.store.read() as reader:
            for number, person in reader.work(name)[1]:
                found[number] = (*found.get(number, ()), person)
        return found

    def entries(self, name: str) -> list[dict[str, Any]]:
        """The entries of a case."""
        with self.store.read() as reader:
            return [orjson.loads(data) for data in bytes_of(reader.record, case(name))]

    def work_of(self, person: str) -> list[tuple[str, int, str]]:
        """Case, task and holder of everything in a person's list."""
        desk = Desk(
            store=self.store,
            catalog=self.catalog,
            directories=self.service.directories,
            clock=self.clock,
            master=MASTER,
        )
        page = desk.work(person, TaskFilter(), PageAsk())
        assert desk.waiting(person).tasks == len(page.items) == len(desk.marks(person)[1])
        return [(one.view.task.case, one.view.task.task, one.view.task.person) for one in page.items]


def made(store: Store, procedure: Procedure = SAMPLE) -> Organisation:
    """A settled organisation that the worker has looked at once."""
    organisation = Organisation(store, procedure=procedure)
    organisation.settle()
    organisation.turn()
    return organisation
