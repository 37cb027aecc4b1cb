"""Which columns a spreadsheet has and what they mean, as a frozen model loaded strictly from plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, NoReturn, cast

from adapters.spreadsheets.text import same
from engine.errors import DefinitionError, Place

Kind = Literal["text", "integer", "number", "money", "date", "moment", "choice", "flag", "identifier"]
KINDS: tuple[Kind, ...] = ("text", "integer", "number", "money", "date", "moment", "choice", "flag", "identifier")
COMMON = {"title", "aliases", "required", "basis"}
ALLOWED: dict[Kind, set[str]] = {
    "text": {"max"},
    "integer": {"min", "max", "suffixes"},
    "number": {"min", "max", "suffixes"},
    "money": {"min", "max", "suffixes", "times"},
    "date": {"from", "to", "past"},
    "moment": {"from", "to"},
    "choice": set(),
    "flag": set(),
    "identifier": set(),
}
FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2100, 12, 31)
DEFAULT_TEXT = 500

Choices = Mapping[str, tuple[str, ...]]
Locate = Callable[[str], Place]


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column: `field` is the id of its values, `title` and `aliases` are what its header may say."""

    field: str
    title: str
    aliases: tuple[str, ...] = ()
    kind: Kind
    required: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    times: Decimal = Decimal(1)  # the sheet's unit in units of the value, 10000 for amounts written in ten thousands
    suffixes: tuple[str, ...] = ()  # units of measure that people type behind a number
    first: date = FIRST_DAY
    last: date = LAST_DAY
    past: bool = False  # may not lie after the day of import
    choices: Choices | None = None  # value → further words for it
    choice_list: str = ""  # or the name of a list that the caller hands over
    identifier: str = ""  # name of a checker that the caller hands over

    @property
    def accepted(self) -> tuple[str, ...]:
        """Every header this column answers to, its title first."""
        return (self.title, *self.aliases)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """Something the caller knows, found by the first of the columns `by` that is filled."""

    name: str
    by: tuple[str, ...]
    required: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class TableMapping:
    """What one kind of spreadsheet says."""

    id: str
    title: str
    columns: tuple[Column, ...]
    header_within: int = 10  # rows searched for the header, counted from the top
    dates: tuple[str, ...] = ("{y}-{m}-{d}",)
    references: tuple[Reference, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()  # the first key whose parts are all filled identifies a row
    order: tuple[tuple[str, str], ...] = ()  # (earlier, later): pairs of dates

    def column(self, field: str) -> Column:
        """The column of that field; KeyError when there is none."""
        for column in self.columns:
            if column.field == field:
                return column
        raise KeyError(field)

    def reference_fields(self, name: str) -> tuple[str, ...]:
        """The fields by which the reference `name` is found; of a field its own name."""
        return next((reference.by for reference in self.references if reference.name == name), (name,))


def load_mapping(data: Mapping[str, Any], *, file: str = "", locate: Locate | None = None) -> TableMapping:
    """The mapping that `data` describes; DefinitionError names the path of the first thing it does not mean.

    `locate` turns a dotted path into a Place with line and column, for callers whose YAML reader kept them.
    """
    return _Loader(locate or (lambda path: Place(file=file, line=0, column=0, path=path))).table(data)


class _Loader:
    """Reads plain data with the path of what it reads, so that refusals can say where."""

    def __init__(self, locate: Locate) -> None:
        self.locate = locate

    def refuse(self, path: str, expected: str, got: object) -> NoReturn:
        raise DefinitionError("mapping_refused", place=self.locate(path), expected=expected, got=got)

    def table(self, data: Mapping[str, Any]) -> TableMapping:
        known = {
            "import",
            "title",
            "header_within",
            "dates",
            "columns",
            "references",
            "unique",
            "order",
            "basis",
            "into",
        }
        self.known(data, known, "")
        columns = tuple(
            self.column(field, told, f"columns.{field}")
            for field, told in self.map(data.get("columns"), "columns").items()
        )
        if not columns:
            self.refuse("columns", "at least one column", data.get("columns"))
        self.distinct_headers(columns)
        fields = {column.field for column in columns}
        references = tuple(
            self.reference(name, told, fields)
            for name, told in self.map(data.get("references", {}), "references").items()
        )
        days = {column.field: column.kind for column in columns if column.kind in ("date", "moment")}
        return TableMapping(
            id=self.word(data.get("import"), "import"),
            title=self.word(data.get("title"), "title"),
            columns=columns,
            header_within=self.whole(data.get("header_within", 10), "header_within"),
            dates=self.date_forms(data.get("dates", ["{y}-{m}-{d}"])),
            references=references,
            unique=self.keys(data.get("unique", []), fields | {reference.name for reference in references}, "unique"),
            order=self.order(data.get("order", []), days),
        )

    def order(self, told: object, kinds: Mapping[str, Kind]) -> tuple[tuple[str, str], ...]:
        pairs = cast(tuple[tuple[str, str], ...], self.keys(told, set(kinds), "order", size=2))
        for earlier, later in pairs:
            if kinds[earlier] != kinds[later]:
                self.refuse("order", "two dates or two moments", [earlier, later])
        return pairs

    def column(self, field: str, told: object, path: str) -> Column:
        given = self.map(told, path)
        kinds = [kind for kind in KINDS if kind in given]
        if len(kinds) != 1:
            self.refuse(path, f"exactly one of {', '.join(KINDS)}", sorted(given))
        kind = kinds[0]
        self.known(given, COMMON | ALLOWED[kind] | {kind}, path)
        choices, choice_list = self.choices(kind, given[kind], f"{path}.{kind}")
        return Column(
            field=field,
            title=self.word(given.get("title"), f"{path}.title"),
            aliases=self.words(given.get("aliases", []), f"{path}.aliases"),
            kind=kind,
            required=self.truth(given.get("required", False), f"{path}.required"),
            minimum=self.amount(given.get("min"), f"{path}.min"),
            maximum=self.amount(given.get("max", DEFAULT_TEXT if kind == "text" else None), f"{path}.max"),
            times=self.amount(given.get("times", 1), f"{path}.times") or Decimal(1),
            suffixes=self.words(given.get("suffixes", []), f"{path}.suffixes"),
            first=self.day(given.get("from", FIRST_DAY), f"{path}.from"),
            last=self.day(given.get("to", LAST_DAY), f"{path}.to"),
            past=self.truth(given.get("past", False), f"{path}.past"),
            choices=choices,
            choice_list=choice_list,
            identifier=self.word(given[kind], f"{path}.{kind}") if kind == "identifier" else "",
        )

    def choices(self, kind: Kind, told: object, path: str) -> tuple[Choices | None, str]:
        if kind not in ("choice", "flag"):
            if kind not in ("identifier", "money") and told is not True:
                self.refuse(path, "true", told)
            return None, ""
        if isinstance(told, str) and kind == "choice":
            return None, told
        choices = {value: self.words(words, f"{path}.{value}") for value, words in self.map(told, path).items()}
        if kind == "flag" and set(choices) != {"set", "unset"}:
            self.refuse(path, "the words for set and unset", sorted(choices))
        seen: dict[str, str] = {}
        for value, words in choices.items():
            for word in words if kind == "flag" else (value, *words):
                if seen.setdefault(same(word), value) != value:
                    self.refuse(f"{path}.{value}", f"a word not used for {seen[same(word)]}", word)
        return choices, ""

    def distinct_headers(self, columns: tuple[Column, ...]) -> None:
        seen: dict[str, str] = {}
        for column in columns:
            for header in column.accepted:
                if seen.setdefault(same(header), column.field) != column.field:
                    self.refuse(f"columns.{column.field}", f"a header not used by {seen[same(header)]}", header)

    def reference(self, name: str, told: object, fields: set[str]) -> Reference:
        path = f"references.{name}"
        given = self.map(told, path)
        self.known(given, {"by", "required"}, path)
        if name in fields:
            self.refuse(path, "a name that no column has", name)
        by = self.words(given.get("by"), f"{path}.by")
        for field in by:
            if field not in fields:
                self.refuse(f"{path}.by", f"one of {', '.join(sorted(fields))}", field)
        return Reference(name=name, by=by, required=self.truth(given.get("required", False), f"{path}.required"))

    def keys(self, told: object, names: set[str], path: str, *, size: int = 0) -> tuple[tuple[str, ...], ...]:
        if not isinstance(told, list):
            self.refuse(path, "a list of lists of names", told)
        keys = tuple(self.words(key, path) for key in told)
        for key in keys:
            if not key or (size and len(key) != size) or not set(key) <= names:
                self.refuse(path, f"names out of {', '.join(sorted(names))}", list(key))
        return keys

    def date_forms(self, told: object) -> tuple[str, ...]:
        forms = self.words(told, "dates")
        for form in forms:
            tokens = [token for token in ("{y}", "{m}", "{d}", "{mm}", "{dd}") if form.count(token) == 1]
            if tokens not in (["{y}", "{m}", "{d}"], ["{y}", "{mm}", "{dd}"]):
                self.refuse("dates", "a form with {y}, {m} and {d}, or {y}, {mm} and {dd}", form)
        return forms

    def known(self, given: Mapping[str, Any], known: set[str], path: str) -> None:
        for key in given:
            if key not in known:
                self.refuse(f"{path}.{key}".lstrip("."), f"one of {', '.join(sorted(known))}", key)

    def map(self, told: object, path: str) -> Mapping[str, Any]:
        if not isinstance(told, Mapping) or not all(isinstance(key, str) and key for key in told):
            self.refuse(path, "a map with text keys", told)
        return told

    def word(self, told: object, path: str) -> str:
        if not isinstance(told, str) or not told.strip():
            self.refuse(path, "text", told)
        return told

    def words(self, told: object, path: str) -> tuple[str, ...]:
        if not isinstance(told, list):
            self.refuse(path, "a list of texts", told)
        return tuple(self.word(word, path) for word in told)

    def truth(self, told: object, path: str) -> bool:
        if not isinstance(told, bool):
            self.refuse(path, "true or false", told)
        return told

    def whole(self, told: object, path: str) -> int:
        if not isinstance(told, int) or isinstance(told, bool) or told < 1:
            self.refuse(path, "a whole number from 1", told)
        return told

    def amount(self, told: object, path: str) -> Decimal | None:
        if told is None:
            return None
        if isinstance(told, bool) or not isinstance(told, int | float | str):
            self.refuse(path, "a number", told)
        try:
            return Decimal(str(told))
        except InvalidOperation:
            self.refuse(path, "a number", told)

    def day(self, told: object, path: str) -> date:
        if type(told) is date:
            return told
        try:
            return date.fromisoformat(cast(str, told))
        except (TypeError, ValueError):
            self.refuse(path, "a day like 2000-01-01", told)
