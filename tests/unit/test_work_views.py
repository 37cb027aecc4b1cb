"""What a row of one's own work says: when, whose, why; and which groups and filters stand above the list."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core.case import Case, Task
from engine.core.definition import ActionSpec, TargetSpec
from engine.core.machine import Machine
from engine.runtime.desk import Work
from engine.runtime.projection import micros
from engine.store.records import TaskRow
from engine.store.views import TaskView
from engine.store.worklists import TaskCount, TaskFilter
from tests.samples import SAMPLE, with_action
from tests.worlds import PLACES, UNITS, calendar, confirmed, local, only_task, reported, task_of, wait, world
from web.pages.work_filters import Asked, filter_of, instants_of, kinds_of, regions_of, spans_of
from web.pages.work_views import Button, countdown, countdown_to, row_of

COUNTS = (
    TaskCount(span=0, kind="own", procedure="x", region="/s/t1/", count=2),
    TaskCount(span=1, kind="draft", procedure="x", region="/s/t1/", count=1),
    TaskCount(span=3, kind="own", procedure="y", region="/s/t2/", count=4),
)


def work_of(play, case: Case, task: Task, person: str) -> Work:
    """The task as the person's list holds it."""
    row = TaskRow(
        case=case.id, task=task.n, person=person, kind=task.kind, state=task.state, party=task.holder.party,
        queue=task.holder.queue, opened_at=micros(task.opened_at), due_at=None, overdue=False,
    )  # fmt: skip
    view = TaskView(
        task=row, number=case.number, title=case.title, procedure=case.procedure, region=case.region, unit=case.unit
    )
    machine: Machine = play.machines[case.version]
    offers = tuple(offer for offer in play.offers(person, case.id) if offer.task == task.n)
    return Work(
        view=view, task=task, case=case, machine=machine, calendar=calendar(), directory=play.directory,
        entities={**UNITS, **PLACES}, offers=offers,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("due", "now", "told"),
    [
        ("2026-10-10 00:00", "2026-10-08 09:00", ("yellow", "还剩 1 个工作日")),
        ("2026-10-14 00:00", "2026-10-09 09:00", ("green", "还剩 3 个工作日")),
        ("2026-10-10 00:00", "2026-10-09 09:00", ("yellow", "今天到期")),
        ("2026-10-05 00:00", "2026-10-01 09:00", ("yellow", "剩余日均为非工作日")),
        ("2026-10-09 15:00", "2026-10-09 09:00", ("yellow", "今天 15:00 前")),
        ("2026-10-10 08:00", "2026-10-09 09:00", ("yellow", "明天 08:00 前")),
        ("2026-10-09 00:00", "2026-10-13 09:00", ("red", "逾期4个工作日")),
    ],
)
def test_what_is_left_is_told_in_few_words_with_the_instant_behind_them(due, now, told):
    light, left, exact = countdown_to(local(due), calendar(), local(now))

    assert (light, left) == told
    assert exact.startswith("应于 ")


def test_a_task_without_a_deadline_has_no_light():
    play = world()
    task = replace(only_task(play.case(reported(play))), deadline=None)

    assert countdown(task, calendar(), local("2026-10-08 09:00")) == ("none", "无时限", "")


def test_the_week_ends_on_sunday_at_midnight():
    late, today, week = instants_of(calendar(), local("2026-10-09 09:00"))  # a Friday

    assert [f"{at.astimezone(calendar().zone):%m-%d %H:%M}" for at in (late, today, week)] == [
        "10-09 09:00",
        "10-10 00:00",
        "10-12 00:00",
    ]


def test_a_group_asks_for_what_is_due_between_its_instants():
    wanted = {span: filter_of(Asked(due=span), (1, 2, 3)) for span in ("", "late", "today", "week", "later")}

    assert wanted == {
        "": TaskFilter(),
        "late": TaskFilter(due_before=1),
        "today": TaskFilter(due_from=1, due_before=2),
        "week": TaskFilter(due_from=2, due_before=3),
        "later": TaskFilter(due_from=3),
    }


