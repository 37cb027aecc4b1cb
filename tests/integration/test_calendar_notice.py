"""A year of the calendar is published: what moves is seen before, moved once, and told in each case."""

from __future__ import annotations

import pytest

from engine.core.command import SYSTEM, RedateCase
from engine.core.directory import Scope
from engine.errors import BadInput, Conflict, DefinitionError, NotPermitted
from engine.runtime.worker import fire_due
from engine.store.store import Store
from tests.districts import case
from tests.integration.looking import entries, outcome
from tests.notices import NoticeDistrict, notice
from tests.worlds import local
from web.catalogues.told_calendar import tell_plain


@pytest.fixture
def district(store: Store) -> NoticeDistrict:
    """A settled world on each database, on 30 December 2026."""
    return NoticeDistrict(store)


def test_a_deadline_into_a_year_that_nobody_has_published_is_provisional(district: NoticeDistrict) -> None:
    district.do(district.start("A"))

    deadline = district.task("A").deadline

    assert deadline is not None
    assert (deadline.due_at, deadline.derivation.provisional) == (local("2027-01-02 00:00"), True)


def test_what_a_year_moves_is_told_before_anything_changes(district: NoticeDistrict) -> None:
    for name in ("A", "B"):
        district.do(district.start(name))

    preview = district.notices.preview("lin", district.proposed())

    assert [(one.case, one.how, one.was.due_at, one.now.due_at) for one in preview.moves] == [
        (name, "later", local("2027-01-02 00:00"), local("2027-01-05 00:00")) for name in ("A", "B")
    ]
    assert (preview.open, preview.read, dict(preview.stays)) == (2, 2, {})
    assert district.task("A").deadline.due_at == local("2027-01-02 00:00")  # type: ignore[union-attr]


def test_every_deadline_follows_and_its_case_says_both_workings(district: NoticeDistrict) -> None:
    district.do(district.start("A"))
    was = district.task("A").deadline

    district.runs.begin("lin", district.proposed())

    task = district.task("A")
    assert task.deadline is not None
    assert (task.deadline.due_at, task.deadline.derivation.provisional) == (local("2027-01-05 00:00"), False)
    (event,) = entries(district, "A")[-1]["events"]
    assert event["type"] == "deadline_redated"
    assert (event["version"], event["title"]) == ("cn-2027@1", "国办2027")
    assert event["was"]["due_at"] == "2027-01-01T16:00:00Z"
    assert event["was"]["derivation"]["calendar"] == list(was.derivation.calendar if was else ())
    assert event["deadline"]["derivation"]["calendar"] == ["cn-2026@1", "cn-2027@1"]


def test_a_second_time_nothing_is_left_to_move(district: NoticeDistrict) -> None:
    district.do(district.start("A"))
    row = district.proposed()
    first = district.runs.begin("lin", row)

    again = district.runs.begin("lin", row)
    redone = district.request(case("A"), RedateCase(calendar="cn", year=2027), SYSTEM, medium="system")

    assert (first.done, again.done) == (1, 1)
    assert outcome(district, redone).seq == 0  # type: ignore[union-attr]
    assert district.notices.preview("lin", district.notices.row("lin", row.id)).moves == ()
    assert len(entries(district, "A")) == 2


def test_what_was_dated_by_the_old_year_meanwhile_is_caught_by_a_sweep(district: NoticeDistrict) -> None:
    district.do(district.start("A"))
    row = district.runs.publish("lin", district.proposed(), medium="web")
    district.catalog.calendars = dict(district.catalog.files)  # another process that has not looked yet
    district.do(district.start("B"))
    district.catalog._followed = 0  # and looks now

    assert district.notices.unsettled() == [row]
    district.runs.settle(row)

    assert district.task("B").deadline.due_at == local("2027-01-05 00:00")  # type: ignore[union-attr]
    assert district.notices.unsettled() == []


def test_a_later_case_counts_by_the_new_year_at_once(district: NoticeDistrict) -> None:
    district.runs.begin("lin", district.proposed())

    district.do(district.start("A"))

    assert district.task("A").deadline.due_at == local("2027-01-05 00:00")  # type: ignore[union-attr]


def test_a_deadline_that_was_missed_stays_missed(district: NoticeDistrict) -> None:
    district.do(district.start("A"))
    district.clock.set(local("2027-01-02 08:00"))
    while fire_due(district.service):
        pass
    expired = district.task("A").expired_at

    preview = district.notices.preview("lin", row := district.proposed())
    district.runs.begin("lin", row)

    assert expired == local("2027-01-02 00:00")
    assert (preview.moves, dict(preview.stays)) == ((), {"expired": 1})
    task = district.task("A")
    assert (task.expired_at, task.deadline.due_at) == (expired, expired)  # type: ignore[union-attr]
    assert "overdue" in task.fired


def test_each_holder_is_told_once_how_many_of_theirs_moved(district: NoticeDistrict) -> None:
    for name in ("A", "B", "C"):
        district.do(district.start(name))

    district.runs.begin("lin", district.proposed())

    with district.store.read() as reader:
        page = reader.messages(Scope(person="chen"), limit=10)
    told = [(str(one.stream), *tell_plain(one.text, one.references)) for one in page.items]
    source = "国务院办公厅关于2027年部分节假日安排的通知（国办发明电〔2026〕9号）"
    body = f"因国办2027（{source}），您承办的3项在办时限已重新推算。各项原时限、新时限和算法见办件的时限说明。"
    assert told == [("library/main", "您承办的3项时限已调整", body)]


def test_only_who_may_publish_puts_a_year_in(district: NoticeDistrict) -> None:
    with pytest.raises(NotPermitted, match="permission_missing"):
        district.proposed(by="chen")


def test_a_file_that_is_wrong_is_told_with_its_line(district: NoticeDistrict) -> None:
    wrong = notice(day=("2027-01-16", "2027-01-13"))

    with pytest.raises(DefinitionError, match="workday_on_a_weekday") as raised:
        district.proposed(wrong)

    assert (raised.value.place.line, raised.value.place.path) == (10, "workdays.2027-01-13")  # type: ignore[union-attr]


def test_a_version_is_never_used_twice_and_certainty_is_not_taken_back(district: NoticeDistrict) -> None:
    district.runs.begin("lin", district.proposed(notice(1, "provisional")))
    district.runs.begin("lin", district.proposed(notice(2)))

    with pytest.raises(Conflict, match="calendar_version_not_newer"):
        district.proposed(notice(2, name=("元旦", "新年")))
    with pytest.raises(BadInput, match="calendar_year_settled"):
        district.proposed(notice(3, "provisional"))


def test_every_version_of_a_year_can_be_looked_at(district: NoticeDistrict) -> None:
    district.runs.begin("lin", district.proposed(notice(1, "provisional")))
    district.runs.begin("lin", district.proposed(notice(2)))

    calendar, rows = district.notices.years("lin")

    assert calendar.years[2027].version == "cn-2027@2"
    assert [(row.version, row.status, row.person, bool(row.closed_at)) for row in rows] == [
        ("cn-2027@2", "official", "lin", True),
        ("cn-2027@1", "provisional", "lin", True),
    ]
