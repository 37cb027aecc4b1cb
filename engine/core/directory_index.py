"""Rows found by id and by what they name, immutable: a change costs as much as the change, not as all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")


class _Identified(Protocol):
    @property
    def id(self) -> str:
        """What the row is replaced by."""


R = TypeVar("R", bound=_Identified)
#: Changes that lie over a base before both become a new one: a change copies no more than these.
_MOST_OVER = 500


class Layers(Generic[T]):
    """A mapping that is never changed but put anew with some keys told otherwise, without copying all others."""

    __slots__ = ("_base", "_over")

    def __init__(self, base: Mapping[str, T], over: Mapping[str, T] | None = None) -> None:
        self._base = base
        self._over: Mapping[str, T] = over or {}

    def get(self, key: str) -> T | None:
        """What the key means, None if nothing."""
        found = self._over.get(key)
        return found if found is not None else self._base.get(key)

    def put(self, told: Mapping[str, T]) -> Layers[T]:
        """The mapping with these keys told so."""
        over = {**self._over, **told}
        return Layers({**self._base, **over}) if len(over) > _MOST_OVER else Layers(self._base, over)


def _id_of(row: _Identified) -> str:
    return row.id


class Index(Generic[R]):
    """Rows by id, and in groups by what `keys` say of them; a row of which a key says "" is in no group of it."""

    __slots__ = ("_groups", "_keys", "_order", "_rows")

    def __init__(
        self,
        rows: Iterable[R] = (),
        *,
        order: Callable[[R], Any] = _id_of,
        **keys: Callable[[R], str],
    ) -> None:
        by_id = {row.id: row for row in rows}
        listed = sorted(by_id.values(), key=order)
        self._order = order
        self._keys = keys
        self._rows = Layers(by_id)
        self._groups = {name: Layers(_grouped(listed, key)) for name, key in keys.items()}

    def get(self, row_id: str) -> R | None:
        """The row of that id."""
        return self._rows.get(row_id)

    def group(self, name: str, key: str) -> tuple[R, ...]:
        """The rows of which that key says so, in order."""
        return self._groups[name].get(key) or ()

    def put(self, rows: Iterable[R]) -> Index[R]:
        """The rows with these in place of those of the same ids."""
        told = {row.id: row for row in rows}
        if not told:
            return self
        made: Index[R] = Index((), order=self._order, **self._keys)
        made._rows = self._rows.put(told)
        made._groups = {name: self._regrouped(name, told) for name in self._keys}
        return made

    def _regrouped(self, name: str, told: Mapping[str, R]) -> Layers[tuple[R, ...]]:
        key, groups = self._keys[name], self._groups[name]
        changed: dict[str, list[R]] = {}
        for row in told.values():
            was = self._rows.get(row.id)
            for one in (row, was) if was is not None else (row,):
                if (label := key(one)) and label not in changed:
                    changed[label] = [other for other in groups.get(label) or () if other.id not in told]
        for row in told.values():
            if label := key(row):
                changed[label].append(row)
        return groups.put({label: tuple(sorted(some, key=self._order)) for label, some in changed.items()})


def _grouped(rows: Iterable[R], key: Callable[[R], str]) -> dict[str, tuple[R, ...]]:
    found: dict[str, list[R]] = {}
    for row in rows:
        if label := key(row):
            found.setdefault(label, []).append(row)
    return {label: tuple(some) for label, some in found.items()}
