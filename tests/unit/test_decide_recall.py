"""Taking back (拿回) one's last act: the case is where it was, and no deadline is lost, moved or counted twice."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case import Case
from engine.core.fold import fold_entry
from engine.errors import BadInput, NotPermitted
from tests.holding import changed, handled
from tests.samples import SAMPLE, with_action
from tests.worlds import applied, confirmed, fired, local, of_type, only_task, own_task, reported, wait, world

UNTIL_READ = "until read"


def recalling(until: str = UNTIL_READ, **more: Any) -> Any:
    """The sample in which confirming, applying and failing may be taken back."""
    procedure = handled(SAMPLE)
    for state, action in (("opened", "confirm"), ("doing", "apply"), ("checking", "fail")):
        procedure = with_action(procedure, state, action, recall=until)
    return world(procedure=procedure, **more)


def code_of(do: Any, kind: Any = NotPermitted) -> str:
    with pytest.raises(kind) as refused:
        do()
    return refused.value.code


def recall(play: Any, by: str, case: str, **how: Any) -> Any:
    return play.do(by, case, cmd.RecallAction(reason="填错了"), **how)


def offered(play: Any, person: str, case: str) -> list[str]:
    return [offer.action for offer in play.offers(person, case) if offer.kind == "recall"]


def as_before(case: Case) -> dict[str, Any]:
    """What is the same after taking back: everything of the task but its number, stay and alarm's epoch."""
    task = own_task(case)
    told = msgspec.to_builtins(replace(task, n=0, activation=0, epoch=0, alarm=None))
    alarm = (task.alarm.rung, task.alarm.at) if task.alarm else None
    return {"leaves": case.leaves(), "signed": case.signed, "alarm": alarm, **told}


