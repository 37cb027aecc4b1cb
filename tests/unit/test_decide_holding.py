"""Passing a task on: claim, transfer, delegation and back, leavers, recusal; what is looked up anew."""

from __future__ import annotations

import pytest

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case_people import Given
from engine.core.definition import HandlingSpec
from engine.core.directory import Substitution
from engine.errors import BadInput, NotPermitted, Refusal, Stale, ZhibenError
from tests.holding import HANDLING, changed, handled, kinds, nameable, refreshed
from tests.samples import SAMPLE, with_action
from tests.worlds import EVE, HOLDINGS, applied, confirmed, local, only_task, own_task, reported, world

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


# claim and release -------------------------------------------------------------------------------------------------


def test_one_of_several_claims_a_task_and_is_the_only_one_who_acts():
    play, case = playing()

    play.do("chen", case, cmd.ClaimTask(task=1))

    task = only_task(play.case(case))
    assert (task.holder.persons, task.given) == (("chen",), Given(person="chen", how="claimed", by="chen", at=AT))
    assert "act" not in {offer.kind for offer in play.offers("zhou", case)}
    assert code_of(lambda: play.submit("zhou", case, "dismiss", {"reason": "x"})) == "not_your_task"


@pytest.mark.parametrize(("person", "code"), [("zhou", "claimed_already"), ("chen", "held_by_one")])
def test_a_claimed_task_is_not_claimed_again(person, code):
    play, case = playing()
    play.do("chen", case, cmd.ClaimTask(task=1))

    assert code_of(lambda: play.do(person, case, cmd.ClaimTask(task=1))) == code


def test_who_does_not_hold_it_does_not_claim_it():
    play, case = playing()

    assert code_of(lambda: play.do("lin", case, cmd.ClaimTask(task=1))) == "not_your_task"


def test_a_task_that_one_person_holds_is_not_to_be_claimed():
    play = world(procedure=handled())
    case = confirmed(play)

    assert "claim" not in kinds(play, "wang", case)
    assert code_of(lambda: play.do("wang", case, cmd.ClaimTask(task=2))) == "held_by_one"


def test_who_released_a_task_shares_it_again():
    play, case = playing()
    play.do("chen", case, cmd.ClaimTask(task=1))

    play.do("chen", case, cmd.ReleaseTask(task=1))

    task = only_task(play.case(case))
    assert (task.holder.persons, task.given) == (("chen", "zhou"), None)


def test_a_superior_releases_what_another_claimed_and_says_why():
    play, case = playing()
    play.do("chen", case, cmd.ClaimTask(task=1))

    assert code_of(lambda: play.do("lin", case, cmd.ReleaseTask(task=1)), BadInput) == "reason_missing"
    events = play.do("lin", case, cmd.ReleaseTask(task=1, reason="出差"))

    assert events[0] == ev.ActedFor(task=1, persons=("chen",), how="superior", reason="出差")
    assert held(play, case) == ("chen", "zhou")
    assert code_of(lambda: play.do("zhou", case, cmd.ReleaseTask(task=1))) == "not_claimed"


def test_a_claim_ends_with_the_role_of_who_claimed():
    play, case = playing(procedure=handled())
    play.do("chen", case, cmd.ClaimTask(task=1))
    changed(play, ended=("1",))

    assert kinds(play, "zhou", case) == {"transfer", "delegate", "copy", "recuse"}
    refreshed(play, case)

    task = only_task(play.case(case))
    assert (task.holder.persons, task.given) == (("zhou",), None)


# transfer ----------------------------------------------------------------------------------------------------------


def test_a_task_is_transferred_for_good_and_its_deadline_runs_on():
    play, case = playing()
    before = only_task(play.case(case))

    play.do("chen", case, cmd.TransferTask(task=1, to="lin", reason="不在辖区"))

    task = only_task(play.case(case))
    given = Given(person="lin", how="transferred", by="chen", at=AT, reason="不在辖区")
    assert (task.holder.persons, task.given) == (("lin",), given)
    assert (task.deadline, task.alarm, task.epoch) == (before.deadline, before.alarm, before.epoch)
    assert code_of(lambda: play.submit("zhou", case, "dismiss", {"reason": "x"})) == "not_your_task"
    play.submit("lin", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))
    assert play.case(case).leaves() == ("doing",)


