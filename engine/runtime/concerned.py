"""Whom a case concerns besides those who see its region or hold a task of it: who reported it, who was sent a copy."""

from __future__ import annotations

from engine.core.case import Case
from engine.core.directory import Directory
from engine.core.machine import Machine
from engine.core.parties import signatories
from engine.store.records import CONCERNED, COPIED, LONGEST_FILTER


def concerned_by(machine: Machine, case: Case, directory: Directory) -> tuple[str, ...]:
    """Who may see a case because it concerns them; nobody while it is hidden.

    Who started it is left out where a report may be confidential: no list but the record itself then says who it was.
    Persons whom the directory does not know see nothing of their own accord.
    """
    if case.sealed:
        return ()
    started = () if keeps_reporters_secret(machine) else signatories(case, machine.starts)
    persons = dict.fromkeys((*started, *(one.person for one in case.copies)))
    return tuple(one for one in persons if len(one) <= LONGEST_FILTER and directory.known(one))


def concerned_change(
    machine: Machine, before: Case | None, after: Case, directory: Directory
) -> dict[str, tuple[str, ...]]:
    """The marks by which those whom a case concerns find it, and whoever has yet to read it; where they may change."""
    if before is not None and (before.copies, before.sealed) == (after.copies, after.sealed):
        return {}
    found = concerned_by(machine, after, directory)
    told = {CONCERNED: found} if found or before is not None else {}
    if after.copies:
        told[COPIED] = tuple(one.person for one in after.copies if one.read_at is None and one.person in found)
    return told


def keeps_reporters_secret(machine: Machine) -> bool:
    """Whether somebody may tell in a start who they are, for the eyes of a few."""
    named = {item.field for start in machine.starts.values() for item in start.form}
    return any(spec.personal and spec.confidential for name, spec in machine.fields.items() if name in named)
