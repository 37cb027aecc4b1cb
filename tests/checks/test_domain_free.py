"""The engine knows no domain: neither its words, nor Chinese texts, nor ids of the definitions it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.domain_free import Slip, borrowed_ids, defined_ids, slips


def test_engine_adapters_and_web_say_no_word_of_the_domain(root: Path) -> None:
    assert [str(slip) for slip in slips(root)] == []


def test_engine_adapters_and_web_borrow_no_id_from_the_definitions(root: Path) -> None:
    assert [str(slip) for slip in borrowed_ids(root)] == []


@pytest.mark.parametrize(
    ("file", "source", "word"),
    [
        ("engine/core/case.py", "HazardCase = 1\n", "hazard*"),
        ("engine/core/case.py", "def f(case):\n    return case.rectify_by\n", "rectif*"),
        ("engine/runtime/worker.py", "KIND = f'{1} write-off'\n", "write_off"),
        ("adapters/files/local.py", "from x import y as township_files\n", "township*"),
        ("web/api/cases.py", "route = '/tip-offs'\n", "tip_off*"),
        ("web/api/cases.py", "call(supervisor=1)\n", "supervisor*"),
        ("web/templates/case.html", "<p>{{ case.inspector }}</p>\n", "inspector*"),
        ("engine/core/case.py", "TITLE = '已销号'\n", "已 in '已销号'"),
        ("web/templates/case.html", "<h1>隐患</h1>\n", "隐 in '<h1>隐患</h1>'"),
        ("web/static/app.js", "show('逾期')\n", "逾 in \"show('逾期')\""),
    ],
)
def test_a_planted_word_of_the_domain_is_found(tmp_path: Path, file: str, source: str, word: str) -> None:
    _plant(tmp_path, file, source)

    found = {(slip.file, slip.word) for slip in slips(tmp_path)}

    assert found == {(file, word)}


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("engine/core/case.py", '"""Hazards, 隐患, are known to definitions only."""\n'),
        ("engine/core/case.py", "x = 1  # 隐患: a hazard\n"),
        ("engine/core/links.py", "SUPERVISES = 'supervises'\nclass FireTimer: ...\n"),
        ("web/catalogues/pages.py", "TITLE = '我的工作'\n"),
        ("web/templates/case.html", "{# 隐患 #}\n<!-- hazard -->\n<p>{{ text('case') }}</p>\n"),
        ("zhiben/cli/main.py", "HAZARD = '隐患'\n"),
    ],
)
def test_comments_catalogues_capabilities_and_the_application_may_say_it(
    tmp_path: Path, file: str, source: str
) -> None:
    _plant(tmp_path, file, source)

    assert slips(tmp_path) == []


def test_ids_are_taken_from_every_map_of_a_definition() -> None:
    text = """
procedure: leak
roles: {keeper: 管理员}
fields: {depth_cm: {number: true}}
states:
  reported:
    title: 待核实
    actions:
      confirm: {to: mending}
      dismiss: {to: [closed]}
  mending: {regions: {pipes: {states: {dug: {}}}}}
---
ladder: slow
rungs: {letter: {at: deadline}}
"""

    assert defined_ids(text) == {
        *("leak", "keeper", "depth_cm", "reported", "confirm", "dismiss", "mending", "pipes", "dug", "slow", "letter")
    }


def test_an_id_of_a_definition_in_the_engine_is_found_also_inside_a_path(tmp_path: Path) -> None:
    _plant(tmp_path, "workflows/library/leak.yaml", "procedure: leak\nstates: {mending: {}, dug: {}, title: {}}\n")
    _plant(tmp_path, "engine/core/case.py", "A = 'mending'\nB = 'states.mending.within'\nC = 'dug'\nD = 'title'\n")

    assert borrowed_ids(tmp_path) == [
        Slip(file="engine/core/case.py", line=1, word="mending"),
        Slip(file="engine/core/case.py", line=2, word="states.mending.within"),
    ]


def _plant(root: Path, file: str, source: str) -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
