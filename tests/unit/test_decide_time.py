"""What the clock does: rungs, expiry, drafts; and what it owes when it was off."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import DeadlineSpec
from engine.core.event import Alarm
from engine.errors import BadInput, NotPermitted, Stale
from tests.samples import OPENED, SAMPLE, SLOW, with_state
from tests.worlds import (
    applied,
    confirmed,
    fired,
    local,
    of_type,
    only_task,
    own_task,
    reported,
    task_of,
    wait,
    world,
)


def rungs(play, case):
    """(rung, local due instant, when it was recorded, system lateness, coalesced) of all that went off."""
    return [
        (
            event.rung if isinstance(event, ev.RungFired) else "expiry",
            f"{event.due_at.astimezone(play.calendar.zone):%m-%d %H:%M}",
            f"{written.head.recorded_at.astimezone(play.calendar.zone):%m-%d %H:%M}",
            event.system_late,
            getattr(event, "coalesced", 0),
        )
        for written in play.log
        if written.head.id == case
        for event in of_type(written.events, ev.RungFired, ev.DeadlineExpired)
    ]


def test_a_silent_holder_is_reminded_found_overdue_and_a_letter_drafted():
    play = world()
    case = reported(play)

    wait(play, "2026-10-14 09:00")

    assert rungs(play, case) == [
        ("remind", "10-08 00:00", "10-08 00:00", 0, 0),
        ("expiry", "10-10 00:00", "10-10 00:00", 0, 0),
        ("overdue", "10-10 00:00", "10-10 00:00", 0, 0),
        ("overdue", "10-12 00:00", "10-12 00:00", 0, 0),
        ("overdue", "10-13 00:00", "10-13 00:00", 0, 0),
        ("letter", "10-13 00:00", "10-13 00:00", 0, 0),
        ("overdue", "10-14 00:00", "10-14 00:00", 0, 0),
    ]
    assert own_task(play.case(case)).alarm == Alarm(rung="overdue", at=local("2026-10-15 00:00"), epoch=8)


def test_reminders_reach_the_holder_and_overdue_ones_the_superior_too():
    play = world()
    reported(play)

    wait(play, "2026-10-10 09:00")

    assert [(sent.message.rung, sent.message.to) for sent in play.messages] == [
        ("remind", "chen"),
        ("remind", "zhou"),
        ("overdue", "chen"),
        ("overdue", "zhou"),
        ("overdue", "he"),
        ("overdue", "lin"),
    ]


def test_after_three_days_off_rungs_fire_once_in_order_and_the_lateness_is_the_systems():
    play = world()
    case = reported(play)
    wait(play, "2026-10-09 18:00")

    wait(play, "2026-10-13 09:00", asleep=True)

    hour, day = 3600, 24 * 3600
    assert rungs(play, case)[1:] == [
        ("expiry", "10-10 00:00", "10-13 09:00", 3 * day + 9 * hour, 0),
        ("overdue", "10-10 00:00", "10-13 09:00", 3 * day + 9 * hour, 2),
        ("letter", "10-13 00:00", "10-13 09:00", 9 * hour, 0),
    ]
    assert own_task(play.case(case)).alarm == Alarm(rung="overdue", at=local("2026-10-14 00:00"), epoch=5)


def test_repeats_that_fell_together_do_not_come_again_after_another_rung():
    play = world()
    case = reported(play)
    wait(play, "2026-10-09 18:00")

    wait(play, "2026-10-16 09:00", asleep=True)
    wait(play, "2026-10-19 09:00")

    assert [(rung, due, coalesced) for rung, due, _, _, coalesced in rungs(play, case)[1:]] == [
        ("expiry", "10-10 00:00", 0),
        ("overdue", "10-10 00:00", 5),
        ("letter", "10-13 00:00", 0),
        ("overdue", "10-19 00:00", 0),
    ]


def test_repeats_missed_after_the_last_one_fired_are_made_up_for_once():
    slow = SAMPLE.ladders[0]
    letter = replace(slow.rungs[2], at="3 workdays after 10:00")
    ladder = replace(slow, rungs=(*slow.rungs[:2], letter))
    play = world(procedure=replace(SAMPLE, ladders=(ladder,)))
    case = reported(play)
    wait(play, "2026-10-13 08:00")  # the letter is the next alarm, at 10:00

    wait(play, "2026-10-15 09:00", asleep=True)

    assert [(rung, due, coalesced) for rung, due, _, _, coalesced in rungs(play, case)[-2:]] == [
        ("letter", "10-13 10:00", 0),
        ("overdue", "10-14 00:00", 1),
    ]


def test_alarms_of_all_cases_go_off_in_the_order_of_their_moments():
    play = world()
    first, second = reported(play), confirmed(play, due_on="2026-10-09")

    wait(play, "2026-10-12 09:00", asleep=True)

    assert [
        (f"{event.due_at.astimezone(play.calendar.zone):%m-%d}", written.head.id)
        for written in play.log
        for event in of_type(written.events, ev.RungFired, ev.DeadlineExpired)
    ] == [
        ("10-08", first),
        ("10-08", second),
        ("10-10", first),
        ("10-10", first),
        ("10-10", second),
        ("10-10", second),
    ]


def test_a_deadline_that_passes_with_nobody_asking_opens_the_recheck_by_itself():
    play = world()
    case = confirmed(play, due_on="2026-10-20")

    wait(play, "2026-10-21 00:00")

    expired, opened = play.log[-2].events
    assert (expired.task, expired.due_at, expired.system_late) == (2, local("2026-10-21 00:00"), 0)
    assert (opened.kind, opened.spec, opened.holder.persons) == ("extra", "recheck", ("chen", "zhou"))
    assert opened.deadline.due_at == local("2026-10-27 00:00")
    assert [task.n for task in play.case(case).tasks] == [2, opened.task]
    assert play.log[-2].head.acted_by == cmd.SYSTEM


def test_the_recheck_may_end_by_a_record_and_leave_the_case_where_it_is():
    play = world()
    case = confirmed(play)
    wait(play, "2026-10-21 09:00")

    play.submit("chen", case, "note", {"opinion": "未整改"})

    assert [task.kind for task in play.case(case).tasks] == ["own"]
    assert play.case(case).leaves() == ("doing",)


def test_a_deadline_may_move_the_case_on_and_nobody_has_done_the_task():
    tasks = (replace(OPENED.tasks[0], expiry_to="dropped"),)
    play = world(procedure=with_state(SAMPLE, "opened", tasks=tasks))
    case = reported(play)

    wait(play, "2026-10-10 00:00")

    assert of_type(play.events(case), ev.TaskEnded) == [ev.TaskEnded(task=1, how="left")]
    assert (play.case(case).closed, play.case(case).expiries) == ("mistaken", 1)


def test_an_alarm_that_is_no_longer_armed_changes_nothing():
    play = world()
    case = reported(play)
    alarm = only_task(play.case(case)).alarm
    play.submit("chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))
    before = play.case(case)

    old = play.do(cmd.SYSTEM, case, cmd.FireTimer(task=1, rung=alarm.rung, epoch=alarm.epoch))
    early = play.do(cmd.SYSTEM, case, cmd.FireTimer(task=2, rung="remind", epoch=1))
    wrong = play.do(cmd.SYSTEM, case, cmd.FireTimer(task=2, rung="remind", epoch=2))

    assert (old, early, wrong, play.case(case)) == ((), (), (), before)


def test_a_case_moved_on_leaves_no_alarm_behind():
    play = world()
    case = applied(play, confirmed(play, due_on="2026-10-20"))
    play.submit("zhou", case, "accept", evidence=(play.file("signature"),))

    assert wait(play, "2027-06-01 09:00") == 0
    assert fired(play, case) == []


def overdue_letter(play):
    """A case whose ladder has drafted the letter, and that draft's task."""
    case = reported(play)
    wait(play, "2026-10-13 09:00")
    return case, task_of(play.case(case), "draft")


