"""Leavers' tasks (离职转办), recusal (回避), and what is looked up anew when the directory changes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case_people import Given
from engine.core.definition import RecusedSpec
from engine.core.directory import Holding, Recusal, RolePower
from engine.errors import NotPermitted, ZhibenError
from tests.holding import changed, handled, kinds, nameable, refreshed
from tests.samples import SAMPLE
from tests.worlds import EVE, ROLES, confirmed, local, of_type, only_task, own_task, reported, world

AT = local(EVE)


def playing(procedure=None, **more):
    """A world whose procedure lets everything be done with its tasks, and a case that chen reported in it."""
    play = world(procedure=procedure or handled(), **more)
    return play, reported(play)


def code_of(do, kind: type[ZhibenError] = NotPermitted) -> str:
    with pytest.raises(kind) as refused:
        do()
    return refused.value.code


def held(play, case):
    return own_task(play.case(case)).holder.persons


# leavers -----------------------------------------------------------------------------------------------------------

WITH_REGISTRAR = {**ROLES, "clerk": RolePower(id="clerk", title="登记员", may=frozenset({"reassign"}))}


def with_registrar(**more):
    play, case = playing(**more)
    play.directory.roles = WITH_REGISTRAR
    return play, case


def test_the_registrar_gives_a_leavers_task_to_somebody_in_the_same_role():
    play, case = with_registrar()
    play.do("chen", case, cmd.ClaimTask(task=1))

    (event,) = play.do("clerk", case, cmd.ReassignTask(task=1, to="zhou", reason="陈某调离"))

    assert (event.how, event.holder.persons, event.reason) == ("leaver", ("zhou",), "陈某调离")
    assert event.given == Given(person="zhou", how="leaver", by="clerk", at=AT, reason="陈某调离")


@pytest.mark.parametrize(("to", "code"), [("lin", "not_of_the_parties"), ("tang", "not_of_the_parties")])
def test_a_leavers_task_goes_to_nobody_of_another_role_or_elsewhere(to, code):
    play, case = with_registrar()

    assert code_of(lambda: play.do("clerk", case, cmd.ReassignTask(task=1, to=to, reason="x"))) == code


def test_a_leavers_task_stays_in_the_unit():
    play = world(procedure=handled())
    play.directory.roles = WITH_REGISTRAR
    case = confirmed(play)

    assert nameable(play, case, only_task(play.case(case)), "reassign") == ("li",)
    play.do("clerk", case, cmd.ReassignTask(task=2, to="li", reason="负责人更换"))

    assert held(play, case) == ("li",)


@pytest.mark.parametrize("person", ["chen", "lin", "wang"])
def test_only_who_has_the_permission_reassigns(person):
    play, case = with_registrar()

    code = code_of(lambda: play.do(person, case, cmd.ReassignTask(task=1, to="zhou", reason="x")))

    assert code == "may_not_reassign"


def test_a_leavers_approvals_are_reassigned_too():
    play, case = with_registrar()
    play.submit("chen", case, "dismiss", {"reason": "x"})

    play.do("clerk", case, cmd.ReassignTask(task=2, to="he", reason="林某退休"))

    assert play.case(case).task(2).holder.persons == ("he",)


# recusal -----------------------------------------------------------------------------------------------------------


def test_who_is_biased_takes_no_more_part_and_the_others_go_on():
    play, case = playing()
    play.do("chen", case, cmd.ClaimTask(task=1))

    events = play.do("chen", case, cmd.RecusePerson(task=1, reason="与责任人系亲属"))

    assert events[0] == ev.PersonRecused(person="chen", reason="与责任人系亲属")
    assert [(one.how, one.holder.persons, one.given) for one in of_type(events, ev.HolderChanged)] == [
        ("recused", ("zhou",), None)
    ]
    assert code_of(lambda: play.submit("chen", case, "dismiss", {"reason": "x"})) == "recused_or_excepted"


def test_the_only_one_who_can_act_is_not_let_go():
    play = world(procedure=handled())
    case = confirmed(play)

    assert "recuse" not in kinds(play, "wang", case)
    assert code_of(lambda: play.do("wang", case, cmd.RecusePerson(task=2, reason="x"))) == "nobody_else"


def test_where_a_queue_takes_what_nobody_holds_the_last_one_may_recuse_themself():
    play, case = playing()
    play.do("chen", case, cmd.RecusePerson(task=1, reason="x"))

    play.do("zhou", case, cmd.RecusePerson(task=1, reason="y"))

    holder = only_task(play.case(case)).holder
    assert (holder.party, holder.queue, holder.persons) == ("checker", "pool", ("he", "lin"))


def test_nobody_who_said_they_are_biased_gets_a_task_again():
    play, case = playing()
    play.do("chen", case, cmd.RecusePerson(task=1, reason="x"))

    code = code_of(lambda: play.do("zhou", case, cmd.TransferTask(task=1, to="chen", reason="x")))

    assert code == "not_of_the_parties"


def test_a_relative_by_the_directory_is_not_named_either():
    checker = SAMPLE.parties[1]
    kin = replace(checker, recused=RecusedSpec(of=("unit",), grounds=("kin",)))
    procedure = replace(SAMPLE, parties=tuple(kin if one.id == "checker" else one for one in SAMPLE.parties))
    play, case = playing(procedure=handled(procedure))
    changed(play, recusals=(Recusal(id="r", person="lin", kind="kin", unit="U1"),))

    code = code_of(lambda: play.do("chen", case, cmd.TransferTask(task=1, to="lin", reason="x")))

    assert code == "recused_or_excepted"
    assert nameable(play, case, only_task(play.case(case)), "transfer") == ("chen", "he", "zhou")


# looked up anew ----------------------------------------------------------------------------------------------------


def test_only_the_engine_looks_up_anew_who_holds_what():
    play, case = playing()

    assert code_of(lambda: play.do("lin", case, cmd.RefreshHolder())) == "system_only"


def test_nothing_is_written_where_nothing_differs():
    play, case = playing()

    assert refreshed(play, case) == ()


def test_a_new_colleague_holds_what_the_others_hold():
    play, case = playing()
    changed(play, holdings=(Holding(id="20", person="sun", role="checker", region="/s/t1/"),))

    (event,) = refreshed(play, case, task=1)

    assert (event.how, event.holder.persons) == ("directory", ("chen", "sun", "zhou"))


def test_that_nobody_is_left_is_recorded_as_it_is():
    play = world(procedure=handled())
    case = confirmed(play)
    changed(play, ended=("6",))

    (event,) = refreshed(play, case)

    assert (event.holder.persons, event.holder.queue) == ((), "")
