"""`fold`: the same events make the same case, whoever folds them and whenever."""

from __future__ import annotations

import msgspec
import pytest

from engine.core import event as ev
from engine.core.case import Case
from engine.core.command import Stream
from engine.core.fold import Head, fold, fold_entry
from tests.worlds import accepted, applied, confirmed, local, reported, wait, world

HEAD = Head(
    id="C1",
    seq=7,
    acted_by="chen",
    occurred_at=local("2026-10-09 10:00"),
    recorded_at=local("2026-10-12 10:00"),
)


def refolded(play, case):
    state = None
    for written in play.log:
        if written.head.id == case:
            state = fold_entry(state, written.head, written.events)
    return state


def a_long_story(play):
    case = confirmed(play, level="high", due_on="2026-10-20")
    left, right = play.case(case).tasks
    play.submit("lin", case, "answer", {"opinion": "a"}, task=left.n)
    play.submit("zhou", case, "answer", {"opinion": "b"}, task=right.n)
    wait(play, "2026-10-27 09:00")
    accepted(play, applied(play, case))
    wait(play, "2026-11-05 09:00")
    play.submit("lin", case, "reopen", {"reason": "x", "due_on": "2026-12-31"})
    wait(play, "2027-01-20 09:00")
    return case


def test_all_events_folded_anew_make_the_case_that_was_saved():
    play = world()

    case = a_long_story(play)

    assert refolded(play, case) == play.case(case)
    assert play.case(case).reopened == 1
    assert len(play.events(case)) > 60


def test_a_snapshot_that_was_written_and_read_is_the_same_case():
    play = world()
    state = play.case(a_long_story(play))

    assert msgspec.json.decode(msgspec.json.encode(state), type=Case) == state


def test_events_that_were_written_and_read_make_the_same_case():
    play = world()
    case = a_long_story(play)
    state = None

    for written in play.log:
        kept = msgspec.json.encode(written.events)
        state = fold_entry(state, written.head, msgspec.json.decode(kept, type=tuple[ev.AnyEvent, ...]))

    assert state == play.case(case)


def test_the_number_of_the_case_is_that_of_its_last_entry():
    play = world()
    case = a_long_story(play)

    seqs = [written.head.seq for written in play.log]

    assert seqs == list(range(1, len(seqs) + 1))
    assert play.case(case).seq == seqs[-1]


@pytest.mark.parametrize(
    "event",
    [
        ev.SignalSent(n=1, to=Stream(kind="case", id="X"), name="same"),
        ev.SignalReceived(source=Stream(kind="case", id="X"), source_seq=1, name="same"),
        ev.MessageQueued(n=1, to="chen", text="told"),
        ev.RoleGranted(holding="1", person="chen", role="checker", valid_from="2026-01-01"),
        ev.TaskEnded(task=99, how="done"),
        ev.TaskRead(task=99, person="chen"),
        ev.RungFired(task=99, rung="remind", due_at=local("2026-10-09 00:00")),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_does_not_concern_the_state_of_the_case_changes_nothing(event):
    play = world()
    state = play.case(reported(play))

    assert fold(state, event, HEAD) == state


def test_without_a_case_only_an_opening_makes_one():
    opened = ev.CaseOpened(procedure="sample", version="v", number="S-1", region="/s/")

    assert fold(None, ev.FieldsSet(values={"x": 1}), HEAD) is None
    assert fold(None, opened, HEAD) == Case(
        id="C1", seq=7, procedure="sample", version="v", number="S-1", region="/s/", opened_at=HEAD.occurred_at
    )


def test_values_whose_reference_was_erased_stay_references():
    play = world()
    state = play.case(reported(play))
    reference = {"vault": "v1", "commitment": "00"}

    after = fold(state, ev.FieldsSet(values={"reporter": reference}), HEAD)

    assert (after.fields["reporter"], after.touched["reporter"]) == (reference, 7)


def test_a_case_is_never_changed_in_place():
    play = world()
    state = play.case(reported(play))
    before = msgspec.json.encode(state)

    fold(state, ev.FieldsSet(values={"subject": "y"}), HEAD)
    fold(state, ev.TaskEnded(task=1, how="done"), HEAD)

    assert msgspec.json.encode(state) == before


def test_an_act_is_dated_when_it_happened_not_when_it_was_typed():
    play = world()
    state = play.case(reported(play))

    after = fold(state, ev.ActionTaken(action="confirm", task=1, party="checker"), HEAD)

    assert after.signed[-1].at == local("2026-10-09 10:00")
    assert after.active[0].acted_at == local("2026-10-09 10:00")


def test_a_new_deadline_forgets_rungs_but_not_that_one_was_missed():
    play = world()
    case = reported(play)
    wait(play, "2026-10-12 09:00")
    state = play.case(case)
    deadline = state.tasks[0].deadline
    later = msgspec.structs.replace(deadline, due_at=local("2026-10-21 00:00"))

    after = fold(state, ev.DeadlineMoved(task=1, deadline=later, cause="extended"), HEAD)

    (task,) = after.tasks
    assert (task.fired, task.covered, task.expired_at, task.extensions, after.expiries) == ((), (), None, 1, 1)
