"""Hidden cases in registers: they lie nowhere and concern nobody, and stand there for those alone who may see them."""

from __future__ import annotations

from datetime import date

from engine.core.case import Case
from engine.core.facts import Facts
from engine.core.machine import Machine
from engine.core.seals import entrusted, is_hidden_from
from engine.store.records import LONGEST_FILTER, SEALED

Values = dict[str, tuple[str, ...]]


def readers_of(machine: Machine, case: Case, facts: Facts, day: date) -> tuple[str, ...]:
    """Who may find a case in registers while it is hidden, besides the holders of its tasks; () = it is not hidden."""
    if not case.sealed:
        return ()
    persons = sorted(entrusted(machine, case, facts, day))
    return tuple(one for one in persons if not is_hidden_from(machine, case, facts, one, day))


def named_in_registers(case: Case) -> dict[str, str]:
    """Where a case lies and whom it concerns, as registers may say it."""
    if case.sealed:
        return dict.fromkeys(("region", "unit", "place", "industry", "title"), "")
    return {
        "region": case.region,
        "unit": case.unit,
        "place": case.place,
        "industry": case.industry,
        "title": case.title,
    }


def hidden_values(before: Case | None, after: Case, values: Values, whole: Values, readers: tuple[str, ...]) -> Values:
    """What a case is found by: while it is hidden its readers alone, from its opening on all that is declared.

    `values` are those that changed, `whole` all that the case has.
    """
    if after.sealed:
        return {SEALED: tuple(one[:LONGEST_FILTER] for one in readers)}
    if before is not None and before.sealed:
        return {SEALED: (), **whole}
    return values
