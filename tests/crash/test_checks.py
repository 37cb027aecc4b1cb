"""The checks of the kill test find what they are there to find: each fault is planted and must be named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from engine.core.command import Answer, ReadTask, Request
from engine.store.store import Store
from tests.crash.checks import faults
from tests.crash.journal import Intent, Journal, Noted, Reply, read_journal
from tests.crash.record import Whole, read_whole, unsound
from tests.districts import District, case

Plant = Callable[[Whole, Noted], None]


def reply_to(n: int, answer: Answer) -> Reply:
    """The answer as the interface tells it."""
    told = {"command": answer.command, "stream": str(answer.stream), "seq": answer.seq, "leaf": answer.leaf}
    return Reply(n=n, status=200, body=json.dumps(told))


@pytest.fixture
def told(sqlite_store: Store, sqlite_url: str, tmp_path: Path) -> tuple[Whole, Noted]:
    """Three cases under way, and the journal of those who acted in them."""
    district = District(sqlite_store)
    district.settle()
    requests: list[Request] = [
        *(district.start(name) for name in "ABC"),
        district.confirm("A"),
        district.confirm("B", level="high"),
        district.request(case("C"), ReadTask(task=1), "chen"),
        district.request(case("C"), ReadTask(task=1), "chen"),
    ]
    journal = Journal(tmp_path / "journal.jsonl")
    for n, request in enumerate(requests):
        journal.note(Intent(n=n, person=request.acted_by, key=request.id, path="/", body=""))
        journal.note(reply_to(n, district.do(request)))
    journal.close()
    return read_whole(sqlite_url), read_journal(tmp_path / "journal.jsonl")


def test_an_untouched_record_has_no_fault(told: tuple[Whole, Noted]) -> None:
    whole, noted = told

    assert faults(whole, noted) == []
    assert (len(noted.intents), len(list(noted.acknowledged()))) == (7, 7)


def lose_the_last_entry(whole: Whole, noted: Noted) -> None:
    """Cut the tail off so that the chain itself is whole again."""
    gone = max(row.seq for row in whole.entries if row.id == "A")
    whole.entries = [row for row in whole.entries if (row.id, row.seq) != ("A", gone)]
    del whole.commands["case", "A", gone]
    before = next(row for row in whole.entries if (row.id, row.seq) == ("A", gone - 1))
    whole.heads["case", "A"] = replace(whole.heads["case", "A"], seq=gone - 1, leaf=before.leaf)


def lose_a_case(whole: Whole, noted: Noted) -> None:
    """Lose a whole stream."""
    whole.entries = [row for row in whole.entries if row.id != "C"]
    whole.commands = {place: command for place, command in whole.commands.items() if place[1] != "C"}
    del whole.heads["case", "C"]


def double_a_command(whole: Whole, noted: Noted) -> None:
    """Carry the last command of a case out once more, with a sound chain."""
    last = next(row for row in reversed(whole.entries) if row.id == "B")
    body = json.loads(last.data) | {"seq": last.seq + 1, "prev": last.leaf.hex()}
    data = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    again = last._replace(seq=last.seq + 1, data=data, leaf=sha256(b"\x00" + data).digest())
    whole.entries.insert(whole.entries.index(last) + 1, again)
    whole.commands["case", "B", again.seq] = whole.commands["case", "B", last.seq]
    whole.heads["case", "B"] = replace(whole.heads["case", "B"], seq=again.seq, leaf=again.leaf)


def change_a_byte(whole: Whole, noted: Noted) -> None:
    """Change one byte of one entry."""
    at = next(n for n, row in enumerate(whole.entries) if row.id == "A")
    row = whole.entries[at]
    whole.entries[at] = row._replace(data=row.data.replace(b"chen", b"shen", 1))


def forget_an_acknowledgement(whole: Whole, noted: Noted) -> None:
    """An entry that nobody was ever told of."""
    del noted.intents[3], noted.replies[3]


def leave_an_intent_unanswered(whole: Whole, noted: Noted) -> None:
    """Never learn what became of a command."""
    noted.replies[3] = [Reply(n=3, status=503, body="")]


def answer_a_repeat_differently(whole: Whole, noted: Noted) -> None:
    """The same facts, but not the same bytes."""
    first = noted.replies[0][0]
    noted.replies[0].append(replace(first, body=first.body.replace(", ", ",")))


def change_the_snapshot(whole: Whole, noted: Noted) -> None:
    """A snapshot that is the one of another case."""
    whole.heads["case", "A"] = replace(whole.heads["case", "A"], snapshot=whole.heads["case", "C"].snapshot)


def change_the_register(whole: Whole, noted: Noted) -> None:
    """A register that shows another state."""
    whole.heads["case", "A"] = replace(whole.heads["case", "A"], state="opened")


def lose_a_timer(whole: Whole, noted: Noted) -> None:
    """A deadline that would never be noticed."""
    whole.timers.pop()


def keep_a_task(whole: Whole, noted: Noted) -> None:
    """A task that is over, still in an inbox."""
    whole.tasks.append((*whole.tasks[0][:1], 99, *whole.tasks[0][2:]))


def queue_a_message_twice(whole: Whole, noted: Noted) -> None:
    """The same message in two rows."""
    whole.messages.append(whole.messages[0])


def leave_a_hole_in_the_numbers(whole: Whole, noted: Noted) -> None:
    """A number that no case has."""
    whole.counters = {name: value + 1 for name, value in whole.counters.items()}


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (lose_the_last_entry, {"lost", "fold"}),
        (lose_a_case, {"lost", "timers", "tasks", "numbers"}),
        (double_a_command, {"doubled", "lost", "fold"}),
        (change_a_byte, {"chain", "fold"}),
        (forget_an_acknowledgement, {"unasked"}),
        (leave_an_intent_unanswered, {"unanswered", "unasked"}),
        (answer_a_repeat_differently, {"answer"}),
        (change_the_snapshot, {"fold"}),
        (change_the_register, {"register"}),
        (lose_a_timer, {"timers"}),
        (keep_a_task, {"tasks"}),
        (queue_a_message_twice, {"outbox"}),
        (leave_a_hole_in_the_numbers, {"numbers"}),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_planted_fault_is_found(told: tuple[Whole, Noted], plant: Plant, named: set[str]) -> None:
    plant(*told)

    found = {fault.partition(":")[0] for fault in faults(*told)}

    assert named <= found


def test_a_damaged_database_file_is_found(sqlite_store: Store, sqlite_url: str) -> None:
    district = District(sqlite_store)
    district.settle()
    for n in range(60):
        district.do(district.start(f"C{n}"))
    sqlite_store.close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    assert unsound(sqlite_url) == []

    data = bytearray(path.read_bytes())
    for start in range(8 * 4096, len(data) - 4096, 4096):
        data[start + 8 : start + 40] = bytes(32)
    path.write_bytes(data)

    assert unsound(sqlite_url) != []
