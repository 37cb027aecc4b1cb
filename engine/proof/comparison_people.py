"""What is true of the people of a case when a scenario has been played."""

from __future__ import annotations

from engine.core import event as ev
from engine.core.case import Case
from engine.core.case_people import Voice
from engine.proof.play import World


def holders(world: World, case: Case) -> list[list[str]]:
    """Who holds each open task."""
    return [sorted(task.holder.persons) for task in case.tasks]


def urged(world: World, case: Case) -> int:
    """How often holders were urged."""
    return sum(isinstance(event, ev.TaskUrged) for event in world.events(case.id))


def acted_for(world: World, case: Case) -> list[str]:
    """In whose place others acted, each time."""
    return [person for event in world.events(case.id) if isinstance(event, ev.ActedFor) for person in event.persons]


def voices(world: World, case: Case) -> dict[str, str]:
    """The voices of the last vote: of whom, and what they said."""
    told: tuple[Voice, ...] = ()
    for event in world.events(case.id):
        if isinstance(event, ev.RoundOpened | ev.VoicesChanged):
            told = event.voices
    return {_name(voice): voice.answer for voice in told}


def late(world: World, case: Case) -> list[str]:
    """Of whom an opinion or a voice came late, or let its time pass; each once."""
    asked: dict[int, str] = {}
    found: dict[str, None] = {}
    for event in world.events(case.id):
        match event:
            case ev.TaskOpened(kind="opinion" | "vote"):
                asked[event.task] = event.holder.party
            case ev.RoundOpened() | ev.VoicesChanged():
                asked |= {voice.task: _name(voice) for voice in event.voices if voice.task}
                found |= {_name(voice): None for voice in event.voices if voice.late}
            case ev.OpinionGiven(late=True):
                found[event.party] = None
            case ev.DeadlineExpired() if event.task in asked:
                found[asked[event.task]] = None
            case _:
                pass
    return list(found)


def _name(voice: Voice) -> str:
    return voice.person or voice.party
