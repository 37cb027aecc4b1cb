"""What the parts of a session share: how they run a statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import CursorResult

T = TypeVar("T")

#: Runs a statement of SQLAlchemy, with a row or rows of parameters, in the transaction of the part's session.
Run = Callable[..., CursorResult[*tuple[Any, ...]]]
#: The dialect's insert, which knows ON CONFLICT.
Insert = Callable[[Any], Any]

#: Values in one IN (...): SQLite takes 32766, plans stay small with fewer.
_MOST = 500


def slices(values: Iterable[T]) -> Iterator[Sequence[T]]:
    """The values without repeats, in pieces that one statement takes."""
    unique = list(dict.fromkeys(values))
    for start in range(0, len(unique), _MOST):
        yield unique[start : start + _MOST]
