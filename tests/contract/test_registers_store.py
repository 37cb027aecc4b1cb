"""A register shows the same cases, in the same order and numbers, whoever asks SQL or looks at every case itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.core.conditions import Condition, Either, Every, Found, Held, Range, Same, Under, holds
from engine.core.directory import Scope
from engine.errors import BadInput
from engine.store.records import ESCALATED, RegisterRow, Write
from engine.store.register_order import Order
from engine.store.schema import FOREVER
from engine.store.store import Store
from engine.store.tallies import Cell, key_of
from tests.writes import EVERYTHING, case, register, save, task, write

FIELDS = {"hazard": ("level", "urgent"), "other": ("level",)}
REGIONS = ("/c/east/", "/c/east/mill/", "/c/eastern/", "/c/west/")
SCOPES = (
    EVERYTHING,
    Scope(person="p", regions=("/c/east/",)),
    Scope(person="p", regions=("/c/east/", "/c/west/"), units=("u1",)),
    Scope(person="q", units=("u1",)),
    Scope(person="nobody"),
)
ORDERS = ("number", "opened", "due", "closed", "field:level", "field:by")


class One:
    """A case as a test knows it."""

    def __init__(self, name: str, row: RegisterRow, values: dict[str, tuple[str, ...]], holder: str) -> None:
        self.name, self.row, self.values, self.holder = name, row, values, holder

    def write(self, base: int = 0) -> Write:
        """The write that makes it so."""
        held = (task(self.name, 1, self.holder),) if self.holder else ()
        return write(case(self.name), base, register=self.row, values=self.values, open_tasks=held, counted=True,
                     end_tasks=() if held or not base else (1,))  # fmt: skip

    def known(self) -> dict[str, Any]:
        """Its columns, as conditions name them."""
        row = self.row
        known: dict[str, Any] = {
            name: getattr(row, name) for name in ("number", "procedure", "state", "region", "unit")
        }
        known |= {"industry": row.industry, "ended": row.closed, "expiries": row.expiries, "opened": row.opened_at}
        known |= {"due": row.due_at, "closed": row.closed_at}
        known |= {"open": str(not row.closed).lower(), "overdue": str(row.overdue).lower()}
        known |= {"escalated": str(bool(self.values.get(ESCALATED))).lower()}
        return known | {f"field:{name}": self.values.get(name, ()) for name in ("level", "urgent", "by", "subject")}

    def fits(self, wanted: Condition) -> bool:
        """Whether the condition holds, looked at without a database."""
        match wanted:
            case Held(person=person):
                return self.holder == person
            case Found(text=text, units=units):
                return text in self.row.number or text in self.row.title or self.row.unit in units
            case Every(parts=parts):
                return all(self.fits(part) for part in parts)
            case Either(parts=parts):
                return any(self.fits(part) for part in parts)
        answer = holds(wanted, self.known())
        assert answer is not None
        return answer

    def key(self, column: str) -> tuple[Any, ...]:
        """Where it stands in an order."""
        row = self.row
        due = FOREVER if row.due_at is None else row.due_at
        match column:
            case "due":
                return (1, row.closed_at, self.name) if row.closed else (0, due, self.name)
            case "closed":
                return (0, row.closed_at, self.name) if row.closed else (1, row.opened_at, self.name)
            case "number":
                return (0, row.number, self.name) if row.number else (1, row.opened_at, self.name)
            case "opened":
                return (0, row.opened_at, self.name)
        told = self.values.get(column[6:], ())
        return (0, told[0], self.name) if told else (1, row.opened_at, self.name)


@st.composite
def some_case(draw: st.DrawFn, name: str) -> One:
    closed = draw(st.sampled_from(("", "", "fixed", "false")))
    row = register(
        name,
        number=draw(st.sampled_from(("", f"N-{draw(st.integers(0, 30)):02}-{name}"))),
        procedure=draw(st.sampled_from(("hazard", "hazard", "other"))),
        state=draw(st.sampled_from(("doing", "doing.left doing.right", "done", "doing_not"))),
        region=draw(st.sampled_from(REGIONS)),
        unit=draw(st.sampled_from(("", "u1", "u2"))),
        industry=draw(st.sampled_from(("", "steel"))),
        title=draw(st.sampled_from(("门锁闭", "锁", "100%_x"))),
        opened_at=draw(st.integers(0, 6)),
        due_at=None if closed else draw(st.none() | st.integers(0, 6)),
        closed=closed,
        closed_at=draw(st.integers(0, 6)) if closed else None,
        overdue=draw(st.booleans()),
        expiries=draw(st.integers(0, 2)),
    )
    values = {
        "level": draw(st.sampled_from(((), ("high",), ("low",)))),
        "urgent": draw(st.sampled_from(((), ("true",), ("false",)))),
        "by": draw(st.sampled_from(((), ("2026-03-01",), ("2026-03-02",)))),
        "subject": draw(st.sampled_from(((), ("a",), ("a", "b")))),
        ESCALATED: draw(st.sampled_from(((), ("true",)))),
    }
    return One(name, row, values, draw(st.sampled_from(("", "p", "q"))))


LEAVES: st.SearchStrategy[Condition] = st.one_of(
    st.builds(
        lambda column, values, negative: Same(column=column, values=tuple(values), negative=negative),
        st.sampled_from(("field:level", "field:subject", "industry", "ended", "state", "procedure")),
        st.lists(st.sampled_from(("high", "low", "a", "steel", "fixed", "doing", "hazard")), min_size=1, max_size=2),
        st.booleans(),
    ),
    st.builds(
        lambda column, value: Same(column=column, values=(value,)),
        st.sampled_from(("open", "overdue", "escalated", "field:urgent")),
        st.sampled_from(("true", "false")),
    ),
    st.builds(
        lambda column, least, before, negative: Range(column=column, least=least, before=before, negative=negative),
        st.sampled_from(("opened", "due", "closed", "expiries")),
        st.none() | st.integers(0, 4),
        st.none() | st.integers(2, 6),
        st.booleans(),
    ),
    st.just(Range(column="field:by", before="2026-03-02")),
    st.builds(lambda prefix: Under(prefix=prefix), st.sampled_from(("/c/east/", "/c/", "/c/west/"))),
    st.just(Held(person="p")),
    st.builds(lambda text: Found(text=text, units=("u2",)), st.sampled_from(("锁", "100%_", "N-0"))),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda parts: Every(parts=tuple(parts)), st.lists(inner, max_size=3)),
        st.builds(lambda parts: Either(parts=tuple(parts)), st.lists(inner, max_size=3)),
    ),
    max_leaves=5,
)


def pages(
    store: Store, scope: Scope, wanted: Condition, order: Order, limit: int, among: Sequence[One] | None = None
) -> Iterator[list[str]]:
    """The pages; `among` few cases, or along an index."""
    after = ""
    while True:
        with store.read() as reader:
            few = None if among is None else reader.registers.few(scope, wanted, [one.name for one in among])
            page = reader.registers.page(scope, wanted, order, limit=limit, after=after, few=few)
        yield [one.head.id for one in page.items]
        if not (after := page.after):
            return


def back(store: Store, scope: Scope, wanted: Condition, order: Order, limit: int) -> list[str]:
    """The same cases, read from the last page back to the first."""
    after, found = "", []
    with store.read() as reader:
        while True:
            page = reader.registers.page(scope, wanted, order, limit=limit, after=after)
            if not page.after:
                break
            after = page.after
        found = [one.head.id for one in page.items]
        while page.before:
            page = reader.registers.page(scope, wanted, order, limit=limit, before=page.before)
            found = [one.head.id for one in page.items] + found
    return found


def sees(scope: Scope, one: One) -> bool:
    return scope.covers(region=one.row.region, unit=one.row.unit, holders=(one.holder,) if one.holder else ())


def fold(store: Store, fields: Any = FIELDS, most: int = 1000) -> int:
    with store.session() as session:
        return session.tallies.fold(fields, most)


def counted(cells: list[Cell]) -> Counter[str]:
    found: Counter[str] = Counter()
    for cell in cells:
        kept = {name: told for name, told in cell.values.items() if name in ("level", "urgent", ESCALATED) and told}
        if cell.procedure == "other":
            kept.pop("urgent", None)
        found[key_of(replace(cell, values=kept))] += cell.count
    return Counter({key: count for key, count in found.items() if count})


def cell(one: One) -> Cell:
    row = one.row
    values = {name: list(told) for name, told in one.values.items() if told}
    return Cell(procedure=row.procedure, state=row.state, region=row.region, industry=row.industry, closed=row.closed,
                values=values)  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite_url", "pg_url"])
def test_a_register_finds_what_a_look_at_every_case_finds_in_the_same_order(
    database: str, request: pytest.FixtureRequest
) -> None:
    store: Store = request.getfixturevalue("sqlite_store" if database == "sqlite_url" else "pg_store")
    made = [0]

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def holds_always(data: st.DataObject) -> None:
        made[0] += 1
        # one batch of cases serves all examples of it: they differ in what is asked
        number = f"{made[0]:03}"
        mine = [data.draw(some_case(f"c{number}{n:02}")) for n in range(data.draw(st.integers(1, 7)))]
        mine = [One(one.name, replace(one.row, place=number), one.values, one.holder) for one in mine]
        save(store, *(one.write() for one in mine))
        scope = data.draw(st.sampled_from(SCOPES))
        asked = data.draw(CONDITIONS)
        order = Order(data.draw(st.sampled_from(ORDERS)), data.draw(st.booleans()))
        wanted = Every(parts=(Same(column="place", values=(number,)), asked))

        limit = data.draw(st.integers(1, 3))
        found = list(pages(store, scope, wanted, order, limit))

        expected = [one for one in mine if sees(scope, one) and one.fits(asked)]
        valued = [one for one in expected if one.key(order.column)[0] == 0]
        bare = [one for one in expected if one not in valued]
        in_order = [
            one.name
            for part in (valued, bare)
            for one in sorted(part, key=lambda one: one.key(order.column), reverse=order.down)
        ]
        assert [name for page in found for name in page] == in_order
        assert back(store, scope, wanted, order, limit) == in_order
        assert [name for page in pages(store, scope, wanted, order, limit, mine) for name in page] == in_order
        with store.read() as reader:
            assert reader.registers.count(scope, wanted, most=100) == len(in_order)

    holds_always()


@pytest.mark.parametrize("scope", SCOPES, ids=["all", "region", "regions and unit", "unit", "nothing"])
def test_what_is_counted_ahead_is_what_can_be_seen_counted_anew_or_not(store: Store, scope: Scope) -> None:
    @settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.data())
    def cases_of(data: st.DataObject) -> None:
        drawn.extend(data.draw(some_case(f"c{n:02}")) for n in range(24))
        drawn.extend(data.draw(some_case(f"c{n:02}")) for n in range(0, 24, 3))

    drawn: list[One] = []
    cases_of()
    drawn = drawn[-32:]
    first, later = drawn[:24], drawn[24:]
    save(store, *(one.write() for one in first))
    while fold(store, most=7):
        pass
    save(store, *(one.write(1) for one in later))
    now = {one.name: one for one in (*first, *later)}

    for step in ("some wait", "none waits"):
        with store.read() as reader:
            found = reader.registers.cells(scope, ("hazard", "other"), Every())
        assert found is not None
        assert counted(found) == counted([cell(one) for one in now.values() if sees(scope, one)]), step
        while fold(store):
            pass


def test_where_other_fields_are_counted_all_cases_of_the_procedure_are_counted_anew(store: Store) -> None:
    save(store, write(case("a"), 0, values={"level": ("high",), "urgent": ("true",)}, counted=True))
    fold(store)
    save(store, write(case("b"), 0, values={"level": ("low",)}, counted=True))

    while fold(store, {"hazard": ("level",)}):
        pass

    with store.read() as reader:
        cells = reader.registers.cells(EVERYTHING, ("hazard",), Every())
        assert reader.registers.counted_fields(("hazard",)) == {"level"}
    assert cells is not None
    assert sorted((told.values["level"][0], told.count, "urgent" in told.values) for told in cells) == [
        ("high", 1, False),
        ("low", 1, False),
    ]


def test_a_case_opened_while_pages_are_turned_moves_none_in_either_direction(store: Store) -> None:
    def one(n: int, level: str = "") -> Write:
        values = {"level": (level,)} if level else {}
        return write(case(f"c{n:02}"), 0, register=register(f"c{n:02}", opened_at=n), values=values)

    save(store, *(one(n, "high" if n % 2 else "") for n in range(8)))
    walks = [pages(store, EVERYTHING, Every(), Order("field:level", down), 3) for down in (False, True)]
    first = [next(walk) for walk in walks]
    save(store, one(20, "aaa"), one(21, "zzz"))

    rest = [[name for page in walk for name in page] for walk in walks]

    old = {f"c{n:02}" for n in range(8)}
    for begun, ended in zip(first, rest, strict=True):
        whole = begun + ended
        assert len(whole) == len(set(whole))
        assert old <= set(whole)


@pytest.mark.parametrize("mark", ["x", "W10=", "e30=", "WyJyZWdpc3RlciBkdWUgMSIsMSwiYSJd"])
def test_a_mark_of_another_list_is_refused(store: Store, mark: str) -> None:
    with store.read() as reader:
        for column in ("number", "field:level"):
            with pytest.raises(BadInput) as caught:
                reader.registers.page(EVERYTHING, Every(), Order(column), after=mark)
            assert caught.value.code == "bad_mark"
