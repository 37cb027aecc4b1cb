"""Documents of watches → the neutral definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from engine.core.convert_links import start
from engine.core.definition_watches import DrawSpec, Limit, Measure, Population, Source, Watch
from engine.core.language.watch import Count, WatchDocument
from engine.core.recurrence import Rhythm


def watch(model: WatchDocument, plan: str, wheres: Mapping[str, Measure]) -> Watch:
    """The watch; `wheres`: its counts, whose conditions are compiled already."""
    draw = model.then.draw
    return Watch(
        id=model.watch,
        title=model.title,
        plan=plan,
        per=model.per,
        every=Rhythm(period=model.every.period) if model.every else None,
        window=model.window or "",
        population=population(model.for_) if model.for_ else None,
        counts=tuple(wheres.values()),
        limits=tuple(Limit(id=name, title=one.title, value=int(one.value)) for name, one in model.limits.items()),
        when=model.when,
        light=model.then.light,
        start=start(model.then.start) if model.then.start else None,
        draw=DrawSpec(percent=int(draw.percent), start=start(draw.start)) if draw else None,
        explain=model.explain,
        basis=tuple(model.basis),
    )


def population(text: str) -> Population:
    """`units where …`, `people in role` or `regions`."""
    if text.startswith("people in "):
        return Population(kind="person", role=text.removeprefix("people in "))
    if text == "regions":
        return Population(kind="region")
    return Population(kind="unit", where=text.partition(" where ")[2])


def measure(name: str, model: Count) -> Measure:
    """One count, its condition not compiled yet."""
    procedure, _, text = (model.cases or model.obligations or model.of or "").partition(" where ")
    return Measure(
        id=name,
        title=model.title,
        source=cast("Source", model.source),
        procedure=procedure,
        text=text,
        by=model.by or "",
        actions=tuple(model.acts or ()),
        late=model.late,
        remote=model.remote,
        within=model.within or "",
        distinct=model.distinct or "",
        status=model.status or "",
        before=int(model.before or 0),
        over=model.over or "",
        streak=model.streak or "",
        most=int(model.most or 0),
    )
