"""Whether ladders fit: their rungs follow each other in time, pauses have an end, drafts an owner, moves a state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from engine.core.definition import LadderSpec, Procedure, RungSpec, TaskSpec
from engine.core.definition_ladders import START
from engine.core.effect_checks import check_effects, check_start
from engine.core.ladders import RESERVED_RUNGS
from engine.core.points import Offset, match_point
from engine.core.uses import RUNG_RECIPIENTS, References

#: Days that a unit lasts at least and at most, by whatever calendar: (each at least, each at most, besides at most).
_DAYS: dict[str, tuple[float, float, float]] = {
    "minute": (1 / 1440, 1 / 1440, 0),
    "hour": (1 / 24, 1 / 24, 0),
    "work hour": (1 / 24, 1, 14),
    "workday": (1, 1.8, 14),
    "day": (1, 1, 0),
    "week": (7, 7, 0),
    "month": (28, 31, 0),
    "quarter": (90, 92, 0),
    "half-year": (181, 184, 0),
    "year": (365, 366, 0),
}


def check_ladder(ladder: LadderSpec, actions: Iterable[str], references: References) -> None:
    """Note what a ladder names that is not there, and what it cannot mean."""
    where = f"ladders.{ladder.id}"
    references.unique((rung.id for rung in ladder.rungs), f"{where}.rungs")
    for rung in ladder.rungs:
        _check_rung(rung, f"{where}.rungs.{rung.id}", references)
    _check_order(ladder, where, references)
    if (pause := ladder.pause) is not None:
        references.all_parties(pause.by, f"{where}.pause.by")
        if not pause.by:
            references.problems.add("missing_key", f"{where}.pause.by", "who may pause it")
        if not pause.most or pause.times < 1:
            references.problems.add("pause_without_limit", f"{where}.pause", "how long at most, and how often")
        if pause.most:
            references.span(pause.most, f"{where}.pause.most")
    if ladder.calms is not None:
        _check_calms(ladder, actions, where, references)


def _check_rung(rung: RungSpec, where: str, references: References) -> None:
    references.rung_point(rung.at, f"{where}.at")
    references.all_parties(rung.to, f"{where}.to", *RUNG_RECIPIENTS)
    if rung.start:
        check_start(rung.start, f"{where}.start", references)
    if rung.id in RESERVED_RUNGS:
        references.problems.add("reserved_name", where, "a name of its own", rung.id)
    if rung.text:
        references.text(rung.text, f"{where}.text")
    check_effects(rung.do, TaskSpec(holder=""), f"{where}.do", references)
    _check_draft(rung, where, references)
    if rung.every:
        references.span(rung.every, f"{where}.every")
    if rung.every and rung.draft:
        references.problems.add("draft_repeated", f"{where}.every", "repeats of reminders only", rung.every)
    if rung.until:
        references.rung_point(rung.until, f"{where}.until")
    if (rung.times or rung.until or rung.digest) and not rung.every:
        references.problems.add("missing_key", f"{where}.every", "every, with times, until or digest")
    if rung.times and rung.until:
        references.problems.add("one_of", where, "times or until", rung.until)


def _check_draft(rung: RungSpec, where: str, references: References) -> None:
    if bool(rung.draft) != bool(rung.by):
        references.problems.add("draft_without_owner", where, "draft and by, or neither", rung.draft or rung.by)
    if rung.by:
        references.party(rung.by, f"{where}.by")
    if rung.issue_within:
        references.span(rung.issue_within, f"{where}.issue_within")
    if rung.ladder and references.known(rung.ladder, references.ladders, "unknown_ladder", f"{where}.ladder"):
        if not rung.issue_within:
            references.problems.add("ladder_without_deadline", f"{where}.ladder", "issue_within", rung.ladder)
        if _climbs(rung.ladder, references.ladders, ()):
            references.problems.add("ladder_climbs_itself", f"{where}.ladder", "another ladder", rung.ladder)
    if (approve := rung.approve) is not None:
        references.party(approve.by, f"{where}.approve.by")
        references.all_parties(approve.not_by, f"{where}.approve.not_by")
        references.timed(approve.deadline, approve.undated, approve.ladder, f"{where}.approve")


def _climbs(name: str, ladders: Mapping[str, LadderSpec], above: tuple[str, ...]) -> bool:
    """Whether what a ladder drafts is late on a ladder that drafts the same: that would never end."""
    if name in above:
        return True
    rungs = ladders[name].rungs if name in ladders else ()
    below = {one for rung in rungs for one in (rung.ladder, rung.approve.ladder if rung.approve else "") if one}
    return any(_climbs(one, ladders, (*above, name)) for one in sorted(below))


def _check_calms(ladder: LadderSpec, actions: Iterable[str], where: str, references: References) -> None:
    calms = ladder.calms
    assert calms is not None
    if not calms.on:
        references.problems.add("missing_key", f"{where}.calms.on", "what counts as progress")
    for action in calms.on:
        references.known(action, actions, "unknown_action", f"{where}.calms.on")
    if calms.back_to == START:
        return
    at = f"{where}.calms.back_to"
    if references.known(calms.back_to, [rung.id for rung in ladder.rungs], "unknown_rung", at):
        rung = next(one for one in ladder.rungs if one.id == calms.back_to)
        point = match_point(rung.at)
        if isinstance(point, Offset) and (point.of == "start" or point.side == "before"):
            references.problems.add("calms_before_deadline", at, "a rung at or after the deadline", calms.back_to)


def _check_order(ladder: LadderSpec, where: str, references: References) -> None:
    """Rungs stand in the order in which they are reached, by whatever calendar."""
    for first, second in combinations(ladder.rungs, 2):
        if _surely_later(first.at, second.at):
            references.problems.add(
                "rungs_out_of_order",
                f"{where}.rungs.{second.id}.at",
                f"no earlier than {first.id}: {first.at}",
                second.at,
            )
            return


def _surely_later(first: str, second: str) -> bool:
    """Whether a point comes after another one, whatever days off there are."""
    one, other = match_point(first), match_point(second)
    if isinstance(one, Offset) and isinstance(other, Offset):
        kinds = [(point.of, point.side, point.span.unit) for point in (one, other)]
        if kinds[0] == kinds[1]:
            sign = 1 if one.side == "after" else -1
            return sign * one.span.amount > sign * other.span.amount
    before, after = _reach(first), _reach(second)
    return before is not None and after is not None and before[0] > after[1]


def _reach(phrase: str) -> tuple[float, float] | None:
    """Between which days before (-) or after the deadline a point lies; None = it counts from elsewhere."""
    point = match_point(phrase)
    if getattr(point, "of", "") != "deadline":
        return None
    if not isinstance(point, Offset):
        return 0, 0
    least, most, besides = _DAYS[point.span.unit]
    near, far = point.span.amount * least, point.span.amount * most + besides
    return (near, far) if point.side == "after" else (-far, -near)


def ladders_of(task: TaskSpec) -> tuple[str, ...]:
    """Every ladder that a task may climb."""
    return tuple(dict.fromkeys(one for one in (*(choice.ladder for choice in task.ladders), task.ladder) if one))


def check_choice(task: TaskSpec, where: str, references: References) -> None:
    """Ladders with conditions on all but the last."""
    for index, choice in enumerate(task.ladders):
        at = f"{where}.ladder.{index}"
        references.known(choice.ladder, references.ladders, "unknown_ladder", f"{at}.ladder")
        if choice.when:
            references.guard(choice.when, f"{at}.when")
        last = index == len(task.ladders) - 1
        if not choice.when and not last:
            references.problems.add("branch_never_taken", at, "a condition on every ladder but the last", choice.ladder)
        if choice.when and last:
            references.problems.add("no_otherwise", f"{where}.ladder", "a last ladder without condition", choice.when)
    if task.ladders and task.deadline is None:
        references.problems.add("ladder_without_deadline", f"{where}.ladder", "a deadline to climb from")


def check_moves(procedure: Procedure, references: References) -> None:
    """Rungs that move a case belong to ladders of its own tasks only."""
    climbed = {name for state in procedure.states for task in state.tasks for name in ladders_of(task)}
    for ladder in procedure.ladders:
        for rung in ladder.rungs:
            if rung.enter and ladder.id not in climbed:
                at = f"ladders.{ladder.id}.rungs.{rung.id}.enter"
                references.problems.add("move_without_state", at, "a ladder of a task of a state", rung.enter)


def climbing(
    procedure: Procedure, tasks: Mapping[tuple[str, str], TaskSpec]
) -> Iterator[tuple[tuple[str, str, str, str], str, str]]:
    """The moves of rungs: (state, task, ladder, rung), where each leads, and where that stands in the document."""
    ladders = {ladder.id: ladder for ladder in procedure.ladders}
    for (path, task_id), task in tasks.items():
        for name in ladders_of(task):
            for rung in ladders[name].rungs if name in ladders else ():
                if rung.enter:
                    yield (path, task_id, name, rung.id), rung.enter, f"ladders.{name}.rungs.{rung.id}.enter"
