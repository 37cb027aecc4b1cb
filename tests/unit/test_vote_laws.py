"""Random votes: whatever people, the clock and returns do, a vote is what a simple count says it is."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import VotesSpec
from engine.core.directory import Holding, Substitution
from engine.errors import ZhibenError
from tests.samples import SAMPLE, with_action
from tests.voting import OFFICES, PARTIES, VOTER_HOLDINGS, VOTES, council, refusal, returning
from tests.worlds import PAIR, applied, confirmed, of_type

#: One person of two offices, the asker of a third, and one who stands in for another voter.
DOUBLED = (
    Holding(id="d1", person="f1", role="works", region="/s/"),
    Holding(id="d2", person="zhou", role="law", region="/s/"),
)
STANDS_IN = (Substitution(id="s1", person="l2", substitute="f2"), Substitution(id="s2", person="zhou", substitute="e3"))
PEOPLE = tuple(dict.fromkeys(one.person for one in (*PAIR, *VOTER_HOLDINGS)))

SPECS = st.builds(
    lambda rule, veto, quorum, order, refused: replace(
        VOTES,
        rule=rule,
        veto=tuple(one for one, vetoing in zip(OFFICES, veto, strict=True) if vetoing),
        quorum=quorum,
        order=order,
        add=("expert", "fire"),
        refused_to=refused,
    ),
    st.sampled_from(["all", "any", "2/3", "1/2", "1", "2", "3"]),
    st.tuples(*[st.booleans()] * 3),
    st.integers(0, 3),
    st.sampled_from(["parallel", "sequential"]),
    st.sampled_from(["", "", "doing"]),
)
STEPS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 999), st.integers(0, 999)), min_size=6, max_size=30)


def counted(spec: VotesSpec, voices) -> str:
    """How a vote stands, by trying out everything that may still be answered."""
    counting = [(one.answer, one.party in spec.veto and not one.person) for one in voices if one.answer != "withdrawn"]
    if ("refuse", True) in counting:
        return "refused"
    if sum(bool(answer) for answer, _ in counting) < spec.quorum:
        return ""
    ways = [((answer,) if answer else ("consent", "refuse")) for answer, _ in counting]
    ends = set()
    for answers in product(*ways):
        vetoed = any(answer == "refuse" and veto for answer, (_, veto) in zip(answers, counting, strict=True))
        ends.add("passed" if not vetoed and enough(spec.rule, answers) else "refused")
    return ends.pop() if len(ends) == 1 else ""


def enough(rule: str, answers) -> bool:
    consents = answers.count("consent")
    match rule:
        case "all":
            return consents == len(answers)
        case "any":
            return consents > 0
        case _ if "/" in rule:
            part, whole = map(int, rule.split("/"))
            return consents * whole >= part * len(answers)
        case _:
            return consents >= int(rule)


class Council:
    """A case whose acceptance is voted on, and what the numbers make of it."""

    def __init__(self, spec: VotesSpec) -> None:
        self.spec = spec
        procedure = returning(replace(SAMPLE, parties=(*SAMPLE.parties, *PARTIES)))
        procedure = with_action(procedure, "checking", "accept", votes=spec)
        self.play = council(procedure, more=DOUBLED, substitutions=STANDS_IN)
        self.case = applied(self.play, confirmed(self.play, by="lin"))
        self.due = {}
        self.refused = 0

    def state(self):
        return self.play.case(self.case)

    def step(self, kind: int, a: int, b: int) -> None:
        """Do one thing; a refusal must leave everything as it was."""
        before, entries = self.state(), len(self.play.log)
        try:
            self._step(kind, a, b)
        except ZhibenError:
            self.refused += 1
            assert (self.state(), len(self.play.log)) == (before, entries)

    def _step(self, kind: int, a: int, b: int) -> None:
        person = PEOPLE[b % len(PEOPLE)]
        match kind:
            case 0 | 10:
                self.play.advance(self.play.now + timedelta(hours=(1, 9, 30, 80)[a % 4]), asleep=b % 2 == 0)
            case 1:
                act = cmd.AnswerVote(task=1 + a % (self.state().tasks_opened + 1), consent=b % 3 > 0, reason="r")
                self.play.do(person, self.case, act)
            case 2:
                of = self.state().rounds[0].of if self.state().rounds else 1
                act = cmd.ChangeVoices(task=of, add=PEOPLE[a % len(PEOPLE)], reason="r")
                self.play.do(person, self.case, act)
            case 3 if a % 4 == 0:
                self._offered({"act", "recall"}, a, b)
            case 4 | 11 | 12:
                self._offered({"add_voice", "remove_voice"}, a, b)
            case _:
                self._offered({"vote"} if self.state().rounds else {"act"}, a, b)

    def _offered(self, kinds: set[str], a: int, b: int) -> None:
        offers = [
            (person, offer)
            for person in PEOPLE
            for offer in self.play.offers(person, self.case)
            if offer.kind in kinds and offer.action not in ("extend", "dismiss")
        ]
        # Where a vote may be asked, it mostly is.
        asking = [one for one in offers if one[1].action == "accept"]
        if asking and a % 3:
            offers = asking
        if offers:
            person, offer = offers[a % len(offers)]
            self.play.do(person, self.case, self.act_of(offer, b))

    def act_of(self, offer, b: int):
        match offer.kind:
            case "recall":
                return cmd.RecallAction(seen=cmd.Seen(task=offer.task))
            case "vote":
                return cmd.AnswerVote(task=offer.task, consent=b % 3 > 0, reason="r")
            case "add_voice":
                return cmd.ChangeVoices(task=offer.task, add=("e1", "e2", "e3", "f1", "f2")[b % 5], reason="r")
            case "remove_voice":
                return cmd.ChangeVoices(task=offer.task, remove=int(offer.among[b % len(offer.among)]), reason="r")
        data = {"reason": "r", "level": "low", "due_on": "2026-12-24", "photos": []}
        files = [self.play.file("signature"), self.play.file("photo", "photos")]
        data["photos"] = [files[1].sha256]
        asked = {item.field for item in offer.form}
        return cmd.SubmitAction(
            task=offer.task,
            action=offer.action,
            data={name: value for name, value in data.items() if name in asked},
            evidence=tuple(files) if "photos" in asked else tuple(files[:1]),
            on_site=True,
            back_to=offer.among[b % len(offer.among)] if offer.among else "",
        )


def played(spec: VotesSpec, steps) -> Council:
    found = Council(spec)
    for step in steps:
        found.step(*step)
        check(found)
    return found


def check(found: Council) -> None:
    state = found.state()
    voting = {task.n: task for task in state.tasks if task.kind == "vote"}
    asked = [voice.task for one in state.rounds for voice in one.voices if voice.task and not voice.answer]
    # No task asks for a voice outside of a vote, every vote asks somebody, and its origin is there.
    assert sorted(asked) == sorted(voting)
    for under_way in state.rounds:
        origin = state.task(under_way.of)
        assert origin is not None
        tasks = [voting[voice.task] for voice in under_way.voices if voice.task in voting]
        assert tasks
        if found.spec.order == "sequential":
            assert len(tasks) == 1
        assert counted(found.spec, under_way.voices) == ""
        check_persons(under_way.voices, tasks[0].asked)
        for task in tasks:
            assert task.holder.persons
            assert task.deadline is not None
            assert (task.asked, task.activation) == (tasks[0].asked, origin.activation)
    for task in state.tasks:
        if task.kind == "own":
            # Whatever is voted, the task itself is due when it was.
            assert found.due.setdefault(task.n, task.deadline) == task.deadline


def check_persons(voices, asked) -> None:
    """Nobody twice, and nobody who asked."""
    spoken = [name for one in voices for name in (one.answered_by, one.stands_for) if name]
    assert len(spoken) == len(set(spoken))
    assert not {asked.by, asked.stands_for}.intersection(spoken)
    open_now = [one.person for one in voices if one.person and one.answer != "withdrawn"]
    assert len(open_now) == len(set(open_now))
    assert asked.by not in open_now


@settings(max_examples=100, deadline=None)
@given(spec=SPECS, steps=STEPS)
def test_a_vote_ends_as_a_simple_count_says_and_not_before(spec, steps):
    found = played(spec, steps)
    voices = {}
    ended_in = {}
    for written in found.play.log:
        for event in written.events:
            match event:
                case ev.RoundOpened():
                    voices[event.round] = event.voices
                case ev.VoicesChanged():
                    # As long as it is under way, it was not decided by what was known before.
                    assert event.how == "answered" or event.how == "removed" or not counted(spec, event.voices)
                    voices[event.round] = event.voices
                case ev.RoundClosed():
                    assert event.round not in ended_in
                    ended_in[event.round] = event.how
                    if event.how != "withdrawn":
                        assert event.how == counted(spec, voices[event.round])
                    led = bool(of_type(written.events, ev.StateEntered))
                    stays = type(written.command.act) is cmd.RecallAction or (
                        event.how == "refused" and not spec.refused_to
                    )
                    assert led != stays
                case _:
                    pass
    assert set(voices) - set(ended_in) == {one.n for one in found.state().rounds}


@settings(max_examples=40, deadline=None)
@given(spec=SPECS, steps=STEPS)
def test_no_alarm_of_a_voice_goes_off_before_or_after_it_is_asked(spec, steps):
    found = played(spec, steps)
    found.play.advance(found.play.now + timedelta(days=12))

    open_tasks = set()
    for written in found.play.log:
        for event in written.events:
            match event:
                case ev.TaskOpened():
                    open_tasks.add(event.task)
                case ev.TaskEnded():
                    open_tasks.remove(event.task)
                case ev.RungFired() | ev.DeadlineExpired():
                    assert event.task in open_tasks
                case _:
                    pass
    check(found)


@settings(max_examples=40, deadline=None)
@given(spec=SPECS, steps=STEPS)
def test_of_votes_what_is_offered_is_accepted_and_what_is_not_offered_is_refused(spec, steps):
    found = played(spec, steps)
    state = found.state()
    for person in PEOPLE:
        offers = {(one.kind, one.task, one.action): one for one in found.play.offers(person, found.case)}
        for task in state.tasks:
            for consent in (True, False):
                code = refusal(found.play, found.case, person, cmd.AnswerVote(task=task.n, consent=consent, reason="r"))
                assert (code == "") == (("vote", task.n, task.spec) in offers)
            asking = ("add_voice", task.n, "accept") in offers
            acts = [cmd.ChangeVoices(task=task.n, add=one, reason="r") for one in ("e1", "f2", "zhou")]
            codes = {refusal(found.play, found.case, person, act) for act in acts}
            personal = {"", "not_to_be_added", "has_a_voice_already", "second_person_needed", "separation_of_duties"}
            assert (codes <= personal) == asking
            removable = offers.get(("remove_voice", task.n, "accept"))
            for n in range(1, 9):
                code = refusal(found.play, found.case, person, cmd.ChangeVoices(task=task.n, remove=n, reason="r"))
                assert (code == "") == (removable is not None and str(n) in removable.among)
            recalled = refusal(found.play, found.case, person, cmd.RecallAction(seen=cmd.Seen(task=task.n)))
            assert (recalled == "") == (("recall", task.n, "accept") in offers)
        back = next((one for one in offers.values() if one.action == "send_back"), None)
        if back is not None:
            for to in ("opened", "doing", "checking", "sorting", "done", ""):
                act = replace(found.act_of(back, 0), back_to=to)
                assert (refusal(found.play, found.case, person, act) == "") == (to in back.among)
