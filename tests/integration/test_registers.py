"""A register as one person reads it: lines with names, lights, filters, and numbers that agree with the lines."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.core.deadlines import near_until
from engine.errors import BadInput, NotFound
from engine.runtime.register_numbers import RegisterCounts
from engine.runtime.registers import RegisterAsk, Registers
from engine.runtime.tallying import count_changed
from engine.runtime.worker import fire_due
from engine.store.store import Store
from tests.districts import District
from tests.ledgers import registers_of
from tests.worlds import calendar, local

NOBODY = RegisterCounts(total=0, totals=dict.fromkeys(("open", "soon", "overdue", "escalated", "ended"), 0), by={})


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database, with cases in two towns."""
    made = District(store)
    made.settle()
    for name, unit, place, by in (("a", "U1", "P1", "chen"), ("b", "U1", "P1", "chen"), ("c", "U2", "P2", "lin")):
        made.do(made.start(name, by, unit=unit, place=place, subject=f"事项{name}"))
    made.do(made.confirm("b", level="high"))
    made.do(made.confirm("a", level="low"))
    return made


@pytest.fixture
def registers(district: District) -> Registers:
    return registers_of(district)


def listed(registers: Registers, person: str, name: str = "all_cases", **ask: object) -> list[str]:
    """Ids of the cases on a page."""
    return [line.head.id for line in registers.page(person, name, RegisterAsk(**ask)).lines]  # type: ignore[arg-type]


def counts(registers: Registers, person: str, **filters: list[str]) -> RegisterCounts:
    return registers.counts(person, "all_cases", RegisterAsk(filters=filters))


def settle(district: District) -> None:
    while count_changed(district.service):
        pass


def test_a_line_names_units_places_regions_holders_and_states_in_words(registers: Registers) -> None:
    page = registers.page("lin", "all_cases", RegisterAsk(filters={"level": ["low"]}))
    (line,) = page.lines
    row = line.head.register

    assert (page.names.units[row.unit], page.names.places[row.place]) == ("一号厂", "一号车间")
    assert (page.names.regions[row.region], page.names.industries[row.industry]) == ("一镇", "钢铁")
    assert (line.states, line.parties, line.holders, line.light) == (("办理中",), ("责任单位",), ("wang 某",), "green")
    assert (line.values["level"], line.values["due_on"], line.values["cost"]) == ("low", "2026-03-20", None)


def test_everybody_finds_only_what_they_may_see_in_pages_and_in_numbers(
    district: District, registers: Registers
) -> None:
    for folded in (False, True):
        if folded:
            settle(district)
        for person, seen in (
            ("lin", ["a", "b", "c"]),
            ("chen", ["a", "b"]),
            ("tang", ["c"]),
            ("qian", ["c"]),
            ("wang", ["a", "b"]),
        ):
            assert sorted(listed(registers, person)) == seen
            assert counts(registers, person).total == len(seen)
        assert (listed(registers, "stranger"), counts(registers, "stranger").totals) == ([], NOBODY.totals)


def test_numbers_beside_a_filter_say_what_another_choice_would_give(district: District, registers: Registers) -> None:
    settle(district)

    told = counts(registers, "lin", level=["high"], region=["/s/t1/"])

    assert told.total == 1
    assert told.by["level"] == {"high": 1, "low": 1}
    assert told.by["region"] == {"/s/t1/": 1}
    assert counts(registers, "lin", level=["low"]).by["region"] == {"/s/t1/": 1}
    assert counts(registers, "lin", region=["/s/t2/"]).by["level"] == {}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"level": ["low"]}, ["a"]),
        ({"level": ["low", "high"]}, ["a", "b"]),
        ({"region": ["/s/t2/"]}, ["c"]),
        ({"industry": ["food"]}, ["c"]),
        ({"unit": ["U1"]}, ["a", "b"]),
        ({"state": ["reviewing"]}, ["b"]),
        ({"state": ["opened"]}, ["c"]),
        ({"opened": ["2026-03-02"]}, ["a", "b", "c"]),
        ({"opened": ["2026-03-03.."]}, []),
        ({"opened": ["..2026-03-01", "2026-03-02..2026-03-02"]}, ["a", "b", "c"]),
        ({"holder": ["me"]}, ["b", "c"]),
        ({"holder": ["wang"], "level": [""]}, ["a"]),
        ({"escalated": ["true"]}, []),
        ({"reopened": ["false"]}, ["a", "b", "c"]),
        ({"subject": ["事项a"]}, ["a"]),
        ({"light": ["none"]}, []),
    ],
)
def test_filters_find_what_they_say_and_the_numbers_agree(
    district: District, registers: Registers, filters: dict[str, list[str]], found: list[str]
) -> None:
    for folded in (False, True):
        if folded:
            settle(district)
        assert sorted(listed(registers, "lin", filters=filters)) == found
        told = registers.counts("lin", "all_cases", RegisterAsk(filters=filters))
        assert (told.total, told.totals["open"]) == (len(found), len(found))


