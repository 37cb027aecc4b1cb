"""Registers, inboxes and boards: whole pages in a stable order, and never a row beyond the actor's scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core.directory import Scope
from engine.errors import BadInput
from engine.store.queries import CaseFilter, Sort
from engine.store.records import RegisterRow, Write
from engine.store.store import Store
from tests.contract.test_store_work import record
from tests.writes import EVERYTHING, case, message, register, save, task, write

REGIONS = ("/county/east/", "/county/east/mill/", "/county/eastern/", "/county/west/", "/county/东/", "")
UNITS = ("", "unit1", "unit2")
PEOPLE = ("", "p", "q", "r")


def ids(store: Store, scope: Scope = EVERYTHING, **wanted: object) -> list[str]:
    """Ids of the cases that a filter finds."""
    with store.read() as reader:
        return sorted(row.id for row in reader.cases(scope, CaseFilter(**wanted), limit=500).items)


def pages(store: Store, sort: Sort, *, down: bool, limit: int, scope: Scope = EVERYTHING) -> Iterator[list[str]]:
    """The pages of a register, one after the other."""
    after = ""
    while True:
        with store.read() as reader:
            page = reader.cases(scope, sort=sort, down=down, limit=limit, after=after)
        yield [row.id for row in page.items]
        if not (after := page.after):
            return


@pytest.mark.parametrize("sort", ["opened_at", "due_at", "closed_at", "number"])
@pytest.mark.parametrize("down", [True, False])
def test_pages_of_a_register_hold_every_case_once_in_order(store: Store, sort: Sort, *, down: bool) -> None:
    rows = {f"c{n:02}": register(f"c{n:02}", opened_at=n % 3, due_at=None if n % 4 else n % 5) for n in range(23)}
    save(store, *(write(case(name), 0, register=row) for name, row in rows.items()))

    found = list(pages(store, sort, down=down, limit=5))

    def key(name: str) -> tuple[object, str]:
        value = getattr(rows[name], sort)
        return (10**19 if value is None else value, name)

    assert [len(page) for page in found] == [5, 5, 5, 5, 3]
    assert [name for page in found for name in page] == sorted(rows, key=key, reverse=down)


def test_a_case_that_is_opened_meanwhile_moves_no_page(store: Store) -> None:
    save(store, *(write(case(f"c{n}"), 0, register=register(f"c{n}", opened_at=n)) for n in range(6)))
    walk = pages(store, "opened_at", down=True, limit=2)
    first = next(walk)

    save(store, write(case("new"), 0, register=register("new", opened_at=99)))

    assert [first, *walk] == [["c5", "c4"], ["c3", "c2"], ["c1", "c0"]]


@pytest.mark.parametrize("mark", ["x", "AAAA", "W10=", "eyJhIjoxfQ==", "WyJjYXNlcyIsMSwyXQ==", "中文"])
def test_a_mark_that_we_did_not_make_is_refused(store: Store, mark: str) -> None:
    with pytest.raises(BadInput) as refused, store.read() as reader:
        reader.cases(EVERYTHING, after=mark)

    assert refused.value.code == "bad_mark"


def test_the_mark_of_another_query_is_refused(store: Store) -> None:
    save(store, *(write(case(f"c{n}"), 0, register=register(f"c{n}")) for n in range(3)))
    with store.read() as reader:
        page = reader.cases(EVERYTHING, sort="number", limit=1)

    with pytest.raises(BadInput), store.read() as reader:
        reader.cases(EVERYTHING, sort="opened_at", limit=1, after=page.after)


def test_filters_find_what_they_say(store: Store) -> None:
    def known(name: str, values: dict[str, tuple[str, ...]] | None = None, **told: object) -> Write:
        return write(case(name), 0, register=register(name, **told), values=values or {})

    save(
        store,
        known("plain", {"level": ("high", "fire")}, state="reported mending", title="100% loose_wire"),
        known("late", {"level": ("low",)}, overdue=True, due_at=50, region="/county/east/mill/", claim="claimed"),
        known("closed", closed="done", closed_at=500, state="closed", industry="mill", opened_at=300),
        known("dismissed", closed="dismissed", closed_at=600, procedure="visit", unit="unit2", place="place1"),
    )

    assert ids(store) == ["closed", "dismissed", "late", "plain"]
    assert ids(store, closed=False) == ["late", "plain"]
    assert ids(store, closed=True) == ["closed", "dismissed"]
    assert ids(store, closed="dismissed") == ["dismissed"]
    assert ids(store, state="mending") == ["plain"]
    assert ids(store, state="mend") == []
    assert ids(store, region="/county/east/mill/") == ["late"]
    assert ids(store, overdue=True) == ["late"]
    assert ids(store, due_before=51) == ["late"]
    assert ids(store, due_before=50) == []
    assert ids(store, opened_from=300) == ["closed"]
    assert ids(store, closed_from=500, closed_before=600) == ["closed"]
    assert ids(store, procedure="visit") == ids(store, unit="unit2") == ids(store, place="place1") == ["dismissed"]
    assert ids(store, industry="mill") == ["closed"]
    assert ids(store, number="N-late") == ["late"]
    assert ids(store, claim="claimed") == ["late"]
    assert ids(store, text="100%") == ids(store, text="loose_w") == ids(store, text="N-plain") == ["plain"]
    assert ids(store, text="100_") == []
    assert ids(store, values={"level": "fire"}) == ["plain"]
    assert ids(store, values={"level": "low"}, overdue=False) == []


def test_counts_are_those_of_the_register(store: Store) -> None:
    opened = [("a", 10, None), ("b", 10, 25), ("c", 20, 20), ("d", 29, 31)]
    save(
        store,
        *(
            write(case(name), 0, register=register(
                name, opened_at=at, closed="" if closed_at is None else "done", closed_at=closed_at,
                region="/county/west/" if name == "d" else "/county/east/",
            ))
            for name, at, closed_at in opened
        ),
    )  # fmt: skip
    east = Scope(person="", regions=("/county/east/",))

    with store.read() as reader:
        assert reader.counts(EVERYTHING, by="closed") == {"": 1, "done": 3}
        assert reader.counts(east, by="closed") == {"": 1, "done": 2}
        assert reader.counts(EVERYTHING, CaseFilter(closed=False), by="region") == {"/county/east/": 1}
        assert reader.counts_between(EVERYTHING, [10, 20, 30, 40]) == [2, 2, 0]
        assert reader.counts_between(EVERYTHING, [10, 20, 30, 40], closed=True) == [0, 2, 1]
        assert reader.counts_between(east, [10, 20, 30, 40], closed=True) == [0, 2, 0]
        assert reader.counts_between(east, [10]) == []


def test_an_inbox_shows_the_actors_open_tasks_the_most_urgent_first(store: Store) -> None:
    save(
        store,
        write(case("A"), 0, open_tasks=(task("A", 1, "p", due_at=50), task("A", 1, "q", due_at=50))),
        write(case("B"), 0, open_tasks=(task("B", 1, "p"), task("B", 2, "p", due_at=20))),
        write(case("C"), 0, open_tasks=(task("C", 1, "", queue="unowned"),), register=register("C", region="/far/")),
    )
    inbox: list[tuple[str, int]] = []
    after = ""
    for _ in range(3):
        with store.read() as reader:
            page = reader.tasks(Scope(person="p"), limit=1, after=after)
        inbox += [(row.task.case, row.task.task) for row in page.items]
        after = page.after

    assert (inbox, after) == ([("B", 2), ("A", 1), ("B", 1)], "")
    with store.read() as reader:
        assert [row.task.case for row in reader.tasks(EVERYTHING, person="").items] == ["C"]
        assert reader.tasks(Scope(person="p"), person="").items == ()
        assert [row.task.person for row in reader.tasks(Scope(person="p"), case_id="A").items] == ["p", "q"]
        assert reader.tasks(Scope(person="p"), case_id="C").items == ()


def test_a_person_reads_own_messages_only(store: Store) -> None:
    save(store, write(case("A"), 0, messages=tuple(message(case("A"), 1, n, "pq"[n % 2], at=n) for n in range(5))))
    with store.session() as session:
        session.outbox.mark_read("p", "case/A:1:2", 9)

    with store.read() as reader:
        first = reader.messages(Scope(person="p"), limit=2)
        rest = reader.messages(Scope(person="p"), limit=2, after=first.after)
        unread = reader.messages(Scope(person="p"), unread=True)

    assert [row.key for row in (*first.items, *rest.items)] == ["case/A:1:4", "case/A:1:2", "case/A:1:0"]
    assert [(row.key, row.read_at) for row in unread.items] == [("case/A:1:4", None), ("case/A:1:0", None)]


def test_units_and_persons_are_shown_as_far_as_the_scope_goes(store: Store) -> None:
    record(store, 0, 1, "unit", {"id": "u1", "title": "Mill", "region": "/a/"}, {"id": "u2", "region": "/b/"})
    record(store, 1, 1, "person", {"id": "p1"}, {"id": "p2"}, {"id": "p3"})
    record(store, 2, 1, "holding", {"id": "h1", "person": "p1", "role": "r", "region": "/a/x/"})
    record(store, 3, 1, "holding", {"id": "h2", "person": "p2", "role": "r", "region": "/b/", "unit": "u2"})
    day = date(2026, 1, 1)

    def units(scope: Scope, text: str = "") -> list[str]:
        with store.read() as reader:
            return [row.id for row in reader.entities(scope, "unit", day, text=text).items]

    def persons(scope: Scope) -> list[str]:
        with store.read() as reader:
            return [row.id for row in reader.persons(scope, day).items]

    assert (units(EVERYTHING), persons(EVERYTHING)) == (["u1", "u2"], ["p1", "p2", "p3"])
    assert (units(EVERYTHING, "Mil"), units(EVERYTHING, "%")) == (["u1"], [])
    assert units(Scope(person="x", regions=("/a/",))) == ["u1"]
    assert units(Scope(person="x", units=("u2",))) == ["u2"]
    assert persons(Scope(person="p3", regions=("/a/",))) == ["p1", "p3"]
    assert persons(Scope(person="x", units=("u2",))) == ["p2"]
    assert (units(Scope(person="x")), persons(Scope(person="x"))) == ([], [])


_case = st.tuples(st.sampled_from(REGIONS), st.sampled_from(UNITS), st.lists(st.sampled_from(PEOPLE), unique=True))
_scope = st.builds(
    Scope,
    person=st.sampled_from(PEOPLE),
    everything=st.sampled_from([False] * 9 + [True]),
    regions=st.lists(st.sampled_from(["/county/", *REGIONS[:-1]]), max_size=2).map(tuple),
    units=st.lists(st.sampled_from(UNITS), max_size=2).map(tuple),
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases=st.lists(_case, min_size=1, max_size=12), scopes=st.lists(_scope, min_size=1, max_size=8))
def test_no_query_shows_a_case_beyond_the_scope(
    store: Store, cases: list[tuple[str, str, list[str]]], scopes: list[Scope]
) -> None:
    world = f"w{next(_worlds)}"
    rows: dict[str, tuple[RegisterRow, list[str]]] = {}
    for n, (region, unit, people) in enumerate(cases):
        name = f"{world}-{n:02}"
        rows[name] = (register(name, region=region, unit=unit, procedure=world), people)
    save(
        store,
        *(
            write(case(name), 0, register=row, open_tasks=tuple(task(name, 1, person) for person in people))
            for name, (row, people) in rows.items()
        ),
    )

    for scope in scopes:
        held = {name: [person for person in people if person] for name, (_, people) in rows.items()}
        allowed = {
            name
            for name, (row, _) in rows.items()
            if scope.covers(region=row.region, unit=row.unit, holders=held[name])
            # What lies nowhere is hidden: not even who sees everything finds it, unless they hold it.
            and (row.region or not scope.everything or scope.person in held[name])
        }
        with store.read() as reader:
            mine = CaseFilter(procedure=world)
            assert {row.id for row in reader.cases(scope, mine).items} == allowed
            assert sum(reader.counts(scope, mine, by="region").values()) == len(allowed)
            assert {name for name in rows if reader.case(scope, name)} == allowed
            assert {name for name in rows if reader.snapshot(scope, name)} == allowed
            assert {name for name in rows if reader.entries(scope, name)} == allowed
            told = {name for name in rows if reader.tasks(scope, case_id=name).items}
            assert told == {name for name in allowed if rows[name][1]}
            for person in PEOPLE:
                theirs = {row.task.case for row in reader.tasks(scope, person=person, limit=500).items} & set(rows)
                assert theirs == {name for name in allowed if person in rows[name][1]}


_worlds = iter(range(10**9))
