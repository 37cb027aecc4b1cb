"""A second person's consent: who may give it, what it does, and what becomes of it."""

from __future__ import annotations

import pytest

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import ApprovalSpec
from engine.errors import BadInput, NotPermitted, Stale
from tests.samples import SAMPLE, with_action
from tests.worlds import HOLDINGS, confirmed, local, of_type, reported, task_of, wait, world


def dismissed(play, by="zhou"):
    """A case that somebody asks to dismiss."""
    case = reported(play)
    play.submit(by, case, "dismiss", {"reason": "已自行整改"})
    return case


def answer(play, case, by, consent=True, reason="", **how):
    return play.do(
        by, case, cmd.AnswerApproval(task=task_of(play.case(case), "approval").n, consent=consent, reason=reason), **how
    )


def code_of(kind, do):
    with pytest.raises(kind) as refused:
        do()
    return refused.value.code


def test_one_friendly_officer_alone_dismisses_nothing():
    play = world()

    case = dismissed(play)

    asked = task_of(play.case(case), "approval")
    assert (play.case(case).leaves(), play.case(case).closed) == (("opened",), "")
    assert (asked.holder.persons, asked.deadline.due_at) == (("he", "lin"), local("2026-10-09 00:00"))
    assert asked.asked.values == {"reason": "已自行整改"}
    assert "reason" not in play.case(case).fields


def test_a_second_person_outside_the_pair_consents_and_it_is_dismissed():
    play = world()
    case = dismissed(play)

    answer(play, case, "lin")

    state = play.case(case)
    assert (state.closed, state.leaves(), state.tasks) == ("mistaken", ("dropped",), ())
    assert state.fields["reason"] == "已自行整改"
    assert [(one.action, one.person, one.party) for one in state.signed] == [
        ("report", "chen", "checker"),
        ("dismiss", "zhou", "checker"),
        ("dismiss.approve", "lin", "office"),
    ]
    ended = {event.task: event.how for event in of_type(play.events(case), ev.TaskEnded)}
    assert ended == {1: "done", 2: "consented"}


def test_whoever_asked_may_not_consent():
    # The mayor is a checker and of the office.
    play = world(
        holdings=HOLDINGS,
        procedure=with_action(SAMPLE, "opened", "dismiss", approve=ApprovalSpec(by="office", undated="自行安排")),
    )
    case = dismissed(play, by="mayor")

    assert code_of(NotPermitted, lambda: answer(play, case, "mayor")) == "second_person_needed"
    assert play.offers("mayor", case)[-1].kind == "act"


def test_the_finder_may_not_consent_though_of_the_office():
    play = world(holdings=HOLDINGS)
    case = reported(play, by="lin")
    play.submit("zhou", case, "dismiss", {"reason": "x"})

    assert code_of(NotPermitted, lambda: answer(play, case, "lin")) == "separation_of_duties"
    answer(play, case, "he")

    assert play.case(case).closed == "mistaken"


def test_whoever_acted_as_the_first_party_may_not_be_the_second():
    play = world(holdings=HOLDINGS)
    case = reported(play, by="mayor")
    play.submit("zhou", case, "dismiss", {"reason": "x"})

    assert code_of(NotPermitted, lambda: answer(play, case, "mayor")) == "separation_of_duties"


@pytest.mark.parametrize("person", ["zhou", "chen", "wang", "stranger"])
def test_only_those_who_hold_the_approval_answer_it(person):
    play = world()
    case = dismissed(play)

    assert code_of(NotPermitted, lambda: answer(play, case, person)) == "not_your_task"


def test_consent_refused_needs_a_reason_and_leaves_the_task_open():
    play = world()
    case = dismissed(play)

    assert code_of(BadInput, lambda: answer(play, case, "lin", consent=False, reason=" ")) == "reason_missing"
    answer(play, case, "lin", consent=False, reason="证据不足")

    state = play.case(case)
    assert [(task.n, task.kind) for task in state.tasks] == [(1, "own")]
    assert "reason" not in state.fields
    ended = of_type(play.events(case), ev.TaskEnded)
    assert ended == [ev.TaskEnded(task=2, how="refused", reason="证据不足")]


def test_what_was_refused_may_be_asked_again_but_not_asked_twice_at_once():
    play = world()
    case = dismissed(play)

    again = lambda: play.submit("chen", case, "dismiss", {"reason": "y"})  # noqa: E731
    assert code_of(NotPermitted, again) == "already_asked"
    answer(play, case, "lin", consent=False, reason="证据不足")
    again()

    assert task_of(play.case(case), "approval").asked.by == "chen"


