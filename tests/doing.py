"""People of a random organisation who take up what they are offered in one case, while others come and go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from engine.core import command as cmd
from engine.core.candidates import candidates
from engine.core.case import Case, Task
from engine.core.compiler import compile_procedure
from engine.core.definition import Procedure
from engine.core.directory import Directory, Holding, Recusal, Substitution, Succession
from engine.core.facts import Facts
from engine.core.handing import hand_over_targets
from engine.core.machine import Machine
from engine.core.offers import Offer
from engine.proof.play import World
from tests.organising import INDUSTRIES, NEIGHBOURS, PEOPLE, REGIONS
from tests.trying import refused
from tests.worlds import EVE, PLACES, ROLES, UNITS, calendar, local

#: What is taken up of what is offered, by kind of step.
LEADING = ("act", "reopen")
ANSWERING = (
    "consent",
    "refuse",
    "vote",
    "vote",
    "opinion",
    "receive",
    "refuse_receipt",
    "designate",
    "issue",
    "decline",
)
PASSING = ("claim", "release", "transfer", "delegate", "give_back", "take_back", "urge", "copy", "recuse", "hand_over")
CHANGING = ("recall", "add_voice", "remove_voice")
KINDS = {"lead": LEADING, "answer": ANSWERING, "pass": PASSING, "change": CHANGING}
#: Actions that leave the case in its state.
NOWHERE = ("note", "extend")
#: Kinds of act that may be refused for the day that was asked for.
LATER = ("act", "consent")
#: Kinds of act that leave every task as it is but for who has it.
UNTIMED = frozenset(PASSING) - {"hand_over"}


class Play:
    """One case in a world; `step` does what a step says and tells what was done."""

    def __init__(self, procedure: Procedure, rows: dict[str, Any]) -> None:
        directory = Directory(
            version=1, roles=ROLES, regions=REGIONS, industries=INDUSTRIES, neighbours=NEIGHBOURS, **rows
        )
        midnights = [calendar().instant(local(EVE).date() + timedelta(days=n)) for n in range(1, 90)]
        turns = [at for one in rows["shifts"] for at in (one.begins, one.ends)]
        self.world = World(
            [compile_procedure(procedure)],
            directory=directory,
            calendar=calendar(),
            start=local(EVE),
            units=UNITS,
            places=PLACES,
            changes=[at for at in (*midnights, *turns) if at > local(EVE)],
        )
        self.told = 0
        data = {"subject": "x", "unit": "U1", "place": "P1"}
        self.name = self.world.start(rows["holdings"][0].person, "sample", "report", data)

    # what is known -----------------------------------------------------------------------------------------------

    @property
    def case(self) -> Case:
        """The case as it is."""
        return self.world.case(self.name)

    @property
    def machine(self) -> Machine:
        """Its procedure."""
        return self.world.machines[self.case.version]

    @property
    def facts(self) -> Facts:
        """What is known now."""
        return self.world.facts(self.machine, self.case, None)

    def day(self) -> Any:
        """Today."""
        return calendar().local_day(self.world.now)

    def refusal(self, person: str, act: cmd.AnyAct) -> str:
        """The code with which an act would be refused now; "" = it would not be. Nothing is done."""
        error = refused(self.world, self.case, person, act)
        return error.code if error is not None else ""

    # what happens ------------------------------------------------------------------------------------------------

    def step(self, what: str, n: int, m: int) -> tuple[str, str]:
        """Do one thing; the kind of act that was done and by whom, ("", "") where nobody did anything."""
        match what:
            case "wait":
                self.world.advance(self.world.now + timedelta(hours=(1, 5, 20, 30, 90)[n % 5]), asleep=m % 5 == 0)
            case "ends":
                self._end(n)
            case "comes":
                row = Holding(id=f"c{self._next()}", person=PEOPLE[n % 10], valid_from=self.day(), **_ROLES[m % 5])
                self._change(holdings=(row,))
            case "away":
                self._away(n, m)
            case "kin":
                person = PEOPLE[n % 10]
                self._change(recusals=(Recusal(id=f"kin-{person}", person=person, kind="kin", unit="U1"),))
            case "merge":
                self._change(successions=(Succession(id="U1", successor="U2", how="merged", valid_from=self.day()),))
            case _:
                return self._take_up(what, n, m)
        return "", ""

    def _next(self) -> int:
        self.told += 1
        return self.told

    def _change(self, **rows: Any) -> None:
        self.world.reorganise(self.world.directory.changed(self.world.directory.version + 1, **rows))

    def _end(self, n: int) -> None:
        held = [one for person in PEOPLE for one in self.world.directory.held_by(person, self.day())]
        if held:
            self._change(holdings=(replace(held[n % len(held)], valid_to=self.day()),))

    def _away(self, n: int, m: int) -> None:
        person, substitute = PEOPLE[n % 10], PEOPLE[m % 10]
        until = self.day() + timedelta(days=1 + m % 4)
        if person != substitute:
            row = Substitution(
                id=f"a{self._next()}", person=person, substitute=substitute, valid_from=self.day(), valid_to=until
            )
            self._change(substitutions=(row,))

    def _take_up(self, what: str, n: int, m: int) -> tuple[str, str]:
        """The next person who is offered something of the kinds takes it up; the door must let them.

        What leads on is mostly preferred to what leads nowhere, and done where there is nothing of the kinds.
        """
        offered = [
            (person, offer)
            for person in (*PEOPLE[n % 10 :], *PEOPLE[: n % 10])
            for offer in self.world.offers(person, self.name)
        ]
        leading = [one for one in offered if one[1].kind in LEADING and one[1].action not in NOWHERE]
        found = [one for one in offered if one[1].kind in KINDS[what]]
        if not found or (what == "lead" and m % 8):
            found = leading or found
        for at in range(len(found)):
            person, offer = found[(m + at) % len(found)]
            act = self.act_of(offer, person, m)
            if act is not None and not (offer.kind in LATER and self.refusal(person, act) == "deadline_not_later"):
                self.world.do(person, self.name, act)
                return offer.kind, person
        return "", ""

    # the acts ----------------------------------------------------------------------------------------------------

    def act_of(self, offer: Offer, person: str, m: int) -> cmd.AnyAct | None:
        """An offer taken up, with everything it asks for; None where nobody and nothing can be named for it."""
        task = self.case.task(offer.task)
        match offer.kind:
            case "act" | "reopen":
                return self._action(offer, m)
            case "transfer" | "delegate" | "copy":
                assert task is not None
                found = candidates(self.machine, self.case, self.facts, task, offer.kind, self.day())
                to = [one for one in found if offer.kind == "copy" or one != person]
                return plain(offer.kind, offer.task, to[m % len(to)]) if to else None
            case "hand_over" | "designate":
                assert task is not None
                places = hand_over_targets(self.machine, self.case, self.facts, task, self.day(), region_of(m))
                if not places:
                    return None
                region, industry = places[m % len(places)]
                told = {"task": offer.task, "region": region, "industry": industry, "reason": "x"}
                return cmd.HandOver(**told) if offer.kind == "hand_over" else cmd.Designate(**told)
            case "add_voice":
                acts = [cmd.ChangeVoices(task=offer.task, add=one, reason="x") for one in PEOPLE]
                fitting = [act for act in acts if not self.refusal(person, act)]
                return fitting[m % len(fitting)] if fitting else None
            case "remove_voice":
                return cmd.ChangeVoices(task=offer.task, remove=int(offer.among[m % len(offer.among)]), reason="x")
            case "vote":
                return cmd.AnswerVote(task=offer.task, consent=m % 3 > 0, reason="x")
            case _:
                return plain(offer.kind, offer.task, "")

    def _action(self, offer: Offer, m: int) -> cmd.SubmitAction:
        later = (self.day() + timedelta(days=9 + m % 9)).isoformat()
        return cmd.SubmitAction(
            task=offer.task,
            action=offer.action,
            data={"asked_until": later} if offer.form else {},
            back_to=offer.among[m % len(offer.among)] if offer.among else "",
            instead="x" if offer.superior else "",
        )


_ROLES: tuple[dict[str, str], ...] = (
    {"role": "checker", "region": "/s/t1/"},
    {"role": "checker", "region": "/s/"},
    {"role": "office", "region": "/s/"},
    {"role": "principal", "unit": "U1"},
    {"role": "principal", "unit": "U2"},
)


def region_of(m: int) -> str:
    """A region, "" = where it is."""
    return ("", "/s/t1/", "/s/t2/", "/s/")[m % 4]


def plain(kind: str, task: int, to: str) -> cmd.AnyAct:
    """The act of a kind that needs no more than a person."""
    acts: dict[str, cmd.AnyAct] = {
        "consent": cmd.AnswerApproval(task=task, consent=True),
        "refuse": cmd.AnswerApproval(task=task, consent=False, reason="x"),
        "issue": cmd.IssueDraft(task=task),
        "decline": cmd.DeclineDraft(task=task, reason="x"),
        "claim": cmd.ClaimTask(task=task),
        "release": cmd.ReleaseTask(task=task, reason="x"),
        "transfer": cmd.TransferTask(task=task, to=to, reason="x"),
        "delegate": cmd.DelegateTask(task=task, to=to, reason="x"),
        "copy": cmd.CopyCase(task=task, to=(to,)),
        "give_back": cmd.GiveBackTask(task=task, opinion="x"),
        "take_back": cmd.GiveBackTask(task=task, opinion="x"),
        "urge": cmd.UrgeTask(task=task),
        "recuse": cmd.RecusePerson(task=task, reason="x"),
        "recall": cmd.RecallAction(seen=cmd.Seen(task=task)),
        "opinion": cmd.GiveOpinion(task=task, opinion="x"),
        "receive": cmd.AnswerHandOver(task=task, receive=True),
        "refuse_receipt": cmd.AnswerHandOver(task=task, receive=False, ground="not_ours", reason="x"),
        "vote": cmd.AnswerVote(task=task, consent=True),
    }
    return acts[kind]


def own_tasks(case: Case, activation: int) -> list[Task]:
    """The open own tasks of a stay."""
    return [task for task in case.tasks if task.kind == "own" and task.activation == activation]
