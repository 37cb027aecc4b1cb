"""Which texts a procedure names: only they are part of its version."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core import definition as neutral


def texts_named(
    states: Iterable[neutral.StateSpec],
    starts: Iterable[neutral.ActionSpec],
    ladders: Iterable[neutral.LadderSpec],
    same: neutral.SameSpec | None,
    reactions: Iterable[neutral.ReactionSpec],
) -> set[str]:
    """The ids of messages and formal acts that actions, ladders, links, likeness and urging name."""
    states = tuple(states)
    actions = [*starts, *(action for state in states for task in state.tasks for action in task.actions)]
    actions += [state.reopen for state in states if state.reopen]
    done = [effect for action in actions for effect in action.do]
    done += [effect for reaction in (*reactions, *(r for s in states for r in s.on)) for effect in reaction.do]
    done += [effect for ladder in ladders for rung in ladder.rungs for effect in rung.do]
    names = {effect.text for effect in done if isinstance(effect, neutral.Notify)}
    names |= {name for ladder in ladders for rung in ladder.rungs for name in (rung.text, rung.draft)}
    names |= {same.text} if same else set()
    handled = (task.handling.urge for state in states for task in state.tasks)
    return names | {urge.text for urge in handled if urge}
