"""Reads the definitions from disk: folders of YAML → texts by path, as the loader takes them."""

from __future__ import annotations

from pathlib import Path

from engine.errors import DefinitionError, Place

#: More than any jurisdiction has; who mistakes a home folder for workflows/ is told so at once.
MOST_FILES = 5_000


def read_texts(folder: Path) -> dict[str, str]:
    """The YAML files below a folder, by path within it ("library/x.yaml"); DefinitionError where one is not UTF-8."""
    texts: dict[str, str] = {}
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        if len(texts) >= MOST_FILES:
            place = Place(file=name, line=1, column=1, path="")
            raise DefinitionError(
                "too_many_files", place=place, expected=f"at most {MOST_FILES} files", got=str(folder)
            )
        try:
            texts[name] = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            place = Place(file=name, line=1, column=1, path="")
            raise DefinitionError("not_utf8", place=place, expected="UTF-8", got=f"byte {error.start}") from error
    return texts
