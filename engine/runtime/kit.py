"""What decisions stand on besides the database, with what is kept in memory between them."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Mapping

from msgspec.structs import replace

from engine.core.case import FOLD_VERSION, Case
from engine.core.command import Request, StartCase
from engine.core.definition_watches import Watch
from engine.core.machine import Machine
from engine.core.ports import Clock, Dice
from engine.errors import BadInput
from engine.runtime import personal
from engine.runtime.catalog import Catalog, Directories
from engine.runtime.pace import Pace
from engine.runtime.projection import read_snapshot
from engine.runtime.replay import replay
from engine.store.records import StreamRow
from engine.store.session import Session

#: Cases whose decoded state is kept; a hit is used only if its head hash is still the stored one.
MOST_CASES = 4096


class Kit:
    """What decisions stand on besides the database, with the cases lately decided kept in memory."""

    #: watches of the place, by id
    watches: Mapping[str, Watch] = {}

    def __init__(self, *, catalog: Catalog, directories: Directories, clock: Clock, dice: Dice, master: bytes) -> None:
        self.catalog = catalog
        self.directories = directories
        self.clock = clock
        self.dice = dice
        self.master = master
        #: how much of its own work the machine takes on at once
        self.pace = Pace()
        self._digests = hmac.digest(master, b"zhiben request digest", "sha256")
        #: series of numbers -> the last one taken here
        self.taken: dict[str, int] = {}
        self._personal: dict[str, frozenset[str]] = {}
        self._cases: OrderedDict[str, tuple[bytes, Case]] = OrderedDict()

    def digest(self, salt: bytes, request: Request) -> bytes:
        """What tells a repeat from another request of the same id; keyed, since a request may say personal things.

        The version a case is opened with is not part of it: whoever repeats an opening after a new version was
        published means the case that is open, and gets its answer.
        """
        act = replace(request.act, version="") if isinstance(request.act, StartCase) else request.act
        try:
            body = personal.request_body((request.stream, act, request.acted_by, request.entered_by))
        except UnicodeEncodeError as exc:
            raise BadInput("value_half_character") from exc
        except OverflowError as exc:
            raise BadInput("value_integer_too_large") from exc
        return hmac.digest(self._digests, salt + body, "sha256")

    def case_of(self, session: Session, row: StreamRow) -> Case:
        """The state of a case from memory, its snapshot, or its entries."""
        name = row.stream.id
        kept = self._cases.get(name)
        if kept is not None and kept[0] == row.head:
            self._cases.move_to_end(name)
            return kept[1]
        if row.fold_version == FOLD_VERSION and row.snapshot:
            return read_snapshot(row.snapshot)
        return replay(session.record, row.stream)

    def personal_fields(self, machine: Machine) -> frozenset[str]:
        """Fields of a procedure whose values go to the vault."""
        fields = self._personal.get(machine.version)
        if fields is None:
            fields = self._personal[machine.version] = personal.personal_fields(machine)
        return fields

    def keep(self, head: bytes, case: Case) -> None:
        """Remember the state of a case at a head hash."""
        self._cases[case.id] = (head, case)
        self._cases.move_to_end(case.id)
        if len(self._cases) > MOST_CASES:
            self._cases.popitem(last=False)
