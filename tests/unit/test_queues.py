"""What no office claims waits in a queue, where somebody must say in time whose it is (D20)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case_people import Assigned, Handing
from engine.core.definition import DeadlineSpec, PartySpec, Procedure
from engine.core.directory import Holding
from engine.errors import NotPermitted
from tests.offices import HAND_OVER, PROMPT, designate, directory, hand_over, offices, refuse, with_hand_over
from tests.samples import SAMPLE, SLOW, with_action
from tests.worlds import EVE, PAIR, local, of_type, own_task, reported, task_of, wait

AT = local(EVE)
#: Nobody checks anything in the first town.
NOBODY = tuple(one for one in PAIR if (one.role, one.region) != ("checker", "/s/t1/"))
MAYOR = Holding(id="50", person="mayor", role="mayor", region="/s/")


def queued(by: str = "") -> Procedure:
    """The sample whose queue asks whose a case is within two workdays."""
    parties = tuple(
        replace(
            party,
            designate=DeadlineSpec(within="2 workdays"),
            designate_by=by,
            designate_ladder="prompt",
        )
        if party.id == "pool"
        else party
        for party in SAMPLE.parties
    )
    more = (PartySpec(id="mayor", title="县长", kind="role", role="mayor", region="place.region"),) if by else ()
    return replace(SAMPLE, parties=(*parties, *more), ladders=(SLOW, PROMPT))


def orphaned(play, by: str = "lin") -> str:
    """A case of a town where nobody checks."""
    return reported(play, by=by)


def test_nobodys_case_is_the_queues_and_somebody_is_asked_whose_it_is():
    play = offices(procedure=queued(), holdings=NOBODY)

    case = orphaned(play)

    own, asked = play.case(case).tasks
    assert own.holder == ev.Holder(
        party="checker", persons=("he", "lin"), queue="pool", role="checker", region="/s/t1/", industry="steel"
    )
    assert (asked.kind, asked.spec, asked.holder.persons) == ("designation", "checker", ("he", "lin"))
    assert asked.handing == Handing(party="checker", region="/s/t1/", industry="steel", at=AT)
    assert (asked.deadline.due_at, asked.ladder) == (local("2026-10-10 00:00"), "prompt")


def test_it_may_be_asked_without_a_deadline_where_the_reason_is_said():
    undated = replace(queued().parties[-1], designate=None, designate_ladder="", designate_undated="未定期限")
    play = offices(procedure=replace(queued(), parties=(*queued().parties[:-1], undated)), holdings=NOBODY)

    case = orphaned(play)

    asked = task_of(play.case(case), "designation")
    assert (asked.deadline, asked.undated, asked.alarm) == (None, "未定期限", None)


def test_a_queue_that_is_not_asked_asks_nobody():
    play = offices(procedure=SAMPLE, holdings=NOBODY)

    case = orphaned(play)

    assert [task.kind for task in play.case(case).tasks] == ["own"]


def test_somebody_else_than_the_queue_may_be_asked():
    play = offices(procedure=queued("mayor"), holdings=(*NOBODY, MAYOR))

    case = orphaned(play)

    assert task_of(play.case(case), "designation").holder.persons == ("mayor",)
    assert [offer.kind for offer in play.offers("mayor", case)] == ["designate"]
    assert [offer.kind for offer in play.offers("lin", case)] == ["act", "act"]


def test_the_people_of_the_queue_may_do_the_task_themselves_and_the_question_lasts_as_long_as_the_queue():
    play = offices(procedure=queued(), holdings=NOBODY)
    case = orphaned(play, by="li")
    before = task_of(play.case(case), "designation")
    wait(play, "2026-10-08 09:00")

    play.submit("he", case, "confirm", {"level": "high", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))

    # Beside each other the office and the checker are asked: the checker's is still nobody's.
    assert [(task.kind, task.state) for task in play.case(case).tasks] == [
        ("designation", "opened"),
        ("own", "reviewing.left.asked"),
        ("own", "reviewing.right.asked"),
    ]
    assert task_of(play.case(case), "designation") == before


def test_once_no_task_of_the_party_is_left_nobody_is_asked_any_more_and_anew_when_there_is_one_again():
    play = offices(procedure=queued(), holdings=NOBODY)
    case = orphaned(play, by="li")

    play.submit("he", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))
    assert ev.TaskEnded(task=2, how="withdrawn") in play.log[-1].events
    assert [(task.kind, task.state) for task in play.case(case).tasks] == [("own", "doing")]
    photo = play.file("photo", "photos")
    play.submit("wang", case, "apply", {"photos": [photo.sha256]}, evidence=(photo,))

    assert [task.kind for task in play.case(case).tasks] == ["own", "designation"]


def test_two_tasks_of_a_party_ask_once():
    play = offices(procedure=queued(), holdings=NOBODY)
    case = orphaned(play, by="li")
    play.submit("he", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))
    play.submit("wang", case, "extend", {"asked_until": "2026-11-10", "reason": "雨"})
    wait(play, "2026-10-21 09:00")

    asked = [task for task in play.case(case).tasks if task.kind == "designation"]

    assert [task.kind for task in play.case(case).tasks if task.holder.party == "checker"] == ["approval", "extra"]
    assert [task.handing.party for task in asked] == ["checker"]


def test_the_designated_office_has_every_task_and_nobody_is_asked_again():
    play = offices(procedure=queued(), holdings=NOBODY)
    case = orphaned(play)
    before = own_task(play.case(case))

    designate(play, case, by="he", region="/s/t2/", industry="steel")

    state = play.case(case)
    holder = ev.Holder(party="checker", persons=("tang",), role="checker", region="/s/t2/", industry="steel")
    assert state.tasks == (replace(before, holder=holder),)
    assert state.assigned["checker"] == Assigned(
        how="designated", region="/s/t2/", industry="steel", by="he", at=AT, reason="按职责分工"
    )
    assert [offer.action for offer in play.offers("tang", case) if offer.kind == "act"] == ["confirm", "dismiss"]
    assert play.offers("lin", case) == ()


def test_what_was_designated_from_a_queue_is_not_handed_on_but_by_who_designates():
    play = offices(procedure=with_hand_over(queued(), superior=True), holdings=NOBODY)
    case = orphaned(play)
    designate(play, case, region="/s/t2/", industry="steel")
    play.directory = directory(PAIR)

    with pytest.raises(NotPermitted) as refused:
        hand_over(play, case, by="tang", region="/s/t1/", industry="steel")
    assert refused.value.code == "designated"

    assert hand_over(play, case, by="lin", region="/s/t1/", industry="steel").holder.persons == ("chen", "zhou")


def test_while_another_office_is_asked_to_receive_it_nobody_else_is_asked_whose_it_is():
    tried = replace(HAND_OVER, designate_by="", designate=None, designate_ladder="")
    play = offices(procedure=with_hand_over(queued(), spec=tried), holdings=PAIR)
    case = reported(play)
    hand_over(play, case, region="/s/t2/", industry="steel")

    play.directory = directory(NOBODY)
    play.do(cmd.SYSTEM, case, cmd.RefreshHolder())
    assert [task.kind for task in play.case(case).tasks] == ["own", "receipt"]
    refuse(play, case, "tang")

    assert own_task(play.case(case)).holder.queue == "pool"
    assert [task.kind for task in play.case(case).tasks] == ["own", "designation"]


def test_when_nobody_says_in_time_whose_it_is_that_is_recorded_and_its_ladder_runs():
    play = offices(procedure=queued(), holdings=NOBODY)
    case = orphaned(play)

    wait(play, "2026-10-10 09:00")

    asked = task_of(play.case(case), "designation")
    assert (asked.expired_at, asked.fired) == (local("2026-10-10 00:00"), ("late",))
    assert [sent.message.to for sent in play.messages if sent.message.task == asked.n] == ["he", "lin"]


def test_a_draft_because_nobody_said_so_goes_with_the_question():
    late = replace(SLOW, id="prompt")
    play = offices(procedure=replace(queued(), ladders=(SLOW, late)), holdings=NOBODY)
    case = orphaned(play)
    wait(play, "2026-10-20 09:00")
    asked = task_of(play.case(case), "designation")
    drafted = [task.n for task in play.case(case).tasks if task.draft and task.draft.of == asked.n]
    assert len(drafted) == 1

    designate(play, case, region="/s/t2/", industry="steel")

    ended = {event.task: event.how for event in of_type(play.log[-1].events, ev.TaskEnded)}
    assert ended == {asked.n: "done", drafted[0]: "withdrawn"}


def test_a_case_that_ends_asks_nothing_more():
    play = offices(procedure=with_action(queued(), "opened", "dismiss", approve=None), holdings=NOBODY)
    case = orphaned(play, by="li")

    play.submit("he", case, "dismiss", {"reason": "已自行整改"})

    state = play.case(case)
    assert (state.closed, state.tasks) == ("mistaken", ())


def test_a_claimed_case_asks_without_an_alarm_until_it_is_triaged():
    play = offices(procedure=queued(), holdings=NOBODY)
    version = next(iter(play.machines))
    act = cmd.ClaimCase(
        version=version,
        state="checking",
        data={"subject": "缺护栏", "unit": "U1", "place": "P1"},
        claimed_opened_at=local("2026-01-05 09:00"),
        claimed_number="旧-1",
        source="旧台账",
    )
    play.do("clerk", "K", act)

    asked = task_of(play.case("K"), "designation")
    assert (asked.deadline.due_at, asked.alarm) == (local("2026-10-10 00:00"), None)
    play.do("lin", "K", cmd.TriageCase(start="now", reason="补办"))
    assert task_of(play.case("K"), "designation").alarm is not None
