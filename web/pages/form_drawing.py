"""Forms drawn for a visitor: with names for ids, what is wrong in sentences, and what happened meanwhile."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from engine.audit.entry import Entry
from engine.core.definition import FieldSpec
from engine.core.offers import Offer
from engine.core.permission import ENTER_FOR_OTHERS
from engine.errors import Busy, ZhibenError
from engine.runtime.reading import SeenCase
from web.case_history import history_of
from web.catalogues import NO_TITLES, Titles, say, tell_problem, titles_of
from web.pages.case_timeline import timeline_of
from web.pages.form_commands import BACK_TO, INSTEAD
from web.pages.form_fields import Told
from web.pages.form_files import KeptFile
from web.pages.form_parts import SLOT, VALUE, standing_in
from web.pages.form_reading import ENTITIES, NOTHING_POSTED, Posted, Wrong
from web.pages.form_views import Asked, ChangeView, FormView, form_view
from web.pages.reading_entries import all_entries
from web.pages.visitor import Visitor
from web.problems import problem_of

_KEY_BYTES = 16
#: Refusals of what forms ask besides the fields of a definition.
_OF_EXTRAS = ("reason_missing", "not_been_there", "leads_not_back")
_LONGEST_ID = 100
_MOST_NAMED = 200


def draw(
    visitor: Visitor,
    asked: Asked,
    *,
    seen: int = 0,
    posted: Posted = NOTHING_POSTED,
    told: Iterable[Told] = (),
    changes: Iterable[ChangeView] = (),
    within: str = "",
    kept_as: str = "",
    titles: Titles = NO_TITLES,
) -> FormView:
    """The form as this visitor sees it, under a key of its own unless it came back with one."""
    services = visitor.services
    for_others = services.reader.directory().may(visitor.person, ENTER_FOR_OTHERS, visitor.day)
    return form_view(
        asked,
        key=posted.key or services.dice.token(_KEY_BYTES).hex(),
        seen=seen,
        entities=_entities(visitor, asked, posted),
        posted=posted,
        told=told,
        for_others=for_others,
        changes=tuple(changes),
        within=within,
        kept_as=kept_as,
        titles=titles,
        visitor=(visitor.person, visitor.name),
    )


def _entities(visitor: Visitor, asked: Asked, posted: Posted) -> Mapping[str, str]:
    """Titles of what the form names, by id."""
    reader = visitor.services.reader
    ids: dict[str, list[str]] = {table: [] for table in ENTITIES}
    for name, texts in posted.texts.items():
        if name.startswith(f"{VALUE}{SLOT}.") and name.count(".") == 2:
            ids["person"] += texts
    for spec in _specs(asked):
        if spec.kind in ENTITIES:
            ids[spec.kind] += [asked.prepared.get(spec.id, ""), *_given(spec.id, posted)]
    persons = [one for one in (*ids["person"], posted.late.by) if one]
    return {
        **reader.titles("unit", ids["unit"]),
        **reader.titles("place", ids["place"]),
        **reader.case_names(visitor.person, ids["case"]),
        **(reader.names(persons) if persons else {}),
    }


def standing(visitor: Visitor, seen: SeenCase, offer: Offer) -> Posted:
    """Tables of the case as the form begins with: their rows, and the files that came with them."""
    tables = [
        spec
        for item in offer.form
        if (spec := seen.machine.fields[item.field]).kind == "table" and seen.opened.get(spec.id)
    ]
    if not tables:
        return NOTHING_POSTED
    exhibits = {one.ref.sha256: one.ref for one in history_of(all_entries(visitor, seen.case.id)).exhibits}
    texts: dict[str, tuple[str, ...]] = {}
    files: list[KeptFile] = []
    for spec in tables:
        told, kept = standing_in(spec, seen.opened[spec.id], exhibits)
        texts |= told
        files += kept
    return Posted(texts=texts, files=tuple(files))


def _specs(asked: Asked) -> Iterable[FieldSpec]:
    """The fields of a form, and the columns of its tables by the table's id."""
    for item in asked.form:
        spec = asked.fields.get(item.field)
        if spec is not None:
            yield spec
            yield from (replace(column, id=f"{spec.id}.*.{column.id}") for column in spec.columns)


def _given(name: str, posted: Posted) -> Iterable[str]:
    """What was chosen in an input, or in the cells of a column."""
    first, _, last = name.partition("*")
    for text, values in posted.texts.items():
        if text == f"{VALUE}{name}" or (last and text.startswith(f"{VALUE}{first}") and text.endswith(last)):
            yield from values


def told_of(posted: Posted, refused: ZhibenError | None, titles: Titles) -> list[Told]:
    """What is wrong with a form, in sentences by field."""
    told = [_told(one, titles) for one in posted.wrong]
    if refused is None:
        return told
    if isinstance(refused, Busy):
        return [*told, Told(field="", text=say("form_page.busy"))]
    problem = problem_of(refused, titles=titles)
    fields = problem.get("errors") or [{"field": "", "detail": problem["detail"]}]
    return [*told, *(Told(field=_input(one["field"], refused), text=str(one["detail"])) for one in fields)]


def _input(field: object, refused: ZhibenError) -> str:
    """The input that shows what is wrong with a field."""
    return _NAMED.get(str(field), str(field)) if refused.code in _OF_EXTRAS else str(field)


def with_people(visitor: Visitor, titles: Titles, posted: Posted) -> Titles:
    """The titles with the names of whoever a form may name, so that what is wrong with them says who."""
    named = {
        one for name, some in posted.texts.items() if name.startswith(VALUE) for one in some if len(one) <= _LONGEST_ID
    }
    known = visitor.services.reader.names(sorted(named - set(titles.persons))[:_MOST_NAMED])
    return dataclasses.replace(titles, persons={**known, **titles.persons})


#: What the engine names otherwise than the form.
_NAMED = {"back_to": BACK_TO, "instead": INSTEAD}


def _told(wrong: Wrong, titles: Titles) -> Told:
    return Told(
        field=wrong.field, text=tell_problem(wrong.code, wrong.data, titles, kind="form"), options=wrong.choices
    )


def changes_since(visitor: Visitor, seen: SeenCase, seq: int) -> tuple[ChangeView, ...]:
    """What happened in a case after an entry, for whoever has an older page before them."""
    if not 0 < seq < seen.case.seq:
        return ()
    reader = visitor.services.reader
    entries = [one for one in all_entries(visitor, seen.case.id) if not _own_look(one, visitor.person)]
    lines = timeline_of(entries, titles_seen(seen), reader.names, seen.calendar, visitor.now)
    return tuple(
        ChangeView(who=one.who, at=one.at.told, exact=one.at.exact, text=one.text) for one in lines if one.seq > seq
    )


def _own_look(entry: Entry, person: str) -> bool:
    """Whether the entry only says that the visitor looked, which changes nothing for them."""
    return entry.acted_by == person and all(event["type"] == "task_read" for event in entry.events)


def titles_seen(seen: SeenCase) -> Titles:
    """The titles of a case's procedure with the names of the people in it."""
    return titles_of(seen.machine, persons=seen.names)
