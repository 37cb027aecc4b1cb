"""Clocks that stand still and stages of extension: from a document to the neutral definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.core import definition as neutral
from engine.core.definition_clocks import Silence
from engine.core.language import acts, clocks

#: The whole path of what a document names.
Paths = Callable[[str], str]


def whole(name: str) -> str:
    """Where there is no scope, names are whole paths."""
    return name


def stop_spec(model: clocks.StopText | None, paths: Paths) -> neutral.StopSpec | None:
    """What a state stops."""
    if model is None:
        return None
    return neutral.StopSpec(of=() if model is True else _paths(model, paths))


def stop_effect(model: clocks.StopEffect, paths: Paths) -> neutral.StopClock:
    """What an act stops."""
    return neutral.StopClock(of=_paths(model.of, paths), reason=model.reason, basis=tuple(model.basis))


def resume_effect(model: clocks.ResumeEffect, paths: Paths) -> neutral.ResumeClock:
    """What an act lets go on."""
    return neutral.ResumeClock(of=_paths(model.of, paths))


def _paths(names: Iterable[str], paths: Paths) -> tuple[str, ...]:
    return tuple(paths(name) for name in names)


def request(model: acts.Request) -> neutral.AskSpec:
    """A request bound to the deadline of its task."""
    return neutral.AskSpec(
        lead=model.lead or "",
        late_by=model.late.approve if model.late else "",
        late_form=tuple(model.late.form) if model.late else (),
        times=model.times if isinstance(model.times, int) else 0,
        total=model.total or "",
        stages=tuple(
            neutral.StageSpec(id=name, most=one.most or "", by=one.approve or "") for name, one in model.stages.items()
        ),
    )


def silence(model: clocks.SilenceText | None) -> tuple[Silence, str]:
    """What becomes of a request that nobody decides in time, and who is asked then."""
    if isinstance(model, clocks.Escalation):
        return "escalates", model.to
    return model or "", ""
