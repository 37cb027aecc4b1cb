"""What people fill in, read against the declared fields into canonical values: JSON scalars, lists of texts, tables.

Texts are NFC, dates `yyyy-mm-dd`, whole numbers ints, all other numbers decimal strings, entities their ids, files
their digests. All problems of a form are told at once, each with its field and code, never with the value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.core.command import EvidenceRef
from engine.core.definition import FieldKind, FieldSpec, FormItem
from engine.core.form_tables import Problems, read_checklist, read_table
from engine.core.form_values import (
    Problem,
    read_choice,
    read_day,
    read_digests,
    read_flag,
    read_id,
    read_number,
    read_text,
)
from engine.errors import BadInput

#: Values that one field may hold.
MOST_VALUES = 100
#: Problems told at once; whoever sends more is not a person with a form.
MOST_PROBLEMS = 100
_READERS: Mapping[FieldKind, Callable[[FieldSpec, Any], Any]] = {
    "text": read_text,
    "number": read_number,
    "date": read_day,
    "choice": read_choice,
    "flag": read_flag,
    "unit": read_id,
    "place": read_id,
    "person": read_id,
    "case": read_id,
}
FILE_KINDS: tuple[FieldKind, ...] = ("file", "photo", "signature")


def read_form(
    fields: Mapping[str, FieldSpec],
    form: Sequence[FormItem],
    data: Mapping[str, Any],
    *,
    evidence: Sequence[EvidenceRef] = (),
) -> dict[str, Any]:
    """The canonical values of what was filled in, in the order of the form; empty answers are left out.

    Raises BadInput `form_refused` with `problems`: a list of {field, code, and what the code needs}.
    """
    required: dict[str, bool] = {}
    partial = {item.field for item in form if item.partial}
    for item in form:
        required[item.field] = required.get(item.field, False) or item.required or fields[item.field].required
    problems = _strangers({name: fields[name] for name in required}, data, evidence)
    values: dict[str, Any] = {}
    for name, needed in required.items():
        try:
            value = _read(fields[name], data.get(name), evidence, partial=name in partial)
            if value is not None:
                values[name] = value
            elif needed:
                raise Problem("missing")
        except Problem as wrong:
            problems.append({"field": name, "code": wrong.code, **wrong.data})
        except Problems as several:
            problems += several.found
    return _unless(problems, values)


def read_claimed(fields: Mapping[str, FieldSpec], data: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical values of a record taken over: any field, nothing required, no files; BadInput as `read_form`."""
    problems = _strangers(fields, data, ())
    values: dict[str, Any] = {}
    for name, spec in fields.items():
        try:
            if data.get(name) is not None and spec.kind in FILE_KINDS:
                raise Problem("file_not_claimable")
            value = _read(spec, data.get(name), ())
            if value is not None:
                values[name] = value
        except Problem as wrong:
            problems.append({"field": name, "code": wrong.code, **wrong.data})
        except Problems as several:
            problems += several.found
    return _unless(problems, values)


def _strangers(
    known: Mapping[str, FieldSpec], data: Mapping[str, Any], evidence: Sequence[EvidenceRef]
) -> list[dict[str, Any]]:
    """Answers and files to questions the form does not ask."""
    named = dict.fromkeys([*data, *(_asked(ref.field, known) for ref in evidence if ref.field)])
    return [{"field": str(name)[:80], "code": "unknown_field"} for name in named if name not in known][:MOST_PROBLEMS]


def _asked(field: str, known: Mapping[str, FieldSpec]) -> str:
    """The field that a file belongs to: what is within a table or checklist belongs to it."""
    name = field.partition(".")[0]
    return name if name in known and known[name].kind in ("table", "checklist") else field


def _read(spec: FieldSpec, value: Any, evidence: Sequence[EvidenceRef], *, partial: bool = False) -> Any:
    """The canonical value of one answer; None for an empty one."""
    if spec.kind == "table":
        return read_table(spec, value, evidence, _read)
    if spec.kind == "checklist":
        return read_checklist(spec, value, evidence, partial=partial)
    if spec.kind in FILE_KINDS:
        return read_digests(spec, value, [ref for ref in evidence if ref.field == spec.id])
    read = _READERS[spec.kind]
    if not spec.many:
        return None if value is None else read(spec, value)
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise Problem("not_a_list")
    if len(value) > MOST_VALUES:
        raise Problem("too_many", maximum=MOST_VALUES)
    found = [one for each in value if each is not None and (one := read(spec, each)) is not None]
    if len({str(one) for one in found}) != len(found):
        raise Problem("repeated")
    if found and spec.minimum is not None and spec.kind in ("unit", "place", "person") and len(found) < spec.minimum:
        raise Problem("too_few", minimum=int(spec.minimum))
    return found or None


def _unless(problems: list[dict[str, Any]], values: dict[str, Any]) -> dict[str, Any]:
    if problems:
        raise BadInput("form_refused", problems=problems[:MOST_PROBLEMS])
    return values
