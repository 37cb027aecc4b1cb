"""A hidden case: nobody from whom it is hidden is told, nobody else finds it, and it is known who knew."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.compiler import compile_procedure
from engine.core.definition import (
    HandlingSpec,
    HandOverSpec,
    LadderSpec,
    Notify,
    Procedure,
    RungSpec,
    SameSpec,
    SealSpec,
    TargetSpec,
)
from engine.core.directory import Directory, Holding
from engine.core.seals import Recorded, Told, masked, told_before_opening
from engine.errors import BadInput, Broken, DefinitionErrors, NotFound, NotPermitted
from engine.proof.play import World
from tests.samples import with_action, with_state
from tests.visits import ENTER, TEAM, VISIT, entered, planned, recorded, visits
from tests.worlds import HOLDINGS, ROLES, local, of_type


def record(world: World, case: str) -> list[Recorded]:
    """What the entries of a case say of who knew."""
    return [
        Recorded(
            seq=one.head.seq,
            acted_by=one.command.acted_by,
            entered_by=one.command.entered_by,
            occurred_at=one.head.occurred_at,
            recorded_at=one.head.recorded_at,
            events=one.events,
        )
        for one in world.log
        if one.head.id == case
    ]


def look(world: World, case: str, person: str) -> tuple[ev.AnyEvent, ...]:
    return world.do(person, case, cmd.SeeCase())


def test_a_case_is_hidden_from_its_start_to_its_opening_action():
    world = visits()
    case = planned(world)
    assert world.case(case).sealed

    entered(world, case)

    assert not world.case(case).sealed
    assert [type(event) for event in world.events(case)][:2] == [ev.CaseOpened, ev.CaseSealed]
    assert of_type(world.events(case), ev.CaseSealed, ev.CaseUnsealed) == [
        ev.CaseSealed(hidden_from=("unit",), until=("enter",), creators=("lin",)),
        ev.CaseUnsealed(action="enter"),
    ]


def test_the_first_look_of_each_person_is_an_event_and_no_later_one():
    world = visits()
    case = planned(world)

    assert look(world, case, "chen") == (ev.CaseSeen(person="chen"),)
    assert look(world, case, "chen") == ()
    assert look(world, case, "lin") == (ev.CaseSeen(person="lin"),)
    assert world.case(case).seen == ("chen", "lin")
    entered(world, case)
    assert look(world, case, "zhou") == ()


@pytest.mark.parametrize("person", ["wang", "li", "tang", "he", "clerk"])
def test_to_everybody_else_there_is_no_such_case(person):
    """The unit's own people, a colleague from elsewhere, another one of the office, and a clerk."""
    world = visits()
    case = planned(world)
    before = len(world.log)

    for act in (cmd.SeeCase(), cmd.ReadTask(task=1), cmd.SubmitAction(task=1, action="drop", data={"reason": "x"})):
        with pytest.raises(NotFound, match="case_not_found"):
            world.do(person, case, act)
    with pytest.raises(NotFound, match="case_not_found"):
        world.do("chen", case, cmd.SubmitAction(task=1, action="drop", data={"reason": "x"}), entered_by=person)
    assert world.offers(person, case) == ()
    assert len(world.log) == before


def test_whom_the_definition_names_may_see_it():
    seal = SealSpec(until=("enter",), hidden_from=("unit",), seen_by=("office",))
    world = visits(replace(VISIT, sealed=seal))

    assert look(world, planned(world), "he") == (ev.CaseSeen(person="he"),)


def test_a_member_of_the_unit_learns_nothing_even_as_a_member_of_the_team():
    world = visits()

    with pytest.raises(BadInput):  # no licence
        planned(world, team=["chen", "wang"])
    unlicensed = tuple(replace(field, certificate="") if field.id == "team" else field for field in VISIT.fields)
    world = visits(replace(VISIT, fields=unlicensed))
    with pytest.raises(Broken, match="sealed_case_told"):
        planned(world, team=["chen", "wang"])
    assert (world.log, world.messages) == ([], [])


def test_lists_and_messages_show_nothing_of_whom_it_concerns():
    world = visits()
    case = world.case(planned(world))
    shown = masked(case)

    assert (shown.unit, shown.place, shown.industry, shown.title, shown.fields) == ("", "", "", "", {})
    assert shown.number == case.number
    opened = world.case(entered(world, case.id))
    assert masked(opened) is opened


def test_it_can_be_shown_who_knew_before_the_opening_and_that_the_unit_did_not():
    world = visits()
    case = planned(world)
    look(world, case, "zhou")
    recorded(world, entered(world, case))

    before = told_before_opening(record(world, case), hidden_from=["wang", "li"])

    at = local("2026-03-02 09:00")
    assert before.told == (
        Told(person="lin", how="created", at=at, seq=1),
        *(Told(person=one, how="sent", at=at, seq=1) for one in TEAM),
        *(Told(person=one, how="held", at=at, seq=1) for one in TEAM),
        Told(person="zhou", how="saw", at=at, seq=2),
        Told(person="chen", how="acted", at=at, seq=3),
    )
    assert before.persons == ("lin", "chen", "zhou")
    assert (before.opened_at, before.hidden_from, before.leaked) == (at, ("li", "wang"), ())


def test_a_leak_would_be_seen():
    world = visits()
    case = planned(world)

    before = told_before_opening(record(world, case), hidden_from=["chen"])

    assert before.opened_at is None
    assert {(one.person, one.how) for one in before.leaked} == {("chen", "held"), ("chen", "sent")}


def test_an_open_case_hides_nothing():
    world = visits(replace(VISIT, sealed=None))
    case = planned(world)

    assert not world.case(case).sealed
    assert told_before_opening(record(world, case)).told == ()