def test_who_confirmed_too_early_takes_it_back_and_the_old_deadline_runs_on():
    play = recalling()
    case = reported(play)
    before = as_before(play.case(case))
    play.submit("chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))
    wait(play, "2026-09-30 11:00")

    assert offered(play, "chen", case) == ["confirm"]
    events = recall(play, "chen", case)

    state = play.case(case)
    assert as_before(state) == before
    assert (only_task(state).n, only_task(state).epoch) == (3, 2)
    assert [event.how for event in of_type(events, ev.TaskEnded)] == ["recalled"]
    assert of_type(events, ev.ActionRecalled) == [ev.ActionRecalled(action="confirm", activation=3, reason="填错了")]
    assert (state.left, offered(play, "chen", case)) == (None, [])
    assert state.fields["due_on"] == "2026-10-20"


def test_what_was_taken_back_is_done_again_and_goes_on():
    play = recalling()
    case = confirmed(play)
    recall(play, "chen", case)

    play.submit("zhou", case, "confirm", {"level": "low", "due_on": "2026-10-30"}, evidence=(play.file("signature"),))

    assert play.case(case).leaves() == ("doing",)
    assert only_task(play.case(case)).deadline.due_at == local("2026-10-31 00:00")
    assert [(one.action, one.person) for one in play.case(case).signed] == [("report", "chen"), ("confirm", "zhou")]


def test_it_is_too_late_once_the_next_person_has_read_it():
    play = recalling()
    case = confirmed(play)

    play.do("wang", case, cmd.ReadTask(task=2))

    assert offered(play, "chen", case) == []
    assert code_of(lambda: recall(play, "chen", case)) == "nothing_to_recall"


def test_within_a_span_reading_does_not_matter_but_acting_does():
    play = recalling("2 hours")
    case = applied(play, confirmed(play))
    play.do("zhou", case, cmd.ReadTask(task=3))
    assert offered(play, "wang", case) == ["apply"]

    play.submit("zhou", case, "fail", {"reason": "x"})

    assert (offered(play, "wang", case), offered(play, "zhou", case)) == ([], ["fail"])
    assert code_of(lambda: recall(play, "wang", case)) == "recalled_by_another"


@pytest.mark.parametrize(("at", "left"), [("2026-09-30 12:00", ["confirm"]), ("2026-09-30 12:01", [])])
def test_the_span_ends(at, left):
    play = recalling("2 hours")
    case = confirmed(play)
    wait(play, at)

    assert offered(play, "chen", case) == left
    if not left:
        assert code_of(lambda: recall(play, "chen", case)) == "recall_over"


def test_only_who_acted_takes_it_back():
    play = recalling()
    case = confirmed(play)

    assert code_of(lambda: recall(play, "zhou", case)) == "recalled_by_another"


def test_who_has_left_takes_nothing_back():
    play = recalling()
    case = confirmed(play)
    changed(play, ended=("1",))

    assert (offered(play, "chen", case), code_of(lambda: recall(play, "chen", case))) == ([], "person_not_here")


def test_it_is_not_taken_back_before_it_was_done():
    play = recalling()
    case = confirmed(play)
    wait(play, "2026-09-30 10:03")

    earlier = lambda: recall(play, "chen", case, occurred_at=local("2026-09-30 09:59"))  # noqa: E731

    assert code_of(earlier, BadInput) == "before_the_last_act"


def test_an_act_that_may_not_be_taken_back_is_not():
    play = world(procedure=handled(SAMPLE))
    case = confirmed(play)

    assert (play.case(case).left, code_of(lambda: recall(play, "chen", case))) == (None, "nothing_to_recall")


def test_passing_the_next_task_on_builds_on_the_act():
    play = recalling()
    case = confirmed(play)

    play.do("wang", case, cmd.DelegateTask(task=2, to="li", reason="x"))

    assert code_of(lambda: recall(play, "chen", case)) == "nothing_to_recall"


def test_rungs_that_passed_meanwhile_fire_once_in_order_and_none_again():
    play = recalling("20 days")
    case = confirmed(play, due_on="2026-10-20")
    wait(play, "2026-10-19 09:00")
    assert fired(play, case)[-1:] == ["remind"]
    photo = play.file("photo", "photos")
    play.submit("wang", case, "apply", {"photos": [photo.sha256]}, evidence=(photo,))
    wait(play, "2026-10-23 10:00")
    before = len(fired(play, case))

    recall(play, "wang", case)
    task = own_task(play.case(case))
    assert (task.deadline.due_at, task.fired, task.opened_at) == (
        local("2026-10-21 00:00"),
        ("remind",),
        local("2026-09-30 10:00"),
    )
    assert (task.alarm.rung, task.alarm.at, task.alarm.armed_at) == ("expiry", local("2026-10-21 00:00"), play.now)
    wait(play, "2026-10-23 10:00")

    # The overdue reminder of the 21st fires with its repeats up to now, then the letter of the 23rd.
    assert fired(play, case)[before:] == ["expiry", "overdue", "letter"]
    late = [event.system_late for event in of_type(play.events(case), ev.DeadlineExpired)]
    assert late[-1] == 0
    again, letter = of_type(play.events(case), ev.RungFired)[-2:]
    assert [(one.rung, one.coalesced) for one in (again, letter)] == [("overdue", 2), ("letter", 0)]


def test_what_had_been_asked_and_drafted_goes_on_with_its_task():
    play = recalling("20 days")
    case = reported(play)
    play.submit("chen", case, "dismiss", {"reason": "x"})
    wait(play, "2026-10-15 09:00")
    before = [(task.kind, task.spec, task.fired, task.expired_at) for task in play.case(case).tasks]
    assert [kind for kind, *_ in before] == ["own", "approval", "draft", "draft"]
    play.submit("zhou", case, "confirm", {"level": "low", "due_on": "2026-10-30"}, evidence=(play.file("signature"),))

    recall(play, "zhou", case)

    state = play.case(case)
    own, asked, *drafts = state.tasks
    assert [(task.kind, task.spec, task.fired, task.expired_at) for task in state.tasks] == before
    assert (asked.asked.of, {draft.draft.of for draft in drafts}) == (own.n, {own.n, asked.n})
    play.do("lin", case, cmd.AnswerApproval(task=asked.n, consent=True))
    assert play.case(case).closed == "mistaken"


def test_out_of_parallel_parts_the_case_comes_back_whole():
    play = recalling()
    case = reported(play)
    before = as_before(play.case(case))
    play.submit("chen", case, "confirm", {"level": "high", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))
    assert len(play.case(case).active) == 2

    recall(play, "chen", case)

    assert as_before(play.case(case)) == before
    assert len(play.case(case).tasks) == 1


def test_a_delegated_task_comes_back_to_where_it_lay():
    play = recalling()
    case = reported(play)
    play.do("chen", case, cmd.ClaimTask(task=1))
    given = only_task(play.case(case)).given
    play.submit("chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))

    recall(play, "chen", case)

    task = only_task(play.case(case))
    assert (task.given, task.holder.persons) == (given, ("chen",))


def test_the_second_try_of_an_action_does_not_erase_the_first():
    play = recalling()
    case = applied(play, confirmed(play))
    play.submit("zhou", case, "fail", {"reason": "x"})
    wait(play, "2026-09-30 12:00")
    applied(play, case)

    recall(play, "wang", case)

    signed = [(one.action, one.person, one.at) for one in play.case(case).signed if one.action == "apply"]
    assert signed == [("apply", "wang", local("2026-09-30 10:00"))]


def test_the_entries_alone_make_the_case_that_was_taken_back():
    play = recalling()
    case = reported(play)
    play.do("chen", case, cmd.DelegateTask(task=1, to="li", reason="x"))
    play.do("li", case, cmd.GiveBackTask(task=1, opinion="ok"))
    play.submit("chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))
    recall(play, "chen", case)

    again = None
    for written in play.log:
        kept = msgspec.json.decode(msgspec.json.encode(written.events), type=tuple[ev.AnyEvent, ...])
        again = fold_entry(again, written.head, kept)

    assert again == play.case(case)
