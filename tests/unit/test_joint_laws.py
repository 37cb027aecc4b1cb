"""Random joint work: each is asked once a stay, spoke on time, late by name, or missed it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import DeadlineSpec, JointSpec
from engine.core.directory import Holding, Substitution
from engine.errors import NotPermitted, Stale
from tests.samples import SAMPLE
from tests.voting import OFFICES, VOTER_HOLDINGS, council, jointly, refusal, returning
from tests.worlds import PAIR, applied, confirmed, of_type

PEOPLE = tuple(dict.fromkeys(one.person for one in (*PAIR, *VOTER_HOLDINGS)))
DOUBLED = (Holding(id="d1", person="f1", role="works", region="/s/"),)
STANDS_IN = (Substitution(id="s1", person="l2", substitute="f2"),)
JOINTS = st.builds(
    lambda count, wait, within: JointSpec(
        by=OFFICES[:count], deadline=DeadlineSpec(within=within), ladder="slow", wait=wait
    ),
    st.integers(1, 3),
    st.sampled_from(["all", "due", "none"]),
    st.sampled_from(["5 hours", "1 workday", "3 workdays"]),
)
STEPS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 999), st.integers(0, 999)), min_size=4, max_size=25)


def played(joint: JointSpec, steps):
    play = council(jointly(joint, returning(SAMPLE)), more=DOUBLED, substitutions=STANDS_IN)
    case = applied(play, confirmed(play, by="lin"))
    for kind, a, b in steps:
        before = play.case(case)
        try:
            step(play, case, kind, a, b)
        except (NotPermitted, Stale):
            assert play.case(case) == before
        check(play, case, joint)
    return play, case


def step(play, case, kind, a, b):
    person, state = PEOPLE[a % len(PEOPLE)], play.case(case)
    match kind:
        case 0:
            play.advance(play.now + timedelta(hours=(1, 6, 30, 80)[a % 4]), asleep=b % 2 == 0)
        case 1 if "doing" in state.leaves():
            applied(play, case)
        case 1:
            play.do(person, case, cmd.GiveOpinion(task=1 + b % (state.tasks_opened + 1), opinion="x"))
        case _:
            offers = [(one, offer) for one in PEOPLE for offer in play.offers(one, case)]
            wanted = [one for one in offers if one[1].kind == "opinion" or (a % 4 == 0 and one[1].action in LEADING)]
            if wanted:
                one, offer = wanted[b % len(wanted)]
                play.do(one, case, act_of(play, offer, b))


#: What the holder may do that leads on; one of them leads back to where they choose.
LEADING = ("fail", "send_back")


def act_of(play, offer, b):
    if offer.kind == "opinion":
        return cmd.GiveOpinion(task=offer.task, opinion="x")
    signed = (play.file("signature"),) if offer.action == "accept" else ()
    back_to = "doing" if offer.among else ""
    data = {"reason": "r"} if offer.action in LEADING else {}
    return cmd.SubmitAction(
        task=offer.task, action=offer.action, data=data, evidence=signed, on_site=True, back_to=back_to
    )


def check(play, case, joint):
    state = play.case(case)
    asked = [task for task in state.tasks if task.kind == "opinion"]
    given = [one for one in state.opinions if one.activation in {stay.n for stay in state.active}]
    if state.leaves() != ("checking",):
        assert asked == []
        return
    # Each party is asked or has spoken, once; nobody spoke twice, for themself or another.
    assert Counter([task.spec for task in asked] + [one.party for one in given]) == Counter(joint.by)
    spoken = [name for one in given for name in (one.person, one.stands_for) if name]
    assert len(spoken) == len(set(spoken))
    running = {task.spec for task in asked if play.now < task.deadline.due_at}
    awaited = {"all": {task.spec for task in asked}, "due": running, "none": set()}[joint.wait]
    offered = {offer.action for offer in play.offers("zhou", case)}
    assert offered == (set() if awaited else {"accept", "fail", "send_back"})


@settings(max_examples=80, deadline=None)
@given(joint=JOINTS, steps=STEPS)
def test_each_is_asked_once_a_stay_and_late_or_missed_by_name(joint, steps):
    play, case = played(joint, steps)
    opened = {}
    for written in play.log:
        for event in written.events:
            match event:
                case ev.TaskOpened(kind="opinion"):
                    opened[event.task] = event
                case ev.OpinionGiven():
                    assert event.party == opened[event.task].spec
                    assert event.late == (written.head.occurred_at >= opened[event.task].deadline.due_at)
                case ev.TaskEnded() if event.task in opened:
                    over = written.head.occurred_at >= opened[event.task].deadline.due_at
                    spoken = bool(of_type(written.events, ev.OpinionGiven))
                    assert event.how == ("done" if spoken else "missed" if over else "left")
                    del opened[event.task]
                case ev.RungFired() | ev.DeadlineExpired() if event.task in opened:
                    assert written.head.recorded_at >= event.due_at
                case _:
                    pass
    assert sorted(opened) == [task.n for task in play.case(case).tasks if task.kind == "opinion"]


@settings(max_examples=40, deadline=None)
@given(joint=JOINTS, steps=STEPS)
def test_of_opinions_what_is_offered_is_accepted_and_what_is_not_offered_is_refused(joint, steps):
    play, case = played(joint, steps)
    state = play.case(case)
    acts = [(("opinion", task.n), cmd.GiveOpinion(task=task.n, opinion="x")) for task in state.tasks]
    own = next((task for task in state.tasks if task.kind == "own" and task.state == "checking"), None)
    if own is not None:
        act = cmd.SubmitAction(task=own.n, action="accept", evidence=(play.file("signature"),), on_site=True)
        acts.append((("act", own.n), act))
    for person in PEOPLE:
        offered = {
            (offer.kind, offer.task) for offer in play.offers(person, case) if offer.action in ("accept", *joint.by)
        }
        for key, act in acts:
            assert (refusal(play, case, person, act) == "") == (key in offered)
