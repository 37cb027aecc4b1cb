"""Duties where it is hard: a wording that changes while windows run, an end and a return, a year's end, two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from engine.core.command import SYSTEM, Answer, EndDuty, ExemptObligation, RecordSuccessions, RecordUnits
from engine.core.definition_duties import DutySpec, PopulationSpec, RhythmSpec
from engine.core.directory import Scope
from engine.core.recurrence import Rhythm
from engine.runtime.duty_facts import duty_stream
from engine.runtime.duty_views import DutyViews
from engine.store.store import Store
from tests.districts import MASTER, District
from tests.duties import MONTHLY, QUARTERLY, ROUND, Duties, duty, unit_row

ROLLING = RhythmSpec(rhythm=Rhythm(span="30 days"))


def at(month: int, day: int, hour: int = 1, year: int = 2026) -> datetime:
    """An instant in UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.fixture
def duties(store: Store) -> Duties:
    """A settled world on Monday 2026-03-02 with a unit of high risk and a plain one."""
    district = District(store, procedure=ROUND)
    district.settle()
    made = Duties(district)
    made.units({"A": {"high_risk": True}, "B": {}})
    return made


def end(duties: Duties) -> None:
    """Let no further window open."""
    act = EndDuty(reason="方案到期")
    duties.district.do(duties.district.request(duty_stream("inspect"), act, SYSTEM, medium="system"))
    duties.turn()


def incidents(store: Store) -> list[str]:
    """What went wrong."""
    with store.read() as reader:
        return [str(one.code) for one in reader.incidents(Scope(person="", everything=True))]


def of(duties: Duties, unit: str) -> dict[str, str]:
    """How what a unit owes stands, by period."""
    return {period: status for (period, name), status in duties.told().items() if name == unit}


# wordings that change ----------------------------------------------------------------------------------------------


def test_what_ran_when_a_duty_ended_is_still_late_and_missed(duties: Duties) -> None:
    duties.publish(duty())
    end(duties)
    duties.pass_to(at(5, 1))

    assert duties.told() == {("2026-03", "A"): "missed", ("2026-Q1", "B"): "missed"}


def test_what_rolled_when_a_duty_ended_is_still_late_and_missed(duties: Duties) -> None:
    duties.publish(duty(rhythms=(ROLLING,), reminders=()))
    end(duties)
    duties.pass_to(at(5, 1))

    assert duties.told() == {("since:2026-03-02", "A"): "missed", ("since:2026-03-02", "B"): "missed"}


def test_a_duty_that_ended_is_listed_as_long_as_something_of_it_is_late(duties: Duties) -> None:
    district = duties.district
    views = DutyViews(
        store=district.store,
        catalog=district.service.catalog,
        directories=district.service.directories,
        clock=district.clock,
        master=MASTER,
    )

    def listed() -> list[tuple[str, int]]:
        return [(one.duty.id, one.late) for one in views.lines("lin")]

    duties.publish(duty())
    end(duties)
    assert listed() == []

    duties.pass_to(at(4, 2))
    assert listed() == [("inspect", 2)]


def test_nobody_is_blamed_for_the_time_between_an_end_and_a_return(duties: Duties) -> None:
    duties.publish(duty())
    duties.pass_to(at(3, 20))
    end(duties)
    duties.pass_to(at(7, 15))
    duties.publish(duty())
    duties.pass_to(at(7, 16))

    assert of(duties, "A") == {"2026-03": "missed", "2026-07": "open"}
    assert of(duties, "B") == {"2026-Q1": "missed", "2026-Q3": "open"}


def test_rhythms_in_another_order_change_nothing_for_whoever_owes(duties: Duties) -> None:
    duties.publish(duty())
    other = duty(rhythms=(replace(QUARTERLY, when="not unit.high_risk"), MONTHLY))
    duties.publish(other)
    duties.units({"D": {}})
    duties.pass_to(at(4, 2))

    assert of(duties, "A") == {"2026-03": "late", "2026-04": "open"}
    assert of(duties, "B") == {"2026-Q1": "late", "2026-Q2": "open"}
    assert of(duties, "D") == {"2026-Q1": "late", "2026-Q2": "open"}


def test_what_rolls_by_a_rhythm_that_is_gone_is_still_late_and_missed(duties: Duties) -> None:
    duties.publish(duty(rhythms=(ROLLING,), reminders=()))
    duties.publish(duty(rhythms=(MONTHLY,), reminders=()))
    duties.pass_to(at(5, 1))

    assert of(duties, "A")["since:2026-03-02"] == "missed"


def test_a_deleted_rhythm_opens_no_more_and_what_runs_by_it_goes_on(duties: Duties) -> None:
    duties.publish(duty())
    duties.publish(duty(rhythms=(QUARTERLY,)))
    duties.pass_to(at(4, 2))

    assert of(duties, "A") == {"2026-03": "late", "2026-Q2": "open"}
    assert of(duties, "B") == {"2026-Q1": "late", "2026-Q2": "open"}


