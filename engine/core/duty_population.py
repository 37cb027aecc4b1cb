"""For whom a duty is on a day, by which rhythm, and who must: guards over what the directory says of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from engine.core.definition_duties import SELF, US, DutySpec
from engine.core.directory import Directory, Entity
from engine.core.expression_types import ANY, DATE, ENTITY, FLAG, NUMBER, TEXT, ValueType
from engine.core.expressions import Expression, compile_expression
from engine.errors import ExpressionError

#: What guards may read of one of the population.
NAMES: Mapping[str, Mapping[str, ValueType]] = {
    "units": {
        "unit.id": ENTITY,
        "unit.title": TEXT,
        "unit.region": TEXT,
        "unit.industry": TEXT,
        "unit.*": ANY,
        "today": DATE,
    },
    "regions": {"region.id": TEXT, "region.title": TEXT, "region.depth": NUMBER, "today": DATE},
    "people": {"today": DATE},
    "us": {"today": DATE},
}


class Chosen(NamedTuple):
    """One of the population and the rhythm that counts for it."""

    subject: Entity
    rhythm: int


class _Scope(dict[str, Any]):
    """What a guard reads of one of the population, looked up when first read."""

    def __init__(self, entity: Entity, day: date) -> None:
        super().__init__(today=day)
        self._entity = entity

    def __missing__(self, name: str) -> Any:
        word = name.partition(".")[2]
        return self._entity.id.count("/") - 1 if name == "region.depth" else self._entity.get(word)


def compile_guard(text: str, kind: str) -> Expression:
    """A guard over one of a population of that kind; DefinitionError."""
    return compile_expression(text, NAMES[kind], expects=FLAG)


_compiled = lru_cache(maxsize=1024)(compile_guard)


def rhythm_of(spec: DutySpec, entity: Entity, day: date) -> int | None:
    """The rhythm that counts for it on a day; None = it is not of the population, or no rhythm holds.

    ExpressionError where what the directory says of it does not fit a guard.
    """
    kind, scope = spec.population.kind, _Scope(entity, day)
    if spec.population.where and not _compiled(spec.population.where, kind).evaluate(scope):
        return None
    for n, told in enumerate(spec.rhythms):
        if not told.when or _compiled(told.when, kind).evaluate(scope):
            return n
    return None


def chosen(
    spec: DutySpec, directory: Directory, entities: Iterable[Entity], day: date
) -> tuple[list[Chosen], tuple[str, ...]]:
    """Those of the population on a day, in the order given, and the names of whom no guard can judge."""
    found: list[Chosen] = []
    unfit: list[str] = []
    units = spec.population.kind == "units"
    for entity in entities:
        if units and directory.successor(entity.id, day) != entity.id:
            continue
        try:
            n = rhythm_of(spec, entity, day)
        except ExpressionError:
            unfit.append(entity.id)
            continue
        if n is not None:
            found.append(Chosen(entity, n))
    return found, tuple(unfit)


def listed(spec: DutySpec, directory: Directory, day: date) -> list[Entity]:
    """Whoever might be of a population that is not of units, in order of names: regions, people in a role, us."""
    match spec.population.kind:
        case "regions":
            return [
                Entity(id=path, title=title, region=path) for path, title in sorted(directory.regions.items()) if path
            ]
        case "people":
            held = [one for one in directory.ever_in_role(spec.population.role) if one.holds_on(day)]
            found = {one.person: one for one in sorted(held, key=lambda one: (one.person, one.region, one.id))}
            return [
                Entity(id=name, title="", region=one.region, industry=one.industry)
                for name, one in sorted(found.items())
            ]
        case "us":
            top = min(
                (path for path in directory.regions if path), key=lambda path: (path.count("/"), path), default="/"
            )
            return [Entity(id=US, title="", region=top)]
        case _:
            return []


def who_must(
    spec: DutySpec, directory: Directory, day: date, *, subject: str, region: str, industry: str
) -> tuple[str, ...]:
    """The persons who must on a day; of a unit that is no more, those of its successor."""
    if spec.by == SELF:
        return (subject,)
    place, _, role = spec.by.partition(".")
    if place != "unit":
        return directory.holders(role, region, industry, "", day)
    for unit in dict.fromkeys((subject, directory.successor(subject, day))):
        if unit and (persons := directory.holders(role, "", "", unit, day)):
            return persons
    return ()


def may_act(
    spec: DutySpec, directory: Directory, day: date, person: str, *, subject: str, region: str, industry: str
) -> str | None:
    """For whom the person may meet an obligation on a day: "" = as who must; None = they may not."""
    persons = who_must(spec, directory, day, subject=subject, region=region, industry=industry)
    if person in persons:
        return ""
    role = spec.by.partition(".")[2]
    for one in directory.stands_in(person, day):
        if one.person in persons and one.role in ("", role) and one.procedure in ("", spec.procedure):
            return one.person
    return None


def names_chained(before: str, names: Iterable[str]) -> str:
    """The hash of all names so far, each hashed after what stood before it: whole however many came at once.

    A population is opened in slices, as small as people who click leave room for; "" = before the first name.
    """
    digest = bytes.fromhex(before)
    for name in names:
        digest = sha256(digest + name.encode()).digest()
    return digest.hex()


def names_hash(names: Iterable[str]) -> str:
    """The hash of names, each on a line, in order: by it is proved later whom an entry meant."""
    digest = sha256()
    for name in sorted(names):
        digest.update(f"{name}\n".encode())
    return digest.hexdigest()
