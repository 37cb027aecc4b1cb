"""The address of a register: everything that is chosen stands in it, so that it can be kept and passed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from engine.runtime.registers import RegisterAsk

#: Words of an address that name no filter.
OWN = ("q", "sort", "after", "before")


@dataclass(frozen=True, kw_only=True)
class RegisterAddress:
    """One register with filters, words, an order and a place in its pages."""

    register: str
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    q: str = ""
    #: column; "" = as the register says
    sort: str = ""
    down: bool = False
    after: str = ""
    before: str = ""

    @property
    def path(self) -> str:
        """The address without what is chosen."""
        return f"/registers/{self.register}"

    @property
    def query(self) -> str:
        """What follows ?, "" where nothing is chosen."""
        return urlencode(self.pairs())

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values, those of filters first."""
        told = [(name, value) for name, values in self.filters.items() for value in values if value]
        told += [("q", self.q)] if self.q else []
        told += [("sort", f"-{self.sort}" if self.down else self.sort)] if self.sort else []
        told += [("after", self.after)] if self.after else []
        return told + ([("before", self.before)] if self.before else [])

    def __str__(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    def at_first(self) -> RegisterAddress:
        """The first page."""
        return replace(self, after="", before="")

    def chosen(self, name: str, *values: str) -> RegisterAddress:
        """With that filter in place of whatever it was; without values it is taken away."""
        rest = {one: told for one, told in self.filters.items() if one != name}
        return replace(self.at_first(), filters={**rest, name: values} if values else rest)

    def toggled(self, name: str, value: str) -> RegisterAddress:
        """With that value added to the filter, or taken from it."""
        now = [one for one in self.filters.get(name, ()) if one]
        return self.chosen(name, *([one for one in now if one != value] if value in now else [*now, value]))

    def by(self, sort: str, *, down: bool) -> RegisterAddress:
        """In another order."""
        return replace(self.at_first(), sort=sort, down=down)

    def ask(self, limit: int = 50) -> RegisterAsk:
        """What the reader is asked."""
        return RegisterAsk(
            filters=self.filters,
            text=self.q,
            sort=self.sort,
            down=self.down,
            after=self.after,
            before=self.before,
            limit=limit,
        )


def address_of(register: str, query: QueryParams) -> RegisterAddress:
    """The address that a browser asks for; days told by two inputs are one filter."""
    filters: dict[str, list[str]] = {}
    days: dict[str, dict[str, str]] = {}
    for name, value in query.multi_items():
        if name in OWN or not value:
            continue
        field_name, dot, end = name.rpartition(".")
        if dot and end in ("from", "to"):
            days.setdefault(field_name, {})[end] = value
        else:
            filters.setdefault(name, []).append(value)
    for name, told in days.items():
        filters[name] = [f"{told.get('from', '')}..{told.get('to', '')}"]
    sort = query.get("sort", "")
    return RegisterAddress(
        register=register,
        filters={name: tuple(values) for name, values in filters.items()},
        q=query.get("q", "").strip(),
        sort=sort.removeprefix("-"),
        down=sort.startswith("-"),
        after=query.get("after", ""),
        before=query.get("before", ""),
    )
