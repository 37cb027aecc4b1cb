"""Imports of spreadsheets: what rows become, what is refused where, and that a run that was killed goes on exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

import pytest

from adapters.spreadsheets import RowProblem
from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, Answer, GrantRole, Request
from engine.errors import Conflict, NotPermitted
from engine.runtime.bulk import run_bulk
from engine.runtime.door import Door, Outcome
from engine.runtime.service import Service
from engine.store.queries import CaseFilter
from engine.store.views import BulkRow
from tests.definitions import name
from tests.installations import UNITS, Installation, install, ledger_row, unit_row
from tests.workbooks import workbook
from zhiben.composition import Application
from zhiben.story.samples import LEDGER_HEADERS, UNIT_HEADERS

T = TypeVar("T")


class Killed(BaseException):
    """The process dies here."""


class DyingDoor:
    """The one door of a process that dies after so many batches: what was carried out is recorded, nothing noted."""

    def __init__(self, door: Door, batches: int) -> None:
        self._door = door
        self._left = batches

    def submit(self, request: Request) -> Answer:
        """As the door does."""
        return self._door.submit(request)

    def submit_later(self, request: Request) -> Future[Answer]:
        """As the door does."""
        return self._door.submit_later(request)

    def submit_batch(self, requests: Sequence[Request]) -> list[Outcome]:
        """As the door does, until the end."""
        outcomes = self._door.submit_batch(requests)
        self._left -= 1
        if self._left == 0:
            raise Killed
        return outcomes

    def run(self, job: Callable[[Service], T]) -> T:
        """As the door does."""
        return self._door.run(job)

    def close(self) -> None:
        """As the door does."""
        self._door.close()


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation that knows three units."""
    folder = tmp_path_factory.mktemp("imports")
    made = install(folder / "data")
    rows = [unit_row(title, code) for title, code in UNITS]
    with made.open() as application:
        _imported(application, name("units"), workbook(folder / "units.xlsx", UNIT_HEADERS, *rows))
    return made


@pytest.fixture
def application(settled: Installation, tmp_path: Path) -> Iterator[Application]:
    """The same installation in a folder of the test's own."""
    with settled.copied(tmp_path / "data").open() as made:
        yield made


def _imported(application: Application, kind: str, path: Path) -> BulkRow:
    sheet = application.imports.read(kind, path, person=SYSTEM)
    begun = application.imports.begin(sheet)
    assert begun is not None
    return application.imports.run(begun.id)


def _ledger(folder: Path, *rows: Sequence[object]) -> Path:
    return workbook(folder / "ledger.xlsx", LEDGER_HEADERS, *rows)


def _five(folder: Path) -> Path:
    return _ledger(folder, *(ledger_row(f"A-{n}", UNITS[n % 3][0], 隐患描述=f"防护装置失效{n}") for n in range(5)))


def _told(problems: Sequence[RowProblem]) -> list[tuple[int, str, str, str]]:
    return [(one.row, one.column, one.header, one.code) for one in problems]


def _entries(application: Application) -> int:
    with application.store.read() as reader:
        return reader.record.count()


def _numbers(application: Application) -> list[tuple[str, str]]:
    """The claimed cases: which title, in which state."""
    views = application.operating.every(SYSTEM, CaseFilter())
    return sorted((view.register.title, view.register.state) for view in views)


def test_a_row_of_the_register_becomes_a_unit_with_its_place_and_its_principal(application: Application) -> None:
    code = UNITS[0][1]
    with application.store.read() as reader:
        (unit,) = reader.directory.rows("unit", [code])
        (place,) = reader.directory.rows("place", [f"{code}-1"])
        held = [row.columns for row in reader.directory.rows("holding") if row.columns["unit"] == code]

    assert (unit.columns["title"], unit.columns["region"], unit.columns["industry"]) == (
        "东升机械厂",
        name("/sample/town01/"),
        name("trade"),
    )
    assert (place.columns["title"], place.columns["unit"]) == ("一镇东村东升机械厂", code)
    assert [(one["role"], one["region"]) for one in held] == [(name("principal"), "")]
    assert application.operating.names([held[0]["person"]]) == {held[0]["person"]: "张总经理"}


