"""Drafted acts: prepared by one and signed by another, late themselves, over with what they are about or waiting on."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import ApprovalSpec, DeadlineSpec, LadderSpec, PartySpec, RungSpec
from engine.errors import BadInput, NotPermitted
from tests.samples import SAMPLE, SLOW, with_action
from tests.worlds import applied, local, of_type, only_task, reported, task_of, wait, world

LATE = LadderSpec(
    id="late",
    title="签发催办",
    rungs=(RungSpec(id="hurry", title="催签", at="1 workday after", to=("holder",), text="told"),),
)
SIGNED = ApprovalSpec(by="office", deadline=DeadlineSpec(within="1 workday"), ladder="late")


def drafting(**changes):
    """The sample whose letter is drafted otherwise."""
    letter = replace(SLOW.rungs[2], **{"ladder": "late", **changes})
    slow = replace(SLOW, rungs=(*SLOW.rungs[:2], letter))
    return replace(SAMPLE, ladders=(slow, LATE))


def letter(play, case):
    wait(play, "2026-10-13 09:00")
    return task_of(play.case(case), "draft")


def test_a_draft_that_is_approved_is_prepared_by_one_and_signed_by_another():
    play = world(procedure=drafting(by="checker", approve=SIGNED))
    case = reported(play)
    draft = letter(play, case)

    cleared, ended, opened, *_ = play.do("chen", case, cmd.IssueDraft(task=draft.n))

    assert cleared == ev.DraftCleared(task=draft.n, kind="letter")
    assert ended == ev.TaskEnded(task=draft.n, how="done")
    assert (opened.holder.persons, opened.ladder, opened.draft.prepared_by) == (("he", "lin"), "late", ("chen",))
    assert play.case(case).issued == ()
    (issued, *_) = play.do("lin", case, cmd.IssueDraft(task=opened.task))
    assert (issued.kind, issued.to) == ("letter", ("unit.principal",))
    assert [one.kind for one in play.case(case).issued] == ["letter"]


def test_whoever_prepared_a_draft_does_not_sign_it():
    play = world(procedure=drafting(approve=SIGNED))
    case = reported(play)
    play.do("lin", case, cmd.IssueDraft(task=letter(play, case).n))
    signing = task_of(play.case(case), "draft")

    for act in (cmd.IssueDraft(task=signing.n), cmd.DeclineDraft(task=signing.n, reason="x")):
        with pytest.raises(NotPermitted) as refused:
            play.do("lin", case, act)
        assert refused.value.code == "second_person_needed"
    assert [offer.kind for offer in play.offers("lin", case)] == []
    assert [offer.kind for offer in play.offers("he", case)] == ["issue", "decline"]
    assert [offer.approval for offer in play.offers("he", case)] == [False, False]


def test_who_prepares_may_decide_too_that_nothing_is_issued():
    play = world(procedure=drafting(approve=SIGNED))
    case = reported(play)

    (declined, *_) = play.do("lin", case, cmd.DeclineDraft(task=letter(play, case).n, reason="已办结在即"))

    assert declined == ev.DraftDeclined(task=2, kind="letter", reason="已办结在即")
    assert only_task(play.case(case)).n == 1


def test_what_is_only_prepared_takes_no_number_and_is_not_served():
    play = world(procedure=drafting(approve=SIGNED, series="函{year}-{seq}"))
    case = reported(play)
    draft = letter(play, case)

    with pytest.raises(BadInput) as refused:
        play.do("lin", case, cmd.IssueDraft(task=draft.n, way="in_person"))
    play.do("lin", case, cmd.IssueDraft(task=draft.n))
    play.do("he", case, cmd.IssueDraft(task=task_of(play.case(case), "draft").n))

    assert refused.value.code == "not_signed_yet"
    assert [one.number for one in play.case(case).issued] == ["函2026-1"]


def test_a_draft_nobody_decides_about_climbs_a_ladder_of_its_own():
    play = world(procedure=drafting())
    case = reported(play)
    draft = letter(play, case)

    wait(play, "2026-10-17 09:00")

    assert draft.ladder == "late"
    hurried = [one for one in of_type(play.events(case), ev.RungFired) if one.task == draft.n]
    assert [(one.rung, one.due_at) for one in hurried] == [("hurry", local("2026-10-16 00:00"))]
    assert [sent.message.to for sent in play.messages if sent.message.rung == "hurry"] == ["he", "lin"]


def test_a_letter_never_issued_stays_visible_and_the_next_rung_fires_anyway():
    circular = replace(SLOW.rungs[2], id="circular", at="5 workdays after", draft="circular")
    slow = replace(SLOW, rungs=(*SLOW.rungs, circular))
    play = world(procedure=replace(SAMPLE, ladders=(slow, LATE)))
    case = reported(play)

    wait(play, "2026-10-20 09:00")

    drafts = [(task.draft.rung, task.expired_at) for task in play.case(case).tasks if task.draft]
    assert drafts == [("letter", local("2026-10-16 00:00")), ("circular", local("2026-10-20 00:00"))]


def ended(play, case):
    """The draft of a task that is over, if it is still there."""
    play.submit("chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))
    return [task.n for task in play.case(case).tasks if task.draft]


def test_a_draft_is_withdrawn_with_its_task_or_waits_on_as_its_rung_says():
    play = world(procedure=drafting(if_over="withdraw"))
    case = reported(play)
    letter(play, case)
    assert ended(play, case) == []

    play = world(procedure=drafting(if_over="keep"))
    case = reported(play)
    draft = letter(play, case)
    assert ended(play, case) == [draft.n]
    (issued, *_) = play.do("lin", case, cmd.IssueDraft(task=draft.n))
    assert issued.kind == "letter"


def test_nothing_waits_on_once_the_case_is_closed():
    play = world(procedure=drafting(if_over="keep"))
    case = reported(play)
    draft = letter(play, case)
    play.submit("chen", case, "dismiss", {"reason": "不是"})
    approval = task_of(play.case(case), "approval")

    play.do("lin", case, cmd.AnswerApproval(task=approval.n, consent=True))

    assert (play.case(case).closed, play.case(case).tasks) == ("mistaken", ())
    assert ev.TaskEnded(task=draft.n, how="withdrawn") in play.events(case)


def test_the_same_letter_is_not_drafted_twice_while_it_waits():
    play = world(procedure=drafting(if_over="keep"))
    case = reported(play)
    letter(play, case)

    wait(play, "2026-11-30")

    assert len([task for task in play.case(case).tasks if task.draft]) == 1


def test_a_signer_of_whom_it_may_not_be_is_left_out():
    parties = (*SAMPLE.parties, PartySpec(id="boss", title="领导", kind="role", role="office", region="place.region"))
    signed = replace(SIGNED, by="boss", not_by=("finder",))
    play = world(procedure=replace(drafting(by="checker", approve=signed), parties=parties))
    case = reported(play, by="lin")
    play.do("chen", case, cmd.IssueDraft(task=letter(play, case).n))

    with pytest.raises(NotPermitted) as refused:
        play.do("lin", case, cmd.IssueDraft(task=task_of(play.case(case), "draft").n))

    assert (refused.value.code, refused.value.data["party"]) == ("separation_of_duties", "finder")


def test_taking_an_act_back_leaves_a_draft_of_an_earlier_stay_where_it_waits():
    play = world(procedure=with_action(drafting(if_over="keep"), "doing", "apply", recall="1 workday"))
    case = reported(play)
    draft = letter(play, case)
    assert ended(play, case) == [draft.n]
    applied(play, case)

    play.do("wang", case, cmd.RecallAction())

    assert play.case(case).leaves() == ("doing",)
    assert [task.n for task in play.case(case).tasks if task.draft] == [draft.n]
