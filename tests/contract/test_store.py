"""What a store promises of one transaction, on both databases."""

from __future__ import annotations

import pytest

from engine.core.command import Stream
from engine.errors import Broken, Conflict
from engine.store.errors import DuplicateCommand, StaleWrite
from engine.store.records import StreamRow, Write
from engine.store.store import Store
from engine.store.views import AnswerRow
from tests.writes import EVERYTHING, case, message, register, save, signal, task, timer, write


def heads(store: Store, *names: str) -> dict[str, int]:
    """Seq of those cases that exist."""
    with store.session() as session:
        return {stream.id: row.seq for stream, row in session.load([case(name) for name in names]).items()}


def armed(store: Store, now: int = 10**18) -> list[tuple[str, int, int, str, int]]:
    """Timers due by then."""
    with store.session() as session:
        return [(row.stream.id, row.task, row.fire_at, row.rung, row.epoch) for row in session.timers.claim(now, 1000)]


def holders(store: Store, name: str) -> list[tuple[int, str]]:
    """Open tasks of a case and their persons."""
    with store.read() as reader:
        return sorted((row.task.task, row.task.person) for row in reader.tasks(EVERYTHING, case_id=name).items)


def test_a_written_case_reads_back_whole(store: Store) -> None:
    first = write(case("A"), 0, command="c1")
    save(store, first)

    with store.session() as session:
        loaded = session.load([case("A"), case("absent")])
        answered = session.answered(["c1", "unknown"])

    assert loaded == {
        case("A"): StreamRow(stream=case("A"), seq=1, head=first.entry.leaf, snapshot=first.snapshot, fold_version=1)
    }
    assert answered == {
        "c1": AnswerRow(command_id="c1", stream=case("A"), seq=1, leaf=first.entry.leaf, request=b"request")
    }
    with store.read() as reader:
        assert reader.record.entries(case("A")) == [first.entry]


def test_a_stale_write_is_refused_and_nothing_is_written(store: Store) -> None:
    save(store, write(case("A"), 0), write(case("A"), 1))
    late = write(case("A"), 1, command="late", arm=(timer(case("A"), 1, 5),), messages=(message(case("A"), 2, 1, "p"),))

    for alone in (True, False):
        with pytest.raises(StaleWrite) as refused, store.session(alone=alone) as session:  # noqa: PT012
            session.take("late", case("A"))
            session.write([late])
        assert refused.value.stream == case("A")

    assert heads(store, "A") == {"A": 2}
    assert armed(store) == []
    with store.session() as session:
        assert session.answered(["late"]) == {}
        assert session.outbox.claim(10**18, 10, 10**18) == []


def test_a_stream_is_born_once(store: Store) -> None:
    save(store, write(case("A"), 0))

    for alone in (True, False):
        with pytest.raises(StaleWrite) as refused, store.session(alone=alone) as session:
            session.write([write(case("A"), 0, command="second birth")])
        assert refused.value.stream == case("A")

    assert heads(store, "A") == {"A": 1}


def test_a_write_that_runs_ahead_of_its_stream_is_refused(store: Store) -> None:
    save(store, write(case("A"), 0))

    with pytest.raises(StaleWrite), store.session() as session:
        session.write([write(case("A"), 2)])
    with pytest.raises(StaleWrite), store.session() as session:
        session.write([write(case("B"), 1)])

    assert heads(store, "A", "B") == {"A": 1}


def test_a_command_id_is_used_once(store: Store) -> None:
    save(store, write(case("A"), 0, command="same"))

    for alone in (True, False):
        with pytest.raises(DuplicateCommand) as refused, store.session(alone=alone) as session:
            session.write([write(case("B"), 0, command="same")])
        assert refused.value.command_id == "same"

    with pytest.raises(DuplicateCommand) as refused, store.session() as session:
        session.write([write(case("B"), 0, command="twin"), write(case("C"), 0, command="twin")])
    assert refused.value.command_id == "twin"
    assert heads(store, "A", "B", "C") == {"A": 1}


def test_a_batch_is_written_whole_or_not_at_all(store: Store) -> None:
    save(store, write(case("B"), 0))

    with pytest.raises(StaleWrite) as refused, store.session() as session:
        session.write([write(case("A"), 0), write(case("B"), 0, command="again"), write(case("C"), 0)])

    assert refused.value.stream == case("B")
    assert heads(store, "A", "B", "C") == {"B": 1}


