"""Tables and checklists as forms take them: typed cells, one answer an item; every fault is told with its place.

A table is a list of objects by column, a checklist an object by item: {answer, note, photos}, or the answer alone. In
commands, evidence belongs to `table.row.column` (rows from 0) and to `checklist.item`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from engine.core.command import EvidenceRef
from engine.core.definition import AnswerSpec, ChecklistSpec, FieldSpec
from engine.core.form_values import Problem, read_digests, read_text
from engine.core.scope_names import ROWS

#: Rows that a table may have at all.
MOST_ROWS = 200
MOST_PHOTOS = 9
_NOTE = FieldSpec(id="note", title="", kind="text", long=True, maximum=2000)
_PHOTOS = FieldSpec(id="photos", title="", kind="photo", many=True, maximum=MOST_PHOTOS)

ReadCell = Callable[[FieldSpec, Any, Sequence[EvidenceRef]], Any]


class Problems(Exception):
    """What is wrong with the cells of a table, or the items of a checklist; each says field, code and place."""

    def __init__(self, found: list[dict[str, Any]]) -> None:
        super().__init__()
        self.found = found


def read_table(
    spec: FieldSpec, value: Any, evidence: Sequence[EvidenceRef], read: ReadCell
) -> list[dict[str, Any]] | None:
    """The rows with their canonical values, empty cells left out; Problem, or Problems of its cells."""
    if value is None or value == []:
        return None
    if not isinstance(value, list | tuple):
        raise Problem("not_a_table")
    most = MOST_ROWS if spec.maximum is None else min(int(spec.maximum), MOST_ROWS)
    if len(value) > most:
        raise Problem("too_many_rows_here", maximum=most)
    if spec.minimum is not None and len(value) < spec.minimum:
        raise Problem("too_few_rows", minimum=int(spec.minimum))
    problems: list[dict[str, Any]] = []
    rows = [_row(spec, number, row, evidence, read, problems) for number, row in enumerate(value)]
    if problems:
        raise Problems(problems)
    return rows


def _row(
    spec: FieldSpec,
    number: int,
    row: Any,
    evidence: Sequence[EvidenceRef],
    read: ReadCell,
    problems: list[dict[str, Any]],
) -> dict[str, Any]:
    place = {"field": f"{spec.id}.{number}", "row": number + 1}
    if not isinstance(row, Mapping):
        problems.append({**place, "code": "not_a_row"})
        return {}
    known = {column.id for column in spec.columns}
    problems += [{**place, "code": "unknown_field", "column": str(name)[:80]} for name in row if name not in known]
    found: dict[str, Any] = {}
    for column in spec.columns:
        at = f"{spec.id}.{number}.{column.id}"
        try:
            mine = [replace(ref, field=column.id) for ref in evidence if ref.field == at]
            cell = read(column, row.get(column.id), mine)
            if cell is not None:
                found[column.id] = cell
            elif column.required:
                raise Problem("missing")
        except Problem as wrong:
            told = {"field": at, "row": number + 1, "column": column.title}
            problems.append({**told, "code": wrong.code, **wrong.data})
    return found


def read_checklist(
    spec: FieldSpec, value: Any, evidence: Sequence[EvidenceRef], *, partial: bool = False
) -> dict[str, dict[str, Any]] | None:
    """The answer to every item, passes included, in the order of the list; some may be missing only if `partial`."""
    if value is None or value == {}:
        return None
    if not isinstance(value, Mapping):
        raise Problem("not_a_checklist")
    asked = asked_of(spec)
    known = {item.id for item in asked.items}
    problems: list[dict[str, Any]] = [
        {"field": f"{spec.id}.{str(name)[:80]}", "code": "unknown_item"} for name in value if name not in known
    ]
    found: dict[str, dict[str, Any]] = {}
    for item in asked.items:
        at = f"{spec.id}.{item.id}"
        try:
            answer = _answer(asked, value.get(item.id), [ref for ref in evidence if ref.field == at])
            if answer is not None:
                found[item.id] = answer
            elif not partial:
                raise Problem("unanswered")
        except Problem as wrong:
            problems.append({"field": at, "item": item.text[:80], "code": wrong.code, **wrong.data})
    if problems:
        raise Problems(problems)
    return found or None


def asked_of(spec: FieldSpec) -> ChecklistSpec:
    """The checklist of a field that has one."""
    if spec.checklist is None:
        raise Problem("not_a_checklist")
    return spec.checklist


def _answer(asked: ChecklistSpec, value: Any, evidence: Sequence[EvidenceRef]) -> dict[str, Any] | None:
    if value is None or value == "":
        return None
    given = {"answer": value} if isinstance(value, str) else value
    if not isinstance(given, Mapping) or not set(given) <= {"answer", "note", "photos"}:
        raise Problem("not_an_answer")
    spec = _chosen(asked, given.get("answer"))
    if spec is None:
        return None
    told: dict[str, Any] = {"answer": spec.id}
    note = read_text(_NOTE, given["note"]) if given.get("note") is not None else None
    if note is not None:
        told["note"] = note
    elif spec.note:
        raise Problem("note_missing")
    photos = read_digests(_PHOTOS, given.get("photos"), evidence)
    if photos is not None:
        told["photos"] = photos
    return told


def _chosen(asked: ChecklistSpec, answer: Any) -> AnswerSpec | None:
    if answer in (None, ""):
        return None
    for spec in asked.answers:
        if spec.id == answer:
            return spec
    raise Problem("not_a_choice", choices=[spec.id for spec in asked.answers])


def cells(spec: FieldSpec, value: Any) -> Iterator[tuple[str, FieldSpec, Any]]:
    """The cells of a table as typed or as kept: where each stands, its column and what is in it."""
    if spec.kind != "table" or not isinstance(value, list | tuple):
        return
    for number, row in enumerate(value[:MOST_ROWS]):
        for column in spec.columns:
            if isinstance(row, Mapping) and column.id in row:
                yield f"{spec.id}.{number}.{column.id}", column, row[column.id]


def counted(value: Any, column: str) -> int:
    """In how many rows of a table a flag is set; "count": how many rows there are."""
    rows = value if isinstance(value, list | tuple) else ()
    return len(rows) if column == ROWS else sum(1 for row in rows if isinstance(row, Mapping) and row.get(column))


def checked(spec: FieldSpec, value: Any) -> dict[str, int]:
    """How many items of a checklist are answered, have an answer that is a finding, and are still missing."""
    asked = asked_of(spec)
    given = value if isinstance(value, Mapping) else {}
    findings = {answer.id for answer in asked.answers if answer.finding}
    answers = [given[item.id]["answer"] for item in asked.items if item.id in given]
    return {
        "answered": len(answers),
        "failed": sum(1 for answer in answers if answer in findings),
        "missing": len(asked.items) - len(answers),
    }
