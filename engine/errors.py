"""The error tree: every error carries a code and data; sentences for people are rendered at the edges.

ZhibenError
├── DefinitionError      a file of workflows/ says something the language does not mean (file, line, path)
├── BadInput             a value from outside is not what was asked for (field, row, column)
├── Refusal              the command is well formed, but may not be carried out
│   ├── NotPermitted     the actor may not do this here
│   ├── NotFound         there is nothing of that id that the actor may see (absent and hidden look the same)
│   ├── Stale            the actor saw something that has changed since
│   └── Conflict         the same id was used for something else, or the case forbids it now
├── ExpressionError      a guard or computed value has no value here: deny, and an incident
├── Busy                 try again later; nothing was written
└── Broken               an invariant does not hold: an incident, never a user's fault
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class ZhibenError(Exception):
    """Base of all errors raised on purpose; `code` selects the sentence, `data` fills it."""

    def __init__(self, code: str, /, **data: Any) -> None:
        super().__init__(code, data)
        self.code = code
        self.data = data

    def __str__(self) -> str:
        told = " ".join(f"{key}={value!r}" for key, value in self.data.items())
        return f"{self.code}: {told}" if told else self.code


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in a definition something stands; line and column count from 1, path is dotted."""

    file: str
    line: int
    column: int
    path: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.path}".rstrip()


class DefinitionError(ZhibenError):
    """A definition that cannot be used; `place` says where, `expected` and `got` what was wrong."""

    def __init__(
        self, code: str, /, *, place: Place | None = None, expected: str = "", got: object = None, **data: Any
    ) -> None:
        super().__init__(code, expected=expected, got=got, **data)
        self.place = place
        self.expected = expected
        self.got = got

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.code}: expected {self.expected}, got {self.got!r}"


class DefinitionErrors(ZhibenError):
    """All that is wrong with a set of definitions, in the order of files and lines."""

    def __init__(self, problems: list[DefinitionError]) -> None:
        super().__init__("definitions_refused", count=len(problems))
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class BadInput(ZhibenError):
    """A value from outside that cannot be read; `field` names it as its sender knows it."""

    def __init__(self, code: str, /, *, field: str = "", **data: Any) -> None:
        super().__init__(code, field=field, **data)
        self.field = field


class Refusal(ZhibenError):
    """A well-formed command that may not be carried out; nothing was written."""


class NotPermitted(Refusal):
    """The actor may see this, but not do it."""


class NotFound(Refusal):
    """Absent, or not for this actor to see: both look the same."""


class Stale(Refusal):
    """What the actor saw has changed since; what they typed is kept by the caller."""


class Conflict(Refusal):
    """The same id was used for something else, or the present state forbids it."""


class ExpressionError(ZhibenError):
    """An expression that cannot be computed in this scope: whoever asked denies; data holds the text, never values."""


class Busy(ZhibenError):
    """The system cannot take more work now; nothing was written, the caller may retry."""


class Broken(ZhibenError):
    """An invariant does not hold; it becomes an incident."""