def test_an_approval_that_was_answered_is_stale():
    play = world()
    case = dismissed(play)
    task = task_of(play.case(case), "approval").n
    answer(play, case, "lin", consent=False, reason="x")

    code = code_of(Stale, lambda: play.do("he", case, cmd.AnswerApproval(task=task, consent=True)))

    assert code == "task_not_open"


def test_an_own_task_cannot_be_answered():
    play = world()
    case = dismissed(play)

    assert code_of(Stale, lambda: play.do("lin", case, cmd.AnswerApproval(task=1, consent=True))) == "task_not_open"


def test_the_case_moving_on_ends_what_was_asked():
    play = world()
    case = dismissed(play)

    play.submit("chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))

    ended = {event.task: event.how for event in of_type(play.events(case), ev.TaskEnded)}
    assert ended == {1: "done", 2: "left"}
    assert play.case(case).leaves() == ("doing",)


def test_an_approval_has_a_ladder_of_its_own():
    play = world()
    case = dismissed(play)

    wait(play, "2026-10-15 09:00")

    asked = task_of(play.case(case), "approval")
    drafted = [task.draft.of for task in play.case(case).tasks if task.draft]
    assert asked.expired_at == local("2026-10-09 00:00")
    assert (asked.skipped, asked.fired, drafted) == (("remind",), ("overdue", "letter"), [asked.n, 1])


def test_an_approval_without_deadline_says_why():
    undated = ApprovalSpec(by="office", undated="法规未定期限")
    play = world(procedure=with_action(SAMPLE, "opened", "dismiss", approve=undated))

    case = dismissed(play)

    asked = task_of(play.case(case), "approval")
    assert (asked.deadline, asked.undated) == (None, "法规未定期限")


def test_a_leader_consents_on_paper_and_a_clerk_enters_it_later():
    play = world(procedure=with_action(SAMPLE, "opened", "dismiss", late_entry="5 workdays"))
    case = dismissed(play)
    wait(play, "2026-10-08 09:00")

    answer(play, case, "lin", occurred_at=local("2026-09-30 16:00"), entered_by="clerk", medium="paper")

    assert play.case(case).closed_at == local("2026-09-30 16:00")
    assert play.case(case).signed[-1].person == "lin"


@pytest.mark.parametrize(
    ("occurred", "code"), [("2026-09-30 09:00", "before_the_last_act"), ("2026-10-08 10:00", "in_the_future")]
)
def test_consent_is_not_dated_before_it_was_asked_nor_ahead(occurred, code):
    play = world(procedure=with_action(SAMPLE, "opened", "dismiss", late_entry="9 days"))
    case = dismissed(play)
    wait(play, "2026-10-08 09:00")

    assert code_of(BadInput, lambda: answer(play, case, "lin", occurred_at=local(occurred), entered_by="clerk")) == code


def test_consent_entered_late_needs_an_action_that_allows_it():
    play = world()
    case = dismissed(play)
    wait(play, "2026-10-08 09:00")

    late = lambda: answer(play, case, "lin", occurred_at=local("2026-09-30 16:00"), entered_by="clerk")  # noqa: E731

    assert code_of(NotPermitted, late) == "late_entry_not_allowed"


def test_an_extra_task_that_ends_takes_what_was_asked_from_it_along():
    approval = ApprovalSpec(by="office", undated="自行安排")
    play = world(procedure=with_action(SAMPLE, "doing", "take_over", approve=approval))
    case = confirmed(play)
    wait(play, "2026-10-21 09:00")
    play.submit("chen", case, "take_over")
    asked = task_of(play.case(case), "approval")

    play.submit("zhou", case, "note", {"opinion": "仍在施工"})

    assert [(task.kind, task.state) for task in play.case(case).tasks] == [("own", "doing")]
    assert ev.TaskEnded(task=asked.n, how="withdrawn") in play.log[-1].events


def test_consent_to_a_date_that_has_passed_meanwhile_is_refused():
    play = world()
    case = confirmed(play, due_on="2026-10-20")
    play.submit("wang", case, "extend", {"asked_until": "2026-10-21", "reason": "雨"})
    wait(play, "2026-10-22 09:00")

    assert code_of(BadInput, lambda: answer(play, case, "chen")) == "deadline_not_later"
    answer(play, case, "chen", consent=False, reason="已过")

    assert [task.kind for task in play.case(case).tasks] == ["own", "extra"]
