"""A plan or place → the procedures it runs, complete: parameters filled in, ladders and texts inside.

What a plan leaves open stays open: to resolve it alone is refused with one `still_open` error for each such value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.core import convert, convert_fields, convert_ladders, convert_links
from engine.core import definition as neutral
from engine.core.board import Board
from engine.core.budget import Rules
from engine.core.cap_checks import cap_problems
from engine.core.checklists import checklists_of, unknown_choices
from engine.core.definition_duties import DutySpec
from engine.core.definition_watches import Watch
from engine.core.directory import RolePower
from engine.core.filling import Filling
from engine.core.handling_checks import check_superiors
from engine.core.language.ladder import LadderDocument
from engine.core.language.plan import Clause, PlaceDocument, PlanDocument
from engine.core.language.procedure import ProcedureDocument
from engine.core.language.reading import understand
from engine.core.language.scenario import ScenarioDocument
from engine.core.layers import clauses_of, day_counts_of, directory_of, roles_of, scenarios_of
from engine.core.library import Document, Library, layers_of, unknown
from engine.core.linked_parties import unknown_actions
from engine.core.provenance import Provenance, at, located, place_of, recorded
from engine.core.references import check, document_path, ladders_below, ladders_named
from engine.core.register import Register
from engine.core.resolve_things import boards_here, duties_here, messages_here, registers_here, watches_here
from engine.core.texts_named import texts_named
from engine.core.values import collect
from engine.core.yaml_source import Node
from engine.errors import DefinitionError, DefinitionErrors, Place


@dataclass(frozen=True, kw_only=True)
class ResolvedPlace:
    """Everything a place runs."""

    id: str
    title: str
    plan: str
    #: by id, each complete for this place
    procedures: Mapping[str, neutral.Procedure]
    roles: Mapping[str, RolePower]
    scenarios: tuple[ScenarioDocument, ...]
    #: procedure id -> dotted path ("states.x.actions.y.to.0.when") -> where it was written
    provenance: Mapping[str, Provenance]
    texts: Mapping[str, neutral.TextSpec]
    #: region path -> title, industry id -> title; empty where the place has no directory document
    regions: Mapping[str, str]
    industries: Mapping[str, str]
    clauses: Mapping[str, Clause]
    #: by id, in the order of files
    registers: Mapping[str, Register] = field(default_factory=dict)
    boards: Mapping[str, Board] = field(default_factory=dict)
    watches: Mapping[str, Watch] = field(default_factory=dict)
    duties: Mapping[str, DutySpec] = field(default_factory=dict)
    #: for messages that leave the product; None = they go as they come
    messages: Rules | None = None


def resolve(library: Library, place_id: str) -> ResolvedPlace:
    """Resolve a place, or a plan alone, by its id; raises DefinitionErrors with all that stands in the way."""
    if library.problems:
        raise DefinitionErrors(list(library.problems))
    place, plan = _head(library, place_id)
    work = _Work(library, place, plan)
    resolved = work.resolved()
    if work.problems:
        raise DefinitionErrors(_in_order(work.problems))
    return resolved


def left_open(library: Library, plan_id: str) -> tuple[DefinitionError, ...]:
    """What a plan leaves open, in the order of its file, as the refusals to run it alone."""
    plan = library.plans[plan_id]
    clauses = clauses_of(library, layers_of(None, plan))
    return tuple(one.error(clauses) for one in collect(plan, None, []).open.values())


def _head(library: Library, name: str) -> tuple[Document | None, Document]:
    try:
        return library.head(name)
    except DefinitionError as error:
        raise DefinitionErrors([error]) from error


def _in_order(problems: list[DefinitionError]) -> list[DefinitionError]:
    return sorted(problems, key=lambda one: (one.place.file, one.place.line) if one.place else ("", 0))


class _Work(Filling):
    """The resolution of one place while it goes on."""

    def resolved(self) -> ResolvedPlace:
        """Everything of the place; only to be used if there are no problems."""
        head = self.place or self.plan
        self._check_heads()
        self._check_names()
        self.problems += [one.error(self.clauses) for one in self.values.open.values()]
        procedures: dict[str, neutral.Procedure] = {}
        provenance: dict[str, Provenance] = {}
        roles = roles_of(self.library, self.layers, self.heads, self.problems)
        for name in self.plan_model.uses:
            made = self._procedure(name, roles)
            if made is not None:
                procedures[name], provenance[name] = made
        documents = (one.node.plain() for one in self.library.of_kind("procedure", self.layers))
        self.problems += unknown_actions(procedures, provenance, documents)
        regions, industries = directory_of(self.library, self.layers)
        registers = registers_here(self, procedures, provenance)
        boards = boards_here(self, registers, provenance)
        watches = watches_here(self, procedures, provenance, roles)
        duties = duties_here(self, procedures, provenance, roles)
        known = [one.id for one in self.library.of_kind("watch", self.layers)]
        self.problems += cap_problems(procedures, watches, known, provenance)
        assert isinstance(head.model, PlanDocument | PlaceDocument)
        return ResolvedPlace(
            id=head.id,
            title=head.model.title,
            plan=self.plan.id,
            procedures=procedures,
            roles=roles,
            scenarios=scenarios_of(self.library, head.id),
            provenance=provenance,
            texts={name: text for name, (text, _) in self.texts.items()},
            regions=regions,
            industries=industries,
            clauses=self.clauses,
            registers=registers,
            boards=boards,
            watches=watches,
            duties=duties,
            messages=messages_here(self, provenance),
        )

    # -------------------------------------------------------------------------------------------- one procedure

    def _procedure(self, name: str, roles: Mapping[str, RolePower]) -> tuple[neutral.Procedure, Provenance] | None:
        document = self.library.find("procedure", name, self.layers)
        if document is None:
            self.unknown("unknown_procedure", name, "procedure", self.plan.node.map()["uses"].key_place(name, "uses"))
            return None
        filled_in = self.complete(name, document)
        if filled_in is None:
            return None
        model, problems = understand(filled_in.node, ProcedureDocument)
        self.problems += problems
        if model is None:
            return None
        day_counts = day_counts_of(self.library, self.layers)
        conversion = convert.Conversion(model=model, basis=filled_in.basis, day_counts=day_counts)
        provenance: dict[str, Place] = {}
        recorded(filled_in.node, "", provenance)
        procedure = self._assembled(conversion, provenance)
        _record_states(filled_in.node, procedure, provenance)
        self.problems += [located(one, provenance) for one in conversion.problems]
        self.problems += check(procedure, provenance, roles=roles.keys(), clauses=self.clauses.keys())
        self.problems += check_superiors(procedure, provenance, roles)
        return procedure, provenance

    def _assembled(self, conversion: convert.Conversion, provenance: dict[str, Place]) -> neutral.Procedure:
        model = conversion.model
        asked = checklists_of(model, self.library, self.layers, self.replaced, provenance)
        self.problems += asked.problems
        fields = tuple(
            convert_fields.field_spec(name, one, model.choices, asked.found) for name, one in model.fields.items()
        )
        self.problems += unknown_choices(model, provenance)
        states, starts = conversion.states(), conversion.starts()
        same = convert.same_spec(model.same) if model.same else None
        parties = conversion.parties()
        ladders = self._ladders(states, parties, provenance)
        return neutral.Procedure(
            id=model.procedure,
            title=model.title,
            plan=(self.place or self.plan).id,
            number=model.number,
            fields=fields,
            parties=parties,
            starts=starts,
            states=states,
            ladders=ladders,
            texts=self._used_texts(states, starts, ladders, same, conversion.reactions(), provenance),
            same=same,
            unit_field=model.meaning.unit or "",
            place_field=model.meaning.place or "",
            title_field=model.meaning.title or "",
            sealed=convert_fields.seal_spec(model.sealed) if model.sealed else None,
            links=tuple(convert_links.link(name, one) for name, one in model.links.items()),
            on=conversion.reactions(),
            calendar=model.calendar,
            basis=tuple(model.basis),
        )

    def _ladders(
        self,
        states: tuple[neutral.StateSpec, ...],
        parties: tuple[neutral.PartySpec, ...],
        provenance: dict[str, Place],
    ) -> tuple[neutral.LadderSpec, ...]:
        """The ladders that tasks and approvals of the procedure name, in the order in which they are first named."""
        made: list[neutral.LadderSpec] = []
        wanted = ladders_named(states, parties)
        waiting = list(wanted.items())
        while waiting:
            name, path = waiting.pop(0)
            document = self.library.find("ladder", name, self.layers)
            if document is None:
                self.unknown("unknown_ladder", name, "ladder", place_of(provenance, path))
            filled_in = self.complete(name, document) if document else None
            if filled_in is None:
                continue
            model, problems = understand(filled_in.node, LadderDocument)
            self.problems += problems
            if model is not None:
                recorded(filled_in.node, f"ladders.{name}", provenance)
                made.append(convert_ladders.ladder_spec(model))
                below = {one: at_ for one, at_ in ladders_below(made[-1]).items() if one not in wanted}
                wanted |= below
                waiting += below.items()
        return tuple(made)

    def _used_texts(
        self,
        states: tuple[neutral.StateSpec, ...],
        starts: tuple[neutral.ActionSpec, ...],
        ladders: tuple[neutral.LadderSpec, ...],
        same: neutral.SameSpec | None,
        reactions: tuple[neutral.ReactionSpec, ...],
        provenance: dict[str, Place],
    ) -> tuple[neutral.TextSpec, ...]:
        """The texts that the procedure names, by id: only they are part of its version."""
        made: list[neutral.TextSpec] = []
        for name in sorted(texts_named(states, starts, ladders, same, reactions) & self.texts.keys()):
            spec, node = self.texts[name]
            recorded(node, f"texts.{name}", provenance)
            made.append(spec)
        return tuple(made)

    # -------------------------------------------------------------------------------------------- what fits nothing

    def _check_heads(self) -> None:
        """Clauses cited by the plan and the place must exist."""
        for head in self.heads:
            for path, name, where in _cited(head.node, ()):
                if name not in self.clauses:
                    error = unknown("unknown_clause", name, self.clauses)
                    self.problems.append(at(error, where.place(path)))

    def _check_names(self) -> None:
        """Values, openings and replacements must belong to a procedure that the plan uses, or to a ladder."""
        known = self._parameters()
        for name in (*self.values.given, *self.values.open):
            if name not in known:
                node = self.values.given[name].node if name in self.values.given else self.values.open[name].node
                self.problems.append(at(unknown("unknown_parameter", name, known), node.place(name)))
        things = {name.partition(".")[0] for name in known} | {*self.plan_model.uses, *self.plan_model.duties}
        things |= {one.id for kind in ("register", "board", "watch") for one in self.library.of_kind(kind, self.layers)}
        things |= {one.id for kind in ("checklist", "messages") for one in self.library.of_kind(kind, self.layers)}
        for head in self.heads:
            entries = head.node.map().get("replace")
            for path in entries.map() if entries else ():
                if path.partition(".")[0] not in things or "." not in path:
                    assert entries is not None
                    self._at_key("unknown_element", path, dict.fromkeys(things), entries, "replace")

    def _parameters(self) -> set[str]:
        """Every parameter of the procedures that the plan uses and of the ladders it sees, by "thing.parameter"."""
        found: set[str] = set()
        for one in self.library.documents:
            if one.layer in self.layers and (
                one.kind in ("ladder", "messages", "watch")
                or one.id in (self.plan_model.duties if one.kind == "duty" else self.plan_model.uses)
            ):
                declared = one.node.map().get("parameters")
                found |= {f"{one.id}.{name}" for name in declared.map()} if declared else set()
        return found


def _record_states(root: Node, procedure: neutral.Procedure, provenance: dict[str, Place]) -> None:
    """Inner states are found by their path in the definition, too, which says nothing of regions."""
    for state in procedure.states:
        if "." in state.path:
            node = root
            for step in document_path(procedure, state.path).split("."):
                node = node.map()[step]
            recorded(node, f"states.{state.path}", provenance)


def _cited(node: Node, path: tuple[str, ...]) -> list[tuple[str, str, Node]]:
    """Every clause a plan or place cites: path, id, node."""
    found: list[tuple[str, str, Node]] = []
    for key, one in node.map().items():
        if key == "replace":
            continue
        here = (*path, key)
        if key == "basis" and isinstance(one.value, list):
            found += [(".".join(here), str(item.value), item) for item in one.value]
        elif key == "clause":
            found.append((".".join(here), str(one.value), one))
        else:
            found += _cited(one, here)
    return found


__all__ = ["ResolvedPlace", "left_open", "resolve"]