def test_words_are_found_in_number_title_and_name_of_the_unit(registers: Registers) -> None:
    assert listed(registers, "lin", text="事项c") == ["c"]
    assert listed(registers, "lin", text="二号厂") == ["c"]
    assert sorted(listed(registers, "lin", text="一号 事项")) == ["a", "b"]
    assert listed(registers, "lin", text="100%") == []


def test_a_register_with_a_condition_lists_only_what_it_says(registers: Registers) -> None:
    assert listed(registers, "lin", "high_cases") == ["b"]
    assert registers.counts("lin", "high_cases", RegisterAsk()).totals == {"open": 1}


def test_what_is_personal_or_confidential_never_stands_in_a_line(district: District, registers: Registers) -> None:
    district.do(district.start("d", reporter="李四"))

    for line in registers.page("lin", "all_cases", RegisterAsk()).lines:
        assert "reporter" not in line.values
        assert "李四" not in str(line.values)


def test_pages_follow_each_other_in_any_order_a_register_allows(registers: Registers) -> None:
    for sort in ("number", "opened", "due", "level", "subject"):
        for down in (False, True):
            after, found = "", []
            while True:
                page = registers.page("lin", "all_cases", RegisterAsk(sort=sort, down=down, after=after, limit=2))
                found += [line.head.id for line in page.lines]
                if not (after := page.after):
                    break
            assert sorted(found) == ["a", "b", "c"], (sort, down)


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        ({"filters": {"number": ["x"]}}, "unknown_filter"),
        ({"filters": {"level": ["middle"]}}, "unknown_word"),
        ({"filters": {"light": ["blue"]}}, "unknown_word"),
        ({"filters": {"opened": ["soon"]}}, "not_a_date"),
        ({"filters": {"opened": [".."]}}, "not_a_date"),
        ({"filters": {"unit": ["U1"] * 21}}, "too_many_words"),
        ({"filters": {"unit": ["U\x00"]}}, "control_character"),
        ({"sort": "holder"}, "unknown_sort"),
        ({"sort": "measures"}, "unknown_sort"),
        ({"text": "x" * 101}, "search_too_long"),
        ({"after": "x"}, "bad_mark"),
    ],
)
def test_what_a_register_has_not_is_refused(registers: Registers, ask: dict[str, object], code: str) -> None:
    with pytest.raises(BadInput) as refused:
        registers.page("lin", "all_cases", RegisterAsk(**ask))  # type: ignore[arg-type]

    assert refused.value.code == code


def test_a_register_that_there_is_not_is_not_found(registers: Registers) -> None:
    with pytest.raises(NotFound):
        registers.page("lin", "no_such", RegisterAsk())


def test_a_deadline_that_passes_turns_the_light_and_moves_the_totals(district: District, registers: Registers) -> None:
    settle(district)
    before = counts(registers, "lin").totals

    district.clock.set(local("2026-03-05 10:00"))
    while fire_due(district.service):
        pass
    settle(district)

    after = counts(registers, "lin").totals
    late = registers.page("lin", "all_cases", RegisterAsk(filters={"light": ["red"]}))
    assert before["overdue"] == 0
    assert after["overdue"] == len(late.lines) > 0
    assert {line.light for line in late.lines} == {"red"}


def test_a_drafted_formal_act_marks_its_case_as_escalated_until_the_task_ends(
    district: District, registers: Registers
) -> None:
    for day in range(1, 60):
        district.clock.set(local("2026-03-02 09:00") + timedelta(days=day))
        while fire_due(district.service):
            pass
        if counts(registers, "lin").totals["escalated"]:
            break
    settle(district)

    marked = listed(registers, "lin", filters={"escalated": ["true"]})
    assert counts(registers, "lin").totals["escalated"] == len(marked) > 0


def test_that_a_case_was_escalated_is_found_once_it_is_so_no_more(district: District, registers: Registers) -> None:
    for day in range(1, 60):
        district.clock.set(local("2026-03-02 09:00") + timedelta(days=day))
        while fire_due(district.service):
            pass
        if counts(registers, "lin").totals["escalated"]:
            break
    marked = listed(registers, "lin", filters={"escalated": ["true"]})
    assert "c" in marked

    district.do(district.confirm("c", by="lin", level="low"))

    assert "c" not in listed(registers, "lin", filters={"escalated": ["true"]})
    assert "c" in listed(registers, "lin", filters={"was_escalated": ["true"]})
    assert "c" not in listed(registers, "lin", filters={"was_escalated": ["false"]})


@pytest.mark.parametrize(
    ("at", "yellow", "until"),
    [
        ("2026-09-30 10:00", "1 workday", date(2026, 10, 9)),  # the holidays lie between
        ("2026-09-30 10:00", "2 days", date(2026, 10, 3)),
    ],
)
def test_yellow_begins_whole_days_before_the_deadline(at: str, yellow: str, until: date) -> None:
    assert near_until(local(at), calendar(), yellow) == calendar().instant(until)


def test_yellow_may_be_told_in_hours() -> None:
    assert near_until(local("2026-09-30 10:00"), calendar(), "24 hours") == local("2026-10-01 10:00")
