"""The invariants (`threats.md` 1.4) of a database at rest, against the journal of those who wrote it.

Each check yields one line a fault; the lines name the invariant first.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from engine.core.case import Case
from engine.runtime.projection import micros, read_snapshot
from engine.runtime.replay import fold_entries
from engine.store.schema import FOREVER
from tests.crash.journal import Noted
from tests.crash.record import Whole
from tests.verifier import verify

_SERIES = re.compile(r"(.*?)([0-9]+)")
#: Media of what nobody sent: the clock and other cases.
_OWN = ("timer", "signal", "system", "cli")


def faults(whole: Whole, noted: Noted) -> list[str]:
    """Everything that is wrong."""
    return [
        *_acknowledged(whole, noted),
        *_answers(noted),
        *_chain(whole),
        *_states(whole),
        *_outbox(whole),
        *_numbers(whole),
    ]


def _acknowledged(whole: Whole, noted: Noted) -> Iterator[str]:
    """Each acknowledged command stands exactly once, where its answer said; nothing else came from outside."""
    leaves = {(row.kind, row.id, row.seq): row.leaf.hex() for row in whole.entries}
    places: dict[str, list[tuple[str, str, int]]] = {}
    for place, command in whole.commands.items():
        places.setdefault(command, []).append(place)
    for command, found in places.items():
        if len(found) > 1:
            yield f"doubled: command {command} stands at {found}"
    known = set()
    for intent, reply in noted.acknowledged():
        receipt = reply.receipt
        known.add(receipt["command"])
        kind, _, name = receipt["stream"].partition("/")
        place, found = (kind, name, receipt["seq"]), places.get(receipt["command"], [])
        if receipt["seq"] == 0:
            if found:
                yield f"lost: intent {intent.n} was told that nothing changed, but there is {found}"
        elif found != [place]:
            yield f"lost: intent {intent.n} was acknowledged at {place}, its command stands at {found}"
        elif leaves.get(place) != receipt["leaf"]:
            yield f"lost: intent {intent.n} was acknowledged with leaf {receipt['leaf']}, not {leaves.get(place)}"
    for row in whole.entries:
        told = _told(row.data)
        command = whole.commands[row.kind, row.id, row.seq]
        if told.get("command", {}).get("id") != command:
            yield f"doubled: {row.kind}/{row.id} {row.seq} is the command {told.get('command')}, not {command}"
        if told.get("medium") not in _OWN and command not in known:
            yield f"unasked: {row.kind}/{row.id} {row.seq} was never acknowledged to anybody"


def _answers(noted: Noted) -> Iterator[str]:
    """Every intent has a definite answer, nothing broke, and repeats got the first answer, byte by byte."""
    for n, intent in noted.intents.items():
        replies = noted.replies.get(n, [])
        if not any(reply.settled for reply in replies):
            yield f"unanswered: intent {n} on {intent.path}"
        yield from (f"broken: intent {n} on {intent.path} got {one.body}" for one in replies if one.status == 500)
        acknowledged = [reply for reply in replies if reply.acknowledged]
        for again in acknowledged[1:]:
            if again != acknowledged[0]:
                yield f"answer: intent {n} was answered {acknowledged[0]}, then {again}"


def _chain(whole: Whole) -> Iterator[str]:
    """The chains verify by the second implementation."""
    heads = {key: (head.seq, head.leaf) for key, head in whole.heads.items()}
    yield from (f"chain: {fault.stream} {fault.seq}: {fault.why}" for fault in verify(whole.entries, heads))


def _states(whole: Whole) -> Iterator[str]:
    """What entries make is what is stored: snapshot, register, timers and tasks."""
    timers: Counter[Any] = Counter()
    tasks: Counter[Any] = Counter()
    for name, rows in groupby((row for row in whole.entries if row.kind == "case"), key=lambda row: row.id):
        try:
            folded = fold_entries(row.data for row in rows)
        except Exception as error:  # noqa: BLE001 - a damaged entry is a fault, not the end of the check
            yield f"fold: case {name}: {error!r}"
            continue
        head = whole.heads.get(("case", name))
        if head is None or folded is None or read_snapshot(head.snapshot) != folded:
            yield f"fold: the snapshot of case {name} is not what its entries make"
            continue
        yield from _register(name, folded, head)
        timers.update(_timers(folded))
        tasks.update(_tasks(folded))
    yield from _same("timers", timers, Counter(whole.timers))
    yield from _same("tasks", tasks, Counter(whole.tasks))


def _register(name: str, case: Case, head: Any) -> Iterator[str]:
    due = [micros(task.deadline.due_at) for task in case.tasks if task.deadline is not None]
    told = (case.number, " ".join(case.leaves()), case.closed, min(due, default=FOREVER))
    shown = (head.number, head.state, head.closed, head.due_at)
    if shown != told:
        yield f"register: case {name} is {told}, shown {shown}"


def _timers(case: Case) -> Iterator[tuple[str, int, int, str, int]]:
    for task in case.tasks:
        if task.alarm is not None:
            yield case.id, task.n, micros(task.alarm.at), task.alarm.rung, task.alarm.epoch


def _tasks(case: Case) -> Iterator[tuple[str, int, str, int, bool]]:
    for task in case.tasks:
        due_at = micros(task.deadline.due_at) if task.deadline else FOREVER
        for person in task.holder.persons or ("",):
            yield case.id, task.n, person, due_at, task.expired_at is not None


def _outbox(whole: Whole) -> Iterator[str]:
    """One message for each that an entry queued, one signal for each that waits, no file without its row."""
    queued: Counter[Any] = Counter()
    owed: Counter[Any] = Counter()
    for row in whole.entries:
        for event in _told(row.data).get("events", ()):
            key = f"{row.kind}/{row.id}:{row.seq}:{event.get('n')}"
            if event.get("type") == "message_queued":
                queued[key, event["to"]] += 1
            elif event.get("type") == "signal_sent":
                owed[f"signal:{key}"] += 1
    yield from _same("outbox", queued, Counter((key, person) for key, person, _ in whole.messages))
    delivered = Counter(command for command in whole.commands.values() if command.startswith("signal:"))
    yield from _same("signals", owed, Counter(whole.signals) + delivered)


def _numbers(whole: Whole) -> Iterator[str]:
    """Series count from one without holes, and as far as their counters say."""
    series: dict[str, list[int]] = {}
    for (kind, _), head in whole.heads.items():
        found = _SERIES.fullmatch(head.number)
        if kind == "case" and found:
            series.setdefault(found[1], []).append(int(found[2]))
    for name, numbers in series.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield f"numbers: the series {name} holds {sorted(numbers)}"
    counted = sorted(len(numbers) for numbers in series.values())
    if counted != sorted(whole.counters.values()):
        yield f"numbers: {counted} were given, the counters say {whole.counters}"


def _same(what: str, wanted: Mapping[Any, int], found: Mapping[Any, int]) -> Iterator[str]:
    for key in sorted(wanted.keys() | found.keys(), key=repr):
        if wanted.get(key, 0) != found.get(key, 0):
            yield f"{what}: {key} stands {found.get(key, 0)} times, not {wanted.get(key, 0)}"


def _told(data: bytes) -> dict[str, Any]:
    """An entry's own words; nothing where it cannot be read, which the verifier tells."""
    try:
        told = json.loads(data)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
