"""What is committed works on any machine, and `workflows/` holds data only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.checks.sources import repository_files

MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|farm|tmp|root|home|Users|mnt)/[A-Za-z]|\b[A-Z]:\\\\[A-Za-z]")
REGISTRY = re.compile(
    r"pypi\.org|python[h]osted|registry\.npm|npm[m]irror|mirrors\.\w+\.(?:com|cn|edu)|--(?:extra-)?index-url"
)
DATA = {".yaml", ".md", ".csv", ".json"}
LONGEST_SOURCE = 400


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("data = '/" + "tmp/x'", True),
        ("see /" + "work/main", True),
        ("https://pypi" + ".org/simple", True),
        ("url: https://registry" + ".npmjs.org", True),
        ("tests/" + "work/a.py and docs/" + "home/x", False),
        ("GET /api/v1/cases", False),
    ],
)
def test_the_patterns_know_a_machine_and_a_registry_when_they_see_one(line: str, found: bool) -> None:
    assert bool(MACHINE_PATH.search(line) or REGISTRY.search(line)) is found


def test_nothing_names_a_path_of_one_machine_or_the_host_of_a_registry(root: Path) -> None:
    named = [
        f"{path.relative_to(root)}:{number} {line.strip()[:80]}"
        for path, text in _texts(root)
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE_PATH.search(line) or REGISTRY.search(line)
    ]

    assert named == []


def test_every_locked_requirement_carries_its_hashes(root: Path) -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (root / name).read_text(encoding="utf-8").replace("\\\n", " ")
        pinned = [line for line in text.splitlines() if line.strip()]

        assert [line[:60] for line in pinned if "==" not in line or "--hash=sha256:" not in line] == []


def test_the_lock_of_the_product_is_part_of_the_lock_of_its_makers(root: Path) -> None:
    product, makers = (_pins(root / name) for name in ("requirements.lock", "requirements-dev.lock"))

    assert sorted(product - makers) == []


def test_workflows_hold_data_only(root: Path) -> None:
    assert [str(path) for path in (root / "workflows").rglob("*") if path.is_file() and path.suffix not in DATA] == []


def test_every_yaml_is_read_the_same_by_everybody(root: Path) -> None:
    troubles = [
        f"{path.relative_to(root)} {trouble}"
        for path in repository_files(root)
        if path.suffix in {".yaml", ".yml"} and path.is_relative_to(root / "workflows")
        for trouble in _yaml_troubles(path)
    ]

    assert troubles == []


def test_a_yaml_with_duplicate_keys_or_other_line_ends_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes("\ufeffa: 1\r\nb: {c: 1, c: 2}\n".encode())

    assert list(_yaml_troubles(path)) == [
        "is not named .yaml",
        "has a byte order mark",
        "has CR line ends",
        "2 c twice",
    ]


def test_every_module_says_in_a_sentence_what_it_is(root: Path) -> None:
    silent = [
        str(path.relative_to(root))
        for path in repository_files(root)
        if path.suffix == ".py" and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert silent == []


def test_no_source_file_grows_past_what_one_reads_in_a_sitting(root: Path) -> None:
    long = {
        str(path.relative_to(root)): count
        for path in repository_files(root)
        if path.suffix == ".py" and (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_SOURCE
    }

    assert long == {}


def _texts(root: Path) -> Iterator[tuple[Path, str]]:
    for path in repository_files(root):
        held = path.read_bytes()
        if b"\0" not in held[:4096]:
            yield path, held.decode("utf-8", errors="replace")


def _pins(path: Path) -> set[str]:
    return {
        line.split(";")[0].split("\\")[0].strip()
        for line in path.read_text(encoding="utf-8").splitlines()
        if "==" in line
    }


def _yaml_troubles(path: Path) -> Iterator[str]:
    text = path.read_bytes().decode("utf-8")
    if path.suffix != ".yaml":
        yield "is not named .yaml"
    if text.startswith("\ufeff"):
        yield "has a byte order mark"
    if "\r" in text:
        yield "has CR line ends"
    for document in yaml.compose_all(text.lstrip("\ufeff"), Loader=yaml.BaseLoader):
        yield from _twice(document)


def _twice(node: yaml.Node | None) -> Iterator[str]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                yield f"{key.start_mark.line + 1} {key.value} twice"
            seen.add(str(key.value))
            yield from _twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _twice(item)
