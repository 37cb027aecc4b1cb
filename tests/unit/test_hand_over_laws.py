"""Random matters between offices that come and go: always somebody's, asked for once, offered as accepted, in time."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core import command as cmd
from engine.core.case import Case, Task
from engine.core.definition import DeadlineSpec
from engine.core.directory import Holding, Substitution
from engine.errors import Refusal
from engine.proof.play import World
from tests.offices import OFFICES, directory, offices, with_hand_over
from tests.samples import SAMPLE, with_changed_party
from tests.trying import refused
from tests.worlds import reported

OFFICES_AND_MORE = (
    *OFFICES,
    Holding(id="90", person="jia", role="checker", region="/s/"),
    Holding(id="91", person="lin", role="checker", region="/s/t2/", industry="food"),
)
STANDS_IN = (
    Substitution(id="S1", person="chen", substitute="feng"),
    Substitution(id="S2", person="lin", substitute="tang"),
    Substitution(id="S3", person="gu", substitute="wang"),
)
PEOPLE = tuple(dict.fromkeys((*(one.person for one in OFFICES_AND_MORE), "stranger")))
CHECKERS = tuple(one.id for one in OFFICES_AND_MORE if one.role == "checker")
PLACES = (("/s/t1/", ""), ("/s/t1/", "food"), ("/s/t2/", "steel"), ("/s/t2/", "food"), ("/s/", ""))
PROCEDURE = with_hand_over(
    with_changed_party(SAMPLE, "pool", designate=DeadlineSpec(within="2 workdays")), superior=True
)
#: whose offers are tried, which of all offers is taken, where to; some checkers leave, or are back, before it
STEPS = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.integers(0, 99),
        st.sampled_from(PLACES),
        st.none() | st.none() | st.sets(st.sampled_from(CHECKERS), max_size=4),
    ),
    min_size=6,
    max_size=14,
)


def acts(task: Task, place: tuple[str, str]) -> Iterator[tuple[str, cmd.AnyAct]]:
    """Everything that may be done with a task about whose it is, by what an offer of it is called."""
    region, industry = place
    yield "hand_over", cmd.HandOver(task=task.n, region=region, industry=industry, reason="理由")
    yield "receive", cmd.AnswerHandOver(task=task.n, receive=True)
    yield "refuse_receipt", cmd.AnswerHandOver(task=task.n, receive=False, ground="not_ours", reason="理由")
    yield "designate", cmd.Designate(task=task.n, region=region, industry=industry, reason="理由")


def taken(play: World, case: Case, person: str, act: cmd.AnyAct) -> str:
    """ "" if the act would be accepted, else the code with which it is refused; nothing is written."""
    error = refused(play, case, person, act)
    if error is not None and not isinstance(error, Refusal):
        raise error
    return error.code if error is not None else ""


#: Refusals for where it should go, of which an offer says nothing.
WHERE = ("nobody_there", "hand_over_same_office")


@settings(max_examples=40)
@given(steps=STEPS)
def test_a_matter_between_offices_is_always_somebodys_and_its_time_runs_on(steps):
    play = offices(procedure=PROCEDURE, holdings=OFFICES_AND_MORE, substitutions=STANDS_IN)
    name = reported(play)
    first = play.case(name).tasks[0]

    for person, choice, place, gone in steps:
        if gone is not None:
            left = (one for one in OFFICES_AND_MORE if one.id not in gone)
            play.directory = directory(left, substitutions=STANDS_IN)
            play.do(cmd.SYSTEM, name, cmd.RefreshHolder())
        case = play.case(name)
        offered = {(offer.task, offer.kind) for offer in play.offers(person, name)}
        for task in case.tasks:
            for kind, act in acts(task, place):
                refused = taken(play, case, person, act)
                assert ((task.n, kind) in offered) == (refused in ("", *WHERE)), (person, task.n, kind, refused)
        take(play, name, choice, place)
        check(play.case(name), first)


def take(play: World, name: str, choice: int, place: tuple[str, str]) -> None:
    """Somebody does something of all that anybody may, if there is anything."""
    case = play.case(name)
    possible = [
        (person, act)
        for person in PEOPLE
        for offer in play.offers(person, name)
        for task in case.tasks
        for kind, act in acts(task, place)
        if (offer.task, offer.kind) == (task.n, kind) and not taken(play, case, person, act)
    ]
    if possible:
        person, act = possible[choice % len(possible)]
        play.do(person, name, act)


def check(case: Case, first: Task) -> None:
    """What holds of a case whoever has it."""
    own, *waiting = case.tasks
    assert (own.n, own.kind) == (1, "own")
    assert own.holder.persons or own.holder.queue
    assert (own.deadline, own.alarm, own.epoch, own.ladder) == (first.deadline, first.alarm, first.epoch, first.ladder)
    assert own.opened_at == first.opened_at
    # Nothing is asked of two at once, and what nobody claims is always asked for.
    assert [task.kind for task in waiting] in ([], ["receipt"], ["designation"])
    assert all(task.deadline is not None and task.alarm is not None for task in waiting)
    assert waiting or not own.holder.queue
