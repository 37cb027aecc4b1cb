"""A form that came back, read into what was typed, what is meant and which files came with it; nothing gets lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from engine.core.calendar import Calendar
from engine.core.definition import FieldSpec
from engine.errors import ZhibenError
from web.bodies import check_text
from web.pages.form_files import DROPPED, FILE, KEPT, KINDS, MOST_FILES, KeptFile, kept_of, take
from web.pages.form_parts import (
    NOTE,
    SLOT,
    TYPED,
    VALUE,
    Texts,
    answers_in,
    cell_spec,
    closed_up,
    kind_of,
    rows_in,
)
from web.pages.held import LOOK_AGAIN
from web.policy import Caller

FILE_KINDS = ("file", "photo", "signature")
ENTITIES = ("unit", "place", "person", "case")
_MOST_TEXT = 100_000
_MOST_FOUND = 20
_LONGEST_KEY = 64


@dataclass(frozen=True, kw_only=True)
class Late:
    """What was said of an act that happened earlier, or that another person signed."""

    #: local, as the browser writes it: 2026-09-30T10:00
    at: str = ""
    by: str = ""
    by_typed: str = ""
    paper: bool = False

    def __bool__(self) -> bool:
        return bool(self.at or self.by or self.by_typed or self.paper)


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What is wrong with one input, and among what to choose where several things bear the name typed."""

    field: str
    code: str
    data: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A form as it came back."""

    key: str = ""
    seen: int = 0
    #: texts by input, as they came
    texts: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    #: values of the fields as a command carries them
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    files: tuple[KeptFile, ...] = ()
    on_site: bool = False
    #: where the device says it is, as a `geo:` address; "" = it was not asked or does not say
    where: str = ""
    reason: str = ""
    text: str = ""
    late: Late = dataclasses.field(default_factory=Late)
    #: the part of a page it was drawn into
    within: str = ""
    wrong: tuple[Wrong, ...] = ()

    def first(self, name: str) -> str:
        """The first text of an input."""
        return next(iter(self.texts.get(name, ())), "")


NOTHING_POSTED = Posted()


async def read_posted(request: Request, caller: Caller, fields: Mapping[str, FieldSpec]) -> Posted:
    """What a form says, its new files stored; what cannot be taken is named in `wrong`."""
    form = await request.form()
    return await run_in_threadpool(_read, caller, form, fields)


def _read(caller: Caller, form: FormData, fields: Mapping[str, FieldSpec]) -> Posted:
    given = _texts(form)
    stored, wrong = _files(caller, form, given, fields)
    texts, files = closed_up(given, stored, fields)
    texts |= _signers(caller, texts, wrong)
    values: dict[str, Any] = {}
    for name in dict.fromkeys(_fields_in(texts, files)):
        if name in fields:
            values[name] = _any(caller, fields[name], texts, files, wrong)
    by, by_wrong = _late_by(caller, texts)
    wrong += by_wrong
    if LOOK_AGAIN in texts:
        wrong.append(Wrong(field="", code="look_again"))
    return Posted(
        key=_one(texts, "_key")[:_LONGEST_KEY],
        seen=int(seen) if (seen := _one(texts, "_seen")).isdecimal() and len(seen) < 16 else 0,
        texts=texts,
        values={name: value for name, value in values.items() if value not in (None, "", [], {})},
        files=tuple(files),
        on_site=_one(texts, "_on_site") == "1",
        where=_one(texts, "_where")[:80],
        reason=_one(texts, "_reason"),
        text=_one(texts, "_text"),
        late=Late(
            at=_one(texts, "_late_at")[:40],
            by=by,
            by_typed=_one(texts, f"{TYPED}_late_by")[:200],
            paper=_one(texts, "_paper") == "1",
        ),
        within=_one(texts, "_within")[:20],
        wrong=tuple(wrong),
    )


def _signers(caller: Caller, texts: Texts, wrong: list[Wrong]) -> dict[str, tuple[str, ...]]:
    """People typed to sign together, found by their names."""
    found: dict[str, tuple[str, ...]] = {}
    for name, some in texts.items():
        typed, at = next(iter(some), "").strip(), name.removeprefix(TYPED)
        if not name.startswith(f"{TYPED}{SLOT}.") or not typed or _one(texts, f"{VALUE}{at}"):
            continue
        try:
            found[f"{VALUE}{at}"] = (_found(caller, "person", at, typed),)
        except _Unclear as unclear:
            wrong.append(unclear.wrong)
    return found


def _any(caller: Caller, spec: FieldSpec, texts: Texts, files: Sequence[KeptFile], wrong: list[Wrong]) -> Any:
    """The value of a field; what is unclear in it is added to `wrong`."""
    if spec.kind == "table":
        return [
            {
                column.id: value
                for column in spec.columns
                if (value := _any(caller, cell_spec(spec, n, column), texts, files, wrong)) not in (None, "", [])
            }
            for n in rows_in(spec.id, texts, files)
        ]
    if spec.kind == "checklist":
        return answers_in(spec, texts, files)
    try:
        return _value(caller, spec, texts, files)
    except _Unclear as unclear:
        wrong.append(unclear.wrong)
        return None


def _texts(form: FormData) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            check_text(value)
            found[name] = (*found.get(name, ()), value[:_MOST_TEXT])
    return found


def _one(texts: Mapping[str, tuple[str, ...]], name: str) -> str:
    return next(iter(texts.get(name, ())), "")


def _files(
    caller: Caller, form: FormData, texts: Mapping[str, tuple[str, ...]], fields: Mapping[str, FieldSpec]
) -> tuple[list[KeptFile], list[Wrong]]:
    """Files the form carried along and those that came now, each once."""
    dropped = set(texts.get(DROPPED, ()))
    found = {
        kept.mark: kept
        for text in texts.get(KEPT, ())[:MOST_FILES]
        if (kept := kept_of(text)) and kept.mark not in dropped
    }
    wrong: list[Wrong] = []
    for name, value in form.multi_items():
        if not isinstance(value, UploadFile) or not name.startswith(FILE) or not (value.filename or value.size):
            continue
        slot = name.removeprefix(FILE)[:100]
        kind = kind_of(slot, fields)
        if kind not in KINDS:
            continue
        try:
            kept = take(caller, value.file, slot=slot, kind=kind, name=value.filename or "")
        except ZhibenError as refused:
            wrong.append(Wrong(field=slot, code=refused.code, data=refused.data))
            continue
        found[kept.mark] = kept
    return list(found.values()), wrong


def _fields_in(texts: Mapping[str, tuple[str, ...]], files: Iterable[KeptFile]) -> Iterable[str]:
    for name in texts:
        if name.startswith((VALUE, TYPED)):
            yield name[2:].partition(".")[0]
        elif name.startswith(NOTE):
            yield name[len(NOTE) :].partition(".")[0]
    yield from (kept.field.partition(".")[0] for kept in files if kept.field)


class _Unclear(Exception):
    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.code)
        self.wrong = wrong


def _value(caller: Caller, spec: FieldSpec, texts: Mapping[str, tuple[str, ...]], files: Iterable[KeptFile]) -> Any:
    """One answer as a command carries it; None for an empty one."""
    if spec.kind in FILE_KINDS:
        return [kept.sha256 for kept in files if kept.field == spec.id]
    given = [text for text in texts.get(f"{VALUE}{spec.id}", ()) if text]
    if spec.kind in ENTITIES:
        given = given if given and not spec.many else _entities(caller, spec, texts)
    if spec.kind == "flag":
        return {"true": True, "false": False}.get(given[0], given[0]) if given else None
    if not spec.many:
        return given[0] if given else None
    if spec.kind in ("text", "number", "date"):
        return [line for text in given for line in text.splitlines() if line.strip()]
    return given


def _entities(caller: Caller, spec: FieldSpec, texts: Texts) -> list[str]:
    """What the rows of an input mean: chosen, else found by what was typed."""
    chosen, typed = texts.get(f"{VALUE}{spec.id}", ()), texts.get(f"{TYPED}{spec.id}", ())
    rows = zip_longest(chosen, (text.strip() for text in typed), fillvalue="")
    return [one or _found(caller, spec.kind, spec.id, text) for one, text in rows if one or text]


def _found(caller: Caller, table: str, field_id: str, typed: str) -> str:
    """The one thing that bears the name typed, or that it is the id of."""
    found = find(caller, table, typed)
    exact = [one for one in found if typed in one] if len(found) > 1 else found
    if len(exact) == 1:
        return exact[0][0]
    code = "entity_ambiguous" if found else "entity_not_found"
    raise _Unclear(Wrong(field=field_id, code=code, data={"got": typed}, choices=tuple(found)))


def find(caller: Caller, table: str, text: str) -> list[tuple[str, str]]:
    """Id and title of units, places, persons or cases that the caller may name, by what was typed."""
    return [(name, title) for name, title, _ in look(caller, table, text)]


def look(caller: Caller, table: str, text: str) -> list[tuple[str, str, str]]:
    """The same, with the path of the region in which a unit or place lies."""
    reader, text = caller.services.reader, text.strip()[:100]
    if not text:
        return []
    if table == "case":
        return [(name, title, "") for name, title in reader.find_cases(caller.person, text, _MOST_FOUND)]
    if table != "person":
        rows = reader.find(caller.person, table, text, _MOST_FOUND)
        return [(row.id, row.columns["title"], row.columns["region"]) for row in rows]
    return [(name, title, "") for name, title in reader.find_persons(caller.person, text, _MOST_FOUND)]


def _late_by(caller: Caller, texts: Mapping[str, tuple[str, ...]]) -> tuple[str, list[Wrong]]:
    given, typed = _one(texts, f"{VALUE}_late_by"), _one(texts, f"{TYPED}_late_by").strip()
    if given or not typed:
        return given[:100], []
    try:
        return _found(caller, "person", "_late_by", typed), []
    except _Unclear as unclear:
        return "", [unclear.wrong]


def instant_of(text: str, calendar: Calendar) -> datetime | None:
    """The instant of a local date and time; None where it is none."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if local.tzinfo else local.replace(tzinfo=calendar.zone)