@pytest.mark.parametrize(
    ("to", "code"), [("wang", "not_of_the_parties"), ("tang", "not_of_the_parties"), ("nobody", "person_not_here")]
)
def test_a_task_goes_to_nobody_whom_the_procedure_does_not_name(to, code):
    play, case = playing()

    assert code_of(lambda: play.do("chen", case, cmd.TransferTask(task=1, to=to, reason="x"))) == code


def test_a_transfer_needs_a_reason_of_bounded_length_and_another_person():
    play, case = playing()

    def transfer(to, reason):
        return code_of(lambda: play.do("chen", case, cmd.TransferTask(task=1, to=to, reason=reason)), BadInput)

    assert transfer("lin", " ") == "reason_missing"
    assert transfer("lin", "长" * 501) == "reason_too_long"
    assert transfer("chen", "x") == "named_oneself"


def test_a_substitute_passes_nothing_on():
    play, case = playing()
    changed(play, substitutions=(Substitution(id="s", person="chen", substitute="tang"),))

    assert {offer.stands_for for offer in play.offers("tang", case)} == {"chen"}
    assert kinds(play, "tang", case) == set()
    assert code_of(lambda: play.do("tang", case, cmd.TransferTask(task=1, to="lin", reason="x"))) == "not_your_task"


def test_nobody_gets_a_task_about_which_they_may_do_nothing():
    both = with_action(
        with_action(SAMPLE, "checking", "accept", not_by=("unit",)), "checking", "fail", not_by=("unit",)
    )
    play = world(procedure=handled(both, transfer=("unit", "office")))
    case = applied(play, confirmed(play))
    task = only_task(play.case(case))

    refused = lambda: play.do("chen", case, cmd.TransferTask(task=task.n, to="li", reason="x"))  # noqa: E731

    assert code_of(refused) == "excluded_from_task"
    assert nameable(play, case, task, "transfer") == ("chen", "he", "lin", "zhou")


def test_where_no_party_is_named_nothing_is_transferred():
    play, case = playing(procedure=handled(transfer=()))

    assert "transfer" not in kinds(play, "chen", case)
    code = code_of(lambda: play.do("chen", case, cmd.TransferTask(task=1, to="zhou", reason="x")))
    assert code == "handling_not_provided"


def test_a_task_comes_back_to_its_party_when_whom_it_was_given_to_leaves():
    play, case = playing()
    play.do("chen", case, cmd.TransferTask(task=1, to="lin", reason="x"))
    changed(play, ended=("4",))

    (event,) = refreshed(play, case)

    assert (event.how, event.holder.persons, event.given) == ("directory", ("chen", "zhou"), None)


def test_a_task_that_is_not_open_is_passed_on_by_nobody():
    play, case = playing()

    assert code_of(lambda: play.do("chen", case, cmd.ClaimTask(task=9)), Stale) == "task_not_open"


# delegation --------------------------------------------------------------------------------------------------------


def delegated(by="chen", to="li", **more):
    play, case = playing(**more)
    play.do(by, case, cmd.DelegateTask(task=1, to=to, reason="请先核对"))
    return play, case


def test_who_was_delegated_prepares_but_does_not_act_and_nobody_else_does_either():
    play, case = delegated()

    assert held(play, case) == ("li",)
    assert kinds(play, "li", case) == {"give_back", "recuse"}
    assert kinds(play, "chen", case) == kinds(play, "zhou", case) == {"take_back"}
    assert [offer.kind for offer in play.offers("li", case) if offer.kind == "act"] == []
    told = {"li": "not_your_task", "chen": "task_delegated", "zhou": "task_delegated", "lin": "not_your_task"}
    for person, code in told.items():
        assert code_of(lambda who=person: play.submit(who, case, "dismiss", {"reason": "x"})) == code


def test_a_delegate_gives_it_back_with_an_opinion_and_evidence():
    play, case = delegated()
    photo = play.file("photo")

    assert code_of(lambda: play.do("li", case, cmd.GiveBackTask(task=1)), BadInput) == "reason_missing"
    (event,) = play.do("li", case, cmd.GiveBackTask(task=1, opinion="护栏缺3米", evidence=(photo,)))

    assert (event.how, event.reason, event.evidence) == ("given_back", "护栏缺3米", (photo,))
    assert held(play, case) == ("chen", "zhou")
    assert code_of(lambda: play.do("li", case, cmd.GiveBackTask(task=1, opinion="x"))) == "not_delegated"