def test_a_rung_drafts_a_formal_act_and_sends_nothing_of_it():
    play = world()

    _, draft = overdue_letter(play)

    assert (draft.draft.kind, draft.draft.to, draft.holder.persons) == ("letter", ("unit.principal",), ("he", "lin"))
    assert draft.deadline.due_at == local("2026-10-16 00:00")
    assert {sent.message.to for sent in play.messages if sent.message.rung == "letter"} == {"he", "lin"}


def test_a_person_issues_the_draft_and_only_then_it_goes_out():
    play = world()
    case, draft = overdue_letter(play)

    issued, told, ended = play.do("lin", case, cmd.IssueDraft(task=draft.n))

    assert issued == ev.DraftIssued(task=draft.n, kind="letter", to=("unit.principal",))
    assert told == ev.MessageQueued(n=1, to="wang", text="letter", task=draft.draft.of, rung="letter")
    assert ended == ev.TaskEnded(task=draft.n, how="issued")
    assert play.log[-1].head.acted_by == "lin"


def numbered(series: str = "函〔{year}〕{seq}号"):
    """The sample, with letters that bear numbers of a series."""
    rungs = tuple(replace(rung, series=series) if rung.id == "letter" else rung for rung in SLOW.rungs)
    return replace(SAMPLE, ladders=(replace(SLOW, rungs=rungs),))


