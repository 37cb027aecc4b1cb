"""One input of a form, with what was typed and what is wrong with it; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from engine.core.definition import FieldSpec, ItemSpec
from engine.core.form_values import MOST_CHARACTERS, MOST_CHARACTERS_LONG, MOST_FILES
from web.catalogues import say
from web.pages.form_files import KeptFile
from web.pages.form_parts import NOTE, TYPED, VALUE, cell_spec, rows_in
from web.pages.form_reading import ENTITIES, FILE_KINDS, Posted

#: Choices that are shown side by side; more open as a list.
_MOST_SIDE_BY_SIDE = 6
_ACCEPTED: Mapping[str, str] = {
    "photo": "image/jpeg,image/png,image/webp",
    "signature": "image/png,image/jpeg",
    "scan": "application/pdf,image/jpeg,image/png,image/webp",
}


@dataclass(frozen=True, kw_only=True)
class Option:
    """One of several answers."""

    value: str
    title: str
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is wrong with an input, in a sentence, and among what to choose where several bear the name typed."""

    field: str
    text: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class FieldView:
    """One input of a form."""

    #: its field, or `_photo` and the like for evidence that no field asks for
    id: str
    title: str
    #: line, long, lines, number, date, radios, select, checks, entity, photo, file, signature, scan
    widget: str
    required: bool = False
    many: bool = False
    help: str = ""
    #: limits in words
    limits: str = ""
    value: str = ""
    #: what the input of a unit, place or person says
    typed: str = ""
    #: unit, place or person
    table: str = ""
    options: tuple[Option, ...] = ()
    files: tuple[KeptFile, ...] = ()
    #: characters or files
    most: int = 0
    accepts: str = ""
    #: sealed in the record, so never kept by a browser
    personal: bool = False
    #: several units, places or persons: what each row means and says
    pairs: tuple[tuple[str, str], ...] = ()
    #: table: the cells of its rows, and of a row that may be added
    rows: tuple[tuple[FieldView, ...], ...] = ()
    blank: tuple[FieldView, ...] = ()
    #: checklist: its questions in their groups
    groups: tuple[GroupView, ...] = ()
    error: str = ""

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"field-{self.id}"


@dataclass(frozen=True, kw_only=True)
class ItemView:
    """One question of a checklist."""

    id: str
    text: str
    help: str
    basis: str
    options: tuple[Option, ...]
    note: str
    #: answers that must say more
    noted: tuple[str, ...]
    photos: FieldView
    error: str

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"field-{self.id}"


@dataclass(frozen=True, kw_only=True)
class GroupView:
    """Questions that belong together."""

    title: str
    items: tuple[ItemView, ...]


def field_view(
    spec: FieldSpec,
    *,
    required: bool,
    posted: Posted,
    entities: Mapping[str, str],
    told: Mapping[str, Told],
    prepared: str = "",
) -> FieldView:
    """The input of a declared field; `prepared` stands in it where nothing was typed yet."""
    if spec.kind == "table":
        return _table(spec, required=required, posted=posted, entities=entities, told=told)
    if spec.kind == "checklist":
        return _checklist(spec, required=required, posted=posted, told=told)
    values = posted.texts.get(f"{VALUE}{spec.id}")
    values = ((prepared,) if prepared else ()) if values is None and not posted.key else (values or ())
    widget = _widget(spec)
    wrong = told.get(spec.id)
    value = next(iter(values), "")
    return FieldView(
        id=spec.id,
        title=spec.title,
        widget=widget,
        required=required,
        many=spec.many,
        help=spec.help,
        limits=_limits(spec),
        value="\n".join(values) if widget == "lines" else value,
        typed=posted.first(f"{TYPED}{spec.id}") or entities.get(value, value),
        table=spec.kind if spec.kind in ENTITIES else "",
        pairs=_pairs(spec, posted, entities) if widget == "entities" else (),
        options=_options(spec, values, wrong),
        files=tuple(kept for kept in posted.files if kept.slot == spec.id),
        most=_most(spec),
        accepts=_ACCEPTED.get(spec.kind, ""),
        personal=spec.personal,
        error=wrong.text if wrong else "",
    )


