"""Duties as people read them, and their rows against what the entries say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from engine.core.command import ExemptObligation, RecordSuccessions, RecordUnits
from engine.errors import NotFound
from engine.runtime.duties import Duties as Reading
from engine.runtime.duty_facts import duty_stream
from engine.runtime.duty_verification import met_by, obligation_findings
from engine.runtime.pace import Pace
from engine.store.schema import DIRECTORY as DIRECTORY_TABLES
from engine.store.schema import obligation
from engine.store.store import Store
from tests.districts import MASTER, District
from tests.duties import ROUND, Duties, duty, unit_row
from tests.worlds import calendar

#: 2026-03-02 is a Monday: the first quarter and the month of March are under way.
FEW = {"A": {"high_risk": True}, "B": {}, "C": {"operating": False}}


def at(month: int, day: int, hour: int = 1, year: int = 2026) -> datetime:
    """An instant in UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.fixture
def duties(store: Store) -> Duties:
    """A settled world with three units."""
    district = District(store, procedure=ROUND)
    district.settle()
    made = Duties(district)
    made.units(FEW)
    return made


# what people read -------------------------------------------------------------------------------------------------


def reading(duties: Duties) -> Reading:
    """What pages ask."""
    district = duties.district
    return Reading(
        store=district.store,
        catalog=district.catalog,
        directories=district.service.directories,
        clock=district.clock,
        master=MASTER,
    )


def test_everybody_is_told_what_they_must_and_nothing_else(duties: Duties) -> None:
    duties.publish(duty())
    seen = reading(duties)

    assert [(one.obligation, one.data, one.stands_for) for one in seen.of_person("p-A")] == [
        ("inspect/2026-03/A", {"unit": "A", "period": "2026-03"}, "")
    ]
    assert seen.of_person("chen") == []

    duties.done("A", "2026-03")
    assert seen.of_person("p-A") == []


def test_a_matrix_and_its_counts_show_what_the_reader_may_see(duties: Duties) -> None:
    duties.units({"Z": {"region": "/s/t2/"}})
    duties.publish(duty())
    duties.done("B", "2026-Q1")
    seen = reading(duties)

    def lines(person: str) -> list[tuple[str, list[str]]]:
        page = seen.matrix(person, "inspect", ["2026-03", "2026-Q1"]).page
        return [(line.subject, [row.status for row in line.cells.values()]) for line in page.items]

    assert lines("lin") == [("A", ["open"]), ("B", ["done"]), ("Z", ["open"])]
    assert lines("chen") == [("A", ["open"]), ("B", ["done"])]
    assert lines("tang") == [("Z", ["open"])]
    assert lines("p-A") == [("A", ["open"])]
    assert seen.counts("lin", "inspect", "2026-Q1") == {("/s/t1/", "done"): 1, ("/s/t2/", "open"): 1}
    assert seen.counts("tang", "inspect", "2026-Q1") == {("/s/t2/", "open"): 1}


def test_a_calendar_counts_what_is_due_on_its_days(duties: Duties) -> None:
    duties.publish(duty())
    seen = reading(duties)

    def due(first: date, last: date) -> list[tuple[str, str, int]]:
        return [(one.period, one.status, one.count) for one in seen.calendar_between("lin", first, last)]

    assert due(date(2026, 3, 31), date(2026, 3, 31)) == [("2026-03", "open", 1), ("2026-Q1", "open", 1)]
    assert due(date(2026, 4, 1), date(2026, 4, 30)) == []


def test_one_obligation_tells_how_it_came_about(duties: Duties) -> None:
    duties.publish(duty())
    duties.pass_to(at(4, 12))
    duties.done("A", "2026-03")

    seen = reading(duties).timeline("lin", "inspect", "2026-03", "A")

    assert [(one.what, one.person) for one in seen.moments] == [
        ("opened", ""), ("reminded", ""), ("due", ""), ("missed", ""), ("taken", "p-A"), ("done", ""),
    ]  # fmt: skip
    assert seen.persons == ("p-A",)
    assert seen.opened is not None
    assert seen.opened.deadline.derivation.due_on == date(2026, 3, 31)
    with pytest.raises(NotFound):
        reading(duties).timeline("tang", "inspect", "2026-03", "A")


