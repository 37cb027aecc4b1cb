"""What a place runs besides procedures: registers, duties, boards, watches, rules for messages."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core import definition as neutral
from engine.core.board import Board
from engine.core.boards import boards_of
from engine.core.budget import Rules
from engine.core.definition_duties import DutySpec
from engine.core.definition_watches import Watch
from engine.core.directory import RolePower
from engine.core.duty_documents import duty_of
from engine.core.filling import Filling
from engine.core.language.reading import understand
from engine.core.language.register import RegisterDocument
from engine.core.library import Document
from engine.core.message_rules import messages_document, rules_of
from engine.core.provenance import Provenance, place_of, recorded
from engine.core.register import Register
from engine.core.registers import Resolved, procedures_of, register_of
from engine.core.watch_documents import watches_of
from engine.errors import DefinitionError, Place


def registers_here(
    work: Filling, procedures: Mapping[str, neutral.Procedure], provenance: dict[str, Provenance]
) -> dict[str, Register]:
    """The registers of the layers, the nearest of each id; those of procedures that do not run here are left."""
    names = dict.fromkeys(one.id for one in work.library.of_kind("register", work.layers))
    found: dict[str, Register] = {}
    for name in names:
        document = work.library.find("register", name, work.layers)
        assert document is not None
        made = _register(work, name, document, procedures)
        if made is not None and (register := made.register) is not None:
            found[name], provenance[name] = register, made.provenance
        work.problems += made.problems if made else ()
    return found


def _register(
    work: Filling, name: str, document: Document, procedures: Mapping[str, neutral.Procedure]
) -> Resolved | None:
    try:
        node = work.replaced(name, document.node)
    except DefinitionError as error:
        work.problems.append(error)
        return None
    model, problems = understand(node, RegisterDocument)
    work.problems += problems
    if model is None:
        return None
    for at_, procedure in enumerate(procedures_of(model)):
        if work.library.find("procedure", procedure, work.layers) is None:
            place: dict[str, Place] = {}
            recorded(node, "", place)
            work.unknown("unknown_procedure", procedure, "procedure", place_of(place, f"of.{at_}"))
    if any(procedure not in procedures for procedure in procedures_of(model)):
        return None
    return register_of(model, node, procedures)


def duties_here(
    work: Filling,
    procedures: Mapping[str, neutral.Procedure],
    provenance: dict[str, Provenance],
    roles: Mapping[str, RolePower],
) -> dict[str, DutySpec]:
    """The duties that the plan names."""
    found: dict[str, DutySpec] = {}
    for name in work.plan_model.duties:
        document = work.library.find("duty", name, work.layers)
        if document is None:
            place = work.plan.node.map()["duties"].key_place(name, f"duties.{name}")
            work.unknown("unknown_duty", name, "duty", place)
            continue
        filled_in = work.complete(name, document)
        if filled_in is None:
            continue
        plan = (work.place or work.plan).id
        made = duty_of(filled_in.node, plan, procedures, roles, work.clauses, work.texts)
        work.problems += made.problems
        if made.duty is not None:
            found[name], provenance[name] = made.duty, made.provenance
    return found


def boards_here(
    work: Filling, registers: Mapping[str, Register], provenance: dict[str, Provenance]
) -> dict[str, Board]:
    """The boards of the layers, the nearest of each id."""
    found: dict[str, Board] = {}
    for name, made in boards_of(work.library, work.layers, registers, work.replaced).items():
        work.problems += made.problems
        if made.board is not None:
            found[name], provenance[name] = made.board, made.provenance
    return found


def messages_here(work: Filling, provenance: dict[str, Provenance]) -> Rules | None:
    """The nearest rules for messages; None where the place has none, or leaves all of their values out."""
    document = messages_document(work.library, work.layers, {*work.values.given, *work.values.open})
    if document is None:
        return None
    rules, node, problems = rules_of(document, work.complete)
    work.problems += problems
    if node is not None:
        place: dict[str, Place] = {}
        recorded(node, "", place)
        provenance[document.id] = place
    return rules


def watches_here(
    work: Filling,
    procedures: Mapping[str, neutral.Procedure],
    provenance: dict[str, Provenance],
    roles: Mapping[str, RolePower],
) -> dict[str, Watch]:
    """The watches of the layers, the nearest of each id; those of what does not run here are left."""
    head, duties = (work.place or work.plan).id, tuple(work.plan_model.duties)
    found: dict[str, Watch] = {}
    for name, made in watches_of(work.library, work.layers, head, procedures, roles, duties, work.completed).items():
        work.problems += made.problems
        if made.watch is not None:
            found[name], provenance[name] = made.watch, made.provenance
    return found