def _pairs(spec: FieldSpec, posted: Posted, entities: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Rows of an input for several: what was chosen or typed, and as many empty ones as are needed at least."""
    chosen, typed = posted.texts.get(f"{VALUE}{spec.id}", ()), posted.texts.get(f"{TYPED}{spec.id}", ())
    rows = [(one, text or entities.get(one, one)) for one, text in zip_longest(chosen, typed, fillvalue="")]
    rows = [row for row in rows if any(row)]
    return (*rows, *[("", "")] * max(int(spec.minimum or 1) - len(rows), 0 if rows else 1))


def _table(
    spec: FieldSpec, *, required: bool, posted: Posted, entities: Mapping[str, str], told: Mapping[str, Told]
) -> FieldView:
    numbers = rows_in(spec.id, posted.texts, posted.files)

    def row(n: int) -> tuple[FieldView, ...]:
        return tuple(
            field_view(
                cell_spec(spec, n, column), required=column.required, posted=posted, entities=entities, told=told
            )
            for column in spec.columns
        )

    wrong = told.get(spec.id)
    return FieldView(
        id=spec.id,
        title=spec.title,
        widget="table",
        required=required,
        help=spec.help,
        rows=tuple(row(n) for n in numbers),
        blank=row(len(numbers)),
        error=wrong.text if wrong else "",
    )


def _checklist(spec: FieldSpec, *, required: bool, posted: Posted, told: Mapping[str, Told]) -> FieldView:
    asked, wrong = spec.checklist, told.get(spec.id)
    assert asked is not None

    def item(one: ItemSpec) -> ItemView:
        at = f"{spec.id}.{one.id}"
        photos = FieldSpec(id=at, title=say("form_page.evidence.photo"), kind="photo", many=True, maximum=9)
        fault = told.get(at)
        return ItemView(
            id=at,
            text=one.text,
            help=one.help,
            basis=say("values.joint").join(one.basis),
            options=options_of(
                ((answer.id, answer.title) for answer in asked.answers), posted.texts.get(f"{VALUE}{at}", ())
            ),
            note=posted.first(f"{NOTE}{at}"),
            noted=tuple(answer.id for answer in asked.answers if answer.note or answer.finding),
            photos=field_view(photos, required=False, posted=posted, entities={}, told={}),
            error=fault.text if fault else "",
        )

    return FieldView(
        id=spec.id,
        title=asked.title or spec.title,
        widget="checklist",
        required=required,
        help=spec.help,
        groups=tuple(GroupView(title=one.title, items=tuple(item(each) for each in one.items)) for one in asked.groups),
        error=wrong.text if wrong else "",
    )


def evidence_view(kind: str, *, posted: Posted, told: Mapping[str, Told], required: bool = True) -> FieldView:
    """The input for evidence that no field of the form asks for."""
    slot = f"_{kind}"
    wrong = told.get(slot)
    return FieldView(
        id=slot,
        title=say(f"form_page.evidence.{kind}"),
        widget=kind,
        required=required,
        many=kind != "signature",
        help=say(f"form_page.evidence_help.{kind}"),
        files=tuple(kept for kept in posted.files if kept.slot == slot),
        most=1 if kind == "signature" else MOST_FILES,
        accepts=_ACCEPTED.get(kind, ""),
        error=wrong.text if wrong else "",
    )


def options_of(pairs: Iterable[tuple[str, str]], chosen: Iterable[str] = ()) -> tuple[Option, ...]:
    """Answers to choose among."""
    marked = set(chosen)
    return tuple(Option(value=value, title=title, chosen=value in marked) for value, title in pairs)


def _widget(spec: FieldSpec) -> str:
    match spec.kind:
        case "text" if spec.long:
            return "long"
        case "text" | "number" | "date" if spec.many:
            return "lines"
        case "text":
            return "line"
        case "choice" if spec.many:
            return "checks"
        case "choice":
            return "radios" if len(spec.options) <= _MOST_SIDE_BY_SIDE else "select"
        case "flag":
            # Within a table one tick says it: a row has no room for three answers.
            return "tick" if "." in spec.id and not spec.required else "radios"
        case _ if spec.kind in ENTITIES:
            return "entities" if spec.many else "entity"
        case _ if spec.kind in FILE_KINDS:
            return spec.kind
    return spec.kind


def _options(spec: FieldSpec, values: Iterable[str], wrong: Told | None) -> tuple[Option, ...]:
    if spec.kind == "flag":
        flags = (("true", say("values.flag.true")), ("false", say("values.flag.false")))
        return options_of(flags, values)
    if spec.kind in ENTITIES:
        return options_of(wrong.options) if wrong else ()
    return options_of(spec.options, values)


def _most(spec: FieldSpec) -> int:
    if spec.kind in FILE_KINDS:
        default = MOST_FILES if spec.many else 1
        return default if spec.maximum is None else min(int(spec.maximum), MOST_FILES)
    if spec.kind == "text":
        ceiling = MOST_CHARACTERS_LONG if spec.long else MOST_CHARACTERS
        return ceiling if spec.maximum is None else min(int(spec.maximum), ceiling)
    return 0


def _limits(spec: FieldSpec) -> str:
    least, most = spec.minimum, spec.maximum
    if spec.kind == "number" and (least is not None or most is not None):
        ends = {"minimum": _plain(least), "maximum": _plain(most)}
        which = "between" if least is not None and most is not None else "at_least" if most is None else "at_most"
        return say(f"form_page.limits.{which}", **ends)
    if spec.kind in FILE_KINDS and spec.many:
        least_files = int(least or 0)
        return say(
            "form_page.limits.files_from" if least_files else "form_page.limits.files",
            least=least_files,
            most=_most(spec),
        )
    if spec.kind == "text" and least:
        return say("form_page.limits.characters", least=int(least))
    return ""


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:,.10g}".replace(",", "")
