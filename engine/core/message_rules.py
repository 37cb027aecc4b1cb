"""The rules for messages of a place: the document its layers give, once everything it leaves open was decided."""

from __future__ import annotations

from collections.abc import Callable, Collection

from engine.core.budget import Hours, Rules, in_hours
from engine.core.language.messages import HoursPart, MessagesDocument
from engine.core.language.reading import understand
from engine.core.layers import Layers
from engine.core.library import Document, Library
from engine.core.overlay import Filled
from engine.core.yaml_source import Node
from engine.errors import DefinitionError


def messages_document(library: Library, layers: Layers, known: Collection[str]) -> Document | None:
    """The nearest document, None if there is none or nobody gave, opened or decided any of its parameters.

    `known`: names of parameters that a plan gives or opens, "document.parameter".
    """
    for layer in layers:
        for one in library.of_kind("messages", (layer,)):
            declared = one.node.map().get("parameters")
            names = {f"{one.id}.{name}" for name in declared.map()} if declared else set()
            return one if not names or names.intersection(known) else None
    return None


def rules_of(
    document: Document, complete: Callable[[str, Document], Filled | None]
) -> tuple[Rules | None, Node | None, list[DefinitionError]]:
    """The rules of a document, its nodes with all values in them, and what is wrong with it.

    `complete` fills in what a plan and a place replace and decide; None where that cannot be done.
    """
    filled_in = complete(document.id, document)
    if filled_in is None:
        return None, None, []
    model, problems = understand(filled_in.node, MessagesDocument)
    if model is None:
        return None, filled_in.node, problems
    problems += _disturbing(model, filled_in.node)
    return (_rules(model) if not problems else None), filled_in.node, problems


def _rules(model: MessagesDocument) -> Rules:
    quiet = model.quiet
    return Rules(
        id=model.name,
        title=model.title,
        budget=int(model.budget),
        ceiling=int(model.ceiling),
        digests=tuple(sorted(set(model.digests))),
        quiet=_hours(quiet),
        quiet_days=tuple(dict.fromkeys(model.quiet_days)),
        duty_excepted=quiet is not None and quiet.excepts == "on_duty",
        own_quiet=_hours(model.own_quiet),
        channels=tuple((name, int(count)) for name, count in sorted(model.channels.items())),
        basis=tuple(model.basis),
    )


def _hours(part: HoursPart | None) -> Hours | None:
    return Hours(begins=part.begins, ends=part.ends) if part else None


def _disturbing(model: MessagesDocument, node: Node) -> list[DefinitionError]:
    """Digests that would go while nobody is to be disturbed."""
    quiet = _hours(model.quiet)
    moments = node.map()["digests"].value
    assert isinstance(moments, list)
    return [
        DefinitionError(
            "wrong_value",
            place=one.place(f"digests.{n}"),
            expected=f"a time of day outside of {quiet.begins}-{quiet.ends}",
            got=str(one.value),
        )
        for n, one in enumerate(moments)
        if quiet is not None and in_hours(str(one.value), quiet)
    ]