def test_the_name_of_a_principal_stands_in_no_entry(application: Application) -> None:
    with application.store.read() as reader:
        bodies = [row.bytes.decode() for row in reader.record.entries(DIRECTORY)]

    assert bodies
    assert not any("张总经理" in body for body in bodies)


def test_a_row_of_the_ledger_becomes_a_case_as_it_claims_to_stand_and_no_ladder_starts(
    application: Application, tmp_path: Path
) -> None:
    path = _ledger(
        tmp_path,
        ledger_row("A-1", UNITS[0][0]),
        ledger_row("A-2", UNITS[1][0], 当前状态="已销号", 整改完成日期="2026-01-20", 验收日期="2026-01-22"),
    )

    row = _imported(application, name("ledger"), path)

    assert (row.status, row.done, row.failed) == ("closed", 2, 0)
    opened, closed = sorted(application.operating.every(SYSTEM, CaseFilter()), key=lambda view: view.register.closed)
    seen = application.operating.case(SYSTEM, opened.id)
    assert seen.case.claim is not None
    assert (seen.case.claim.number, seen.case.claim.triaged, seen.case.leaves()) == (
        "A-1",
        False,
        (name("rectifying"),),
    )
    assert seen.case.fields[name("money")] == "1.5"
    assert [task.alarm for task in seen.case.tasks] == [None]
    assert closed.register.closed == "整改"


def test_a_dry_run_tells_everything_and_writes_nothing(application: Application, tmp_path: Path) -> None:
    before = _entries(application)

    sheet = application.imports.read(name("ledger"), _five(tmp_path), person=SYSTEM)

    assert (sheet.plan.rows, len(sheet.plan.items), sheet.problems) == (5, 5, ())
    assert _entries(application) == before


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"所属乡镇": "十三镇"}, ("F", "所属乡镇", "choice_unknown")),
        ({"单位名称": "无名商店"}, ("D", "单位名称", "reference_unknown")),
        ({"统一社会信用代码": "91990100MA0000001H"}, ("E", "统一社会信用代码", "credit_code_check")),
        ({"发现日期": "下周"}, ("B", "发现日期", "date_unreadable")),
        ({"发现日期": "2027-01-01", "整改期限": "2027-02-01"}, ("B", "发现日期", "date_in_future")),
        ({"整改期限": "2026-01-01"}, ("O", "整改期限", "dates_out_of_order")),
        ({"隐患描述": None}, ("I", "隐患描述", "value_missing")),
        ({"整改责任人": "长" * 41}, ("L", "整改责任人", "text_too_long")),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column_and_the_other_rows_are_imported(
    application: Application, tmp_path: Path, changes: dict[str, object], problem: tuple[str, str, str]
) -> None:
    path = _ledger(tmp_path, ledger_row("A-1", UNITS[0][0]), ledger_row("A-2", UNITS[1][0], **changes))

    sheet = application.imports.read(name("ledger"), path, person=SYSTEM)

    assert _told(sheet.problems) == [(3, *problem)]
    assert [item.rows for item in sheet.plan.items] == [(2,)]


def test_a_number_that_comes_twice_in_a_file_is_imported_once(application: Application, tmp_path: Path) -> None:
    path = _ledger(tmp_path, ledger_row("A-1", UNITS[0][0]), ledger_row("A-1", UNITS[1][0]))

    sheet = application.imports.read(name("ledger"), path, person=SYSTEM)

    assert _told(sheet.problems) == [(3, "A", "隐患编号", "row_repeated")]


def test_what_was_imported_before_is_known_and_not_imported_again(application: Application, tmp_path: Path) -> None:
    _imported(application, name("ledger"), _five(tmp_path))
    before = _entries(application)

    again = application.imports.read(name("ledger"), _five(tmp_path), person=SYSTEM)

    assert (again.plan.items, again.plan.known, again.problems) == ((), (2, 3, 4, 5, 6), ())
    assert application.imports.begin(again) is None
    assert _entries(application) == before


def test_a_unit_that_says_the_same_is_known_and_one_that_changed_is_recorded_anew(
    application: Application, tmp_path: Path
) -> None:
    title, code = UNITS[0]
    rows = [unit_row(title, code, 从业人数=99), unit_row(*UNITS[1])]

    sheet = application.imports.read(name("units"), workbook(tmp_path / "u.xlsx", UNIT_HEADERS, *rows), person=SYSTEM)

    assert (sheet.plan.rows, sheet.plan.known) == (1, (3,))