def test_a_transaction_whose_write_failed_cannot_be_committed(store: Store) -> None:
    save(store, write(case("B"), 0))

    with pytest.raises(Broken) as refused, store.session() as session:  # noqa: PT012
        session.write([write(case("A"), 0)])
        with pytest.raises(StaleWrite):
            session.write([write(case("C"), 0), write(case("B"), 0, command="again")])

    assert refused.value.code == "transaction_lost"
    assert heads(store, "A", "B", "C") == {"B": 1}


def test_a_savepoint_undoes_one_poison_command_and_keeps_the_others(store: Store) -> None:
    save(store, write(case("B"), 0))

    with store.session() as session:
        session.write([write(case("A"), 0)])
        with pytest.raises(StaleWrite), session.savepoint():
            session.write([write(case("C"), 0), write(case("B"), 0, command="again")])
        with pytest.raises(DuplicateCommand), session.savepoint():
            session.write([write(case("C"), 0, command="command case/A 1")])
        with session.savepoint():
            session.write([write(case("D"), 0)])

    assert heads(store, "A", "B", "C", "D") == {"A": 1, "B": 1, "D": 1}


def test_five_hundred_cases_are_written_in_one_batch(store: Store) -> None:
    names = [f"case {n:03}" for n in range(500)]
    opened = [
        write(
            case(name),
            0,
            arm=(timer(case(name), 1, n),),
            open_tasks=(task(name, 1, f"p{n % 7}"), task(name, 1, "deputy")),
            messages=(message(case(name), 1, 1, f"p{n % 7}"),),
            values={"level": ("high",)},
        )
        for n, name in enumerate(names)
    ]
    save(store, *opened)

    moved = [
        write(
            case(name),
            1,
            disarm=(1,),
            arm=(timer(case(name), 2, 1000 + n),),
            end_tasks=(1,),
            open_tasks=(task(name, 2, "boss"),),
            values={"level": ("low",)},
        )
        for n, name in enumerate(names)
    ]
    save(store, *moved)

    assert heads(store, *names) == dict.fromkeys(names, 2)
    assert armed(store) == [(name, 2, 1000 + n, "remind", 1) for n, name in enumerate(names)]
    assert holders(store, names[0]) == [(2, "boss")]
    with store.session() as session:
        assert len(session.outbox.claim(10**18, 1000, 10**18)) == 500


def test_what_one_write_of_a_batch_does_the_next_on_the_same_stream_may_undo(store: Store) -> None:
    stream = case("A")
    save(
        store,
        write(stream, 0, arm=(timer(stream, 1, 10),), open_tasks=(task("A", 1, "p"),), values={"f": ("x", "y")}),
        write(case("B"), 0),
        write(stream, 1, disarm=(1,), end_tasks=(1,), arm=(timer(stream, 2, 20),), values={"f": ()}),
        write(stream, 2, arm=(timer(stream, 2, 30, "escalate", 2),), open_tasks=(task("A", 2, "q"),)),
    )

    assert heads(store, "A", "B") == {"A": 3, "B": 1}
    assert armed(store) == [("A", 2, 30, "escalate", 2)]
    assert holders(store, "A") == [(2, "q")]


def test_a_timer_that_is_disarmed_and_armed_by_one_write_is_armed(store: Store) -> None:
    stream = case("A")
    save(store, write(stream, 0, arm=(timer(stream, 1, 10),)))

    save(store, write(stream, 1, disarm=(1,), arm=(timer(stream, 1, 20, "escalate", 2),)))

    assert armed(store) == [("A", 1, 20, "escalate", 2)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["p", "q"], ["q", "r"]),
        (["p", "q"], [""]),
        ([""], ["p"]),
        ([""], [""]),
        (["p"], ["p", "p2"]),
    ],
)
def test_new_rows_of_a_task_replace_all_its_former_rows(store: Store, before: list[str], after: list[str]) -> None:
    save(store, write(case("A"), 0, open_tasks=tuple(task("A", 1, person) for person in before)))

    due = tuple(task("A", 1, person, due_at=77, overdue=True) for person in after)
    save(store, write(case("A"), 1, open_tasks=due))

    assert holders(store, "A") == sorted((1, person) for person in after)


def test_a_number_is_given_to_one_case_of_a_procedure(store: Store) -> None:
    save(store, write(case("A"), 0, register=register("A", number="N-1")))

    with pytest.raises(Conflict) as refused, store.session() as session:
        session.write([write(case("B"), 0, register=register("B", number="N-1"))])
    assert refused.value.code == "number_taken"

    save(store, write(case("B"), 0, register=register("B", number="N-1", procedure="other")))
    unnumbered = [write(case(name), 0, register=register(name, number="")) for name in ("C", "D")]
    save(store, *unnumbered)
    assert heads(store, "A", "B", "C", "D") == {"A": 1, "B": 1, "C": 1, "D": 1}


