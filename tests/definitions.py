"""The definitions under test: the repository's own, or a copy in which every id is another word.

`python -m tests.renamed` makes such a copy and says so in the environment: ZHIBEN_WORKFLOWS is its folder, as for the
application itself, ZHIBEN_NAMES a JSON file of old id -> new id. A test that uses an id of `workflows/` asks `name`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from zhiben.settings import Settings

NAMES = "ZHIBEN_NAMES"
_WORD = re.compile(r"[^./]+")


def workflows() -> Path:
    """The folder of the definitions under test."""
    return Settings().workflows


@cache
def renamed() -> Mapping[str, str]:
    """Id of the repository's definitions -> id in use, for every id; {} where nothing is renamed."""
    told = os.environ.get(NAMES)
    return json.loads(Path(told).read_text(encoding="utf-8")) if told else {}


def name(word: str) -> str:
    """The id in use for an id of the repository's definitions, also for several joined by dots or slashes.

    KeyError for what is no id, if anything is renamed at all.
    """
    names = renamed()
    if not names or word in names:
        return names.get(word, word)
    return _WORD.sub(lambda found: names[found[0]], word)


def named(**values: Any) -> dict[str, Any]:
    """A form: values by the ids in use for these fields."""
    return {name(field): value for field, value in values.items()}
