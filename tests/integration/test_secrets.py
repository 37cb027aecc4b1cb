"""Personal values stand in clear in no column of any table, whatever way they came in by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, ClaimCase, RecordPersons, Request
from engine.core.definition import FormItem
from engine.runtime.bulk import open_bulk, run_bulk
from engine.runtime.writer import DirectDoor
from engine.store.schema import metadata, vault_key
from engine.store.store import Store
from tests.districts import District, SeededDice, case
from tests.integration.looking import codes, outcome
from tests.samples import SAMPLE, with_action

SECRET = "赵隐名"
PROCEDURE = with_action(
    SAMPLE, "opened", "dismiss", form=(FormItem(field="reason", required=True), FormItem(field="reporter"))
)


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database, where one asks for a dismissal and names who reported."""
    made = District(store, procedure=PROCEDURE)
    made.settle()
    return made


def told_in_clear(district: District) -> list[str]:
    """Columns in which the secret can be read."""
    return sorted(set(_found(district)))


def _found(district: District) -> Iterator[str]:
    with district.store.session() as session:
        for table in metadata.sorted_tables:
            for row in session.run(select(table)).mappings():
                for name, value in row.items():
                    data = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    if SECRET.encode() in data or SECRET.encode("unicode_escape") in data:
                        yield f"{table.name}.{name}"


def claim(district: District, name: str) -> Request:
    """A case taken over that says who reported it."""
    act = ClaimCase(
        version=district.machine.version,
        state="opened",
        data={"subject": "旧账", "unit": "U1", "place": "P1", "reporter": SECRET},
        claimed_opened_at=datetime(2026, 1, 5, tzinfo=UTC),
    )
    return replace(district.request(case(name), act, "lin"), medium="import")


def person(district: District) -> Request:
    """Somebody recorded with name and contacts."""
    told = {"id": "p9", "name": SECRET, "phone": f"138{SECRET}", "mail": f"{SECRET}@example.org"}
    return district.request(DIRECTORY, RecordPersons(persons=(told,)), "lin")


def test_what_commands_say_of_persons_stands_nowhere_in_clear(district: District) -> None:
    requests = [
        district.start("A", reporter=SECRET),
        district.act("A", 1, "dismiss", "chen", reason="重复", reporter=SECRET),
        person(district),
        claim(district, "B"),
        # refused ones leave nothing either
        district.start("C", reporter=SECRET, unit="unknown"),
        district.start("D", reporter=f"{SECRET}\x00"),
        district.start("E", subject="", reporter=SECRET),
    ]

    told = [outcome(district, request) for request in requests]

    assert codes(told) == ["", "", "", "", "unit_unknown", "form_refused", "form_refused"]
    assert not any(SECRET in str(one) for one in told)
    assert told_in_clear(district) == []


def test_what_a_bulk_operation_waits_to_do_stands_nowhere_in_clear_and_is_unreadable_once_it_is_over(
    district: District,
) -> None:
    door = DirectDoor(lambda: district.another_service(SeededDice("bulk")))
    requests = [claim(district, "B"), person(district), district.start("C", reporter=SECRET, unit="unknown", by="lin")]

    row = open_bulk(door, purpose="test", requests=requests, person="lin")
    waiting = told_in_clear(district)
    ended = run_bulk(door, row.id)

    with district.store.session() as session:
        keys = set(session.run(select(vault_key.c.subject)).scalars())
    assert waiting == []
    assert (ended.status, ended.done, ended.failed) == ("closed", 2, 1)
    assert told_in_clear(district) == []
    assert {"p9", "case/B"} <= keys
    assert not any(subject.startswith("bulk/") for subject in keys)
    assert SYSTEM not in keys
