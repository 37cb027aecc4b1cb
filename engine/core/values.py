"""The values of parameters: what a plan sets, what it leaves open, what a place decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.core.language.plan import Clause, PlaceDocument, PlanDocument
from engine.core.library import Document
from engine.core.overlay import Given
from engine.core.points import parse_point
from engine.core.spans import parse_span
from engine.core.yaml_source import Node
from engine.errors import DefinitionError

#: kind of a parameter that names something -> the word before its id ("ladders/x", "role.x")
_PREFIXES = {"ladder": ("ladders/", ""), "role": ("role.", ""), "checklist": ("checklists/", "")}


@dataclass(frozen=True, kw_only=True)
class Open:
    """A value that a plan leaves open: which clause is silent, and with which words."""

    plan: str
    #: "procedure.parameter"
    parameter: str
    clause: str
    says: str
    node: Node

    def error(self, clauses: Mapping[str, Clause]) -> DefinitionError:
        """The refusal to run it: `clause` is how people cite it."""
        cited = clauses[self.clause].cites if self.clause in clauses else self.clause
        return DefinitionError(
            "still_open",
            place=self.node.place(f"open.{self.parameter}"),
            expected="a value that a place decides",
            got=self.says,
            plan=self.plan,
            parameter=self.parameter.partition(".")[2],
            of=self.parameter.partition(".")[0],
            clause=cited,
            says=self.says,
        )


@dataclass(frozen=True, kw_only=True)
class Values:
    """Parameters by "thing.parameter", and what is still open."""

    given: Mapping[str, Given]
    open: Mapping[str, Open]

    def of(self, thing: str) -> dict[str, Given]:
        """The values of one procedure or ladder by parameter."""
        start = f"{thing}."
        return {name.removeprefix(start): one for name, one in self.given.items() if name.startswith(start)}


def collect(plan: Document, place: Document | None, problems: list[DefinitionError]) -> Values:
    """The values of a place (or of a plan alone); what cannot be is added to the problems."""
    given = dict(_set_by(plan))
    opened = dict(_left_open(plan))
    both = [name for name in opened if name in given]
    problems += [_both(opened.pop(name), given[name]) for name in both]
    if place is not None:
        for name, one in _decided_by(place):
            if name not in opened:
                problems.append(_not_open(place, name, plan, opened))
                continue
            left = opened.pop(name)
            given[name] = replace(one, basis=tuple(dict.fromkeys((left.clause, *one.basis))))
    return Values(given=given, open=opened)


def _set_by(plan: Document) -> Iterator[tuple[str, Given]]:
    model = plan.model
    assert isinstance(model, PlanDocument)
    for section, uses in (("uses", model.uses), ("ladders", model.ladders), ("duties", model.duties)):
        for thing, use in uses.items():
            for name in use.set:
                node = plan.node.map()[section].map()[thing].map()["set"].map()[name]
                yield f"{thing}.{name}", _given(node)


def _given(node: Node) -> Given:
    entries = node.map()
    if not entries:
        return Given(node=node)
    basis = entries["basis"].plain() if "basis" in entries else []
    return Given(node=entries["value"], basis=tuple(basis))


def _left_open(plan: Document) -> Iterator[tuple[str, Open]]:
    model = plan.model
    assert isinstance(model, PlanDocument)
    for name, one in model.open.items():
        node = plan.node.map()["open"].map()[name]
        yield name, Open(plan=model.plan, parameter=name, clause=one.clause, says=one.says, node=node)


def _decided_by(place: Document) -> Iterator[tuple[str, Given]]:
    model = place.model
    assert isinstance(model, PlaceDocument)
    for name in model.decides:
        yield name, _given(place.node.map()["decides"].map()[name])


def _both(left: Open, given: Given) -> DefinitionError:
    return DefinitionError(
        "open_and_set",
        place=left.node.place(f"open.{left.parameter}"),
        expected="either a value or that the text leaves it open",
        got=given.node.plain(),
    )


def _not_open(place: Document, name: str, plan: Document, opened: Mapping[str, Open]) -> DefinitionError:
    return DefinitionError(
        "not_open",
        place=place.node.map()["decides"].key_place(name, f"decides.{name}"),
        expected=f"something that {plan.id} leaves open: " + ", ".join(opened),
        got=name,
    )


def typed(name: str, kind: str, given: Given) -> Given:
    """The value as its kind wants it: a phrase that can be read, a number, the bare id of a ladder or role.

    Raises DefinitionError at the place of the value.
    """
    node, value = given.node, given.node.value
    where = node.place(name)
    match kind:
        case "span":
            parse_span(value, place=where)
        case "point":
            parse_point(value, place=where)
        case "number":
            if not isinstance(value, int) or isinstance(value, bool):
                raise _wrong(where, "a whole number", value)
        case "ladder" | "role" | "checklist":
            prefix = _PREFIXES[kind][0]
            if not isinstance(value, str) or not value.startswith(prefix):
                raise _wrong(where, f'a {kind} like "{prefix}x"', value)
            return replace(given, node=replace(node, value=value.removeprefix(prefix)))
        case _:
            if not isinstance(value, str):
                raise _wrong(where, "a text", value)
    return given


def _wrong(where: Any, expected: str, got: object) -> DefinitionError:
    return DefinitionError("wrong_value", place=where, expected=expected, got=got)
