"""What a step of a scenario fills in beyond single values: rows of tables, answers of checklists, signatures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.core import command as cmd
from engine.core.definition import ActionSpec, FieldSpec, SignSpec
from engine.core.language.scenario import Answered, Signing, Step
from engine.core.machine import Machine

Value = Callable[[FieldSpec | None, Any], Any]
#: Makes a stored file of a kind for a field.
File = Callable[[str, str], cmd.EvidenceRef]
Filled = tuple[dict[str, Any], tuple[cmd.EvidenceRef, ...]]


def rows_of(machine: Machine, step: Step, value: Value) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table that a step fills in."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, rows in step.rows.items():
        spec = machine.fields.get(name)
        columns = {column.id: column for column in spec.columns} if spec else {}
        found[name] = [{key: value(columns.get(key), cell) for key, cell in row.items()} for row in rows]
    return found


def answers_of(machine: Machine, action: ActionSpec | None, step: Step, file: File) -> Filled:
    """The answers of the checklist of an action's form, with a photo for each that an answer has."""
    asked = [machine.fields[item.field] for item in action.form] if action else []
    checklist = next((spec for spec in asked if spec.kind == "checklist"), None)
    if checklist is None or not step.answers:
        return {}, ()
    answers: dict[str, Any] = {}
    evidence: list[cmd.EvidenceRef] = []
    for item, told in step.answers.items():
        if isinstance(told, str):
            answers[item] = told
            continue
        photos = [file("photo", f"{checklist.id}.{item}") for _ in range(told.photos)]
        evidence += photos
        answers[item] = _answer(told, photos)
    return {checklist.id: answers}, tuple(evidence)


def _answer(told: Answered, photos: list[cmd.EvidenceRef]) -> dict[str, Any]:
    answer: dict[str, Any] = {"answer": told.answer}
    if told.note is not None:
        answer["note"] = told.note
    if photos:
        answer["photos"] = [one.sha256 for one in photos]
    return answer


def signatures_of(
    action: ActionSpec | None, step: Step, file: File
) -> tuple[tuple[cmd.Signature, ...], tuple[cmd.EvidenceRef, ...]]:
    """The signatures of a step, each with a drawing of its own."""
    specs = {sign.party: sign for sign in action.signs} if action else {}
    signatures: list[cmd.Signature] = []
    evidence: list[cmd.EvidenceRef] = []
    for told in step.sign:
        party = told.party if told.party in specs else ""
        kind = "scan" if _level(specs.get(party)) == "scan" else "signature"
        proof = file(kind, "")
        evidence.append(proof)
        signatures.append(_signature(told, party, proof))
    return tuple(signatures), tuple(evidence)


def _level(spec: SignSpec | None) -> str:
    return spec.level if spec else "hand"


def _signature(told: Signing, party: str, proof: cmd.EvidenceRef) -> cmd.Signature:
    if told.refused:
        return cmd.Signature(
            party=party,
            refused=told.refused,
            witness=told.witness or "",
            witness_file=proof.sha256 if told.witness else "",
        )
    return cmd.Signature(party=party, person=told.person or "", name=told.name or "", file=proof.sha256)
