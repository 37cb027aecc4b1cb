"""Links, effects on other cases, waits and what follows by itself: from a document to the neutral definition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast, get_args

from engine.core import definition as neutral
from engine.core.convert_clocks import Paths, resume_effect, stop_effect, whole
from engine.core.definition_links import WaitFor
from engine.core.language import acts, links, procedure

Targets = Callable[[list[acts.Target], str], tuple[neutral.TargetSpec, ...]]


def effect(model: acts.EffectEntry, paths: Paths = whole) -> neutral.Effect:
    """One effect; `paths` finds the states that it names."""
    if model.set is not None:
        return neutral.SetFields(values=dict(model.set), when=model.when or "")
    if model.deadline is not None:
        return neutral.MoveDeadline(until=model.deadline.until)
    if model.notify is not None:
        return neutral.Notify(to=tuple(model.notify.to), text=model.notify.text)
    if model.stop_clock is not None:
        return stop_effect(model.stop_clock, paths)
    if model.resume_clock is not None:
        return resume_effect(model.resume_clock, paths)
    if model.link is not None:
        return neutral.LinkCases(how=model.link.how, field=model.link.field)
    if model.start is not None:
        return start(model.start)
    if model.each is not None:
        return _each(model.each)
    assert model.open is not None
    return neutral.OpenTask(task=model.open)


def start(model: links.StartEffect) -> neutral.StartSpec:
    """The start of a case."""
    return neutral.StartSpec(
        procedure=model.procedure,
        action=model.action,
        link=model.link or "",
        values=dict(model.values),
        when=model.when or "",
    )


def _each(model: links.EachEffect) -> neutral.StartEach:
    return neutral.StartEach(
        of=model.of,
        procedure=model.start,
        action=model.action,
        link=model.link,
        values=dict(model.values),
        when=model.when or "",
    )


def link(name: str, model: links.LinkEntry) -> neutral.LinkSpec:
    """A kind of link."""
    return neutral.LinkSpec(id=name, title=model.title, back=model.back, to=tuple(model.to), many=model.many)


def wait(model: links.Wait) -> neutral.WaitSpec:
    """What a state waits for."""
    how_many = next(name for name in get_args(WaitFor) if getattr(model, name))
    return neutral.WaitSpec(link=getattr(model, how_many), how_many=cast("WaitFor", how_many), ends=tuple(model.end))


def reactions(model: procedure.Reactions, targets: Targets, at: str) -> Iterator[neutral.ReactionSpec]:
    """What follows by itself, link by link."""
    for name, happenings in model.items():
        for when, reaction in happenings.by_name().items():
            if reaction is not None:
                yield neutral.ReactionSpec(
                    link=name,
                    when=cast("neutral.Happening", when),
                    do=tuple(effect(one) for one in reaction.do),
                    to=targets(reaction.to, f"{at}.{name}.{when}.to"),
                )
