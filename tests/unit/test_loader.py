"""Definitions are refused with file, line, path and expectation; nothing of them is guessed."""

from __future__ import annotations

import random
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.core.loader import layer_of, load_library
from engine.core.yaml_source import read
from engine.errors import DefinitionError
from engine.proof.check import Finding, findings
from engine.runtime.definitions import read_texts

FAULTY = Path(__file__).with_name("faulty")
BASE = read_texts(FAULTY / "base")
CASES: list[dict[str, Any]] = read((FAULTY / "cases.yaml").read_text(encoding="utf-8"), file="cases.yaml")[0].plain()[
    "cases"
]


def said(finding: Finding) -> str:
    nearest = finding.data.get("nearest")
    hint = f" (nearest: {nearest})" if nearest else ""
    return f"{finding.place} {finding.code}: expected {finding.data['expected']}, got {finding.data['got']}{hint}"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_fault_is_told_with_file_line_path_and_expectation(case: dict[str, Any]) -> None:
    text = BASE[case["file"]]
    assert text.count(case["old"]) == 1

    library = load_library(BASE | {case["file"]: text.replace(case["old"], case["new"])})

    assert [said(one) for one in findings(library) if one.level == "error"] == case["says"]


def test_sound_definitions_have_no_errors_and_what_they_leave_open_is_told_with_its_clause() -> None:
    found = findings(load_library(BASE))

    assert [(one.level, str(one.place), one.code, one.data["clause"], one.data["says"]) for one in found] == [
        ("open", "plans/north/plan.yaml:12 open.leak.look_within", "still_open", "第三条", "尽快"),
        ("open", "plans/north/plan.yaml:13 open.push.push_at", "still_open", "第三条", "适时"),
    ]


def test_clauses_that_have_ended_are_noticed_on_the_day_after() -> None:
    library = load_library(BASE)

    assert [one.data for one in findings(library, today=date(2025, 12, 31)) if one.level == "notice"] == []
    assert [one.data for one in findings(library, today=date(2026, 1, 1)) if one.level == "notice"] == [
        {"clause": "north.2"}
    ]


def test_every_document_is_known_by_kind_id_and_layer() -> None:
    library = load_library(BASE)

    assert [(one.kind, one.id, one.layer) for one in library.documents] == [
        ("procedure", "leak", "library"),
        ("ladder", "push", "library"),
        ("texts", "", "library"),
        ("roles", "", "library"),
        ("basis", "", "library"),
        ("place", "mill", "plans/mill"),
        ("directory", "mill", "plans/mill"),
        ("scenario", "无人查看", "plans/mill"),
        ("plan", "north", "plans/north"),
        ("basis", "", "plans/north"),
    ]


def test_all_that_is_wrong_in_several_files_is_told_at_once() -> None:
    texts = BASE | {"library/a.yaml": "tower: x\n", "library/b.yaml": "a: [\n", "library/c.yaml": "plan: x\n"}

    problems = load_library(texts).problems

    assert [(one.place.file, one.code) for one in problems if one.place] == [
        ("library/a.yaml", "unknown_kind"),
        ("library/b.yaml", "broken_yaml"),
        ("library/c.yaml", "missing_key"),
        ("library/c.yaml", "missing_key"),
        ("library/c.yaml", "missing_key"),
    ]


def test_calendars_import_mappings_and_schemas_are_left_to_their_readers() -> None:
    texts = {
        "library/calendars/cn/2026.yaml": "year: 2026\n",
        "library/imports/x.yaml": "import: x\n",
        "README.md": "x",
    }

    library = load_library(texts)

    assert (library.documents, library.problems) == ((), ())


@pytest.mark.parametrize(
    ("file", "layer"),
    [
        ("library/x/y.yaml", "library"),
        ("plans/north/plan.yaml", "plans/north"),
        ("plans/north/ladders/slow.yaml", "plans/north"),
        ("plans/loose.yaml", "library"),
    ],
)
def test_the_layer_of_a_file_is_its_folder(file: str, layer: str) -> None:
    assert layer_of(file) == layer


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "a.yaml").write_bytes("basis: 依据".encode("gb18030"))

    with pytest.raises(DefinitionError) as caught:
        read_texts(tmp_path)

    assert (caught.value.code, str(caught.value.place)) == ("not_utf8", "library/a.yaml:1")


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_typed_is_refused_at_a_place_and_never_breaks_the_check(seed: int) -> None:
    draw = random.Random(seed)
    words = sorted({word for text in BASE.values() for word in re.findall(r"[\w$./]+", text)} | {"null", "[]", "-1"})

    for _ in range(20):
        file = draw.choice(sorted(BASE))
        found = draw.choice(list(re.finditer(r"[\w$./]+", BASE[file])))
        text = BASE[file][: found.start()] + draw.choice(words) + BASE[file][found.end() :]
        problems = findings(load_library(BASE | {file: text}))

        assert [one for one in problems if one.place is None] == []