# rows and entries --------------------------------------------------------------------------------------------------


def findings(duties: Duties) -> list[tuple[str, str]]:
    """What a verification of the record finds about duties."""
    with duties.store.read() as reader:
        told = [stream for stream, _, _ in reader.record.streams(limit=5000)]
        met = [
            one
            for stream in told
            if stream.kind == "case"
            for one in met_by(stream, reader.record.entries(stream, limit=1000))
        ]
        entries = reader.record.entries(duty_stream("inspect"), limit=5000)
        found = obligation_findings(reader, duty_stream("inspect"), entries, met, {"cn": calendar()})
        return [(one.code, one.data.get("subject", "")) for one in found]


def test_entries_and_the_directory_make_the_very_rows(duties: Duties) -> None:
    duties.publish(duty(late_action="call"))
    duties.done("A", "2026-03")
    duties.district.do(duties.begin("B", "2026-Q1"))
    duties.district.do(duties.end("B-2026-Q1", "drop", by="p-B"))
    duties.pass_to(at(3, 10))
    duties.units({"D": {}, "E": {"high_risk": True}})
    row = {"id": "B", "successor": "D", "how": "merged", "valid_from": "2026-03-20"}
    duties.directory(RecordSuccessions(successions=(row,)))
    duties.directory(RecordUnits(units=(unit_row("A", operating=False),)))
    excuse = ExemptObligation(subject="E", until=date(2026, 4, 20), reason="停产检修")
    duties.district.do(duties.district.request(duty_stream("inspect"), excuse, "chen"))
    duties.pass_to(at(4, 12))
    duties.directory(RecordUnits(units=(unit_row("A"),)))
    duties.pass_to(at(4, 14))

    assert len(duties.rows()) >= 6
    assert findings(duties) == []


def test_a_row_changed_behind_the_back_of_the_record_is_found(duties: Duties) -> None:
    duties.publish(duty())
    duties.pass_to(at(4, 2))
    with duties.store.session() as session:
        session.run(update(obligation).where(obligation.c.subject == "A").values(late=False, status="done"))

    assert ("obligation_differs", "A") in findings(duties)


def test_a_unit_taken_out_of_the_history_of_the_directory_is_missed(duties: Duties) -> None:
    duties.publish(duty())
    with duties.store.session() as session:
        session.run(delete(DIRECTORY_TABLES["unit"]).where(DIRECTORY_TABLES["unit"].c.id == "B"))

    assert {code for code, _ in findings(duties)} == {"population_differs", "obligation_differs"}


class TwoByTwo(Pace):
    """As if somebody clicked all the time."""

    def of(self, kind: str, most: int) -> int:
        """Two at once, of whatever."""
        return 2


def test_a_list_of_units_told_anew_is_compared_slice_by_slice_and_nobody_is_passed_over(duties: Duties) -> None:
    duties.service.pace = TwoByTwo()
    duties.units({f"M{n}": {} for n in range(5)}, principals=False)
    duties.publish(duty(reminders=()))
    assert {period for period, name in duties.told() if name[0] == "M"} == {"2026-Q1"}

    duties.clock.advance(timedelta(minutes=1))
    duties.units({f"M{n}": {"operating": n % 2 == 0} for n in range(5)}, principals=False)
    duties.pass_to(at(3, 3, 17))

    compared = [one for one in duties.events() if one["type"] == "population_compared"]
    assert [one.get("through", "") for one in compared][:4] == ["B", "M0", "M2", "M4"]
    assert {name: how for (_, name), how in duties.told().items() if name[0] == "M"} == {
        "M0": "open", "M1": "lapsed", "M2": "open", "M3": "lapsed", "M4": "open",
    }  # fmt: skip
    assert findings(duties) == []
