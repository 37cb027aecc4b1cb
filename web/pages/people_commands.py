"""A form about the people of a task that came back, as the command it means; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from engine.core import command_people as cmd
from engine.core.command_ladders import PauseLadder, ResumeLadder
from engine.core.command_parts import EvidenceRef, Seen
from web.pages.form_commands import evidence_of
from web.pages.form_reading import Posted
from web.pages.people_asking import OFFICE


class _Form(NamedTuple):
    """What stands in the inputs."""

    n: int
    values: Mapping[str, Any]
    reason: str
    evidence: tuple[EvidenceRef, ...]
    seen: Seen
    #: consent, refuse; "" = no voice
    answer: str

    def text(self, name: str) -> str:
        """What was typed or chosen in an input."""
        return str(self.values.get(name, ""))

    @property
    def note(self) -> str:
        """The reason where one is asked for, else what was remarked."""
        return self.reason or self.text("note")

    @property
    def office(self) -> tuple[str, str]:
        """Region and industry of the office chosen."""
        region, _, industry = self.text("target").partition(OFFICE)
        return region, industry

    @property
    def voice(self) -> int:
        """The number of the voice chosen, 0 = none."""
        number = self.text("voice")
        return int(number) if number.isdecimal() and len(number) < 5 else 0


def act_of(kind: str, task: int, posted: Posted, answer: str = "") -> Any:
    """The command that a form of that kind means."""
    seen = Seen(task=task, seq=posted.seen)
    return _ACTS[kind](_Form(task, posted.values, posted.reason, evidence_of(posted), seen, answer))


def _hand_over(form: _Form) -> cmd.HandOver:
    region, industry = form.office
    return cmd.HandOver(task=form.n, region=region, industry=industry, reason=form.reason, evidence=form.evidence)


def _refuse(form: _Form) -> cmd.AnswerHandOver:
    return cmd.AnswerHandOver(task=form.n, receive=False, ground=form.text("ground"), reason=form.reason)


def _designate(form: _Form) -> cmd.Designate:
    region, industry = form.office
    return cmd.Designate(task=form.n, region=region, industry=industry, reason=form.reason)


def _vote(form: _Form) -> cmd.AnswerVote:
    consent = form.answer == "consent"
    return cmd.AnswerVote(task=form.n, consent=consent, reason=form.reason, evidence=form.evidence, seen=form.seen)


_ACTS: Mapping[str, Callable[[_Form], Any]] = {
    "claim": lambda form: cmd.ClaimTask(task=form.n),
    "release": lambda form: cmd.ReleaseTask(task=form.n, reason=form.note),
    "transfer": lambda form: cmd.TransferTask(task=form.n, to=form.text("to"), reason=form.reason),
    "delegate": lambda form: cmd.DelegateTask(task=form.n, to=form.text("to"), reason=form.reason),
    "give_back": lambda form: cmd.GiveBackTask(task=form.n, opinion=form.text("opinion"), evidence=form.evidence),
    "take_back": lambda form: cmd.GiveBackTask(task=form.n, opinion=form.note),
    "urge": lambda form: cmd.UrgeTask(task=form.n, note=form.note),
    "copy": lambda form: cmd.CopyCase(task=form.n, to=tuple(form.values.get("to", ())), note=form.note),
    "recuse": lambda form: cmd.RecusePerson(task=form.n, reason=form.reason),
    "recall": lambda form: cmd.RecallAction(reason=form.note, seen=form.seen),
    "vote": _vote,
    "add_voice": lambda form: cmd.ChangeVoices(task=form.n, add=form.text("to"), reason=form.reason),
    "remove_voice": lambda form: cmd.ChangeVoices(task=form.n, remove=form.voice, reason=form.reason),
    "opinion": lambda form: cmd.GiveOpinion(task=form.n, opinion=form.text("opinion"), evidence=form.evidence),
    "hand_over": _hand_over,
    "receive": lambda form: cmd.AnswerHandOver(task=form.n, receive=True, reason=form.note),
    "refuse_receipt": _refuse,
    "designate": _designate,
    "pause_ladder": lambda form: PauseLadder(task=form.n, until=form.text("until"), reason=form.reason),
    "resume_ladder": lambda form: ResumeLadder(task=form.n, reason=form.reason),
}
