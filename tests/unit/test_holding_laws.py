"""Whatever people do with a task and whoever comes and goes: it lies with somebody, and its deadline is its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.candidates import candidates
from engine.core.case import Case, Task
from engine.core.directory import Holding, RolePower, Substitution
from engine.core.fold import fold_entry
from engine.core.offers import Offer
from engine.proof.play import World
from tests.holding import handled
from tests.samples import SAMPLE, with_action
from tests.trying import refused
from tests.worlds import HOLDINGS, ROLES, of_type, reported, world

PEOPLE = ("chen", "zhou", "tang", "lin", "he", "wang", "li", "qian", "clerk", "mayor", "sun", "nobody")
ROLES_HERE = {**ROLES, "clerk": RolePower(id="clerk", title="登记员", may=frozenset({"reassign"}))}
#: Who may come and go: of each party somebody, or a queue, is always left.
COMING = (
    Holding(id="20", person="sun", role="checker", region="/s/t1/"),
    Holding(id="21", person="sun", role="office", region="/s/t1/"),
    Holding(id="22", person="li", role="principal", unit="U1"),
)
GOING = ("1", "2", "4", "7", "10", "11", "20", "21", "22")
NAMING = ("transfer", "delegate", "copy", "reassign")
PASSING = ("claim", "release", "transfer", "delegate", "give_back", "reassign", "urge", "copy", "recuse")
ACTING = ("confirm", "apply", "fail", "recall", "recall", "dismiss", "extend", "read")
#: Everything by which time passes over a task; passing it on leaves it as it is.
CLOCKWORK = (
    "opened_at", "deadline", "undated", "ladder", "alarm", "epoch", "fired", "skipped", "covered", "expired_at",
    "extensions", "draft", "asked", "period", "state", "activation", "spec", "kind",
)  # fmt: skip

_any = st.integers(0, 11)
#: what, and of those who may do it and whom they may name, the how-manieth; now and then anybody at all
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(PASSING), _any, _any),
        st.tuples(st.sampled_from(PASSING), _any, _any),
        st.tuples(st.sampled_from(ACTING), _any, _any),
        st.tuples(st.sampled_from((*PASSING, *ACTING)), _any, _any),
        st.tuples(st.just("comes"), _any, _any),
        st.tuples(st.just("goes"), _any, _any),
        st.tuples(st.just("stands in"), _any, _any),
        st.tuples(st.just("wait"), st.integers(1, 60), _any),
    ),
    min_size=12,
    max_size=30,
)


def recallable() -> Any:
    # What nobody of a party holds any more waits in the queue.
    parties = tuple(replace(one, none="pool") if one.id in ("unit", "office") else one for one in SAMPLE.parties)
    procedure = handled(replace(SAMPLE, parties=parties))
    for state, action, until in (
        ("opened", "confirm", "until read"),
        ("doing", "apply", "2 workdays"),
        ("checking", "fail", "until read"),
    ):
        procedure = with_action(procedure, state, action, recall=until, late_entry="")
    return procedure


PROCEDURE = recallable()


def act_of(kind: str, task: int, to: str, play: World) -> cmd.AnyAct:
    """The act of a kind, with everything filled in that it may ask for."""
    if kind in ("confirm", "dismiss", "apply", "fail", "extend"):
        return _action_of(kind, task, to, play)
    acts: dict[str, cmd.AnyAct] = {
        "claim": cmd.ClaimTask(task=task),
        "release": cmd.ReleaseTask(task=task, reason="x"),
        "transfer": cmd.TransferTask(task=task, to=to, reason="x"),
        "delegate": cmd.DelegateTask(task=task, to=to, reason="x"),
        "reassign": cmd.ReassignTask(task=task, to=to, reason="x"),
        "give_back": cmd.GiveBackTask(task=task, opinion="x"),
        "urge": cmd.UrgeTask(task=task),
        "copy": cmd.CopyCase(task=task, to=(to,)),
        "recuse": cmd.RecusePerson(task=task, reason="x"),
        "recall": cmd.RecallAction(),
        "read": cmd.ReadTask(task=task),
    }
    return acts[kind]


def _action_of(action: str, task: int, to: str, play: World) -> cmd.AnyAct:
    level = "high" if to in ("tang", "qian") else "low"
    photo = play.file("photo", "photos")
    data, files = {
        "confirm": ({"level": level, "due_on": "2026-10-20"}, (play.file("signature"),)),
        "dismiss": ({"reason": "x"}, ()),
        "apply": ({"photos": [photo.sha256]}, (photo,)),
        "fail": ({"reason": "x"}, ()),
        "extend": ({"asked_until": "2026-11-20", "reason": "x"}, ()),
    }[action]
    return cmd.SubmitAction(task=task, action=action, data=data, evidence=files)


class Office:
    """One case, passed about among people who come and go."""

    def __init__(self) -> None:
        self.world = world(procedure=PROCEDURE, holdings=HOLDINGS)
        self.world.directory.roles = ROLES_HERE
        self.case = self.world.start("chen", "sample", "report", {"subject": "x", "unit": "U1", "place": "P1"})

    def step(self, what: str, n: int, m: int) -> None:
        """Do something, refused or not."""
        before = self.world.case(self.case)
        match what:
            case "comes":
                self._change(holdings=(COMING[n % len(COMING)],))
            case "goes":
                self._end(GOING[n % len(GOING)])
            case "stands in":
                if n != m:
                    self._change(substitutions=(Substitution(id=f"s-{n}", person=PEOPLE[n], substitute=PEOPLE[m]),))
            case "wait":
                self.world.advance(self.world.now + timedelta(hours=n))
            case _:
                self._try(what, n, m)
                if what in PASSING:
                    check_clockwork(before, self.world.case(self.case))

    def _try(self, what: str, n: int, m: int) -> None:
        """By the next person who may, to somebody who may be named; where nobody may, nothing happens."""
        tasks = self.world.case(self.case).tasks
        for person in (*PEOPLE[n:], *PEOPLE[:n]):
            for task in tasks:
                among = named(self, task, what) if what in NAMING else PEOPLE
                act = act_of(what, task.n, among[m % len(among)] if among else PEOPLE[m], self.world)
                if accepted(self, person, act):
                    self.world.do(person, self.case, act)
                    return

    def _change(self, **rows: Any) -> None:
        self.world.directory = self.world.directory.changed(self.world.directory.version + 1, **rows)
        self._refresh()

    def _end(self, holding: str) -> None:
        found = self.world.directory.holding(holding)
        if found is not None:
            self._change(holdings=(replace(found, valid_to=self.world.calendar.local_day(self.world.now)),))

    def _refresh(self) -> None:
        self.world.do(cmd.SYSTEM, self.case, cmd.RefreshHolder())


def played(steps: list[Any]) -> Office:
    office = Office()
    for step in steps:
        office.step(*step)
        case = office.world.case(office.case)
        assert all(task.holder.persons or task.holder.queue for task in case.tasks), case.tasks
    return office


def check_clockwork(before: Case, after: Case) -> None:
    def clockwork(case: Case) -> list[Any]:
        return [(task.n, [getattr(task, name) for name in CLOCKWORK]) for task in case.tasks]

    assert clockwork(before) == clockwork(after)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_every_open_task_lies_with_somebody_or_in_a_queue_and_its_clock_runs_on(steps):
    office = played(steps)

    entries = [written for written in office.world.log if written.head.id == office.case]
    again = None
    for written in entries:
        kept = msgspec.json.decode(msgspec.json.encode(written.events), type=tuple[ev.AnyEvent, ...])
        again = fold_entry(again, written.head, kept)
    assert again == office.world.case(office.case)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_no_deadline_passes_twice_and_no_rung_fires_twice_however_often_acts_are_taken_back(steps):
    office = played(steps)
    office.world.advance(office.world.now + timedelta(days=20))

    fired: Counter[Any] = Counter()
    tasks: dict[int, Any] = {}
    for written in office.world.log:
        for event in written.events:
            if isinstance(event, ev.TaskOpened):
                opened = event.kept.opened_at if event.kept else written.head.occurred_at
                for_task = tasks[event.draft.of] if event.draft else None
                tasks[event.task] = (event.kind, event.state, event.spec, opened, for_task)
            elif isinstance(event, ev.RungFired):
                fired[tasks[event.task], event.rung, event.due_at] += 1
            elif isinstance(event, ev.DeadlineExpired):
                fired[tasks[event.task], "expiry", event.due_at] += 1
    assert {key: count for key, count in fired.items() if count > 1} == {}
    case = office.world.case(office.case)
    now = office.world.now
    late = [task for task in case.tasks if task.deadline and task.deadline.due_at <= now and not task.expired_at]
    assert late == []


# what is offered is what is accepted -------------------------------------------------------------------------------


def accepted(office: Office, person: str, act: cmd.AnyAct) -> bool:
    return refused(office.world, office.world.case(office.case), person, act) is None


def named(office: Office, task: Task, kind: Any) -> tuple[str, ...]:
    play, case = office.world, office.world.case(office.case)
    machine = play.machines[case.version]
    day = play.calendar.local_day(play.now)
    return candidates(machine, case, play.facts(machine, case, None), task, kind, day)


def tried(office: Office, person: str, offers: tuple[Offer, ...]) -> Iterator[tuple[str, int, str, bool, bool]]:
    """(kind, task, to, offered, accepted) of everything the person might do besides actions."""
    case = office.world.case(office.case)
    offered = {(offer.kind, offer.task) for offer in offers}
    for task in case.tasks:
        for kind in ("claim", "release", "urge", "recuse"):
            act = act_of(kind, task.n, "", office.world)
            yield kind, task.n, "", (kind, task.n) in offered, accepted(office, person, act)
        back = {("give_back", task.n), ("take_back", task.n)} & offered
        yield "give_back", task.n, "", bool(back), accepted(office, person, cmd.GiveBackTask(task=task.n, opinion="x"))
        for kind in ("transfer", "delegate", "copy"):
            may = (kind, task.n) in offered
            among = set(named(office, task, kind)) - ({person} if kind != "copy" else set())
            for to in PEOPLE if may else PEOPLE[:3]:
                act = act_of(kind, task.n, to, office.world)
                yield kind, task.n, to, may and to in among, accepted(office, person, act)
    yield "recall", 0, "", ("recall", 0) in offered, accepted(office, person, cmd.RecallAction())


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_what_is_offered_is_what_the_door_accepts(steps):
    office = played(steps)

    for person in PEOPLE:
        offers = office.world.offers(person, office.case)
        for kind, task, to, offered, taken in tried(office, person, offers):
            assert offered == taken, (person, kind, task, to)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_a_leavers_task_goes_to_exactly_those_who_may_be_named(steps):
    office = played(steps)

    for task in office.world.case(office.case).tasks:
        among = set(named(office, task, "reassign"))
        for to in PEOPLE:
            act = cmd.ReassignTask(task=task.n, to=to, reason="x")
            assert (to in among) == accepted(office, "clerk", act), (task.n, to)


# taken back is as if never done ------------------------------------------------------------------------------------

WEEKS = with_action(PROCEDURE, "opened", "confirm", recall="60 days")


def fired_of(play: World, state: str) -> list[tuple[str, Any]]:
    """Rungs and deadlines of a state's own tasks in order, each once however often it was repeated."""
    own = {one.task for one in of_type(play.events("C1"), ev.TaskOpened) if (one.state, one.kind) == (state, "own")}
    found: dict[tuple[str, Any], None] = {}
    for event in of_type(play.events("C1"), ev.RungFired, ev.DeadlineExpired):
        rung = event.rung if isinstance(event, ev.RungFired) else "expiry"
        if event.task in own and rung not in {name for name, _ in found}:
            found[rung, event.due_at] = None
    return list(found)


@settings(max_examples=25, deadline=None)
@given(waits=st.tuples(*[st.integers(0, 400)] * 3))
def test_after_taking_back_the_ladder_climbs_as_if_the_act_had_never_been(waits):
    before, meanwhile, after = (timedelta(hours=hours) for hours in waits)
    plays = [world(procedure=WEEKS) for _ in range(2)]
    for play in plays:
        reported(play)
        play.advance(play.now + before)
    acted, quiet = plays

    acted.submit("chen", "C1", "confirm", {"level": "low", "due_on": "2026-12-20"}, evidence=(acted.file("signature"),))
    acted.advance(acted.now + meanwhile)
    acted.do("chen", "C1", cmd.RecallAction())
    acted.advance(acted.now + after)
    quiet.advance(quiet.now + meanwhile + after)

    assert fired_of(acted, "opened") == fired_of(quiet, "opened")
    own = [next(task for task in play.case("C1").tasks if task.kind == "own") for play in plays]
    assert own[0].deadline == own[1].deadline
    assert own[0].expired_at == own[1].expired_at