def test_whoever_is_left_out_and_taken_in_again_on_one_day_owes_as_before(duties: Duties) -> None:
    def wording(where: str) -> DutySpec:
        return duty(rhythms=(ROLLING,), reminders=(), population=PopulationSpec(kind="units", where=where))

    duties.publish(wording("unit.operating"))
    duties.publish(wording("unit.high_risk"))
    assert of(duties, "B") == {"since:2026-03-02": "lapsed"}
    duties.publish(wording("unit.operating"))
    duties.pass_to(at(3, 5))

    assert of(duties, "B") == {"since:2026-03-02": "lapsed", "since:2026-03-03": "open"}
    assert of(duties, "A") == {"since:2026-03-02": "open"}
    assert incidents(duties.store) == []


# units that change -------------------------------------------------------------------------------------------------


def test_high_risk_and_back_within_a_period_changes_nothing(duties: Duties) -> None:
    duties.publish(duty())
    duties.pass_to(at(4, 5))
    duties.directory(RecordUnits(units=(unit_row("B", high_risk=True),)))
    duties.pass_to(at(4, 10))
    duties.directory(RecordUnits(units=(unit_row("B"),)))
    duties.pass_to(at(7, 2))

    assert sorted(of(duties, "B")) == ["2026-Q1", "2026-Q2", "2026-Q3"]


def test_a_unit_closed_and_opened_again_owes_what_begins_then(duties: Duties) -> None:
    duties.publish(duty())
    closed = {"id": "B", "successor": "", "how": "closed", "valid_from": "2026-03-10"}
    duties.directory(RecordSuccessions(successions=(closed,)))
    duties.pass_to(at(3, 12))
    assert of(duties, "B") == {"2026-Q1": "lapsed"}

    duties.directory(RecordSuccessions(successions=({**closed, "valid_to": "2026-05-01"},)))
    duties.pass_to(at(7, 2))

    assert of(duties, "B") == {"2026-Q1": "lapsed", "2026-Q2": "late", "2026-Q3": "open"}


def test_a_renamed_unit_owes_as_before(duties: Duties) -> None:
    duties.publish(duty())
    duties.directory(RecordUnits(units=({**unit_row("B"), "title": "新名称"},)))
    duties.pass_to(at(3, 12))

    assert of(duties, "B") == {"2026-Q1": "open"}


def test_an_exemption_covers_what_begins_up_to_its_end_and_nothing_later(duties: Duties) -> None:
    duties.publish(duty())
    excuse = ExemptObligation(subject="A", until=date(2026, 4, 15), reason="停产检修")
    duties.district.do(duties.district.request(duty_stream("inspect"), excuse, "chen"))
    duties.pass_to(at(5, 3))

    assert of(duties, "A") == {"2026-03": "exempt", "2026-04": "exempt", "2026-05": "open"}


# years' ends and what a period is about ----------------------------------------------------------------------------


def test_the_53rd_week_is_one_week_in_two_years(duties: Duties) -> None:
    duties.clock.advance(at(12, 20) - duties.clock.now())
    duties.publish(duty(rhythms=(RhythmSpec(rhythm=Rhythm(period="week")),), reminders=(), missed_at="2 days after"))
    duties.pass_to(at(1, 13, year=2027))

    assert of(duties, "A") == {
        "2026-W51": "missed",
        "2026-W52": "missed",
        "2026-W53": "missed",
        "2027-W01": "missed",
        "2027-W02": "open",
    }


def test_a_window_after_a_late_fulfilment_counts_from_when_it_was_done(duties: Duties) -> None:
    duties.publish(duty(rhythms=(ROLLING,), reminders=()))
    duties.pass_to(at(4, 5))
    duties.done("A", "since:2026-03-02")
    duties.pass_to(at(4, 8))

    rows = {row.period: (row.status, row.late, row.made_up) for row in duties.rows() if row.subject == "A"}
    assert rows == {"since:2026-03-02": ("done", True, True), "since:2026-04-05": ("open", False, False)}


# two at once -------------------------------------------------------------------------------------------------------


def test_two_workers_begin_one_case_for_whoever_is_late_and_open_each_window_once(pg_store: Store) -> None:
    store = pg_store
    district = District(store, procedure=ROUND)
    district.settle()
    made = Duties(district)
    made.units({f"U{n:02}": {} for n in range(12)})
    made.publish(duty(late_action="call", reminders=()))
    others = [Duties(district) for _ in range(4)]
    made.clock.advance(at(4, 2) - made.clock.now())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: one.turn(), others))

    cases = [row.case for row in made.rows() if row.period == "2026-Q1"]
    assert (len(cases), len(set(cases)), "" in cases) == (12, 12, False)
    assert incidents(store) == []


def test_of_several_who_take_one_obligation_at_once_one_gets_it(store: Store) -> None:
    district = District(store, procedure=ROUND)
    district.settle()
    made = Duties(district)
    made.units({"A": {}})
    made.publish(duty())
    requests = [made.begin("A", "2026-Q1", name=f"case{n}") for n in range(5)]

    if store.kind == "postgresql":
        with ThreadPoolExecutor(5) as pool:
            outcomes = list(pool.map(lambda one: made.service.execute([one])[0], requests))
    else:
        outcomes = made.service.execute(requests)

    assert sum(isinstance(one, Answer) for one in outcomes) == 1
    assert {one.code for one in outcomes if not isinstance(one, Answer)} == {"obligation_taken"}
