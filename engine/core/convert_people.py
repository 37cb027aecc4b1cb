"""Handling of tasks, votes, joint work, powers and recusal of a document → the neutral definition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from engine.core import definition as neutral
from engine.core.language import people, procedure
from engine.core.language.timing import Timing

#: A deadline of a model at a path below where it stands.
Deadline = Callable[[Timing, str], "neutral.DeadlineSpec | None"]
Choices = Mapping[str, Mapping[str, str]]


def handling(
    own: people.Handling | None, common: people.Handling | None, at: str, deadline: Deadline, choices: Choices
) -> neutral.HandlingSpec:
    """What a holder may do with a task: the task's own words, else those of the whole procedure, one by one."""
    given = own.model_fields_set if own else frozenset()

    def chosen(name: str) -> people.Handling:
        return own if own is not None and name in given else common or people.Handling()

    urge, over = chosen("urge").urge, chosen("hand_over").hand_over
    return neutral.HandlingSpec(
        claim=bool(chosen("claim").claim),
        transfer=tuple(chosen("transfer").transfer),
        delegate=tuple(chosen("delegate").delegate),
        copy=tuple(chosen("copies").copies),
        urge=neutral.UrgeSpec(by=tuple(urge.by), every=urge.every, text=urge.text or "") if urge else None,
        superior=chosen("superior").superior is not None,
        recuse=bool(chosen("recuse").recuse),
        hand_over=_hand_over(over, f"{at}.handling.hand_over", deadline, choices) if over else None,
    )


def _hand_over(model: people.HandOver, at: str, deadline: Deadline, choices: Choices) -> neutral.HandOverSpec:
    designate = model.designate
    grounds = choices.get(model.grounds, {})
    return neutral.HandOverSpec(
        party=model.party,
        receive=deadline(model.receive, f"{at}.receive"),
        receive_undated=model.receive.undated or "",
        ladder=model.receive.ladder or "",
        grounds=tuple(grounds.items()),
        designate_by=(designate.by or "") if designate else "",
        designate=deadline(designate, f"{at}.designate") if designate else None,
        designate_undated=(designate.undated or "") if designate else "",
        designate_ladder=(designate.ladder or "") if designate else "",
    )


def votes(model: people.Votes, at: str, deadline: Deadline, refused_to: str) -> neutral.VotesSpec:
    """Several voices on an action."""
    return neutral.VotesSpec(
        by=tuple(model.by),
        rule=model.rule,
        veto=tuple(model.veto),
        quorum=model.quorum or 0,
        order=model.order,
        add=tuple(model.add),
        deadline=deadline(model.each, f"{at}.each"),
        undated=model.each.undated or "",
        ladder=model.each.ladder or "",
        refused_to=refused_to,
    )


def joint(model: people.Joint, at: str, deadline: Deadline) -> neutral.JointSpec:
    """Others who give their opinion on a task."""
    return neutral.JointSpec(
        by=tuple(model.by),
        deadline=deadline(model, at),
        undated=model.undated or "",
        ladder=model.ladder or "",
        wait=model.wait,
    )


def power(model: people.PowerNeeded) -> neutral.PowerSpec:
    """The power that an action needs."""
    return neutral.PowerSpec(matter=model.matter, document=model.document or "")


def party_spec(name: str, model: procedure.PartyEntry, deadline: Deadline) -> neutral.PartySpec:
    """A party."""
    kind: neutral.PartyKind = _kind(model)
    recused = model.recused
    return neutral.PartySpec(
        id=name,
        title=model.title,
        kind=kind,
        field=model.unit or model.person or model.guest or "",
        role=model.role or model.queue or "",
        roster=model.roster or "",
        region=model.region or "",
        industry=model.industry or "",
        actions=tuple(model.actor or ()),
        of=model.of or "",
        beside=bool(model.beside),
        follows=model.follows or "",
        excepts=tuple(model.excepts),
        recused=neutral.RecusedSpec(of=tuple(recused.of), grounds=tuple(recused.grounds)) if recused else None,
        none=model.none or "",
        designate=deadline(model.designate, f"parties.{name}.designate") if model.designate else None,
        designate_undated=(model.designate.undated or "") if model.designate else "",
        designate_by=(model.designate.by or "") if model.designate else "",
        designate_ladder=(model.designate.ladder or "") if model.designate else "",
    )


def _kind(model: procedure.PartyEntry) -> neutral.PartyKind:
    kinds: tuple[neutral.PartyKind, ...] = ("unit", "person", "role", "actor", "queue", "roster", "guest")
    return next(kind for kind in kinds if getattr(model, kind))


def states_with_tasks(states: Mapping[str, procedure.State]) -> Iterator[str]:
    """The simple states of one scope to which a case can be sent back."""
    return (name for name, state in states.items() if state.task)
