"""D28: a weekly report on a holiday; a year that is not published; its notice moves deadlines, told before, after."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.audit.entry import parse_entry
from engine.core.definition import DeadlineSpec
from engine.core.definition_duties import DutySpec, RhythmSpec
from engine.core.recurrence import Rhythm
from engine.core.upcast import decode_events
from engine.runtime.projection import from_micros
from engine.runtime.replay import bytes_of
from engine.store.store import Store
from tests.districts import case
from tests.duties import ROUND, Duties, duty
from tests.notices import NoticeDistrict, notice
from tests.samples import OPENED, SAMPLE, with_state
from tests.worlds import local
from web.catalogues import tell_derivation, titles_of
from web.pages.case_timeline import timeline_of


def reporting(store: Store, deadline: DeadlineSpec, at: str) -> NoticeDistrict:
    """A district in which the first task of a case is due by that rule."""
    first = with_state(SAMPLE, "opened", tasks=(replace(OPENED.tasks[0], deadline=deadline),))
    return NoticeDistrict(store, at=local(at), procedure=first)


def told(district: NoticeDistrict, name: str) -> list[str]:
    """The timeline of a case, the latest entry first, each with how its deadlines were worked out."""
    with district.store.read() as reader:
        entries = [parse_entry(data) for data in bytes_of(reader.record, case(name))]
    assert all(decode_events(entry.events) for entry in entries)
    calendar = district.catalog.calendar()
    lines = timeline_of(entries, titles_of(district.machine), lambda persons: {}, calendar, district.clock.now())
    return [" ".join((*line.lines, *line.derivations)) for line in lines]


def test_a_weekly_report_on_a_holiday_is_due_on_the_next_workday_and_says_why(store: Store) -> None:
    weekly = DeadlineSpec(until="thursday 17:00", roll="next_workday")
    district = reporting(store, weekly, "2026-09-28 10:00")
    district.do(district.start("A"))

    deadline = district.task("A").deadline

    assert deadline is not None
    assert deadline.due_at == local("2026-10-08 17:00")
    explained = tell_derivation(deadline.derivation, district.catalog.calendar())
    assert "10-01至10-07放假；10-01非工作日，顺延至10-08" in explained


WEEKLY = duty(
    rhythms=(RhythmSpec(rhythm=Rhythm(period="week", due="thursday", holiday="next_workday")),),
    missed_at="2 days after",
)


def obliged(store: Store, at: str, spec: DutySpec) -> tuple[NoticeDistrict, Duties]:
    """A district in which two units must every week."""
    district = NoticeDistrict(store, at=local(at), procedure=ROUND)
    duties = Duties(district)
    duties.units({"A1": {}, "A2": {}})
    duties.publish(spec)
    return district, duties


def due_days(duties: Duties, period: str) -> set[str]:
    """The days on which the obligations of a window are due."""
    return {from_micros(row.due_at - 1).date().isoformat() for row in duties.rows() if row.period == period}


def test_a_weekly_duty_whose_day_is_a_holiday_is_due_on_the_next_workday(store: Store) -> None:
    _, duties = obliged(store, "2026-09-28 10:00", WEEKLY)

    assert due_days(duties, "2026-W40") == {"2026-10-08"}


def test_a_running_week_follows_the_notice_and_its_reminder_with_it(store: Store) -> None:
    rhythm = Rhythm(period="week", holiday="next_workday")  # a week is over on Sunday, so it is due on Monday
    district, duties = obliged(store, "2026-12-30 10:00", replace(WEEKLY, rhythms=(RhythmSpec(rhythm=rhythm),)))
    before = due_days(duties, "2026-W53")
    longer = notice(days=("2027-01-01 to 2027-01-03", "2027-01-01 to 2027-01-05"))
    row = district.proposed(longer)

    shown = district.notices.preview("lin", row).windows
    district.runs.begin("lin", row)
    again = district.notices.preview("lin", district.notices.row("lin", row.id)).windows

    assert before == {"2027-01-04"}
    assert [(one.period, one.was.derivation.due_on.day, one.now.derivation.due_on.day) for one in shown] == [
        ("2026-W53", 4, 6)
    ]
    assert due_days(duties, "2026-W53") == {"2027-01-06"}
    assert again == ()
    duties.pass_to(local("2027-01-06 12:00"))
    assert {row.status for row in duties.rows() if row.period == "2026-W53"} == {"open"}
    duties.pass_to(local("2027-01-07 12:00"))
    assert {row.status for row in duties.rows() if row.period == "2026-W53"} == {"late"}
    reminded = [one["period"] for one in duties.events() if one["type"] == "obligations_reminded"]
    assert reminded.count("2026-W53") == 1


@pytest.mark.parametrize("how", ["page", "again"])
def test_the_notice_of_november_moves_what_reaches_into_the_new_year(store: Store, how: str) -> None:
    district = reporting(store, DeadlineSpec(within="30 workdays"), "2026-11-20 10:00")
    district.do(district.start("A"))
    before = district.task("A").deadline
    assert before is not None
    assert (before.due_at, before.derivation.provisional) == (local("2027-01-02 00:00"), True)
    assert "含未公布的年度，暂按周一至周五计算" in (foreseen := told(district, "A")[0])

    row = district.proposed()
    shown = district.notices.preview("lin", row)
    assert [(one.was.due_at, one.now.due_at) for one in shown.moves] == [(before.due_at, local("2027-01-05 00:00"))]
    assert district.task("A").deadline == before

    for _ in range(2 if how == "again" else 1):
        district.runs.begin("lin", row)

    latest, first = told(district, "A")
    assert "原应于2027年1月1日" in latest
    assert "国办发明电〔2026〕9号" in latest
    assert "调整为2027年1月4日" in latest
    assert "原来的算法" in latest
    assert "现在的算法" in latest
    assert first == foreseen