@pytest.mark.parametrize("batches", [1, 2])
def test_a_run_that_was_killed_goes_on_exactly(application: Application, tmp_path: Path, batches: int) -> None:
    path = _five(tmp_path)
    begun = application.imports.begin(application.imports.read(name("ledger"), path, person=SYSTEM))
    assert begun is not None
    with pytest.raises(Killed):
        application.imports_through(DyingDoor(application.door, batches)).run(begun.id)

    found = application.imports.unfinished(name("ledger"), path)
    row = application.imports.run(found.id)

    assert (found.id, found.done) == (begun.id, (batches - 1) * 2)
    assert (row.status, row.items, row.done, row.failed) == ("closed", 5, 5, 0)
    assert _numbers(application) == [(f"防护装置失效{n}", name("rectifying")) for n in range(5)]
    with application.store.read() as reader:
        seqs = {str(stream): seq for stream, seq, _ in reader.record.streams() if stream.kind in ("case", "bulk")}
    assert sorted(seqs.values()) == [1, 1, 1, 1, 1, *([2] * 2)]


def test_a_file_whose_import_was_not_ended_is_not_begun_again(application: Application, tmp_path: Path) -> None:
    path = _five(tmp_path)
    application.imports.begin(application.imports.read(name("ledger"), path, person=SYSTEM))

    with pytest.raises(Conflict) as refused:
        application.imports.begin(application.imports.read(name("ledger"), path, person=SYSTEM))

    assert (refused.value.code, refused.value.data["items"]) == ("import_unfinished", 5)


def test_an_import_that_was_interrupted_is_taken_up_when_the_server_starts(
    application: Application, tmp_path: Path
) -> None:
    begun = application.imports.begin(application.imports.read(name("ledger"), _five(tmp_path), person=SYSTEM))
    assert begun is not None
    stops = iter([False, True])
    halfway = run_bulk(application.door, begun.id, batch=2, stopped=lambda: next(stops))

    taken = application.imports.take_up()
    application.imports.wait()

    assert (halfway.status, halfway.done, taken) == ("open", 2, 1)
    assert application.imports.progress(SYSTEM, begun.id).status == "done"
    assert len(_numbers(application)) == 5


def test_an_item_that_the_door_refuses_holds_up_no_other(application: Application, tmp_path: Path) -> None:
    path = _five(tmp_path)
    sheet = application.imports.read(name("ledger"), path, person=SYSTEM)
    begun = application.imports.begin(sheet)
    assert begun is not None
    taken = sheet.plan.items[1].request
    application.door.submit(Request(id="earlier", stream=taken.stream, act=taken.act, acted_by=SYSTEM, medium="import"))

    row = application.imports.run(begun.id)

    assert (row.done, row.failed) == (4, 1)
    assert [(one.n, one.code) for one in application.imports.failed(row.id)] == [(1, "case_exists")]


def test_who_may_not_import_is_refused_before_anything_is_written(application: Application, tmp_path: Path) -> None:
    grant = GrantRole(person="nosy", role=name("inspector"), region=name("/sample/town01/"), valid_from="2026-01-01")
    application.door.submit(Request(id="g", stream=DIRECTORY, act=grant, acted_by=SYSTEM, medium="cli"))
    before = _entries(application)

    with pytest.raises(NotPermitted):
        application.imports.read(name("ledger"), _five(tmp_path), person="nosy")

    assert _entries(application) == before


def test_the_web_begins_an_import_once_for_a_command_and_tells_nobody_else(
    application: Application, tmp_path: Path
) -> None:
    path = _five(tmp_path)
    with path.open("rb") as source:
        first = application.imports.start(SYSTEM, name("ledger"), source, name="a.xlsx", dry_run=False, command="k1")
    application.imports.wait()
    with path.open("rb") as source:
        again = application.imports.start(SYSTEM, name("ledger"), source, name="a.xlsx", dry_run=False, command="k1")

    assert (again.id, again.status, again.done, again.failed) == (first.id, "done", 5, 0)
    assert len(_numbers(application)) == 5