def test_a_number_is_given_when_a_draft_is_issued_and_to_no_draft_that_is_declined():
    play = world(procedure=numbered())
    cases = [reported(play) for _ in range(3)]
    wait(play, "2026-10-13 09:00")
    first, second, third = (task_of(play.case(case), "draft") for case in cases)

    one, *_ = play.do("lin", cases[0], cmd.IssueDraft(task=first.n))
    play.do("lin", cases[1], cmd.DeclineDraft(task=second.n, reason="已当面约见"))
    two, *_ = play.do("he", cases[2], cmd.IssueDraft(task=third.n, way="in_person", served_on="2026-10-13"))

    assert (one.number, two.number) == ("函〔2026〕1号", "函〔2026〕2号")
    assert (two.way, two.served_on) == ("in_person", "2026-10-13")
    assert [(one.kind, one.number, one.of) for one in play.case(cases[2]).issued] == [("letter", "函〔2026〕2号", 1)]
    assert play.case(cases[1]).issued == ()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"served_on": "2026-10-13"}, "way_missing"),
        ({"way": "mail", "served_on": "2026-10-12"}, "served_before_issued"),
        ({"way": "mail", "served_on": "2026-10-14"}, "served_in_the_future"),
        ({"way": "mail", "served_on": "soon"}, "not_a_date"),
    ],
)
def test_a_service_has_a_way_and_lies_between_the_issue_and_today(told, code):
    play = world()
    case, draft = overdue_letter(play)

    with pytest.raises(BadInput) as refused:
        play.do("lin", case, cmd.IssueDraft(task=draft.n, **told))

    assert refused.value.code == code
    assert play.case(case).task(draft.n) is not None


def test_a_leader_decides_not_to_issue_with_name_and_reason():
    play = world()
    case, draft = overdue_letter(play)

    with pytest.raises(BadInput) as refused:
        play.do("lin", case, cmd.DeclineDraft(task=draft.n, reason=""))
    declined, ended = play.do("lin", case, cmd.DeclineDraft(task=draft.n, reason="已当面约见"))

    assert refused.value.code == "reason_missing"
    assert declined == ev.DraftDeclined(task=draft.n, kind="letter", reason="已当面约见")
    assert ended == ev.TaskEnded(task=draft.n, how="declined", reason="已当面约见")
    assert play.log[-1].head.acted_by == "lin"
    assert not [sent for sent in play.messages if sent.message.to == "wang"]


