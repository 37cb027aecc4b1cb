"""Every sentence that a page asks for by its whole code stands in the catalogues."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from web.catalogues import sentence_of

_SAID = re.compile(r"\bsay\('([a-z0-9_.]+)'(?=[,)])")


def _asked(root: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((root / "web" / "templates").rglob("*.html")):
        for code in _SAID.findall(path.read_text(encoding="utf-8")):
            yield str(path.relative_to(root)), code
    for path in sorted((root / "web").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="say"), args=[ast.Constant(value=str(code)), *_]):
                    yield str(path.relative_to(root)), code
                case _:
                    pass


def test_the_pattern_finds_codes_and_leaves_what_is_put_together() -> None:
    assert _SAID.findall("{{ say('a.b') }} {{ say('c', n=1) }} {{ say('d.' ~ e) }}") == ["a.b", "c"]


def test_no_page_asks_for_a_sentence_that_nobody_wrote(root: Path) -> None:
    asked = list(_asked(root))

    assert len(asked) > 100
    assert [f"{file} {code}" for file, code in asked if sentence_of(code) is None] == []
