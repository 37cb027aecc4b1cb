"""Finds what the documents name — paths, links, commands — and says which of it does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)")
_TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
_FILE = re.compile(r"[\w./*-]+\.(?:py|md|yaml|toml|lock|txt|html|css|js|json|ini)")
_FOLDERED = re.compile(r"\.?[A-Za-z][\w.*-]*(?:/[\w.*-]+)*/?")
SHELL = {"", "sh", "bash", "console", "shell"}


def documents(root: Path) -> list[Path]:
    """The documents whose word counts: the READMEs, CONTRIBUTING and everything in docs/."""
    return sorted([*root.glob("README*.md"), root / "CONTRIBUTING.md", *(root / "docs").rglob("*.md")])


def paths_named(text: str) -> list[str]:
    """Paths in backticks or links; placeholders, URLs and routes are not paths."""
    spans = _CODE.findall(_FENCE.sub("", text))
    links = [link for link in _LINK.findall(text) if "://" not in link and not link.startswith("mailto:")]
    return [span for span in spans if _is_path(span)] + links


def _is_path(span: str) -> bool:
    foldered = "/" in span and bool(_FOLDERED.fullmatch(span)) and not re.search(r"[A-Z]{4,}\.", span)
    return foldered or bool(_FILE.fullmatch(span))


def commands_named(text: str) -> list[list[str]]:
    """Command lines in fenced blocks of shell and in backticks that start with make, zhiben or python -m."""
    fenced = [line for kind, body in _FENCE.findall(text) if kind in SHELL for line in body.splitlines()]
    lines = [*fenced, *_CODE.findall(_FENCE.sub("", text))]
    return [spelled for line in lines if (command := _command(line)) for spelled in alternatives(command)]


def _command(line: str) -> list[str]:
    words = line.split(" #")[0].strip().removeprefix("$ ").split()
    if words:
        words[0] = words[0].removeprefix(".venv/bin/")
    if len(words) > 1 and words[0] in {"make", "zhiben"} and words[1] != ">":  # an order of layers
        return words
    return words if words[:2] == ["python", "-m"] else []


def missing_paths(root: Path, document: Path) -> list[str]:
    """Paths the document names that lie neither under the repository nor beside the document."""
    named = paths_named(document.read_text(encoding="utf-8"))
    return [path for path in named if not (_exists(root, path) or _exists(document.parent, path))]


def _exists(base: Path, path: str) -> bool:
    return any(base.glob(path.rstrip("/"))) if "*" in path else (base / path).exists()


def unknown_commands(root: Path, document: Path, zhiben: click.Command) -> list[str]:
    """Commands the document names that Makefile, command line or packages do not have."""
    targets = set(_TARGET.findall((root / "Makefile").read_text(encoding="utf-8")))
    return [
        " ".join(command)
        for command in commands_named(document.read_text(encoding="utf-8"))
        if not _known(root, command, targets, zhiben)
    ]


def _known(root: Path, command: list[str], targets: set[str], zhiben: click.Command) -> bool:
    match command:
        case ["make", *asked]:
            return all(word in targets for word in asked if "=" not in word and not word.startswith("-"))
        case ["zhiben", *words]:
            return _leads_somewhere(zhiben, words)
        case ["python", "-m", module, *_]:
            place = root / module.replace(".", "/")
            return module in {"pytest", "venv", "pip"} or place.is_dir() or place.with_suffix(".py").is_file()
        case _:
            return False


def _leads_somewhere(command: click.Command, words: list[str]) -> bool:
    """Whether the words lead through groups to a command; every option among them must be one of its options."""
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    options |= {"--help"}
    for at, word in enumerate(words):
        if word.startswith("-"):
            if word.split("=")[0] not in options:
                return False
        elif isinstance(command, click.Group):
            found = command.get_command(click.Context(command), word)
            return found is not None and _leads_somewhere(found, words[at + 1 :])
    return True


def alternatives(words: list[str]) -> Iterator[list[str]]:
    """Spell out `serve|worker` as two commands."""
    for at, word in enumerate(words):
        if "|" in word:
            for one in word.split("|"):
                yield from alternatives([*words[:at], one, *words[at + 1 :]])
            return
    yield words
