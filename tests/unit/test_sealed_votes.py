"""Personal answers to what is voted on: sealed once when it is asked, and only a reference from then on."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.decide import decide
from engine.core.definition import FormItem
from engine.core.fold import Head, fold_entry
from engine.runtime.personal import concern, personal_fields, seal_case
from tests.voting import VOTES, council, voting
from tests.worlds import reported


class Sealing:
    """The door as it seals: what is decided is recorded, and folded, with references."""

    def __init__(self, play, case):
        self.play, self.name = play, case
        self.machine = next(iter(play.machines.values()))
        self.case = play.case(case)
        self.sealed = []
        self.recorded = []

    def seal(self, subject, value):
        self.sealed.append(value)
        return {"vault": f"v{len(self.sealed)}"}

    def do(self, person, act):
        command = cmd.Command(
            id=f"c{self.case.seq}",
            stream=cmd.Stream(kind="case", id=self.name),
            act=act,
            acted_by=person,
            entered_by=person,
            occurred_at=self.play.now,
            recorded_at=self.play.now,
            medium="web",
        )
        facts = self.play.facts(self.machine, self.case, command)
        events = decide(self.machine, self.case, command, facts)
        fields = personal_fields(self.machine)
        if concern(events, fields):
            events = seal_case(events, fields, "s", self.seal)
        self.recorded += events
        head = Head(
            id=self.name,
            seq=self.case.seq + 1,
            acted_by=person,
            occurred_at=self.play.now,
            recorded_at=self.play.now,
        )
        self.case = fold_entry(self.case, head, events)


@pytest.mark.parametrize("order", ["sequential", "parallel"])
def test_what_is_personal_waits_sealed_for_every_voice_and_is_filled_in_as_the_same_reference(order):
    votes = replace(VOTES, order=order)
    form = (FormItem(field="reason", required=True), FormItem(field="reporter"))
    play = council(voting(votes, form=form))
    door = Sealing(play, reported(play))
    asked = {"reason": "x", "reporter": "赵某"}

    door.do("zhou", cmd.SubmitAction(task=1, action="dismiss", data=asked))
    for person, task in (("f1", 2), ("w1", 3), ("l1", 4)):
        door.do(person, cmd.AnswerVote(task=task, consent=True))

    assert door.sealed == ["赵某"]
    waiting = [event.asked.values for event in door.recorded if isinstance(event, ev.TaskOpened)]
    assert waiting == [{"reason": "x", "reporter": {"vault": "v1"}}] * 3
    assert (door.case.closed, door.case.fields["reporter"]) == ("mistaken", {"vault": "v1"})
    assert "赵某" not in str(door.recorded)
