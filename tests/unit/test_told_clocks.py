"""What people are told of clocks that stand still, of what was left then, and of how far a deadline may be extended."""

from __future__ import annotations

from datetime import date

from engine.core import event as ev
from engine.core.definition import AskSpec, StageSpec
from engine.core.extending import room
from engine.core.offers import allowed_actions
from engine.runtime.projection import register_of
from tests.unit.test_stopping import stopping
from tests.worlds import calendar, confirmed, local, of_type, own_task, wait
from web.catalogues import tell_derivation, tell_event, titles_of
from web.catalogues.titles import Titles
from web.catalogues.told_clocks import is_stopped, tell_clocks, tell_room, tell_stopped
from web.pages.work_views import countdown


def halted(within: str = "5 workdays"):
    play = stopping(within=within)
    case = confirmed(play)
    wait(play, "2026-10-09 10:00")
    play.submit("chen", case, "halt", {"reason": "等专家"})
    return play, case


def titles(play) -> Titles:
    return titles_of(play.machine_of("sample"))


def test_a_stopped_task_tells_since_when_why_and_what_was_left_and_counts_nothing_down():
    play, case = halted()
    task = own_task(play.case(case))
    now = local("2026-11-20 10:00")

    told = tell_stopped(task.stopped, titles(play), calendar(), now)

    assert told == "时限中止（自10月9日 周五 10:00，因“等专家”），中止前还剩3个工作日"
    assert countdown(task, calendar(), now)[:2] == ("none", "时限中止，还剩3个工作日")


def test_what_was_left_is_told_in_days_or_hours_where_the_deadline_counts_so():
    left = []
    for within in ("15 days", "300 hours"):
        play, case = halted(within)
        left.append(
            tell_stopped(own_task(play.case(case)).stopped, titles(play), calendar(), play.now).rpartition("剩")[2]
        )

    assert left == ["6日", "84小时"]


def test_registers_hold_no_due_date_of_a_stopped_case_and_know_why():
    play, case = halted()
    state = play.case(case)

    assert (register_of(state).due_at, register_of(state).overdue, is_stopped(state)) == (None, False, True)


def test_a_held_clock_is_told_while_the_case_is_away():
    play = stopping(within="5 workdays")
    case = confirmed(play)
    wait(play, "2026-10-09 10:00")
    play.submit("chen", case, "examine")

    told = tell_clocks(play.case(case), titles(play), calendar(), play.now)

    assert told == ("“办理中”时限中止（自10月9日 周五 10:00，因“等待鉴定”），中止前还剩3个工作日",)


def test_the_timeline_and_the_derivation_say_what_does_not_count():
    play, case = halted()
    wait(play, "2026-10-20 16:00")
    play.submit("chen", case, "go_on")
    events = play.events(case)

    stopped = tell_event(of_type(events, ev.ClockStopped)[0], titles(play))
    resumed = tell_event(of_type(events, ev.ClockResumed)[0], titles(play))
    derivation = tell_derivation(own_task(play.case(case)).deadline.derivation, calendar())

    assert stopped == "任务2自10月9日 周五 10:00起中止计时：等专家"
    assert resumed == "任务2恢复计时，中止的8个工作日不计，时限顺延至10月23日 周五 24:00"
    assert "10-09至10-20中止计时，8个工作日不计；至10-23" in derivation


def test_the_form_of_an_extension_says_how_far_it_may_go():
    play = stopping()
    case = confirmed(play, due_on="2026-10-20")
    ask = AskSpec(total="45 days", stages=(StageSpec(id="first", most="30 days"), StageSpec(id="second")))

    found = room(ask, own_task(play.case(case)), calendar())

    assert found is not None
    assert (found.latest, tell_room(found)) == (
        date(2026, 11, 19),
        "第1次，最多2次；本次至多延30日；累计至多延45日，已延0日；最迟可延至2026年11月19日",
    )


def test_an_offer_of_an_extension_carries_what_the_door_will_check():
    play = stopping()
    case = confirmed(play, due_on="2026-10-20")

    state = play.case(case)
    facts = play.facts(play.machine_of("sample"), state, None)
    (offer,) = [
        one
        for one in allowed_actions(play.machine_of("sample"), state, facts, "wang", play.now)
        if one.action == "extend"
    ]

    assert offer.room is not None
    assert (offer.room.field, offer.room.by, offer.room.latest) == ("asked_until", "checker", None)