def test_each_group_counts_what_the_other_filters_leave():
    groups = spans_of(Asked(due="late", region="/s/t1/"), COUNTS, "/work")

    assert [(one.title, one.count, one.chosen) for one in groups] == [
        ("全部", 3, False), ("逾期", 2, True), ("今天", 1, False), ("本周", 0, False), ("以后", 0, False),
    ]  # fmt: skip
    assert groups[0].address == "/work?region=%2Fs%2Ft1%2F"
    assert groups[2].address == "/work?due=today&region=%2Fs%2Ft1%2F"


def test_a_filter_that_changes_nothing_is_not_offered():
    assert [(one.title, one.count) for one in kinds_of(Asked(), COUNTS, "/work")] == [("只看拟办", 1)]
    assert kinds_of(Asked(due="today"), COUNTS, "/work") == ()
    assert regions_of(Asked(due="later"), COUNTS, {}, "/work") == ()
    assert [one.title for one in regions_of(Asked(), COUNTS, {"/s/t1/": "一镇"}, "/work")] == ["一镇", "/s/t2/"]


def test_a_row_says_what_is_due_whose_it_is_and_why_it_is_mine():
    play = world()
    case = play.case(reported(play))

    row = row_of(work_of(play, case, only_task(case), "chen"), {}, "chen", local("2026-10-01 09:00"))

    assert (row.title, row.state, row.light, row.left) == ("缺护栏", "待核实", "green", "还剩 2 个工作日")
    assert (row.why.line, row.reads) == ("核查人·/s/t1/·steel（另有 1 人可办）", f"/cases/{case.id}/tasks/1/read")
    assert [one.title for one in (*row.buttons, *row.more)] == ["核实", "不予认定"]


def test_what_was_read_is_not_noted_again():
    play = world()
    name = reported(play)
    play.do("chen", name, cmd.ReadTask(task=1))
    case = play.case(name)

    def reads(person: str) -> str:
        return row_of(work_of(play, case, only_task(case), person), {}, person, local("2026-10-01 09:00")).reads

    assert (reads("chen"), reads("zhou") != "") == ("", True)


def test_a_draft_leads_to_its_text_and_an_approval_names_who_asked():
    play = world()
    drafted, asked = reported(play), reported(play)
    play.submit("chen", asked, "dismiss", {"reason": "重复"})
    wait(play, "2026-10-13 09:00")
    now = local("2026-10-13 09:00")
    letter, approval = task_of(play.case(drafted), "draft"), task_of(play.case(asked), "approval")

    one = row_of(work_of(play, play.case(drafted), letter, "lin"), {}, "lin", now)
    other = row_of(work_of(play, play.case(asked), approval, "lin"), {"chen": "陈某"}, "lin", now)

    assert one.buttons == (Button(title="看稿签发", address=f"/drafts/{drafted}/{letter.n}"),)
    assert (one.state, one.why.line) == ("待签发", "办公室·/s/t1/；已到“函告”，拟letter")
    assert (other.state, other.why.line) == ("待审批“不予认定”", "办公室·/s/t1/；陈某申请")


def test_what_needs_nothing_filled_in_is_done_at_once_and_what_ends_a_case_asks_first():
    plain = ActionSpec(id="fail", title="退回", to=(TargetSpec(state="doing"),))
    ending = ActionSpec(id="accept", title="办结", to=(TargetSpec(state="done"),))
    procedure = with_action(SAMPLE, "checking", "fail", form=(), title=plain.title)
    procedure = with_action(procedure, "checking", "accept", sign="none", on_site="", title=ending.title)
    play = world(procedure=procedure)
    name = confirmed(play)
    photo = play.file("photo", "photos")
    play.submit("wang", name, "apply", {"photos": [photo.sha256]}, evidence=(photo,))
    case = play.case(name)

    row = row_of(work_of(play, case, only_task(case), "zhou"), {}, "zhou", local("2026-10-09 09:00"))

    assert [(one.title, one.direct, bool(one.grave)) for one in row.buttons] == [
        ("办结", True, True),
        ("退回", True, False),
    ]
    assert case.number in row.buttons[0].grave
