"""What waits for one person, on both databases: in order, counted by when and what, and nobody else's."""

from __future__ import annotations

import pytest

from engine.core.directory import Scope
from engine.errors import BadInput
from engine.store.schema import FOREVER
from engine.store.store import Store
from engine.store.worklists import MOST_UNREAD, TaskCount, TaskFilter, Waiting, task_mark
from tests.writes import case, message, register, save, task, write

ME = Scope(person="p")


def filled(store: Store) -> None:
    """Five tasks of p in two regions and procedures, one of q, and messages to both."""
    east, west = "/county/east/", "/county/west/"
    rows = (
        ("a", {"region": east}, [task("a", 1, "p", due_at=10), task("a", 2, "q", due_at=5)]),
        ("b", {"region": west}, [task("b", 1, "p", due_at=20, kind="draft")]),
        ("c", {"region": east, "procedure": "other"}, [task("c", 1, "p", due_at=30)]),
        ("d", {"region": east}, [task("d", 1, "p"), task("d", 2, "p", due_at=30, kind="approval")]),
    )
    writes = [
        write(case(name), 0, register=register(name, **told), open_tasks=tuple(tasks)) for name, told, tasks in rows
    ]
    letters = tuple(message(case("e"), 1, n, "p", at=100 + n) for n in range(3))
    save(store, *writes, write(case("e"), 0, messages=(*letters, message(case("e"), 1, 9, "q"))))


def worklist(store: Store, scope: Scope = ME, *, limit: int = 50, **wanted: object) -> list[tuple[str, int]]:
    """Case and number of each task, page by page."""
    found: list[tuple[str, int]] = []
    after = ""
    while True:
        with store.read() as reader:
            page = reader.worklists.page(scope, TaskFilter(**wanted), limit=limit, after=after)  # type: ignore[arg-type]
        found += [(view.task.case, view.task.task) for view in page.items]
        if not (after := page.after):
            return found


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_a_worklist_is_whole_in_order_of_urgency_whatever_its_pages(store: Store, limit: int) -> None:
    filled(store)

    assert worklist(store, limit=limit) == [("a", 1), ("b", 1), ("c", 1), ("d", 2), ("d", 1)]
    assert worklist(store, Scope(person="q"), limit=limit) == [("a", 2)]
    assert worklist(store, Scope(person="nobody", everything=True), limit=limit) == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"kind": "draft"}, [("b", 1)]),
        ({"procedure": "other"}, [("c", 1)]),
        ({"region": "/county/west/"}, [("b", 1)]),
        ({"due_before": 20}, [("a", 1)]),
        ({"due_from": 20, "due_before": 30}, [("b", 1)]),
        ({"due_from": 30}, [("c", 1), ("d", 2), ("d", 1)]),
        ({"kind": "approval", "region": "/county/east/", "due_from": 30}, [("d", 2)]),
    ],
)
def test_a_filter_finds_what_it_says(store: Store, wanted: dict[str, object], found: list[tuple[str, int]]) -> None:
    filled(store)

    assert worklist(store, **wanted) == found


def test_counts_say_how_much_is_due_between_the_instants_by_kind_procedure_and_region(store: Store) -> None:
    filled(store)

    with store.read() as reader:
        counts = reader.worklists.counts(ME, [11, 21])

    assert sorted(counts, key=lambda one: (one.span, one.kind, one.procedure)) == [
        TaskCount(span=0, kind="own", procedure="hazard", region="/county/east/", count=1),
        TaskCount(span=1, kind="draft", procedure="hazard", region="/county/west/", count=1),
        TaskCount(span=2, kind="approval", procedure="hazard", region="/county/east/", count=1),
        TaskCount(span=2, kind="own", procedure="hazard", region="/county/east/", count=1),
        TaskCount(span=2, kind="own", procedure="other", region="/county/east/", count=1),
    ]


def test_marks_change_with_the_task_and_its_deadline_only(store: Store) -> None:
    filled(store)

    with store.read() as reader:
        count, marks = reader.worklists.marks(ME)
        due = (reader.worklists.next_due(ME, 20), reader.worklists.next_due(ME, 30))

    told = (("a", 1, 10), ("b", 1, 20), ("c", 1, 30), ("d", 2, 30), ("d", 1, FOREVER))
    assert (count, marks) == (5, [task_mark(*one) for one in told])
    assert len({*marks, task_mark("a", 1, 11), task_mark("a", 2, 10)}) == 7
    assert due == (30, None)


def test_what_was_read_is_no_longer_counted_and_never_by_another(store: Store) -> None:
    filled(store)

    def waiting(person: str) -> Waiting:
        with store.read() as reader:
            return reader.worklists.waiting(Scope(person=person))

    before = waiting("p")
    with store.session() as session:
        strangers = session.outbox.read_up_to("q", 101, 500)
        mine = session.outbox.read_up_to("p", 101, 500)
        again = session.outbox.read_up_to("p", 101, 600)

    assert before == Waiting(tasks=5, drafts=1, unread=3)
    assert (strangers, mine, again) == (0, 2, 0)
    assert waiting("p") == Waiting(tasks=5, drafts=1, unread=1)
    assert waiting("q") == Waiting(tasks=1, drafts=0, unread=1)


def test_unread_messages_are_counted_up_to_a_bound(store: Store) -> None:
    save(store, write(case("a"), 0, messages=tuple(message(case("a"), 1, n, "p") for n in range(MOST_UNREAD + 5))))

    with store.read() as reader:
        assert reader.worklists.waiting(ME).unread == MOST_UNREAD


def test_the_mark_of_another_worklist_is_refused(store: Store) -> None:
    filled(store)

    with store.read() as reader:
        after = reader.worklists.page(ME, TaskFilter(), limit=1).after
        for scope, wanted in ((Scope(person="q"), TaskFilter()), (ME, TaskFilter(kind="draft"))):
            with pytest.raises(BadInput, match="bad_mark"):
                reader.worklists.page(scope, wanted, limit=1, after=after)


def test_a_search_finds_numbers_and_words_within_the_scope_on_both_databases(store: Store) -> None:
    told = {"a": "Broken guard", "b": "broken exit", "c": "guard_rail 100%"}
    save(store, *(write(case(name), 0, register=register(name, title=title)) for name, title in told.items()))
    everything, nothing = Scope(person="p", everything=True), Scope(person="p")

    def found(scope: Scope, *words: str) -> list[str]:
        with store.read() as reader:
            return sorted(view.id for view in reader.finding.titled(scope, words, limit=9))

    with store.read() as reader:
        numbered = reader.finding.numbered(everything, ["N-b", "N-z"], ["hazard"], limit=9)
        beginning = reader.finding.beginning(everything, "N-", ["hazard", "none"], limit=2)
        elsewhere = reader.finding.beginning(everything, "N-", ["none"], limit=2)
        hidden = reader.finding.numbered(nothing, ["N-b"], ["hazard"], limit=9)

    assert [view.id for view in numbered] == ["b"]
    assert [view.id for view in beginning] == ["c", "b"]
    assert (elsewhere, hidden, found(nothing, "guard")) == ([], [], [])
    assert found(everything, "guard") == ["a", "c"]
    assert (found(everything, "_"), found(everything, "%"), found(everything, "guard", "100")) == (["c"], ["c"], ["c"])
