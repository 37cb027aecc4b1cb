"""What people do about votes (会签) and joint work (主办, 协办): answer, add and take out voices, give opinions.

A vote is asked by the action itself (`acts_by_people.submit_action` calls `ask_voices`). Whoever asked may take it
back while it is under way: `recalling.recall_action` calls `withdraw_round` where `round_to_recall` finds one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from engine.core import acting, permission, permission_votes, rounds, votes
from engine.core import command_people as cmd
from engine.core import event as ev
from engine.core.case import Case, Task
from engine.core.case_people import Round, Voice
from engine.core.consent import carry_out_asked, check_deadline_moves, check_seen
from engine.core.definition import ActionSpec, VotesSpec
from engine.core.event import Asked, Holder
from engine.core.fold_people import open_round
from engine.core.people_entries import check_passing_on, raise_if, reason_of
from engine.core.turn import Turn
from engine.errors import BadInput, Broken, NotFound, NotPermitted, Stale

_LONGEST_OPINION = 4000

# asking ------------------------------------------------------------------------------------------------------------


def ask_voices(turn: Turn, task: Task, asked: Asked, spec: VotesSpec) -> None:
    """Ask for the voices of an action: all at once, or the first of them."""
    voices = tuple(Voice(n=n, party=party) for n, party in enumerate(spec.by, start=1))
    asking = _numbered(turn, votes.to_ask(spec, voices))
    # The number of its first task: no other vote of the case ever has it.
    n = asking[0].task
    turn.emit(ev.RoundOpened(round=n, of=task.n, action=asked.action, voices=_replaced(voices, asking)))
    _open_tasks(turn, asking, task, asked, spec)


def _ask(turn: Turn, n: int, origin: Task, asked: Asked, spec: VotesSpec) -> None:
    """Ask those whose turn it is."""
    asking = _numbered(turn, votes.to_ask(spec, _round(turn.case, n).voices))
    if asking:
        _change(turn, n, "asked", asking)
        _open_tasks(turn, asking, origin, asked, spec)


def _numbered(turn: Turn, voices: tuple[Voice, ...]) -> tuple[Voice, ...]:
    """The voices with the numbers of the tasks that will ask for them."""
    first = turn.case.tasks_opened + 1
    return tuple(replace(voice, task=number) for number, voice in enumerate(voices, start=first))


def _open_tasks(turn: Turn, asking: tuple[Voice, ...], origin: Task, asked: Asked, spec: VotesSpec) -> None:
    """Open the tasks of voices, each with a deadline of its own."""
    for voice in asking:
        holder = Holder(party=voice.party, persons=(voice.person,)) if voice.person else turn.resolve(voice.party)
        where = (origin.state, origin.activation, asked.action)
        turn.open_beside("vote", where, holder, spec, asked=asked, voice=voice.n)


def _replaced(voices: tuple[Voice, ...], changed: tuple[Voice, ...]) -> tuple[Voice, ...]:
    by_number = {one.n: one for one in changed}
    return tuple(by_number.get(one.n, one) for one in voices)


def _round(case: Case, n: int) -> Round:
    for one in case.rounds:
        if one.n == n:
            return one
    raise Broken("round_not_open", round=n)


def _change(turn: Turn, n: int, how: Any, changed: tuple[Voice, ...], **more: Any) -> None:
    """Tell all voices as they are once these are changed."""
    voices = _replaced(_round(turn.case, n).voices, changed)
    turn.emit(ev.VoicesChanged(round=n, how=how, voices=voices, **more))


# answering ---------------------------------------------------------------------------------------------------------


def answer_vote(turn: Turn, act: cmd.AnswerVote) -> None:
    """Give one's voice; the last that matters carries out what was asked, or refuses it."""
    task, asked, action, under_way = _vote(turn, act.task)
    voice = rounds.voice_of(under_way, task)
    person = turn.command.acted_by
    raise_if(permission_votes.why_not_vote(turn.machine, turn.case, turn.facts, action, task, person, turn.day))
    if voice is None:
        raise Stale("task_not_open", task=act.task)
    check_seen(turn.case, act.seen, permission.form_of(action, late=True))
    permission.check_entry(turn.machine, turn.case, turn.facts, turn.command, action.late_entry)
    permission.check_order(turn.case, turn.command, task)
    reason = reason_of(act.reason, needed=not act.consent)
    found = permission.standing(turn.machine, turn.case, turn.facts, None, task, person, turn.day)
    acting.say_for_whom(turn, None, task)
    given = replace(
        voice,
        answer="consent" if act.consent else "refuse",
        answered_by=person,
        stands_for=found.stands_for if found else "",
        answered_at=turn.at,
        late=task.deadline is not None and turn.at >= task.deadline.due_at,
    )
    _change(turn, under_way.n, "answered", (given,), reason=reason, evidence=act.evidence)
    turn.emit(ev.TaskEnded(task=task.n, how="consented" if act.consent else "refused", reason=reason))
    _settle(turn, under_way, asked, action)


def _vote(turn: Turn, n: int) -> tuple[Task, Asked, ActionSpec, Round]:
    task = turn.case.task(n)
    under_way = rounds.round_of(turn.case, task) if task is not None and task.kind == "vote" else None
    if task is None or task.asked is None or under_way is None:
        raise Stale("task_not_open", task=n)
    action = permission.asked_action(turn.machine, turn.case, task)
    if action is None:
        raise NotFound("action_not_found", action=task.asked.action, task=task.asked.of)
    return task, task.asked, action, under_way


