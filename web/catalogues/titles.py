"""Words of the domain: the titles that definitions and the directory give to ids; an id without one tells itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.core.case_people import Voice
from engine.core.definition import ActionSpec
from engine.core.machine import Machine

_NONE: Mapping[str, str] = {}


@dataclass(frozen=True, kw_only=True)
class Titles:
    """Titles by id; `persons` are names, where the reader may see them."""

    actions: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    parties: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    rungs: Mapping[str, str] = field(default_factory=dict)
    ladders: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    persons: Mapping[str, str] = field(default_factory=dict)
    #: kinds of links that the procedure declares
    links: Mapping[str, str] = field(default_factory=dict)
    #: (state, id of a task besides its own) -> title
    extras: Mapping[tuple[str, str], str] = field(default_factory=dict)
    #: clause -> as people cite it
    clauses: Mapping[str, str] = field(default_factory=dict)
    #: task number -> what people call it; filled while a case is told from its first entry
    tasks: Mapping[int, str] = field(default_factory=dict)
    #: field -> choice -> title
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: paths of regions and ids of industries -> title
    regions: Mapping[str, str] = field(default_factory=dict)
    industries: Mapping[str, str] = field(default_factory=dict)
    #: grounds on which the receipt of what was handed over may be refused
    grounds: Mapping[str, str] = field(default_factory=dict)
    #: round -> its voices as they were told last; filled while a case is told from its first entry
    voices: Mapping[int, tuple[Voice, ...]] = field(default_factory=dict)

    def party(self, reference: str) -> str:
        """A party reference: `unit.principal` is told by the title of the party and of the role within it."""
        party, _, role = reference.partition(".")
        told = self.parties.get(party, party)
        return f"{told}·{self.roles.get(role, role)}" if role else told

    def of(self, name: str, told: str) -> str | None:
        """The title of what a placeholder of that name holds, None where titles do not say."""
        match name:
            case "action":
                return self.actions.get(told)
            case "field" | "fields":
                return self.fields.get(told)
            case "party" | "queue":
                return self.party(told)
            case "state":
                return self.states.get(told)
            case "rung":
                return self.rungs.get(told)
            case "role":
                return self.roles.get(told)
            case "person" | "holder" | "to" | "other":
                return self.persons.get(told)
            case "region":
                return self.regions.get(told)
            case "industry":
                return self.industries.get(told)
            case "ground":
                return self.grounds.get(told)
        return None

    def basis(self, clauses: Iterable[str]) -> tuple[str, ...]:
        """Clauses as people cite them."""
        return tuple(self.clauses.get(one, one) for one in clauses)

    def value(self, field_id: str, told: str) -> str:
        """The title of a choice, else the value itself."""
        return self.choices.get(field_id, _NONE).get(told, told)


NO_TITLES = Titles()


def titles_of(
    machine: Machine,
    *,
    roles: Mapping[str, str] = _NONE,
    persons: Mapping[str, str] = _NONE,
    clauses: Mapping[str, str] = _NONE,
    regions: Mapping[str, str] = _NONE,
    industries: Mapping[str, str] = _NONE,
) -> Titles:
    """The titles that one version of a procedure gives."""
    procedure = machine.procedure
    states = {state.path: state.title for state in procedure.states}
    actions: dict[str, str] = {}
    for action in _actions(machine):
        actions.setdefault(action.id, action.title)
    return Titles(
        actions=actions,
        fields={spec.id: spec.title for spec in procedure.fields},
        parties={party.id: party.title for party in procedure.parties},
        states=states,
        rungs={rung.id: rung.title for ladder in procedure.ladders for rung in ladder.rungs},
        ladders={ladder.id: ladder.title for ladder in procedure.ladders},
        roles=roles,
        persons=persons,
        clauses=clauses,
        regions=regions,
        industries=industries,
        grounds={
            ground: title
            for state in procedure.states
            for task in state.tasks
            if task.handling.hand_over
            for ground, title in task.handling.hand_over.grounds
        },
        links={link.id: link.title for link in procedure.links},
        extras={
            (state.path, task.id): task.title
            for state in procedure.states
            for task in state.tasks
            if task.id and task.title
        },
        choices={spec.id: spec.choices for spec in procedure.fields if spec.choices},
    )


def _actions(machine: Machine) -> list[ActionSpec]:
    procedure = machine.procedure
    found = list(procedure.starts)
    for state in procedure.states:
        found += [action for task in state.tasks for action in task.actions]
        found += [state.reopen] if state.reopen else []
    return found