def test_that_a_delegate_has_read_it_is_noted():
    play, case = delegated()

    assert play.do("li", case, cmd.ReadTask(task=1)) == (ev.TaskRead(task=1, person="li"),)
    assert play.do("chen", case, cmd.ReadTask(task=1)) == ()


def test_who_held_it_takes_it_back():
    play, case = delegated()

    (event,) = play.do("zhou", case, cmd.GiveBackTask(task=1))

    assert (event.how, event.given) == ("taken_back", None)
    assert code_of(lambda: play.do("li", case, cmd.GiveBackTask(task=1, opinion="x"))) == "not_delegated"


def test_a_colleague_who_prepares_it_gives_it_back_and_does_not_take_it_back():
    play, case = delegated(to="zhou", procedure=handled(delegate=("checker",)))

    assert (kinds(play, "zhou", case), kinds(play, "chen", case)) == ({"give_back", "recuse"}, {"take_back"})
    assert code_of(lambda: play.do("zhou", case, cmd.GiveBackTask(task=1)), BadInput) == "reason_missing"


def test_a_task_comes_back_to_whom_it_was_given_before_it_was_delegated():
    play, case = playing()
    play.do("chen", case, cmd.TransferTask(task=1, to="lin", reason="x"))
    given = only_task(play.case(case)).given
    play.do("lin", case, cmd.DelegateTask(task=1, to="li", reason="x"))

    assert code_of(lambda: play.do("chen", case, cmd.GiveBackTask(task=1))) == "not_your_task"
    play.do("li", case, cmd.GiveBackTask(task=1, opinion="已核对"))

    task = only_task(play.case(case))
    assert (task.given, task.back_to, task.holder.persons) == (given, None, ("lin",))


def test_a_delegate_who_is_gone_has_given_it_back():
    play, case = playing()
    play.do("chen", case, cmd.ClaimTask(task=1))
    play.do("chen", case, cmd.DelegateTask(task=1, to="li", reason="x"))
    changed(play, ended=("7",))

    assert "act" in {offer.kind for offer in play.offers("chen", case)}
    assert "take_back" not in kinds(play, "chen", case)
    (event,) = refreshed(play, case)

    task = only_task(play.case(case))
    assert (event.how, event.holder.persons) == ("directory", ("chen",))
    assert (task.given, task.back_to) == (Given(person="chen", how="claimed", by="chen", at=AT), None)


def test_a_delegate_passes_nothing_on():
    play, case = delegated(to="lin")

    for act in (
        cmd.TransferTask(task=1, to="he", reason="x"),
        cmd.DelegateTask(task=1, to="he", reason="x"),
        cmd.CopyCase(task=1, to=("he",)),
        cmd.ClaimTask(task=1),
    ):
        assert code_of(lambda act=act: play.do("lin", case, act)) == "task_delegated"


# what every act keeps ----------------------------------------------------------------------------------------------


def test_where_the_procedure_provides_nothing_nothing_is_offered_nor_done():
    play, case = playing(procedure=handled(handling=HandlingSpec()))

    assert {kind for person in ("chen", "lin", "wang", "mayor") for kind in kinds(play, person, case)} == set()
    for act in (
        cmd.ClaimTask(task=1),
        cmd.TransferTask(task=1, to="lin", reason="x"),
        cmd.DelegateTask(task=1, to="lin", reason="x"),
        cmd.CopyCase(task=1, to=("lin",)),
        cmd.RecusePerson(task=1, reason="x"),
    ):
        assert code_of(lambda act=act: play.do("chen", case, act)) == "handling_not_provided"


def test_nothing_is_passed_on_with_a_date_of_the_past():
    play, case = playing()
    play.advance(local("2026-09-30 15:00"))

    late = lambda: play.do("chen", case, cmd.ClaimTask(task=1), occurred_at=local("2026-09-30 11:00"))  # noqa: E731

    assert code_of(late) == "late_entry_not_allowed"


def test_an_approval_is_not_passed_on():
    play, case = playing(holdings=HOLDINGS)
    play.submit("chen", case, "dismiss", {"reason": "x"})

    assert HANDLING.transfer == ("office",)
    assert [one for one in play.offers("lin", case) if one.task == 2 and one.kind == "transfer"] == []
    code = code_of(lambda: play.do("lin", case, cmd.TransferTask(task=2, to="he", reason="x")), Refusal)
    assert code == "handling_not_provided"
