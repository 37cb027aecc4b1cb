"""Ladders, and which of them a task climbs: from a document to the neutral definition."""

from __future__ import annotations

from engine.core import convert_links
from engine.core import definition as neutral
from engine.core.language import ladder, procedure


def ladder_spec(model: ladder.LadderDocument) -> neutral.LadderSpec:
    """A ladder."""
    return neutral.LadderSpec(
        id=model.ladder,
        title=model.title,
        rungs=tuple(_rung(name, rung) for name, rung in model.rungs.items()),
        pause=_pause(model.pause) if model.pause else None,
        calms=neutral.CalmSpec(on=tuple(model.calms.on), back_to=model.calms.back_to) if model.calms else None,
        basis=tuple(model.basis),
    )


def _rung(name: str, rung: ladder.Rung) -> neutral.RungSpec:
    effects = rung.do if isinstance(rung.do, list) else []
    return neutral.RungSpec(
        id=name,
        title=rung.title,
        at=rung.at,
        to=tuple(rung.to),
        text=rung.text or "",
        draft=rung.draft or "",
        start=convert_links.start(rung.start) if rung.start else None,
        do=tuple(convert_links.effect(one) for one in effects),
        enter=rung.enter or "",
        by=rung.by or "",
        approve=_signer(rung.approve) if rung.approve else None,
        issue_within=rung.issue_within or "",
        ladder=rung.ladder or "",
        if_over=rung.if_over or "withdraw",
        series=rung.series or "",
        every=rung.every or "",
        times=rung.times if isinstance(rung.times, int) else 0,
        until=rung.until or "",
        digest=bool(rung.digest),
        basis=tuple(rung.basis),
    )


def _signer(model: ladder.Signer) -> neutral.ApprovalSpec:
    return neutral.ApprovalSpec(
        by=model.by,
        not_by=tuple(model.not_by),
        deadline=neutral.DeadlineSpec(within=model.within) if model.within else None,
        undated=model.undated or "",
        ladder=model.ladder or "",
    )


def _pause(model: ladder.Pause) -> neutral.PauseSpec:
    times = model.times if isinstance(model.times, int) else 0
    return neutral.PauseSpec(by=tuple(model.by), most=model.most, times=times, missed=model.missed)


def choices(entries: list[procedure.LadderEntry]) -> tuple[str, tuple[neutral.LadderChoice, ...]]:
    """The one ladder of a task, or those among which its case decides."""
    if len(entries) == 1 and not entries[0].when:
        return entries[0].ladder, ()
    return "", tuple(neutral.LadderChoice(ladder=one.ladder, when=one.when or "") for one in entries)
