"""What a place sees in its layers, the nearest first: texts, roles, clauses, regions, scenarios."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from engine.core.definition import DayCount, TextSpec
from engine.core.directory import RolePower
from engine.core.language.day_counts import DayCountEntry, DayCountsDocument, up_to
from engine.core.language.ladder import TextsDocument
from engine.core.language.plan import BasisDocument, Clause, DirectoryDocument, RolesDocument
from engine.core.language.scenario import ScenarioDocument
from engine.core.library import Document, Library, unknown
from engine.core.provenance import at
from engine.core.yaml_source import Node
from engine.errors import DefinitionError

Layers = tuple[str, ...]


def clauses_of(library: Library, layers: Layers) -> dict[str, Clause]:
    """Clauses by id."""
    found: dict[str, Clause] = {}
    for one in library.of_kind("basis", layers):
        assert isinstance(one.model, BasisDocument)
        found.update(one.model.basis)
    return found


def day_counts_of(library: Library, layers: Layers) -> dict[str, DayCount]:
    """Named day-count rules by id, the nearest layer's."""
    found: dict[str, DayCount] = {}
    for layer in reversed(layers):
        for one in library.of_kind("day_counts", (layer,)):
            assert isinstance(one.model, DayCountsDocument)
            found.update({name: _day_count(name, entry) for name, entry in one.model.day_counts.items()})
    return found


def _day_count(name: str, entry: DayCountEntry) -> DayCount:
    amounts = entry.workdays
    return DayCount(
        id=name,
        title=entry.title,
        workdays=() if isinstance(amounts, str) else tuple(amounts),
        up_to=up_to(amounts) if isinstance(amounts, str) else 0,
        start=entry.start or "",
        roll=entry.roll or "",
        basis=tuple(entry.basis),
        since=entry.since,
        until=entry.until or "",
    )


def texts_of(library: Library, layers: Layers) -> dict[str, tuple[TextSpec, Node]]:
    """Texts by id, with their nodes."""
    found: dict[str, tuple[TextSpec, Node]] = {}
    for layer in reversed(layers):
        for one in library.of_kind("texts", (layer,)):
            assert isinstance(one.model, TextsDocument)
            for name, text in one.model.texts.items():
                spec = TextSpec(id=name, subject=text.subject, body=text.body, urgent=text.urgent)
                found[name] = (spec, one.node.map()["texts"].map()[name])
    return found


def roles_of(
    library: Library, layers: Layers, heads: Iterable[Document], problems: list[DefinitionError]
) -> dict[str, RolePower]:
    """Roles by id, titled as the heads (a plan, then its place) call them; unknown ones are added to the problems."""
    found: dict[str, RolePower] = {}
    powers: dict[str, Node] = {}
    for layer in reversed(layers):
        for one in library.of_kind("roles", (layer,)):
            assert isinstance(one.model, RolesDocument)
            for name, power in one.model.roles.items():
                found[name] = RolePower(
                    id=name,
                    title=power.title,
                    sees=power.sees,
                    may=frozenset(power.may),
                    superior=power.superior or "",
                )
                powers[name] = one.node.map()["roles"].map()[name]
    for name, role in found.items():
        if role.superior and role.superior not in found:
            where = powers[name].map()["superior"].place(f"roles.{name}.superior")
            problems.append(at(unknown("unknown_role", role.superior, found), where))
    for head in heads:
        titles = head.node.map().get("roles")
        for name, title in titles.map().items() if titles else ():
            if name in found:
                found[name] = replace(found[name], title=str(title.value))
            else:
                problems.append(at(unknown("unknown_role", name, found), title.place(f"roles.{name}")))
    return found


def directory_of(library: Library, layers: Layers) -> tuple[dict[str, str], dict[str, str]]:
    """Regions by path and industries by id, of the nearest layer that has them."""
    for layer in layers:
        for one in library.of_kind("directory", (layer,)):
            assert isinstance(one.model, DirectoryDocument)
            return dict(one.model.regions), dict(one.model.industries)
    return {}, {}


def scenarios_of(library: Library, place: str) -> tuple[ScenarioDocument, ...]:
    """The scenarios that play in a place, in the order of files."""
    models = [one.model for one in library.of_kind("scenario")]
    return tuple(one for one in models if isinstance(one, ScenarioDocument) and one.in_ == place)
