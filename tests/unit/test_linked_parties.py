"""Separation of duties across cases that have to do with each other: whoever signed there does not sign here."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core.compiler import compile_procedure
from engine.core.definition import PartySpec
from engine.core.directory import Holding
from engine.core.linked_parties import unknown_actions
from engine.errors import DefinitionErrors, NotPermitted
from tests.linked_samples import mend, things, watch, world
from tests.worlds import PAIR

MENDERS = PartySpec(id="menders", title="整改确认人", kind="actor", actions=("mend",), of="watches")
WATCHERS = PartySpec(id="watchers", title="督办人", kind="actor", actions=("begin",), of="back")
#: Lin confirms things as well as lifting watches.
BOTH = (*PAIR, Holding(id="b", person="lin", role="checker", region="/s/t1/"))


def lifting(**changes):
    """The watch whose lifting is not for those who signed in what it watched."""
    made = watch(parties=(*watch().parties, MENDERS))
    states = tuple(
        replace(
            state,
            tasks=tuple(
                replace(
                    task,
                    actions=tuple(
                        replace(one, not_by=("menders",)) if one.id == "lift" else one for one in task.actions
                    ),
                )
                for task in state.tasks
            ),
        )
        for state in made.states
    )
    return replace(made, states=states, **changes)


def mended_by(person):
    """A watch over a thing that this person has confirmed, waiting to be lifted."""
    play = world(mend(), lifting(), holdings=BOTH)
    things(play, "A")
    play.start("he", "watch", "begin", {"unit": "U1", "things": ["A"]}, case="W")
    play.submit(person, "A", "mend")
    return play


def test_who_confirmed_a_linked_case_does_not_lift_the_watch_over_it():
    play = mended_by("lin")

    with pytest.raises(NotPermitted) as refused:
        play.submit("lin", "W", "lift")

    assert (refused.value.code, refused.value.data["party"]) == ("separation_of_duties", "menders")
    assert [offer.action for offer in play.offers("lin", "W")] == []


def test_another_of_the_same_office_lifts_it():
    play = mended_by("lin")

    assert [offer.action for offer in play.offers("he", "W")] == ["lift"]
    play.submit("he", "W", "lift")

    assert play.case("W").closed == "完成"


def test_who_began_the_watch_does_not_confirm_what_it_watches():
    mending = mend(parties=(*mend().parties, WATCHERS))
    state = mending.states[0]
    task = replace(
        state.tasks[0],
        actions=tuple(
            replace(one, not_by=("watchers",)) if one.id == "mend" else one for one in state.tasks[0].actions
        ),
    )
    play = world(replace(mending, states=(replace(state, tasks=(task,)), *mending.states[1:])), watch(), holdings=BOTH)
    things(play, "A")
    before = [offer.action for offer in play.offers("lin", "A")]

    play.start("lin", "watch", "begin", {"unit": "U1", "things": ["A"]}, case="W")

    assert before == ["mend", "dismiss"]
    assert [offer.action for offer in play.offers("lin", "A")] == ["dismiss"]
    with pytest.raises(NotPermitted):
        play.submit("lin", "A", "mend")


def test_a_party_of_a_link_that_there_is_not_is_refused_at_load():
    with pytest.raises(DefinitionErrors) as refused:
        compile_procedure(watch(parties=(*watch().parties, replace(MENDERS, of="minds"))))

    assert [one.code for one in refused.value.problems] == ["unknown_link"]


def test_an_action_that_no_procedure_at_the_other_end_has_is_refused_with_the_nearest():
    procedures = {
        "watch": watch(parties=(*watch().parties, replace(MENDERS, actions=("mends",)))),
        "mend": mend(parties=(*mend().parties, replace(WATCHERS, actions=("lift", "raise")))),
    }

    found = [(one.code, one.got, one.data["nearest"]) for one in unknown_actions(procedures, {"watch": {}, "mend": {}})]

    assert found == [("unknown_action", "mends", "mend"), ("unknown_action", "raise", "")]


def test_an_action_of_a_procedure_that_does_not_run_here_is_no_mistake():
    procedures = {"mend": mend(parties=(*mend().parties, replace(WATCHERS, actions=("look_over",))))}
    text = {"procedure": "visit", "starts": {"go": {}}, "states": {"there": {"actions": {"look_over": {"to": "x"}}}}}

    assert list(unknown_actions(procedures, {"mend": {}}, [text])) == []
    assert [one.got for one in unknown_actions(procedures, {"mend": {}})] == ["look_over"]
