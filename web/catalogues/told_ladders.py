"""Events of ladders in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from engine.core import event as ev
from engine.core.definition_ladders import START
from web.catalogues.sentences import say
from web.catalogues.titles import Titles
from web.catalogues.told_people import task_called
from web.catalogues.told_time import tell_instant, tell_own_lateness


def _changed(event: ev.LadderChanged, titles: Titles, who: str) -> str:
    told = say(
        "event.ladder_changed",
        task=task_called(event.task, titles),
        ladder=titles.ladders.get(event.ladder, event.ladder),
        was=titles.ladders.get(event.was, event.was),
        fields=[titles.fields.get(name, name) for name in event.fields],
    )
    return _skipping(told, event.skipped, titles)


def _skipping(told: str, rungs: Sequence[str], titles: Titles) -> str:
    if not rungs:
        return told
    return say("event.ladder_skipped", sentence=told, rungs=[titles.rungs.get(one, one) for one in rungs])


def _paused(event: ev.LadderPaused, titles: Titles, who: str) -> str:
    until = tell_instant(event.until, ends_day=True)
    task = task_called(event.task, titles)
    return say("event.ladder_paused", person=who, task=task, until=until, reason=event.reason)


def _resumed(event: ev.LadderResumed, titles: Titles, who: str) -> str:
    task = task_called(event.task, titles)
    told = say(f"event.ladder_resumed.{event.how}", person=who, task=task, reason=event.reason)
    return tell_own_lateness(_skipping(told, event.skipped, titles), event.system_late)


def _calmed(event: ev.LadderCalmed, titles: Titles, who: str) -> str:
    back_to = say("event.ladder_start") if event.back_to == START else titles.rungs.get(event.back_to, event.back_to)
    return say(
        "event.ladder_calmed",
        task=task_called(event.task, titles),
        action=titles.actions.get(event.action, event.action),
        was=titles.rungs.get(event.was, event.was),
        back_to=back_to,
    )


def tell_draft_opened(draft: ev.Draft, holder: str) -> str:
    """Before whom a drafted act was put, and for what."""
    code = "task_opened_draft_signed" if draft.prepared_by else "task_opened_draft"
    return say(f"event.{code}", draft=draft.kind, holder=holder)


TELLERS = cast(
    "dict[type, Callable[[Any, Titles, str], str]]",
    {
        ev.LadderChanged: _changed,
        ev.LadderPaused: _paused,
        ev.LadderResumed: _resumed,
        ev.LadderCalmed: _calmed,
    },
)
