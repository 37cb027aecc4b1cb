"""Late entry (补录): the leader signs on paper on Friday, the clerk enters it on Monday."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core import event as ev
from engine.core.permission import is_late_entry
from engine.errors import BadInput, NotPermitted
from tests.samples import SAMPLE, with_action, with_state
from tests.worlds import applied, confirmed, fired, local, of_type, only_task, own_task, reported, wait, world

FRIDAY, SATURDAY, MONDAY = "2026-10-16", "2026-10-17", "2026-10-19"


def late(**windows):
    """The sample where confirming may be entered late."""
    return with_action(SAMPLE, "opened", "confirm", **{"late_entry": "5 days", **windows})


def confirm(play, case, at, **how):
    return play.submit(
        "chen",
        case,
        "confirm",
        {"level": "low", "due_on": "2026-11-20"},
        evidence=(play.file("scan"),),
        occurred_at=local(at),
        entered_by="clerk",
        medium="paper",
        **how,
    )


def friday_case(play):
    """Reported on Wednesday, due on Friday at 24:00: on Saturday the overdue is recorded."""
    wait(play, "2026-10-14 09:00")
    case = reported(play)
    wait(play, f"{MONDAY} 09:00")
    return case


def test_an_act_of_friday_entered_on_monday_happened_on_friday():
    play = world(procedure=late())
    case = friday_case(play)

    confirm(play, case, f"{FRIDAY} 16:00")

    written = play.log[-1]
    assert is_late_entry(written.command)
    assert (written.head.acted_by, written.command.entered_by) == ("chen", "clerk")
    assert (written.head.occurred_at, written.head.recorded_at) == (local(f"{FRIDAY} 16:00"), local(f"{MONDAY} 09:00"))
    state = play.case(case)
    assert state.active[0].entered_at == local(f"{FRIDAY} 16:00")
    assert state.fields["checked_on"] == FRIDAY


def test_the_overdue_that_was_recorded_on_saturday_stays():
    play = world(procedure=late())
    case = friday_case(play)

    confirm(play, case, f"{FRIDAY} 16:00")

    (expired,) = of_type(play.events(case), ev.DeadlineExpired)
    assert (expired.task, expired.due_at) == (1, local(f"{SATURDAY} 00:00"))
    assert (play.case(case).expiries, fired(play, case)) == (1, ["remind", "expiry", "overdue", "overdue"])


def test_deadlines_that_follow_run_from_friday():
    fail_late = with_action(SAMPLE, "doing", "apply", late_entry="5 days", form=())
    play = world(procedure=fail_late)
    wait(play, "2026-10-14 09:00")
    case = confirmed(play, due_on="2026-10-30")
    wait(play, f"{MONDAY} 09:00")

    play.submit("wang", case, "apply", evidence=(play.file("photo"),), occurred_at=local(f"{FRIDAY} 16:00"))

    task = only_task(play.case(case))
    assert (task.opened_at, task.deadline.due_at) == (local(f"{FRIDAY} 16:00"), local("2026-10-22 00:00"))
    assert task.deadline.derivation.start.isoformat() == FRIDAY


def test_rungs_that_lay_between_friday_and_monday_fire_at_once_and_on_time():
    apply_late = with_action(SAMPLE, "doing", "apply", late_entry="9 days", form=())
    play = world(procedure=apply_late)
    wait(play, "2026-10-12 09:00")
    case = confirmed(play, due_on="2026-10-30")
    wait(play, f"{MONDAY} 09:00")

    # Applied for on Tuesday: acceptance was due on Friday, nobody could know.
    play.submit("wang", case, "apply", evidence=(play.file("photo"),), occurred_at=local("2026-10-13 16:00"))
    wait(play, f"{MONDAY} 09:00")

    assert [
        (type(event).__name__, event.system_late)
        for event in of_type(play.events(case), ev.RungFired, ev.DeadlineExpired)
    ] == [("RungFired", 0), ("DeadlineExpired", 0), ("RungFired", 0)]


def test_an_action_that_allows_no_late_entry_is_done_when_it_is_entered():
    play = world()
    case = friday_case(play)

    with pytest.raises(NotPermitted) as refused:
        confirm(play, case, f"{FRIDAY} 16:00")

    assert refused.value.code == "late_entry_not_allowed"


@pytest.mark.parametrize(
    ("window", "allowed"),
    [("3 days", True), ("2 days", False), ("1 workday", True), ("65 hours", True), ("64 hours", False)],
)
def test_late_entry_ends_with_its_window_whole_days_at_midnight(window, allowed):
    play = world(procedure=late(late_entry=window))
    case = friday_case(play)

    if allowed:
        confirm(play, case, f"{FRIDAY} 16:00")
        assert play.case(case).leaves() == ("doing",)
        return
    with pytest.raises(NotPermitted) as refused:
        confirm(play, case, f"{FRIDAY} 16:00")
    assert refused.value.code == "late_entry_window_over"


def test_a_late_entry_is_not_dated_before_its_task_began():
    play = world(procedure=late())
    case = friday_case(play)

    with pytest.raises(BadInput) as refused:
        confirm(play, case, "2026-10-14 08:00")

    assert refused.value.code == "before_the_last_act"


def test_a_late_entry_is_not_dated_before_the_last_act_of_its_activation():
    play = world(procedure=with_action(SAMPLE, "doing", "apply", late_entry="9 days", form=()))
    case = confirmed(play, due_on="2026-11-20")
    wait(play, f"{FRIDAY} 12:00")
    play.submit("wang", case, "extend", {"asked_until": "2026-12-20", "reason": "x"})
    wait(play, f"{MONDAY} 09:00")

    def apply(at):
        play.submit("wang", case, "apply", evidence=(play.file("photo"),), occurred_at=local(at))

    with pytest.raises(BadInput) as refused:
        apply(f"{FRIDAY} 11:00")
    apply(f"{FRIDAY} 13:00")

    assert refused.value.code == "before_the_last_act"
    assert play.case(case).leaves() == ("checking",)


def test_an_act_in_another_region_does_not_stand_in_the_way():
    play = world(procedure=with_action(SAMPLE, "reviewing.right.asked", "answer", late_entry="9 days"))
    case = confirmed(play, level="high", due_on="2026-11-20")
    left, right = play.case(case).tasks
    wait(play, f"{MONDAY} 09:00")
    play.submit("lin", case, "answer", {"opinion": "a"}, task=left.n)

    play.submit("zhou", case, "answer", {"opinion": "b"}, task=right.n, occurred_at=local(f"{FRIDAY} 16:00"))

    assert own_task(play.case(case)).state == "doing"


def test_a_reopening_is_not_dated_before_the_end():
    reopen = SAMPLE.states[-2].reopen
    play = world(procedure=with_state(SAMPLE, "done", reopen=_late(reopen)))
    case = applied(play, confirmed(play))
    wait(play, f"{FRIDAY} 16:00")
    play.submit("zhou", case, "accept", evidence=(play.file("signature"),))
    wait(play, f"{MONDAY} 09:00")

    with pytest.raises(BadInput) as refused:
        play.submit(
            "lin", case, "reopen", {"reason": "x", "due_on": "2026-12-01"}, occurred_at=local(f"{FRIDAY} 15:00")
        )

    assert (refused.value.code, play.case(case).closed) == ("before_the_last_act", "completed")


def _late(action):
    return replace(action, late_entry="9 days")


def test_what_is_entered_within_minutes_is_no_late_entry():
    play = world()
    case = reported(play)
    wait(play, "2026-09-30 10:20")

    confirm(play, case, "2026-09-30 10:16")

    assert not is_late_entry(play.log[-1].command)
    assert play.case(case).leaves() == ("doing",)
