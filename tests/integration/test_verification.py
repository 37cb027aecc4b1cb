"""The record examined as a whole: honest records give no finding, every tampering with a row gives one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import BinaryIO

import pytest
import sqlalchemy as sa

from engine.core.administration import DIRECTORY
from engine.core.command import (
    SYSTEM,
    EndRole,
    RecordPowers,
    RecordRecusals,
    RecordRegions,
    RecordShifts,
    RecordSubstitutions,
    RecordSuccessions,
)
from engine.core.ports import StoredFile
from engine.errors import NotFound
from engine.runtime.verification import Verification, verify_all
from engine.runtime.worker import fire_due
from engine.store.store import Store
from tests.districts import PHOTO, SCAN, SIGNATURE, District


class Shelf:
    """Files that are there by name alone."""

    def __init__(self, *names: str) -> None:
        self._names = set(names)

    def put(self, source: BinaryIO, *, limit: int) -> StoredFile:
        """Nothing is put here."""
        raise NotFound("file_absent")

    def open(self, sha256: str) -> BinaryIO:
        """Files have no content here."""
        return BytesIO()

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self._names

    def names(self) -> Iterator[str]:
        """All names."""
        return iter(self._names)


@pytest.fixture
def district(store: Store) -> District:
    """A district with three cases, one of them late."""
    made = District(store)
    made.settle()
    for name in "ABC":
        made.do(made.start(name))
    made.do(made.confirm("B"))
    made.clock.advance(timedelta(days=9))
    while fire_due(made.service):
        pass
    return made


def examine(district: District, *files: str) -> Verification:
    """What the examination finds."""
    with district.store.read() as reader:
        directory = district.service.directories.at(reader, reader.record.seq_of(DIRECTORY))
    names = files or (SIGNATURE.sha256, PHOTO.sha256, SCAN.sha256)
    return verify_all(district.store, district.catalog, Shelf(*names), directory, date(2026, 3, 11))


def tamper(store: Store, statement: str, **values: object) -> None:
    """Change rows behind the engine's back."""
    with store.session() as session:
        session.run(sa.text(statement), values)


def test_an_honest_record_gives_no_finding(district: District) -> None:
    verified = examine(district)

    assert verified.findings == ()
    assert (verified.cases, verified.open_cases, verified.files, verified.went_back) == (3, 3, 1, 0)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE entry SET leaf = :junk WHERE id = 'B' AND seq = 2", "chain_broken"),
        ("UPDATE entry SET bytes = :junk WHERE id = 'B' AND seq = 1", "chain_broken"),
        ("DELETE FROM entry WHERE id = 'B' AND seq = (SELECT MAX(seq) FROM entry WHERE id = 'B')", "chain_broken"),
        ("DELETE FROM entry WHERE id = 'B' AND seq = 1", "chain_broken"),
        ("DELETE FROM stream WHERE id = 'B'", "entries_without_stream"),
        ("UPDATE stream SET closed = 'completed' WHERE id = 'B'", "register_differs"),
        (
            "UPDATE stream SET snapshot = (SELECT snapshot FROM stream WHERE id = 'A') WHERE id = 'B'",
            "snapshot_differs",
        ),
        ("DELETE FROM timer WHERE id = 'B'", "timers_differ"),
        ("UPDATE timer SET epoch = 99 WHERE id = 'B'", "timers_differ"),
        ("DELETE FROM task WHERE \"case\" = 'B'", "tasks_differ"),
        ("UPDATE task SET person = 'tang' WHERE \"case\" = 'B'", "tasks_differ"),
    ],
)
def test_a_row_changed_behind_the_engine_is_found(district: District, statement: str, code: str) -> None:
    values = {"junk": b"\x00" * 32} if ":junk" in statement else {}
    tamper(district.store, statement, **values)

    found = examine(district).findings

    assert code in {finding.code for finding in found}
    assert all(finding.stream in ("case/B", "") for finding in found)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE holding SET region = '/s/' WHERE person = 'chen'",
        "UPDATE holding SET role = 'office' WHERE person = 'tang'",
        "UPDATE holding SET valid_to = '2026-01-01' WHERE person = 'lin'",
        "DELETE FROM holding WHERE person = 'he'",
    ],
)
def test_a_role_that_nobody_granted_or_ended_is_found(district: District, statement: str) -> None:
    tamper(district.store, statement)

    assert [(one.code, one.stream) for one in examine(district).findings if one.stream.startswith("dir")] == [
        ("holding_differs", "directory/main")
    ]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE substitution SET substitute = 'tang'", ["substitutions"]),
        ("UPDATE substitution SET valid_to = '9999-12-31'", ["substitutions"]),
        ("DELETE FROM recusal", ["recusals"]),
        ("UPDATE shift SET ends = '2027-01-01T00:00:00+00:00'", ["shifts"]),
        ("UPDATE power SET matter = 'gas'", ["powers"]),
        ("UPDATE succession SET successor = 'U9'", ["successions"]),
        ("UPDATE region SET attributes = :junk WHERE id = '/s/t1/'", ["neighbours"]),
        ("SELECT 1", []),
    ],
)
def test_an_arrangement_that_nobody_recorded_is_found(district: District, statement: str, told: list[str]) -> None:
    night = {"roster": "leak", "person": "chen", "begins": "2026-03-02T20:00:00Z", "ends": "2026-03-03T08:00:00Z"}
    for act in (
        RecordSubstitutions(substitutions=({"person": "chen", "substitute": "zhou", "valid_to": "2026-04-01"},)),
        RecordRecusals(recusals=({"person": "chen", "kind": "kin", "other": "wang"},)),
        RecordShifts(shifts=(night,)),
        RecordPowers(powers=({"body": "U1", "matter": "fire", "documents": ["order"]},)),
        RecordSuccessions(successions=({"id": "U1", "successor": "U2", "how": "merged"},)),
        RecordRegions(neighbours={"/s/t1/": ["/s/t2/"]}),
    ):
        district.do(district.request(DIRECTORY, act, SYSTEM, medium="system"))
    tamper(district.store, statement, **({"junk": b"{}"} if ":junk" in statement else {}))

    found = [one for one in examine(district).findings if one.stream.startswith("dir")]

    assert [(one.code, one.data["table"]) for one in found] == [("arrangement_differs", table) for table in told]


def test_a_file_that_is_gone_is_named_with_the_entry_that_refers_to_it(district: District) -> None:
    (finding,) = examine(district, PHOTO.sha256).findings

    assert (finding.code, finding.stream, finding.seq) == ("file_missing", "case/B", 2)
    assert finding.data == {"sha256": SIGNATURE.sha256}


def test_a_task_whose_holders_all_left_is_found(district: District) -> None:
    with district.store.session() as session:
        held = [one for one in session.directory.holdings() if one.person in ("chen", "zhou", "mayor")]
    for holding in held:
        district.do(district.request(DIRECTORY, EndRole(holding=holding.id, valid_to="2026-03-05"), "lin"))

    codes = {(finding.code, finding.stream) for finding in examine(district).findings}

    assert ("task_without_holder", "case/A") in codes
