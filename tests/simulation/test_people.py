"""Random organisations, random procedures and what people are offered: whose it is, who decides, when it is due."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audit.entry import NO_LEAF, leaf_hash, write_entry
from engine.core import command as cmd
from engine.core import event as ev
from engine.core import parties
from engine.core.case import Case
from engine.core.fold import fold_entry
from engine.core.upcast import encode_events
from engine.runtime.held import held_at, held_rows
from engine.runtime.projection import task_rows
from tests.doing import KINDS, UNTIMED, Play, own_tasks, plain
from tests.organising import PEOPLE, organisations, procedures
from tests.worlds import of_type

_n = st.integers(0, 59)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(("lead", "answer", "pass")), _n, _n),
        st.tuples(st.sampled_from(("lead", "answer", "answer", "pass", "change")), _n, _n),
        st.tuples(st.sampled_from(("wait", "wait", "wait", "comes", "comes", "ends", "away", "kin", "merge")), _n, _n),
    ),
    min_size=10,
    max_size=25,
)
PLAYS = {"procedure": procedures(), "rows": organisations(), "steps": STEPS}
LONGER = settings(max_examples=1500)

#: Everything by which time passes over a task.
CLOCKWORK = (
    "opened_at", "deadline", "undated", "ladder", "alarm", "epoch", "fired", "skipped", "covered", "expired_at",
    "extensions", "draft", "asked", "period", "state", "activation", "spec", "kind",
)  # fmt: skip


class Laws:
    """A play, and the laws that are tested after each of its steps."""

    def __init__(self, procedure: Any, rows: dict[str, Any]) -> None:
        self.play = Play(procedure, rows)
        self.held: set[tuple[int, str]] = set()
        self.case: Case | None = None
        self.read = 0
        self.look()

    def step(self, what: str, n: int, m: int) -> None:
        """Do one thing and look at what became of it."""
        before, entries = self.play.case, len(self.play.world.log)
        kind, person = self.play.step(what, n, m)
        after = self.play.case
        if kind in UNTIMED or what in ("ends", "comes", "away", "kin", "merge"):
            check_clockwork(before, after)
        if kind:
            check_duties(self.play, before, person, self.play.world.log[entries].events)
        self.look()

    def look(self) -> None:
        """Everything that holds of a case at any time."""
        check_held_by_somebody(self.play)
        check_one_own_task_each(self.play)
        self._follow_holders()

    def _only_open_tasks(self, before: Case | None, events: tuple[ev.AnyEvent, ...]) -> None:
        """Nothing is said of a task that is not open."""
        tasks = {task.n for task in before.tasks} if before else set()
        for event in events:
            if isinstance(event, ev.TaskOpened):
                tasks.add(event.task)
            elif isinstance(event, ev.HolderChanged | ev.TaskEnded | ev.RungFired | ev.DeadlineExpired):
                assert event.task in tasks
                tasks -= {event.task} if isinstance(event, ev.TaskEnded) else set()

    def _follow_holders(self) -> None:
        """The rows of who holds what, entry by entry, are what the case says."""
        for written in self.play.world.log[self.read :]:
            self._only_open_tasks(self.case, written.events)
            after = fold_entry(self.case, written.head, written.events)
            assert after is not None
            for row in held_rows(self.case, after, written.head.seq, 0, 0):
                key = (row.task, row.person)
                assert (key in self.held) == (row.change < 0)
                self.held ^= {key}
            self.case = after
            assert self.held == {(task.n, one) for task in after.tasks for one in task.holder.persons}
        self.read = len(self.play.world.log)
        assert self.case == self.play.case


def check_held_by_somebody(play: Play) -> None:
    case = play.case
    for task in case.tasks:
        if task.holder.persons or task.holder.queue:
            continue
        # Nobody is there, nor of those who would take their place; and it is counted.
        assert parties.holder_of(play.machine, case, play.facts, task, play.day()).persons == ()
        assert [row.person for row in task_rows(case.id, task)] == [""]
        assert task.kind != "receipt", task
        assert not play.machine.parties[task.holder.party.partition(".")[0]].none, task


def check_clockwork(before: Case, after: Case) -> None:
    """No task that is still open has another deadline, ladder, alarm or epoch, and none of them is gone."""
    told = {task.n: task for task in after.tasks}
    for task in before.tasks:
        if task.kind in ("receipt", "designation", "vote", "approval"):
            continue  # may be asked no more where whose it is has changed
        assert [getattr(task, name) for name in CLOCKWORK] == [getattr(told[task.n], name) for name in CLOCKWORK]


def check_one_own_task_each(play: Play) -> None:
    case = play.case
    for stay in case.active:
        tasks = [one for one in play.machine.states[stay.state].tasks if not one.id]
        assert len(own_tasks(case, stay.n)) == (0 if case.closed else len(tasks))
    assert case.closed or case.tasks


# two where two are asked ---------------------------------------------------------------------------------------------


def check_duties(play: Play, before: Case, person: str, events: tuple[ev.AnyEvent, ...]) -> None:
    """Who acted, and whom they stood in for, did not do what another had to."""
    acting = {person}
    for event in of_type(events, ev.ActedFor):
        if event.how == "substitution":
            acting.update(event.persons)
    for event in events:
        match event:
            case ev.ApprovalAnswered(task=n):
                task = before.task(n)
                assert task is not None
                assert task.asked is not None
                assert not acting & {task.asked.by, task.asked.stands_for}
                check_party(play, before, task.holder.party, acting)
                assert not acting & excluded(play, before, spec_of(play, before, n).approve.not_by)
            case ev.VoicesChanged(how="answered", voices=voices):
                check_voices(play, before, event.round, voices, acting)
            case ev.ActionTaken(task=n, action=name, party=party) if n:
                task = before.task(n)
                assert task is not None
                spec = play.machine.actions[task.state, task.spec, name]
                assert not acting & excluded(play, before, spec.not_by)
                check_party(play, before, party, acting)
                if spec.power:
                    assert all(one in powerful(play) for one in acting)
            case ev.OpinionGiven():
                given = [one for one in before.opinions if one.activation == before.task(event.task).activation]
                assert not acting & {name for one in given for name in (one.person, one.stands_for)}
            case _:
                pass


def check_voices(play: Play, before: Case, n: int, voices: Any, acting: set[str]) -> None:
    spoken = [name for one in voices for name in (one.answered_by, one.stands_for) if name]
    assert len(spoken) == len(set(spoken))
    (under_way,) = (one for one in before.rounds if one.n == n)
    asked = next(task.asked for task in before.tasks if task.kind == "vote" and task.asked.of == under_way.of)
    assert not {asked.by, asked.stands_for} & set(spoken)
    origin = before.task(under_way.of)
    spec = play.machine.actions[origin.state, origin.spec, under_way.action]
    assert not acting & excluded(play, before, spec.not_by)


def spec_of(play: Play, case: Case, n: int) -> Any:
    asked = case.task(n).asked
    origin = case.task(asked.of)
    return play.machine.actions[origin.state, origin.spec, asked.action]


def powerful(play: Play) -> set[str]:
    return {one for one in PEOPLE for held in play.world.directory.held_by(one, play.day()) if held.body == "B1"}


def excluded(play: Play, case: Case, references: tuple[str, ...]) -> set[str]:
    """Whoever is of these parties or acted as one of them, by a simple reading of the case."""
    found = set(case.recused)
    for reference in references:
        party = play.machine.parties[reference]
        found |= {one.person for one in case.signed if one.party.partition(".")[0] == reference}
        if party.kind == "actor":
            found |= {one.person for one in case.signed if one.action in party.actions}
        elif party.kind == "unit":
            found |= set(play.world.directory.within("U1", play.day()))
    return found


def check_party(play: Play, case: Case, reference: str, acting: set[str]) -> None:
    """Nobody acts as a party whose exceptions they are, or to whose unit they are kin."""
    party = play.machine.parties[reference.partition(".")[0]]
    assert not acting & excluded(play, case, party.excepts)
    if party.recused:
        assert not acting & {one for one in PEOPLE if play.world.directory.related(one, ("U1",), (), play.day())}


@settings(max_examples=80)
@given(**PLAYS)
def test_whoever_comes_and_goes_every_task_is_somebodys_nobody_decides_twice_and_time_runs_on(procedure, rows, steps):
    laws = Laws(procedure, rows)
    for step in steps:
        laws.step(*step)


# no deadline lost or doubled -----------------------------------------------------------------------------------------


def check_alarms(play: Play) -> None:
    tasks: dict[int, Any] = {}
    epochs: dict[int, int] = {}
    fired: Counter[Any] = Counter()
    for written in play.world.log:
        for event in written.events:
            if isinstance(event, ev.TaskOpened):
                opened = event.kept.opened_at if event.kept else written.head.occurred_at
                own = event.task if event.kind not in ("own", "extra") else 0
                tasks[event.task] = (event.kind, event.state, event.spec, opened, own)
            if isinstance(event, ev.TaskOpened | ev.DeadlineMoved | ev.RungFired | ev.DeadlineExpired):
                if event.alarm is not None:
                    assert event.alarm.epoch > epochs.get(event.task, 0)
                    epochs[event.task] = event.alarm.epoch
                if isinstance(event, ev.RungFired):
                    fired[tasks[event.task], event.rung, event.due_at] += 1
                elif isinstance(event, ev.DeadlineExpired):
                    fired[tasks[event.task], "expiry", event.due_at] += 1
    assert {key: count for key, count in fired.items() if count > 1} == {}
    for task in play.case.tasks:
        if task.deadline is not None and task.alarm is None:
            assert task.expired_at is not None
        assert task.alarm is None or task.alarm.at > play.world.now


@settings(max_examples=60)
@given(**PLAYS)
def test_no_rung_fires_twice_and_no_deadline_is_forgotten_whatever_becomes_of_the_task(procedure, rows, steps):
    play = Play(procedure, rows)
    for step in steps:
        play.step(*step)
    play.world.advance(play.world.now)
    check_alarms(play)


# offered is accepted -------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(**PLAYS)
def test_what_is_offered_is_accepted_and_what_is_not_is_refused_in_any_organisation(procedure, rows, steps):
    play = Play(procedure, rows)
    for step in steps:
        play.step(*step)
    m = steps[0][2]
    for person in PEOPLE[:: 1 + m % 3]:
        offers = play.world.offers(person, play.name)
        offered = {
            (offer.kind, offer.task, offer.action if offer.kind in ("act", "reopen") else "") for offer in offers
        }
        for offer in offers:
            act = play.act_of(offer, person, m)
            refused = play.refusal(person, act) if act is not None else ""
            # Only what depends on the answers is not known when an offer is made.
            assert refused in ("", "deadline_not_later"), (person, offer)
        for key, act in everything(play, m):
            # One act gives back and takes back; one takes back what led on, whatever task was seen.
            other = {"take_back": ("give_back", *key[1:]), "recall": ("recall", 0, "")}.get(key[0])
            if key not in offered and other not in offered:
                assert play.refusal(person, act) != "", (person, key)


def everything(play: Play, m: int) -> Any:
    """Every act that the case has a place for, offered or not."""
    kinds = {kind for some in KINDS.values() for kind in some}
    kinds -= {
        "act", "reopen", "add_voice", "remove_voice", "hand_over", "designate", "give_back",
    }  # fmt: skip
    for task in play.case.tasks:
        for kind in sorted(kinds):
            yield (kind, task.n, ""), plain(kind, task.n, PEOPLE[m % 10])
    for (state, spec, name), action in play.machine.actions.items():
        for task in play.case.tasks:
            if (task.state, task.spec) == (state, spec) and not action.back:
                data = {"asked_until": "2027-06-01"} if action.form else {}
                yield ("act", task.n, name), cmd.SubmitAction(task=task.n, action=name, data=data, instead="x")


# told by the record --------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(**PLAYS)
def test_the_record_tells_the_case_and_who_held_what_on_any_past_instant(procedure, rows, steps):
    play = Play(procedure, rows)
    told = [(play.world.now, {task.n: task.holder.persons for task in play.case.tasks if task.holder.persons})]
    for step in steps:
        play.step(*step)
        told.append((play.world.now, {task.n: task.holder.persons for task in play.case.tasks if task.holder.persons}))

    again: Case | None = None
    entries: list[bytes] = []
    for written in play.world.log:
        kept = msgspec.json.decode(msgspec.json.encode(written.events), type=tuple[ev.AnyEvent, ...])
        again = fold_entry(again, written.head, kept)
        entries.append(bytes_of(written, leaf_hash(entries[-1]) if entries else NO_LEAF))
    assert again == play.case
    # Of several moments at one instant the last is what the record says.
    for at, held in dict(told).items():
        assert held_at(entries, at) == held


def bytes_of(written: Any, prev: bytes) -> bytes:
    head, command = written.head, written.command
    data, _ = write_entry(
        stream=f"case/{head.id}",
        seq=head.seq,
        prev=prev,
        command_id=command.id,
        act="x",
        acted_by=command.acted_by,
        entered_by=command.entered_by,
        occurred_at=head.occurred_at,
        recorded_at=head.recorded_at,
        medium=command.medium,
        events=encode_events(written.events),
    )
    return data


@pytest.mark.nightly
@LONGER
@given(**PLAYS)
def test_much_longer_no_other_organisation_breaks_a_law(procedure, rows, steps):
    laws = Laws(procedure, rows)
    for step in steps:
        laws.step(*step)
    check_alarms(laws.play)