def test_a_case_that_never_opens_stays_hidden():
    world = visits()
    case = planned(world)

    world.submit("chen", case, "drop", {"reason": "停产"})

    assert (world.case(case).closed, world.case(case).sealed) == ("dropped", True)
    with pytest.raises(NotFound):
        look(world, case, "wang")
    assert look(world, case, "chen") == (ev.CaseSeen(person="chen"),)


def test_an_old_case_is_taken_over_only_where_it_has_ended():
    world = visits()
    opened = local("2026-01-05 09:00")
    told: dict[str, Any] = {"version": world.machine_of("visit").version, "claimed_opened_at": opened}
    data = {"unit": "U1", "place": "P1", "subject": "门窗"}

    with pytest.raises(BadInput, match="sealed_not_claimable"):
        world.do("clerk", "C1", cmd.ClaimCase(state="planned", data=data, **told))
    world.do("clerk", "C1", cmd.ClaimCase(state="over", data=data, claimed_closed_at=opened, **told))
    assert world.case("C1").closed == "done"


# definitions that would tell ----------------------------------------------------------------------------------------


def told_at(procedure: Procedure) -> set[str]:
    """Where a definition would tell those from whom its cases are hidden."""
    with pytest.raises(DefinitionErrors) as wrong:
        compile_procedure(procedure)
    assert {one.code for one in wrong.value.problems} == {"sealed_told"}
    return {str(one.data["path"]) for one in wrong.value.problems}


def test_no_message_goes_to_the_unit_before_the_opening():
    start = replace(VISIT.starts[0], do=(Notify(to=("unit.principal",), text="given"),))
    dropping = with_action(VISIT, "planned", "drop", do=(Notify(to=("team", "unit"), text="given"),))

    assert told_at(replace(VISIT, starts=(start,))) == {"starts.plan.do.0.notify.to"}
    assert told_at(dropping) == {"states.planned.actions.drop.do.0.notify.to"}


def test_the_unit_neither_holds_nor_does_nor_is_reminded_of_anything_before_the_opening():
    task = VISIT.states[0].tasks[0]
    ladder = LadderSpec(
        id="slow",
        title="慢",
        rungs=(RungSpec(id="late", title="晚", at="deadline", to=("unit.principal",), text="given"),),
    )
    reminded = replace(with_state(VISIT, "planned", tasks=(replace(task, ladder="slow"),)), ladders=(ladder,))

    assert told_at(with_state(VISIT, "planned", tasks=(replace(task, holder="unit.principal"),))) == {
        "states.planned.task.holder"
    }
    assert told_at(with_action(VISIT, "planned", "drop", by=("unit.officer",))) == {"states.planned.actions.drop.by"}
    assert told_at(reminded) == {"states.planned.task.ladder"}


def test_what_follows_the_opening_action_tells_whom_it_likes():
    telling = with_action(VISIT, "planned", "enter", do=(Notify(to=("unit.principal",), text="given"),))
    world = visits(telling)

    entered(world, planned(world))

    assert [sent.message.to for sent in world.messages] == ["chen", "zhou", "wang"]


def test_a_way_around_the_opening_hides_no_less():
    """A state that is reached without the opening action must be as quiet as the first."""
    around = replace(ENTER, id="sneak", to=(TargetSpec(state="told"),))
    task = VISIT.states[0].tasks[0]
    sneaking = with_state(VISIT, "planned", tasks=(replace(task, actions=(*task.actions, around)),))

    assert told_at(sneaking) == {"states.told.task.holder"}


def test_a_hidden_case_points_to_no_former_one():
    assert told_at(replace(VISIT, same=SameSpec(fields=("unit",), within="12 months"))) == {"same"}


@pytest.mark.parametrize(
    ("seal", "code"),
    [
        (SealSpec(until=("open",), hidden_from=("unit",)), "unknown_action"),
        (SealSpec(until=("enter",), hidden_from=("office",)), "wrong_party_kind"),
        (SealSpec(until=("enter",), hidden_from=("unit",), seen_by=("nobody",)), "unknown_party"),
    ],
)
def test_a_seal_names_what_there_is(seal, code):
    with pytest.raises(DefinitionErrors) as wrong:
        compile_procedure(replace(VISIT, sealed=seal))

    assert code in {one.code for one in wrong.value.problems}


def test_a_hidden_matter_is_handed_over_to_no_office_with_somebody_it_is_hidden_from():
    given = HandOverSpec(party="office", receive_undated="尽快", grounds=(("no", "不归我们"),))
    task = replace(VISIT.states[0].tasks[0], holder="office", handling=HandlingSpec(hand_over=given))
    world = visits(with_state(VISIT, "planned", tasks=(task,)))
    case = planned(world)
    inside = (*HOLDINGS, Holding(id="s", person="wang", role="office", region="/s/t1/", industry="steel"))
    outside = (*HOLDINGS, Holding(id="s", person="tang", role="office", region="/s/t1/", industry="steel"))
    act = cmd.HandOver(task=1, industry="steel", reason="归钢铁")

    def known(holdings: tuple[Holding, ...]) -> Directory:
        return Directory(version=2, holdings=holdings, roles=ROLES, regions={}, industries={"steel": "钢铁"})

    world.directory = known(inside)
    with pytest.raises(NotPermitted, match="nobody_there"):
        world.do("lin", case, act)
    world.directory = known(outside)
    world.do("lin", case, act)

    assert [task.holder.persons for task in world.case(case).tasks] == [("he", "lin", "mayor"), ("tang",)]
    assert world.offers("wang", case) == ()
    assert [offer.kind for offer in world.offers("tang", case)] == ["receive", "refuse_receipt"]
