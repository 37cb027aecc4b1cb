"""What a reader filters a register by, from words of an address to conditions a store can answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.core.conditions import Condition, Either, Every, Held, Range, Same, StartOf, Under, both, days, grounded
from engine.core.expression_types import read_date
from engine.core.register import Column, Register
from engine.errors import BadInput

#: Between the first and the last day of a filter by days; either may be missing.
TO = ".."
LIGHTS = ("red", "yellow", "green", "none")
OPEN = Same(column="open", values=("true",))
ENDED = Same(column="open", values=("false",))
#: The most words one filter takes.
MOST_WORDS = 20

Asked = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When, and for whom, a register is read; instants in microseconds."""

    now: int
    #: what is due from now until then is yellow
    soon: int
    today: date
    start_of: StartOf
    person: str = ""


def light_condition(light: str, moment: Moment) -> Condition:
    """Cases that show that light."""
    match light:
        case "red":
            return Every(parts=(OPEN, Range(column="due", before=moment.now + 1)))
        case "yellow":
            return Every(parts=(OPEN, Range(column="due", least=moment.now + 1, before=moment.soon + 1)))
        case "green":
            return Every(parts=(OPEN, Range(column="due", least=moment.soon + 1)))
        case _:
            return Range(column="due", negative=True)


def light_of(due_at: int | None, closed: str, moment: Moment) -> str:
    """The light of a case by its earliest deadline."""
    if closed or due_at is None:
        return "none"
    if due_at <= moment.now:
        return "red"
    return "yellow" if due_at <= moment.soon else "green"


def sources(register: Register, moment: Moment) -> Condition:
    """What the register lists before anybody filters."""
    parts = [both(Same(column="procedure", values=(one.procedure,)), one.where) for one in register.of]
    told = parts[0] if len(parts) == 1 else Either(parts=tuple(parts))
    return grounded(told, moment.today, moment.start_of)


def filters(register: Register, asked: Asked, moment: Moment) -> dict[str, Condition]:
    """By filter, what the words ask; BadInput for a filter that the register has not or a word that means nothing."""
    found: dict[str, Condition] = {}
    for name, words in asked.items():
        column = register.filter(name)
        if column is None:
            raise BadInput("unknown_filter", field=name)
        words = [word for word in words if word]
        if len(words) > MOST_WORDS:
            raise BadInput("too_many_words", field=name, most=MOST_WORDS)
        if words:
            found[name] = filter_condition(column, words, moment)
    return found


def filter_condition(column: Column, words: Sequence[str], moment: Moment) -> Condition:
    """What the words ask of one column: one of them holds."""
    return _any(_one(column, word, moment) for word in words) if column.kind not in _WHOLE else _same(column, words)


#: Kinds whose words are values.
_WHOLE = frozenset(("choice", "text", "stage", "entity", "unit", "place", "person", "number"))


def _same(column: Column, words: Sequence[str]) -> Condition:
    if column.kind == "choice" and (wrong := [word for word in words if word not in dict(column.options)]):
        raise BadInput("unknown_word", field=column.id, got=wrong[0])
    return Same(column=column.key, values=tuple(words))


def _one(column: Column, word: str, moment: Moment) -> Condition:
    match column.kind:
        case "date" | "instant":
            return _between(column, word, moment)
        case "area":
            return Under(prefix=word) if column.case == "region" else Same(column=column.key, values=(word,))
        case "people":
            return Held(person=moment.person if word == "me" else word)
        case "light":
            return light_condition(_known(column, word, LIGHTS), moment)
        case "flag" | "mark":
            return Same(column=column.key, values=(_known(column, word, ("true", "false")),))
        case "count":
            some = _known(column, word, ("true", "false")) == "true"
            return Range(column=column.key, least=1) if some else Range(column=column.key, before=1)
        case _:
            raise BadInput("unknown_filter", field=column.id)


def _between(column: Column, word: str, moment: Moment) -> Condition:
    """Days from and to, both included: `2026-03-01..2026-03-31`, `2026-03-01..`, `..2026-03-31`, one day alone."""
    first, to, last = word.partition(TO)
    bounds = [(">=", first), ("<=", last)] if to else [("==", first)]
    told: list[Condition] = []
    for operator, text in bounds:
        if not text:
            continue
        day = read_date(text)
        if day is None:
            raise BadInput("not_a_date", field=column.id, got=text)
        told.append(days(column.key, operator, day, moment.start_of))  # type: ignore[arg-type]
    if not told:
        raise BadInput("not_a_date", field=column.id, got=word)
    return told[0] if len(told) == 1 else Every(parts=tuple(told))


def _any(parts: Iterable[Condition]) -> Condition:
    found = tuple(parts)
    return found[0] if len(found) == 1 else Either(parts=found)


def _known(column: Column, word: str, words: Sequence[str]) -> str:
    if word not in words:
        raise BadInput("unknown_word", field=column.id, got=word)
    return word


def total_conditions(moment: Moment) -> dict[str, Condition]:
    """What each total of a register counts."""
    return {
        "open": OPEN,
        "soon": light_condition("yellow", moment),
        "overdue": light_condition("red", moment),
        "escalated": Every(parts=(OPEN, Same(column="escalated", values=("true",)))),
        "ended": ENDED,
    }
