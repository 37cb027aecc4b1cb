"""The engine runs definitions whose every id is another word."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.compiler import version_of
from engine.core.language import named
from engine.core.language.documents import DOCUMENTS
from engine.core.language.names import Defines
from engine.core.loader import load_library
from engine.core.prepare import machines
from engine.core.resolve import resolve
from engine.proof.check import findings
from engine.proof.scenarios import run_scenarios
from engine.runtime.calendars import load_calendars
from engine.runtime.definitions import read_texts
from tests.renaming import rename_workflows


def defined(folder: Path) -> set[tuple[str, str]]:
    """Every id given in a folder, with its kind."""
    return {
        (mark.kind, text)
        for document in load_library(read_texts(folder)).documents
        for text, _, mark in named.occurrences(document.node, DOCUMENTS[document.kind])
        if isinstance(mark, Defines)
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_id_of_the_definitions_is_renamed_and_they_are_as_sound_as_before(
    seed: int, root: Path, tmp_path: Path
) -> None:
    names = rename_workflows(root / "workflows", tmp_path / "renamed", seed)

    before, after = defined(root / "workflows"), defined(tmp_path / "renamed")
    assert {(kind, names[text]) for kind, text in before} == after
    assert not {text for _, text in before} & {text for _, text in after}
    found = findings(load_library(read_texts(tmp_path / "renamed")))
    assert [str(one.place) + one.code for one in found if one.level == "error"] == []


def test_a_renamed_procedure_moves_as_before(root: Path, tmp_path: Path) -> None:
    names = rename_workflows(root / "workflows", tmp_path / "renamed", 7)
    old, new = (load_library(read_texts(folder)) for folder in (root / "workflows", tmp_path / "renamed"))

    for place in old.places:
        first, second = machines(resolve(old, place)), machines(resolve(new, names[place]))
        for procedure, machine in first.items():
            other = second[names[procedure]]
            assert other.version != machine.version == version_of(machine.procedure)
            assert [len(branches) for branches in other.moves.values()] == [
                len(branches) for branches in machine.moves.values()
            ]
            assert [".".join(names[part] for part in path.split(".")) for path in machine.states] == list(other.states)
            assert [state.title for state in machine.procedure.states] == [
                state.title for state in other.procedure.states
            ]


def test_the_scenarios_of_renamed_definitions_hold(root: Path, tmp_path: Path) -> None:
    rename_workflows(root / "workflows", tmp_path / "renamed", 11)
    library = load_library(read_texts(tmp_path / "renamed"))
    calendar = load_calendars(root / "workflows" / "library" / "calendars")["cn"]

    results = [one for place in library.places for one in run_scenarios(resolve(library, place), calendar)]

    assert [(one.scenario, one.differences) for one in results if one.differences] == []
    assert len(results) == len(library.of_kind("scenario"))
