"""Random legal and illegal commands on the sample procedure: what must always be true is true after each."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case import Case
from engine.core.decide import decide
from engine.core.fold import fold_entry
from engine.core.offers import allowed_actions
from engine.errors import NotFound, NotPermitted, Stale
from engine.proof.play import World
from engine.proof.records import Written
from tests import trying
from tests.randomly import PEOPLE, STEPS, Crowd, act_of, valid
from tests.worlds import of_type

LONGER = settings(max_examples=3000)
#: What may begin or end a stay in a state.
REASONS = (ev.ActionTaken, ev.ApprovalAnswered, ev.DeadlineExpired, ev.CaseClaimed)


def played(steps) -> Crowd:
    crowd = Crowd()
    for step in steps:
        crowd.step(*step)
        check_cases(crowd.world)
    return crowd


def check_cases(world: World) -> None:
    for case in world.cases.values():
        if case.closed:
            assert (case.tasks, len(case.active)) == ((), 1)
            continue
        assert case.tasks, case
        assert len({task.n for task in case.tasks}) == len(case.tasks)
        stays = {stay.n for stay in case.active}
        waiting = case.claim is not None and not case.claim.triaged
        for task in case.tasks:
            assert task.activation in stays
            assert task.holder.persons
            assert (task.deadline is None) == bool(task.undated)
            assert (task.alarm is None) or task.deadline is not None
            assert task.deadline is None or task.alarm or task.expired_at or waiting
            assert task.epoch == (task.alarm.epoch if task.alarm else task.epoch)
            assert task.opened_at <= world.now
        # Where somebody waits for consent or a decision, somebody must still do the task itself, too.
        assert any(task.kind == "own" for task in case.tasks)


def by_case(world: World) -> Iterator[tuple[Case, list[Written]]]:
    for name, case in world.cases.items():
        yield case, [written for written in world.log if written.head.id == name]


@settings(max_examples=60)
@given(steps=STEPS)
def test_folding_all_events_makes_the_case_that_was_saved(steps):
    for case, entries in by_case(played(steps).world):
        again = None
        for written in entries:
            kept = msgspec.json.decode(msgspec.json.encode(written.events), type=tuple[ev.AnyEvent, ...])
            again = fold_entry(again, written.head, kept)
        assert again == case
        assert [written.head.seq for written in entries] == list(range(1, case.seq + 1))


@settings(max_examples=60)
@given(steps=STEPS)
def test_no_event_is_without_a_reason(steps):
    for _, entries in by_case(played(steps).world):
        open_tasks: dict[int, ev.TaskOpened] = {}
        epochs: dict[int, list[int]] = {}
        for written in entries:
            moves = of_type(written.events, ev.StateEntered, ev.StateLeft, ev.CaseClosed)
            assert not moves or of_type(written.events, *REASONS)
            assert bool(of_type(written.events, ev.RungFired, ev.DeadlineExpired)) == (
                type(written.command.act) is cmd.FireTimer
            )
            for event in written.events:
                if isinstance(event, ev.TaskOpened):
                    open_tasks[event.task] = event
                elif isinstance(event, ev.TaskEnded):
                    del open_tasks[event.task]
                elif isinstance(event, ev.RungFired | ev.DeadlineExpired | ev.TaskRead):
                    assert event.task in open_tasks
                if (
                    isinstance(event, ev.TaskOpened | ev.DeadlineMoved | ev.RungFired | ev.DeadlineExpired)
                    and event.alarm
                ):
                    epochs.setdefault(event.task, []).append(event.alarm.epoch)
                if isinstance(event, ev.RungFired | ev.DeadlineExpired):
                    assert written.head.recorded_at >= event.due_at
        assert all(used == sorted(set(used)) for used in epochs.values())


@settings(max_examples=60)
@given(steps=STEPS)
def test_after_time_has_passed_no_alarm_is_left_that_was_due(steps):
    world = played(steps).world

    world.advance(world.now)

    for case in world.cases.values():
        assert [task.alarm for task in case.tasks if task.alarm and task.alarm.at <= world.now] == []


@settings(max_examples=40)
@given(steps=STEPS)
def test_the_same_arguments_give_the_same_events(steps):
    world = played(steps).world
    before: dict[str, Case] = {}

    for written in world.log:
        name = written.head.id
        case = before.get(name)
        machine = next(iter(world.machines.values()))
        facts = world.facts(machine, case, None)
        if type(written.command.act) not in (cmd.StartCase, cmd.ClaimCase):
            first = decide(machine, case, written.command, facts)
            assert first == decide(machine, case, written.command, facts) == written.events
        after = fold_entry(case, written.head, written.events)
        assert after is not None
        before[name] = after


def everything(world: World, case: Case) -> Iterator[tuple[tuple[int, str, str], cmd.AnyAct]]:
    """Every act that the state of the case has a place for, offered or not, with its answers as they should be."""
    machine = world.machines[case.version]
    for task in case.tasks:
        if task.kind == "approval":
            yield (task.n, "consent", task.spec), cmd.AnswerApproval(task=task.n, consent=True)
            yield (task.n, "refuse", task.spec), cmd.AnswerApproval(task=task.n, consent=False, reason="r")
        elif task.kind == "draft":
            yield (task.n, "issue", task.spec), cmd.IssueDraft(task=task.n)
            yield (task.n, "decline", task.spec), cmd.DeclineDraft(task=task.n, reason="r")
    for (state, spec, name), action in machine.actions.items():
        for task in [*case.tasks, None]:
            data, files = valid(world, case, action.form, 3)
            evidence = (*files, *(world.file(kind) for kind in (*action.evidence, "signature")))
            number = task.n if task else 0
            kind = "act" if task else "reopen"
            act = cmd.SubmitAction(task=number, action=name, data=data, evidence=evidence, on_site=True)
            if task is None or (task.state, task.spec) == (state, spec):
                yield (number, kind, name), act


@settings(max_examples=40)
@given(steps=STEPS)
def test_what_is_offered_is_accepted_and_what_is_not_offered_is_refused(steps):
    world = played(steps).world
    for case in list(world.cases.values())[:4]:
        for person in PEOPLE:
            machine = world.machines[case.version]
            offers = allowed_actions(machine, case, world.facts(machine, case, None), person, world.now)
            offered = {(offer.task, offer.kind, offer.action) for offer in offers}
            assert len(offered) == len(offers)
            for offer in offers:
                refused = trying.refused(world, case, person, act_of(world, case, offer, 3))
                # Only what depends on the answers is not known when an offer is made.
                assert refused is None or (offer.kind, refused.code) == ("consent", "deadline_not_later")
            for key, act in everything(world, case):
                if key not in offered:
                    assert isinstance(trying.refused(world, case, person, act), NotPermitted | NotFound | Stale)


@pytest.mark.nightly
@LONGER
@given(steps=STEPS)
def test_much_longer_nothing_else_is_found(steps):
    for case, entries in by_case(played(steps).world):
        again = None
        for written in entries:
            again = fold_entry(again, written.head, written.events)
        assert again == case