def test_numbers_of_a_series_follow_each_other_and_a_refused_command_leaves_no_gap(store: Store) -> None:
    with store.session() as session:
        assert [session.next_number("2026"), session.next_number("2026"), session.next_number("2027")] == [1, 2, 1]

    with pytest.raises(StaleWrite), store.session() as session:  # noqa: PT012
        assert session.next_number("2026") == 3
        session.write([write(case("A"), 5)])

    with store.session() as session:
        assert session.next_number("2026") == 3


def test_the_directory_version_comes_with_what_is_loaded(store: Store) -> None:
    main = Stream("directory", "main")
    with store.session() as session:
        assert session.directory_version() == 0
    save(store, write(main, 0), write(main, 1), write(case("A"), 0))

    for alone in (True, False):
        with store.session(alone=alone) as session:
            taken = session.take("new", case("A"))
            assert (taken.answer, taken.directory_version, taken.row and taken.row.seq) == (None, 2, 1)
        with store.session(alone=alone) as session:
            taken = session.take("command case/A 1", case("absent"))
            assert (taken.answer and taken.answer.seq, taken.row, taken.directory_version) == (1, None, 2)
        with store.session(alone=alone) as session:
            session.load([case("A")])
            assert session.directory_version() == 2
    with store.session() as session:
        session.write([write(main, 2)])
        assert session.directory_version() == 3


def test_a_command_alone_may_do_everything_that_any_command_may(store: Store) -> None:
    stream = case("A")
    full = write(
        stream, 0, arm=(timer(stream, 1, 10),), open_tasks=(task("A", 1, "p"),), values={"f": ("x",)},
        messages=(message(stream, 1, 1, "p"),), signals=(signal(stream, 1, 1, case("B")),),
    )  # fmt: skip
    with store.session(alone=True) as session:
        session.take("c", stream)
        assert session.next_number("2026") == 1
        session.write([full])

    with store.session(alone=True) as session:
        session.write([write(case("B"), 0, settled=("signal:case/A:1:1",))])

    assert heads(store, "A", "B") == {"A": 1, "B": 1}
    with store.session() as session:
        assert session.signals.claim(10**18, 10) == []


def test_what_raises_in_a_session_leaves_no_trace(store: Store) -> None:
    for alone in (True, False):
        with pytest.raises(RuntimeError), store.session(alone=alone) as session:  # noqa: PT012
            session.write([write(case("A"), 0), write(case("B"), 0)])
            raise RuntimeError("decided otherwise")

    assert heads(store, "A", "B") == {}


def test_the_same_is_found_by_the_values_that_were_kept(store: Store) -> None:
    def known(name: str, clause: str, firm: str = "unit1", **told: object) -> Write:
        return write(case(name), 0, register=register(name, **told), values={"clause": (clause,), "firm": (firm,)})

    save(
        store,
        known("open", "3.1", opened_at=1),
        known("closed lately", "3.1", opened_at=2, closed="done", closed_at=500),
        known("closed long ago", "3.1", opened_at=3, closed="done", closed_at=10),
        known("other clause", "3.2"),
        known("other unit", "3.1", firm="unit2"),
        known("other procedure", "3.1", procedure="inspection"),
        known("itself", "3.1", opened_at=9),
    )

    with store.session() as session:
        found = session.find_same("hazard", {"firm": "unit1", "clause": "3.1"}, closed_since=100, exclude="itself")

    assert found == ["closed lately", "open"]


def test_a_case_that_is_renamed_is_found_under_its_new_place(store: Store) -> None:
    save(store, write(case("A"), 0))

    moved = register("A", region="/county/west/", unit="unit9", title="new", due_at=50)
    save(store, write(case("A"), 1, register=moved))

    with store.read() as reader:
        found = reader.case(EVERYTHING, "A")
    assert found is not None
    assert found.register == moved


def test_streams_that_are_no_cases_are_in_no_register(store: Store) -> None:
    library = Stream("library", "main")
    save(store, write(library, 0), write(library, 1))

    with store.read() as reader:
        assert reader.cases(EVERYTHING).items == ()
        assert reader.case(EVERYTHING, "main") is None
        streams = reader.record.streams()
        assert [(str(stream), seq) for stream, seq, _ in streams] == [("library/main", 2)]


def test_the_record_of_a_stream_is_read_in_pieces(store: Store) -> None:
    entries = [write(case("A"), base) for base in range(5)]
    save(store, *entries)

    with store.read() as reader:
        first = reader.record.entries(case("A"), limit=3)
        rest = reader.record.entries(case("A"), after=first[-1].seq, limit=3)

    assert first + rest == [entry.entry for entry in entries]
