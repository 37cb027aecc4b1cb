"""Duties on both databases: who owes what by when, what is done, late, missed, made up, excused, and passed on."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from engine.core.command import EndExemption, ExemptObligation, RecordSuccessions, RecordUnits, Stream
from engine.core.definition_duties import RhythmSpec
from engine.core.directory import Scope
from engine.core.duty_population import names_chained
from engine.core.recurrence import Rhythm
from engine.errors import Conflict, NotPermitted
from engine.runtime.duty_facts import duty_stream
from engine.store.store import Store
from tests.districts import District
from tests.duties import ROUND, Duties, duty, unit_row

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


def test_whoever_is_of_the_population_owes_the_running_window_of_its_rhythm(duties: Duties) -> None:
    duties.publish(duty())

    assert duties.told() == {("2026-03", "A"): "open", ("2026-Q1", "B"): "open"}


def test_a_window_says_how_many_owe_it_and_the_hash_of_their_names(duties: Duties) -> None:
    duties.publish(duty())

    populated = [one for one in duties.events() if one["type"] == "period_populated"]

    assert [(one["period"], one["count"], one["population"]) for one in populated] == [
        ("2026-Q1", 1, names_chained("", ["B"])),
        ("2026-03", 1, names_chained("", ["A"])),
    ]


def test_who_waits_for_the_next_window_owes_nothing_in_the_running_one(duties: Duties) -> None:
    duties.publish(duty(joins="next"))

    assert duties.told() == {}

    duties.pass_to(at(4, 2))

    assert duties.told() == {("2026-04", "A"): "open", ("2026-Q2", "B"): "open"}


def test_acting_and_finishing_is_done_and_stays_done(duties: Duties) -> None:
    duties.publish(duty())
    duties.district.do(duties.begin("A", "2026-03"))

    assert duties.row("A", "2026-03").status == "acted"

    duties.district.do(duties.end("A-2026-03", by="p-A"))
    duties.pass_to(at(4, 15))
    row = duties.row("A", "2026-03")

    assert (row.status, row.late, row.missed, row.made_up, row.case, row.person) == (
        "done", False, False, False, "A-2026-03", "p-A",
    )  # fmt: skip


def test_what_is_not_done_is_late_then_missed_then_made_up_and_all_of_it_stays_visible(duties: Duties) -> None:
    duties.publish(duty())
    duties.pass_to(at(4, 1))
    assert duties.row("A", "2026-03").status == "late"

    duties.pass_to(at(4, 12))
    assert duties.row("A", "2026-03").status == "missed"

    duties.done("A", "2026-03")
    row = duties.row("A", "2026-03")
    assert (row.status, row.late, row.missed, row.made_up) == ("done", True, True, True)


def test_what_is_too_old_is_made_up_no_more(duties: Duties) -> None:
    duties.publish(duty())
    duties.pass_to(at(5, 3))

    assert duties.outcomes([duties.begin("A", "2026-03")]) == ["too_late_to_make_up"]


def test_an_obligation_is_met_once(duties: Duties) -> None:
    duties.publish(duty())
    first, second = duties.begin("A", "2026-03"), duties.begin("A", "2026-03", name="again")

    assert duties.outcomes([first, second]) == ["done", "obligation_taken"]
    with pytest.raises(Conflict, match="obligation_taken"):
        duties.district.do(duties.begin("A", "2026-03", name="third"))


def test_only_who_must_may(duties: Duties) -> None:
    duties.publish(duty())

    with pytest.raises(NotPermitted):
        duties.district.do(duties.begin("A", "2026-03", by="p-B"))


def test_a_case_given_up_puts_the_obligation_back(duties: Duties) -> None:
    duties.publish(duty())
    duties.district.do(duties.begin("A", "2026-03"))
    duties.district.do(duties.end("A-2026-03", "drop", by="p-A"))

    row = duties.row("A", "2026-03")
    assert (row.status, row.case, row.person) == ("open", "", "")

    duties.district.do(duties.begin("A", "2026-03", name="again"))
    assert duties.row("A", "2026-03").case == "again"


def test_a_case_given_up_after_the_moment_due_is_late(duties: Duties) -> None:
    duties.publish(duty())
    duties.district.do(duties.begin("A", "2026-03"))
    duties.pass_to(at(4, 2))
    assert (duties.row("A", "2026-03").status, duties.row("A", "2026-03").late) == ("acted", True)

    duties.district.do(duties.end("A-2026-03", "drop", by="p-A"))

    assert duties.row("A", "2026-03").status == "late"


def test_an_end_undone_is_an_obligation_under_way(duties: Duties) -> None:
    duties.publish(duty())
    duties.done("A", "2026-03")
    duties.district.do(duties.end("A-2026-03", "undo", by="p-A", task=0))

    assert (duties.row("A", "2026-03").status, duties.row("A", "2026-03").done_at) == ("acted", None)


def test_what_happened_in_time_and_is_entered_later_was_in_time(duties: Duties) -> None:
    duties.publish(duty())
    duties.pass_to(at(4, 3))
    then = at(3, 30)
    duties.district.do(duties.begin("A", "2026-03", occurred_at=then))
    duties.district.do(duties.end("A-2026-03", by="p-A", occurred_at=at(3, 31, 2)))

    row = duties.row("A", "2026-03")
    # That it was found late when it was due stays recorded.
    assert (row.status, row.late, row.made_up) == ("done", True, False)


def test_a_unit_that_appears_joins_the_running_window(duties: Duties) -> None:
    duties.publish(duty())
    duties.pass_to(at(3, 10))
    duties.units({"D": {}, "E": {"high_risk": True}})
    duties.pass_to(at(3, 12))

    assert {key for key in duties.told() if key[1] in "DE"} == {("2026-Q1", "D"), ("2026-03", "E")}


def test_a_unit_that_appears_waits_where_the_duty_says_next(duties: Duties) -> None:
    duties.publish(duty(joins="next"))
    duties.pass_to(at(4, 10))
    duties.units({"D": {}})
    duties.pass_to(at(7, 2))

    assert {key for key in duties.told() if key[1] == "D"} == {("2026-Q3", "D")}


def test_a_unit_of_another_rhythm_keeps_its_running_window_and_then_follows_the_new_one(
    duties: Duties,
) -> None:
    duties.publish(duty())
    duties.pass_to(at(3, 10))
    duties.directory(RecordUnits(units=(unit_row("A"),)))
    duties.pass_to(at(7, 3))

    # March runs on; then, having no running window, it joins the quarter that it is of now.
    assert sorted(period for period, name in duties.told() if name == "A") == ["2026-03", "2026-Q2", "2026-Q3"]


def test_a_closed_unit_owes_nothing_and_the_record_says_why(duties: Duties) -> None:
    duties.publish(duty())
    row = {"id": "B", "successor": "", "how": "closed", "valid_from": "2026-03-20"}
    duties.directory(RecordSuccessions(successions=(row,)))
    duties.pass_to(at(3, 19, 15))
    assert duties.row("B", "2026-Q1").status == "open"

    duties.pass_to(at(3, 19, 17))

    assert (duties.row("B", "2026-Q1").status, duties.row("B", "2026-Q1").reason) == ("lapsed", "closed")


def test_the_successor_owes_in_its_own_name(duties: Duties) -> None:
    duties.publish(duty())
    duties.units({"B2": {}})
    row = {"id": "B", "successor": "B2", "how": "merged", "valid_from": "2026-03-10"}
    duties.directory(RecordSuccessions(successions=(row,)))
    duties.pass_to(at(3, 12))

    assert (duties.row("B", "2026-Q1").status, duties.row("B", "2026-Q1").reason) == ("lapsed", "succeeded:B2")
    assert duties.row("B2", "2026-Q1").status == "open"


def test_a_unit_that_leaves_the_population_owes_nothing_and_owes_again_when_it_comes_back(duties: Duties) -> None:
    duties.publish(duty())
    duties.directory(RecordUnits(units=(unit_row("B", operating=False),)))
    duties.pass_to(at(3, 4))
    assert (duties.row("B", "2026-Q1").status, duties.row("B", "2026-Q1").reason) == ("lapsed", "left")

    duties.directory(RecordUnits(units=(unit_row("B"),)))
    duties.pass_to(at(3, 6))
    assert (duties.row("B", "2026-Q1").status, duties.row("B", "2026-Q1").reason) == ("open", "")


def test_who_is_exempt_is_neither_late_nor_missed_and_owes_again_when_it_ends(duties: Duties) -> None:
    duties.publish(duty())
    excuse = ExemptObligation(subject="A", until=date(2026, 4, 20), reason="停产检修")
    duties.district.do(duties.district.request(duty_stream("inspect"), excuse, "chen"))
    duties.pass_to(at(4, 13))

    assert {key: value for key, value in duties.told().items() if key[1] == "A"} == {
        ("2026-03", "A"): "exempt",
        ("2026-04", "A"): "exempt",
    }

    duties.district.do(
        duties.district.request(duty_stream("inspect"), EndExemption(subject="A", reason="已复产"), "chen")
    )
    # Whoever was excused when it was due stays so.
    assert (duties.row("A", "2026-04").status, duties.row("A", "2026-03").status) == ("open", "exempt")


def test_only_whoever_the_duty_names_may_exempt_and_not_for_ever(duties: Duties) -> None:
    duties.publish(duty())

    def asked(by: str, until: date) -> str:
        act = ExemptObligation(subject="A", until=until, reason="停产")
        return str(duties.outcomes([duties.district.request(duty_stream("inspect"), act, by)])[0])

    assert asked("p-A", date(2026, 4, 1)) == "may_not_exempt"
    assert asked("chen", date(2027, 4, 1)) == "exempt_too_long"
    assert asked("chen", date(2026, 4, 1)) == "done"


def test_who_must_is_reminded_once_before_it_is_due(duties: Duties) -> None:
    duties.publish(duty())
    duties.done("B", "2026-Q1")
    duties.pass_to(at(3, 28))

    with duties.store.read() as reader:
        found = [(one.person, one.text, str(one.stream)) for one in reader.messages(Scope(person="p-A")).items]
        nobody = reader.messages(Scope(person="p-B")).items

    assert found == [("p-A", "duty_soon", "duty/inspect")]
    assert nobody == ()


def test_where_a_duty_says_so_the_engine_begins_the_case_of_who_is_late(duties: Duties) -> None:
    duties.publish(duty(late_action="call"))
    duties.pass_to(at(4, 2))
    row = duties.row("A", "2026-03")
    assert (row.status, row.person, len(row.case)) == ("late", "", 32)

    duties.district.do(duties.end(row.case, by="p-A"))
    row = duties.row("A", "2026-03")
    assert (row.status, row.late, row.made_up) == ("done", True, True)


def test_after_three_days_off_every_moment_comes_once_and_in_order(duties: Duties) -> None:
    daily = RhythmSpec(rhythm=Rhythm(period="day"))
    duties.publish(duty(rhythms=(daily,), missed_at="deadline", reminders=()))
    duties.clock.advance(at(3, 6) - duties.clock.now())
    duties.turn()

    assert {period: status for (period, name), status in duties.told().items() if name == "A"} == {
        "2026-03-02": "missed",
        "2026-03-03": "missed",
        "2026-03-04": "missed",
        "2026-03-05": "missed",
        "2026-03-06": "open",
    }


def test_windows_roll_from_what_was_done(duties: Duties) -> None:
    rolling = RhythmSpec(rhythm=Rhythm(span="30 days"))
    duties.publish(duty(rhythms=(rolling,), reminders=()))
    assert duties.told() == {("since:2026-03-02", "A"): "open", ("since:2026-03-02", "B"): "open"}

    duties.pass_to(at(3, 12))
    duties.done("A", "since:2026-03-02")
    duties.pass_to(at(4, 15))

    assert duties.told() == {
        ("since:2026-03-02", "A"): "done",
        ("since:2026-03-12", "A"): "late",
        ("since:2026-03-02", "B"): "missed",
        ("since:2026-04-01", "B"): "open",
    }


def test_a_stream_of_a_duty_is_for_its_acts_alone(duties: Duties) -> None:
    act = ExemptObligation(subject="A", until=date(2026, 4, 1), reason="停产")

    assert duties.outcomes([duties.district.request(Stream("case", "x"), act, "chen")]) == ["act_on_wrong_stream"]
    assert duties.outcomes([duties.district.request(duty_stream("none"), act, "chen")]) == ["duty_not_found"]
