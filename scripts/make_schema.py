"""Writes the JSON Schemas of the documents in `workflows/`, for editors; titles are Chinese.

Run as `python -m scripts.make_schema`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.core.language.documents import DOCUMENTS
from engine.core.yaml_source import read

TITLES = Path(__file__).with_name("schema_titles.yaml")
FOLDER = Path(__file__).parent.parent / "workflows" / "schema"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, str]:
    """File name → text: one schema for each kind of document, and `document.json` for any of them."""
    (titles,) = read(TITLES.read_text(encoding="utf-8"), file=TITLES.name)
    kinds, words = titles.plain()["kinds"], titles.plain()["words"]
    made: dict[str, str] = {}
    for kind, model in DOCUMENTS.items():
        schema = model.model_json_schema(by_alias=True)
        for part in (schema, *schema.get("$defs", {}).values()):
            _titled(part, words)
        made[f"{kind}.json"] = _written({"$schema": DIALECT, **schema, "title": kinds[kind]})
    any_of = [{"$ref": f"{kind}.json"} for kind in DOCUMENTS]
    made["document.json"] = _written({"$schema": DIALECT, "type": "object", "oneOf": any_of})
    return made


def _titled(part: dict[str, Any], words: Mapping[str, str]) -> None:
    """Give every key its title and drop the docstrings, which are for engineers."""
    part.pop("title", None)
    part.pop("description", None)
    for name, value in part.get("properties", {}).items():
        part["properties"][name] = {**value, "title": words[name]}


def _written(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write all schemas."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(FOLDER.name + "/" + name)


if __name__ == "__main__":
    main()
