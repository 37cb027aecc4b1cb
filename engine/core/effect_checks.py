"""Whether what follows from an act fits the rest of a definition: fields set, people told, cases linked and started."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.clock_checks import check_stop_effect
from engine.core.definition import (
    Effect,
    LinkCases,
    MoveDeadline,
    Notify,
    OpenTask,
    ResumeClock,
    SetFields,
    StartEach,
    StartSpec,
    StopClock,
    TaskSpec,
)
from engine.core.expression_types import ValueType
from engine.core.scope_names import field_type
from engine.core.uses import RUNG_RECIPIENTS, References

_FILES = ("file", "photo", "signature", "table", "checklist")
#: The name under which expressions read the row of a table.
ITEM = "item"


def check_effects(effects: tuple[Effect, ...], task: TaskSpec | None, where: str, references: References) -> None:
    """Note what effects name that is not there, or that they cannot do."""
    for index, effect in enumerate(effects):
        at = f"{where}.{index}"
        match effect:
            case SetFields():
                _check_set(effect, at, references)
            case MoveDeadline():
                references.field(effect.until, f"{at}.deadline.until", "date")
                references.shown(effect.until, f"{at}.deadline.until")
                if task is None or task.deadline is None:
                    references.problems.add("no_deadline_to_move", at, "a task with a deadline", effect.until)
            case StopClock() | ResumeClock():
                check_stop_effect(effect, at, references)
            case Notify():
                references.all_parties(effect.to, f"{at}.notify.to", *(RUNG_RECIPIENTS if task else ()))
                references.text(effect.text, f"{at}.notify.text")
            case LinkCases():
                _check_link(effect, f"{at}.link", references)
            case StartSpec():
                check_start(effect, f"{at}.start", references)
            case StartEach():
                _check_each(effect, f"{at}.each", references)
            case OpenTask():
                pass  # whether the state after the act has it, is for who knows where the act leads


def _check_set(effect: SetFields, where: str, references: References) -> None:
    if effect.when:
        references.guard(effect.when, f"{where}.when")
    for name, text in effect.values.items():
        if not references.field(name, f"{where}.set"):
            continue
        if references.fields[name].kind in _FILES:
            references.problems.add("wrong_field_kind", f"{where}.set", "a field that is no file", name)
        else:
            references.value(text, name, f"{where}.set.{name}")


def _check_link(effect: LinkCases, where: str, references: References) -> None:
    known = references.known(effect.how, references.links, "unknown_link", f"{where}.how")
    if not references.field(effect.field, f"{where}.field", "case") or not known:
        return
    link, field = references.links[effect.how], references.fields[effect.field]
    references.known(field.procedure, link.to, "link_leads_elsewhere", f"{where}.field")
    references.shown(effect.field, f"{where}.field")
    if field.many and not link.many:
        references.problems.add("link_of_one", f"{where}.field", "a field of one case, or many: true", effect.field)


def check_start(effect: StartSpec | StartEach, where: str, references: References) -> None:
    """A link that leads to the procedure of the new case, and expressions that can be computed."""
    at = f"{where}.procedure" if isinstance(effect, StartSpec) else f"{where}.start"
    if effect.link and references.known(effect.link, references.links, "unknown_link", f"{where}.link"):
        references.known(effect.procedure, references.links[effect.link].to, "link_leads_elsewhere", at)
    of = effect.of if isinstance(effect, StartEach) else ""
    names = item_names(references, of)
    for name, text in effect.values.items():
        references.computed(text, f"{where}.with.{name}", names, key_of(effect, text))
    if effect.when:
        references.computed(effect.when, f"{where}.when", names, key_of(effect, effect.when))


def _check_each(effect: StartEach, where: str, references: References) -> None:
    if references.field(effect.of, f"{where}.of", "table"):
        references.shown(effect.of, f"{where}.of")
        check_start(effect, where, references)
    link = references.links.get(effect.link)
    if link is not None and not link.many:
        references.problems.add("link_of_one", f"{where}.link", "a kind of link with many: true", effect.link)


def key_of(effect: StartSpec | StartEach, text: str) -> str:
    """Under which key a machine keeps an expression of an effect: the same text means another over another table."""
    return f"{effect.of if isinstance(effect, StartEach) else ''}>{text}"


def item_names(references: References, table: str) -> Mapping[str, ValueType]:
    """The columns of a table as expressions read them: `item.column`."""
    field = references.fields.get(table)
    return {f"{ITEM}.{column.id}": field_type(column) for column in field.columns} if field else {}
