"""Reads the sources of the repository as the checks need them: files, words, literals."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHINESE = re.compile(r"[㐀-䶿一-鿿豈-﫿　-〃「-』，；：？！（）]")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(frozen=True, kw_only=True)
class Said:
    """One thing a source says: a name, a literal or a stretch of text, and its line (from 1)."""

    line: int
    text: str
    literal: bool


def repository_files(root: Path) -> list[Path]:
    """Every file that is, or would be, in a commit."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
    ).stdout.decode()
    return sorted(path for name in listed.split("\0") if name and (path := root / name).is_file())


def words(text: str) -> list[str]:
    """The words of a text or a name, lower case: `TipOffs_by_2` gives tip, offs, by."""
    return [word.lower() for word in _WORD.findall(text)]


def said_by_python(source: str) -> Iterator[Said]:
    """Names and literals of a Python source; comments and docstrings say nothing."""
    tree = ast.parse(source)
    silent = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 1)
        match node:
            case ast.Constant(value=str(text)) if id(node) not in silent:
                yield Said(line=line, text=text, literal=True)
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield Said(line=line, text=name, literal=False)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield Said(line=line, text=name, literal=False)
            case ast.alias(name=name, asname=other):
                yield Said(line=line, text=f"{name} {other or ''}", literal=False)
            case ast.keyword(arg=str(name)):
                yield Said(line=line, text=name, literal=False)
            case _:
                pass


_COMMENTS = {
    ".html": r"\{#.*?#\}|<!--.*?-->",
    ".jinja": r"\{#.*?#\}|<!--.*?-->",
    ".js": r"/\*.*?\*/|(?<!:)//[^\n]*",
    ".css": r"/\*.*?\*/",
    ".sql": r"/\*.*?\*/|--[^\n]*",
    ".mako": r"##[^\n]*|<%doc>.*?</%doc>",
    ".yaml": r"(?m:(?:^|\s)#[^\n]*)",
    ".toml": r"(?m:(?:^|\s)#[^\n]*)",
    ".ini": r"(?m:^\s*[#;][^\n]*)",
    ".json": r"(?!)",
}


def said_by_text(source: str, suffix: str) -> Iterator[Said]:
    """The lines of a template, script or data file, without its comments; unknown kinds say nothing."""
    pattern = _COMMENTS.get(suffix)
    if pattern is None:
        return
    kept = re.sub(pattern, lambda found: "\n" * found.group().count("\n"), source, flags=re.DOTALL)
    for line, text in enumerate(kept.splitlines(), start=1):
        if text.strip():
            yield Said(line=line, text=text, literal=True)
