"""Every path and command the documents name exists."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from tests.checks.documents import commands_named, documents, missing_paths, paths_named, unknown_commands

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = documents(ROOT)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_a_document_names_exists(root: Path, document: Path) -> None:
    assert missing_paths(root, document) == []


def test_every_command_the_documents_name_exists(root: Path) -> None:
    from zhiben.cli import main

    assert {path.name: unknown for path in DOCUMENTS if (unknown := unknown_commands(root, path, main))} == {}


def test_both_readmes_name_the_same_paths_and_commands(root: Path) -> None:
    english, chinese = ((root / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))

    assert set(paths_named(chinese)) - {"README.md"} == set(paths_named(english)) - {"README.zh-CN.md"}
    assert commands_named(chinese) == commands_named(english)


def test_paths_and_commands_are_found_in_backticks_links_and_blocks() -> None:
    text = """
See `engine/core/`, `Makefile`, `docs/a.md`, [the guide](docs/guide/b.md) and <https://example.org/x>.
Not paths: `case`, `/api/v1/cases`, `FILE.xlsx`, `decide(procedure, case)`, `{year}/{seq}`.
Run `make test`, `zhiben serve|worker` or:
```sh
$ make demo   # a story
.venv/bin/zhiben import units FILE.xlsx
python -m bench F1
ls
```
```yaml
states: `a/b`
```
"""

    assert paths_named(text) == ["engine/core/", "docs/a.md", "docs/guide/b.md"]
    assert commands_named(text) == [
        ["make", "demo"],
        ["zhiben", "import", "units", "FILE.xlsx"],
        ["python", "-m", "bench", "F1"],
        ["make", "test"],
        ["zhiben", "serve"],
        ["zhiben", "worker"],
    ]


def test_what_a_document_names_and_nobody_has_is_listed(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("test: setup\n", encoding="utf-8")
    (tmp_path / "engine").mkdir()
    document = tmp_path / "docs" / "a.md"
    document.parent.mkdir()
    document.write_text(
        "`engine/` `engine/gone.py` `docs/a.md` `a.md` `*/b.md` `make test` `make tea` `zhiben import units X` "
        "`zhiben import cats` `zhiben import units --dry-run` `zhiben import units --wet` `zhiben fly`",
        encoding="utf-8",
    )

    @click.group()
    def program() -> None: ...

    @program.group(name="import")
    def import_group() -> None: ...

    @import_group.command()
    @click.argument("file")
    @click.option("--dry-run", is_flag=True)
    def units(file: str, dry_run: bool) -> None: ...

    assert missing_paths(tmp_path, document) == ["engine/gone.py", "*/b.md"]
    assert unknown_commands(tmp_path, document, program) == [
        "make tea",
        "zhiben import cats",
        "zhiben import units --wet",
        "zhiben fly",
    ]
