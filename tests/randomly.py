"""People of the sample world who do what they may, what they may not, and nothing at all, driven by numbers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from engine.core import command as cmd
from engine.core.case import Case
from engine.core.definition import FormItem
from engine.core.offers import Offer
from engine.errors import ZhibenError
from engine.proof.play import World
from tests.samples import SAMPLE
from tests.worlds import HOLDINGS, local, sample, with_windows, world

PEOPLE = tuple(dict.fromkeys(holding.person for holding in HOLDINGS))
ACTIONS = tuple(sorted({action for _, _, action in sample().actions}))
#: What the numbers of one step mean is up to `Crowd.step`; hypothesis makes them smaller when something fails.
STEPS = st.lists(st.tuples(st.integers(0, 11), *[st.integers(0, 999)] * 3), max_size=60)


def valid(world: World, case: Case | None, form: tuple[FormItem, ...], number: int) -> tuple[dict[str, Any], list[Any]]:
    """Answers that a form accepts, and the files that go with them."""
    today = world.calendar.local_day(world.now)
    dates = [task.deadline.derivation.due_on for task in case.tasks if task.deadline] if case else []
    later = max([today, *dates]) + timedelta(days=1 + number % 40)
    data: dict[str, Any] = {}
    files = []
    for item in form:
        match sample().fields[item.field].kind:
            case "photo":
                file = world.file("photo", item.field)
                files.append(file)
                data[item.field] = [file.sha256]
            case "choice":
                data[item.field] = ("low", "high")[number % 2]
            case "date":
                data[item.field] = later.isoformat()
            case "flag":
                data[item.field] = bool(number % 3)
            case "number":
                data[item.field] = number
            case "unit":
                data[item.field] = ("U1", "U2")[number % 2]
            case "place":
                data[item.field] = ("P1", "P2")[number % 2]
            case _:
                data[item.field] = f"x{number}"
    return data, files


def act_of(world: World, case: Case, offer: Offer, number: int) -> cmd.AnyAct:
    """An offer taken up, with everything it asks for."""
    match offer.kind:
        case "consent" | "refuse":
            return cmd.AnswerApproval(task=offer.task, consent=offer.kind == "consent", reason="r")
        case "issue":
            return cmd.IssueDraft(task=offer.task)
        case "decline":
            return cmd.DeclineDraft(task=offer.task, reason="r")
        case "act" | "reopen":
            data, files = valid(world, case, offer.form, number)
            files += [world.file(kind) for kind in (*offer.evidence, "signature")]
            return cmd.SubmitAction(
                task=offer.task, action=offer.action, data=data, evidence=tuple(files), on_site=True
            )


def any_act(case: Case, a: int, b: int) -> cmd.AnyAct:
    """An act that is most likely not allowed, or makes no sense at all."""
    task = a % (case.tasks_opened + 2)
    return (
        cmd.SubmitAction(task=task, action=ACTIONS[b % len(ACTIONS)], data={"reason": "r", "due_on": "2026-12-24"}),
        cmd.SubmitAction(task=task, action=ACTIONS[b % len(ACTIONS)], batch=True, seen=cmd.Seen(seq=1)),
        cmd.AnswerApproval(task=task, consent=b % 2 == 0, reason="r"),
        cmd.IssueDraft(task=task),
        cmd.DeclineDraft(task=task, reason=""),
        cmd.FireTimer(task=task, rung=("remind", "expiry", "overdue", "letter")[b % 4], epoch=b % 5),
        cmd.TriageCase(start=("now", "deadline", "until")[b % 3], until="2027-01-15", reason="r"),  # type: ignore[arg-type]
        cmd.ReceiveSignal(source=cmd.Stream(kind="case", id="X"), source_seq=1, n=1, name="same"),
        cmd.ReadTask(task=task),
    )[b % 9]


class Crowd:
    """A world, and what the numbers make of it; `refused` counts what was not carried out."""

    def __init__(self) -> None:
        self.world = world(procedure=with_windows(SAMPLE), holdings=HOLDINGS)
        self.refused = 0

    def step(self, kind: int, a: int, b: int, c: int) -> None:
        """Do one thing; a refusal must leave everything as it was."""
        cases, entries = dict(self.world.cases), len(self.world.log)
        try:
            self._step(kind, a, b, c)
        except ZhibenError:
            self.refused += 1
            assert (self.world.cases, len(self.world.log)) == (cases, entries)

    def _step(self, kind: int, a: int, b: int, c: int) -> None:
        names = list(self.world.cases)
        person = PEOPLE[b % len(PEOPLE)]
        if kind == 0 or not names:
            self._report(person if kind else "chen", a)
            return
        name = names[a % len(names)]
        case = self.world.case(name)
        match kind:
            case 1 | 2 | 3 | 4 | 5:
                self._offered(case, b, c, late=kind == 5)
            case 6:
                self.world.do(person, name, any_act(case, a, c), entered_by=("", "clerk")[c % 2])
            case 7 | 8 | 9:
                length = (timedelta(minutes=7), timedelta(hours=5), timedelta(days=1), timedelta(days=9))[b % 4]
                self.world.advance(self.world.now + length * (1 + c % 3), asleep=kind == 9)
            case 10:
                self._claim(person, c)
            case _:
                start = ("now", "deadline", "until")[b % 3]
                until = (self.world.calendar.local_day(self.world.now) + timedelta(days=c % 30)).isoformat()
                self.world.do("lin", name, cmd.TriageCase(start=start, until=until, reason="r"))  # type: ignore[arg-type]

    def _report(self, person: str, number: int) -> None:
        data, files = valid(self.world, None, sample().starts["report"].form, number)
        self.world.start(person, "sample", "report", data, evidence=tuple(files))

    def _offered(self, case: Case, b: int, c: int, *, late: bool) -> None:
        offers = [(person, offer) for person in PEOPLE for offer in self.world.offers(person, case.id)]
        if not offers:
            return
        person, offer = offers[b % len(offers)]
        if c % 9 == 0:
            self.world.do(person, case.id, cmd.ReadTask(task=offer.task))
            return
        act = act_of(self.world, case, offer, c)
        occurred_at = self.world.now - timedelta(hours=c % 100) if late else None
        self.world.do(person, case.id, act, occurred_at=occurred_at, entered_by="clerk" if late and c % 2 else "")

    def _claim(self, person: str, number: int) -> None:
        state = ("opened", "doing", "checking", "done", "sorting")[number % 5]
        opened_at = local("2026-03-02 09:00")
        act = cmd.ClaimCase(
            version=next(iter(self.world.machines)),
            state=state,
            data={"unit": "U1", "subject": "x", **({"due_on": date(2026, 3, 31).isoformat()} if number % 2 else {})},
            claimed_opened_at=opened_at,
            claimed_closed_at=opened_at + timedelta(days=9) if state == "done" else None,
        )
        self.world.do("clerk" if number % 4 else person, f"K{len(self.world.cases)}", act)