def _settle(turn: Turn, was: Round, asked: Asked, action: ActionSpec) -> None:
    """End a vote that is decided, and do what it decided; else ask whoever comes next."""
    origin = turn.case.task(asked.of)
    if action.votes is None or origin is None:
        raise Broken("vote_without_origin", action=asked.action, task=asked.of)
    ended = votes.outcome(action.votes, _round(turn.case, was.n).voices)
    if not ended:
        _ask(turn, was.n, origin, asked, action.votes)
        return
    if ended == "passed":
        check_deadline_moves(turn, action, origin, asked.values)
    for event in rounds.ending(turn.case, _round(turn.case, was.n), ended):
        turn.emit(event)
    if ended == "passed":
        carry_out_asked(turn, action, asked)
        return
    move = turn.machine.refusals.get((origin.state, origin.spec, action.id))
    if move is not None:
        turn.move(move)


# adding, taking out, taking back -----------------------------------------------------------------------------------


def change_voices(turn: Turn, act: cmd.ChangeVoices) -> None:
    """Add a person's voice to a vote under way, or take one out that was added and has not spoken."""
    under_way = open_round(turn.case, act.task)
    asking = rounds.asked_in(turn.case, under_way) if under_way is not None else None
    if under_way is None or asking is None or asking.asked is None:
        raise Stale("no_vote_under_way", task=act.task)
    _, asked, action, _ = _vote(turn, asking.n)
    person = turn.command.acted_by
    raise_if(permission_votes.why_not_change(turn.machine, turn.case, turn.facts, under_way, asked, person, turn.day))
    check_passing_on(turn, asking)
    reason_of(act.reason)
    if bool(act.add) == bool(act.remove):
        raise BadInput("add_or_remove", field="add")
    if act.add:
        _add(turn, act, under_way, asked, action)
    else:
        _remove(turn, act, under_way, asked)
    _settle(turn, under_way, asked, action)


def _add(turn: Turn, act: cmd.ChangeVoices, under_way: Round, asked: Asked, action: ActionSpec) -> None:
    spec = action.votes
    at_hand = (turn.machine, turn.case, turn.facts)
    if spec is None:
        raise Broken("vote_without_votes", action=action.id)
    raise_if(permission_votes.why_not_added(*at_hand, spec, under_way, asked, act.add, turn.day))
    party = permission_votes.party_added(*at_hand, spec, act.add, turn.day) or ""
    voices = votes.with_added(spec, under_way.voices, party, act.add, turn.command.acted_by)
    turn.emit(ev.VoicesChanged(round=under_way.n, how="added", voices=voices, reason=act.reason.strip()))


def _remove(turn: Turn, act: cmd.ChangeVoices, under_way: Round, asked: Asked) -> None:
    voice = next((one for one in under_way.voices if one.n == act.remove), None)
    if voice is None:
        raise BadInput("voice_unknown", field="remove", got=act.remove)
    if voice not in permission_votes.removable(under_way, asked, turn.command.acted_by):
        raise NotPermitted("voice_not_removable", action=under_way.action, voice=voice.n)
    _change(turn, under_way.n, "removed", (replace(voice, answer="withdrawn"),), reason=act.reason.strip())
    if voice.task:
        turn.emit(ev.TaskEnded(task=voice.task, how="withdrawn", reason=act.reason.strip()))


def round_to_recall(case: Case, person: str, task: int = 0) -> Round | None:
    """The last vote under way that the person asked, of that task if one is named: what they may take back."""
    for one in reversed(case.rounds):
        asking = rounds.asked_in(case, one)
        mine = asking is not None and asking.asked is not None and permission_votes.is_asker(asking.asked, person)
        if mine and task in (0, one.of):
            return one
    return None


def withdraw_round(turn: Turn, found: Round, reason: str = "") -> None:
    """Take back what was asked: the vote ends undecided, and it may be asked again."""
    check_passing_on(turn, turn.case.task(found.of))
    for event in rounds.ending(turn.case, found, "withdrawn", reason):
        turn.emit(event)


# opinions ----------------------------------------------------------------------------------------------------------


def give_opinion(turn: Turn, act: cmd.GiveOpinion) -> None:
    """Give one's opinion on what another concludes; after its deadline it is late by name, and still heard."""
    task = turn.case.task(act.task)
    if task is None or task.kind != "opinion":
        raise Stale("task_not_open", task=act.task)
    person = turn.command.acted_by
    raise_if(permission_votes.why_no_opinion(turn.machine, turn.case, turn.facts, task, person, turn.day))
    check_passing_on(turn, task)
    opinion = act.opinion.strip()
    if not opinion:
        raise BadInput("missing", field="opinion")
    if len(opinion) > _LONGEST_OPINION:
        raise BadInput("too_long", field="opinion", maximum=_LONGEST_OPINION)
    found = permission.standing(turn.machine, turn.case, turn.facts, None, task, person, turn.day)
    acting.say_for_whom(turn, None, task)
    turn.emit(
        ev.OpinionGiven(
            task=task.n,
            party=task.spec,
            stands_for=found.stands_for if found else "",
            opinion=opinion,
            late=task.deadline is not None and turn.at >= task.deadline.due_at,
            evidence=act.evidence,
        )
    )
    turn.emit(ev.TaskEnded(task=task.n, how="done"))


#: act -> what follows from it
DECIDERS: dict[type, Callable[[Turn, Any], None]] = {
    cmd.AnswerVote: answer_vote,
    cmd.ChangeVoices: change_voices,
    cmd.GiveOpinion: give_opinion,
}
