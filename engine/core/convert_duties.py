"""The document of a duty → its neutral form."""

from __future__ import annotations

from typing import Any, cast

from engine.core.definition import TextSpec
from engine.core.definition_duties import DutySpec, ExemptSpec, PopulationSpec, ReminderSpec, RhythmSpec, SubjectKind
from engine.core.language.duty import DutyDocument, ExemptPart, LatePart, MadeUpPart, RhythmPart
from engine.core.recurrence import Rhythm

#: How long a window that rolls is, by the period it stands for.
_SPANS = {
    "day": "1 day",
    "week": "1 week",
    "month": "1 month",
    "quarter": "1 quarter",
    "half-year": "2 quarters",
    "year": "1 year",
}


def duty_spec(model: DutyDocument, plan: str, texts: tuple[TextSpec, ...]) -> DutySpec:
    """The duty as a place runs it; its parameters are filled in."""
    return DutySpec(
        id=model.duty,
        title=model.title,
        plan=plan,
        calendar=model.calendar,
        population=_population(model.for_),
        rhythms=tuple(_rhythm(one) for one in model.every),
        by=model.by,
        procedure=model.start.procedure,
        action=model.start.action,
        values=tuple(model.start.values.items()),
        done=() if model.done == "started" else tuple(model.done),
        late_action=model.late.start if isinstance(model.late, LatePart) else "",
        missed_at=model.missed.at,
        record=model.missed.record or "",
        made_up_within=model.made_up.within if isinstance(model.made_up, MadeUpPart) else "",
        joins=cast("Any", model.joins),
        reminders=tuple(
            ReminderSpec(id=name, title=one.title, at=one.at, text=one.text) for name, one in model.remind.items()
        ),
        exempt=_exempt(model.exempt) if isinstance(model.exempt, ExemptPart) else None,
        texts=texts,
        basis=tuple(model.basis),
    )


def _population(text: str) -> PopulationSpec:
    kind, _, rest = text.partition(" ")
    if kind == "people":
        return PopulationSpec(kind="people", role=rest.removeprefix("in role."))
    return PopulationSpec(kind=cast("SubjectKind", kind), where=rest.removeprefix("where "))


def _rhythm(part: RhythmPart) -> RhythmSpec:
    when, holiday = part.when or "", cast("Any", part.holiday)
    if part.window == "rolling":
        return RhythmSpec(when=when, rhythm=Rhythm(span=_SPANS[part.period], holiday=holiday))
    return RhythmSpec(
        when=when,
        rhythm=Rhythm(
            period=part.period,
            due=part.due or "",
            opens=part.opens or "",
            holiday=holiday,
            covers=cast("Any", part.covers or "this"),
        ),
    )


def _exempt(part: ExemptPart) -> ExemptSpec:
    return ExemptSpec(by=tuple(one.removeprefix("role.") for one in part.by), most=part.most or "")