@pytest.mark.parametrize("person", ["chen", "wang", "stranger"])
def test_only_who_holds_the_draft_issues_or_declines_it(person):
    play = world()
    case, draft = overdue_letter(play)

    for act in (cmd.IssueDraft(task=draft.n), cmd.DeclineDraft(task=draft.n, reason="x")):
        with pytest.raises(NotPermitted) as refused:
            play.do(person, case, act)
        assert refused.value.code == "not_your_task"
    assert [offer.kind for offer in play.offers("lin", case)] == ["issue", "decline"]
    assert all(offer.kind == "act" for offer in play.offers(person, case))


def test_a_draft_is_issued_or_declined_once():
    play = world()
    case, draft = overdue_letter(play)
    play.do("lin", case, cmd.IssueDraft(task=draft.n))

    with pytest.raises(Stale):
        play.do("he", case, cmd.DeclineDraft(task=draft.n, reason="x"))


def test_a_draft_nobody_decides_about_expires_and_the_case_goes_on_waiting():
    play = world()
    case, draft = overdue_letter(play)

    wait(play, "2026-10-16 09:00")

    left = play.case(case).task(draft.n)
    assert (left.expired_at, left.alarm) == (local("2026-10-16 00:00"), None)
    assert play.case(case).leaves() == ("opened",)


def test_a_draft_signed_on_paper_is_entered_later_but_not_dated_before_it():
    play = world()
    case, draft = overdue_letter(play)

    with pytest.raises(BadInput) as refused:
        play.do("lin", case, cmd.IssueDraft(task=draft.n), occurred_at=local("2026-10-12 23:00"), entered_by="clerk")
    play.do("lin", case, cmd.IssueDraft(task=draft.n), occurred_at=local("2026-10-13 08:00"), entered_by="clerk")

    assert refused.value.code == "before_the_last_act"
    assert play.log[-1].head.occurred_at == local("2026-10-13 08:00")


def test_a_draft_ends_with_the_task_it_warns_about():
    play = world()
    case, draft = overdue_letter(play)

    play.submit("chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))

    assert ev.TaskEnded(task=draft.n, how="left") in play.log[-1].events


def test_whoever_read_the_task_and_did_nothing_is_found_in_the_entries():
    play = world()
    case = reported(play)
    wait(play, "2026-10-08 14:00")
    play.do("chen", case, cmd.ReadTask(task=1))

    wait(play, "2026-10-12 09:00")

    story = [
        (type(event).__name__, f"{written.head.recorded_at.astimezone(play.calendar.zone):%m-%d %H:%M}")
        for written in play.log
        for event in of_type(written.events, ev.TaskRead, ev.DeadlineExpired)
        if event.task == 1
    ]
    assert story == [("TaskRead", "10-08 14:00"), ("DeadlineExpired", "10-10 00:00")]
    assert only_task(play.case(case)).readers == ("chen",)


def test_only_the_first_read_of_a_holder_is_an_event():
    play = world()
    case = reported(play)

    reads = [play.do(person, case, cmd.ReadTask(task=1)) for person in ("chen", "chen", "wang", "zhou")]
    gone = play.do("chen", case, cmd.ReadTask(task=9))

    assert reads == [(ev.TaskRead(task=1, person="chen"),), (), (), (ev.TaskRead(task=1, person="zhou"),)]
    assert (gone, len(play.log)) == ((), 3)


def test_nobody_reads_for_another():
    play = world()
    case = reported(play)

    with pytest.raises(NotPermitted) as refused:
        play.do("chen", case, cmd.ReadTask(task=1), entered_by="clerk")

    assert refused.value.code == "read_by_another"


def test_a_task_that_waits_for_a_date_says_so_until_it_has_one():
    tasks = (replace(OPENED.tasks[0], deadline=DeadlineSpec(until="due_on")),)
    play = world(procedure=with_state(SAMPLE, "opened", tasks=tasks))

    case = reported(play)

    assert (only_task(play.case(case)).deadline, only_task(play.case(case)).undated) == (None, "waits_for:due_on")
