"""The law of counts: what tables say of what people did is what the entries say, counted by nothing but them."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import insert

from engine.core.command import AnswerApproval
from engine.errors import ZhibenError
from engine.runtime.deeds import fold_deeds
from engine.runtime.replay import bytes_of
from engine.store.schema import obligation
from engine.store.store import Store
from tests.watching import Quay, photo
from tests.worlds import calendar

#: What is counted again: per person or unit, from entries of January to March.
FIRST, BEFORE = "2026-01-01", "2026-04-01"
COUNTED = ("acts", "late", "remote", "dropped", "quick", "photos")


def lived(quay: Quay, seed: int, steps: int = 80) -> None:
    """Three months in which people report, visit, fine, accept, dismiss and type in late, as dice fall."""
    dice = random.Random(seed)
    cases: list[str] = []
    for n in range(steps):
        quay.clock.advance(timedelta(minutes=dice.randrange(1, 60 * 24)))
        who, house = dice.choice((("chen", "mill"), ("zhou", "barn"), ("boss", "mill")))
        late = quay.clock.now() - timedelta(days=1) if dice.random() < 0.3 else None
        occurred = f"{late.astimezone(calendar().zone):%Y-%m-%d %H:%M}" if late else ""
        match dice.randrange(6):
            case 0:
                quay.start(f"V{n}", "look_in", "visit", who, occurred=occurred, house=house, note="看过")
            case 1:
                quay.start(f"F{n}", "fine", "fined", who, house=house, note=f"{n}号")
            case 2:
                shown = (photo(f"p{dice.randrange(4)}"),)
                told = {"house": house, "what": "滴水", "grade": dice.choice("轻重"), "photos": shown}
                quay.start(f"C{n}", "fault", "tell", who, occurred=occurred, **told)
                cases.append(f"C{n}")
            case _ if cases:
                _go_on(quay, dice, dice.choice(cases))
            case _:
                pass


def _go_on(quay: Quay, dice: random.Random, name: str) -> None:
    """The first thing, in an order of the dice, that is possible now; what asks for consent gets it an hour later."""
    shown = (photo(f"p{dice.randrange(4)}"),)
    tries: list[tuple[str, str, dict[str, Any]]] = [
        *(("look", who, {}) for who in ("chen", "zhou")),
        *(("drop", who, {"cause": "不属实"}) for who in ("chen", "zhou")),
        *(("ask", who, {"photos": shown}) for who in ("wang", "qian")),
        *(("pass", who, {}) for who in ("chen", "zhou")),
    ]
    dice.shuffle(tries)
    for action, who, data in tries:
        for task in quay.open_tasks(name):
            try:
                quay.act(name, action, who, task=task, **data)
            except ZhibenError:
                continue
            quay.clock.advance(timedelta(hours=1))
            for approval in quay.open_tasks(name):
                with suppress(ZhibenError):
                    quay.do(name, AnswerApproval(task=approval, consent=True), "boss")
            return


def entries(quay: Quay) -> list[tuple[str, dict[str, Any]]]:
    """(case, entry) of every case, in order."""
    with quay.store.read() as reader:
        streams = [one for one, _, _ in reader.record.streams(limit=10_000) if one.kind == "case"]
        return [(one.id, orjson.loads(data)) for one in streams for data in bytes_of(reader.record, one)]


def naive(told: list[tuple[str, dict[str, Any]]]) -> dict[str, Counter[str]]:
    """Counts from entries alone, as somebody with a pencil makes them."""
    found: dict[str, Counter[str]] = {
        name: Counter() for name in ("acts", "late", "remote", "dropped", "quick", "photos")
    }
    asked: dict[tuple[str, int], dict[str, Any]] = {}
    entered: dict[tuple[str, str], datetime] = {}
    task_state: dict[tuple[str, int], str] = {}
    shown: dict[str, set[str]] = {}
    for case, entry in told:
        at = datetime.fromisoformat(entry["occurred_at"])
        answered = {
            asked[case, one["task"]]["action"]: asked[case, one["task"]]
            for one in entry["events"]
            if one["type"] == "task_ended" and one["how"] == "consented"
        }
        for one in entry["events"]:
            if one["type"] == "task_opened":
                task_state[case, one["task"]] = one["state"]
                if "asked" in one:
                    asked[case, one["task"]] = one["asked"]
            elif one["type"] == "action_taken":
                known = answered.get(one["action"])
                who = known["by"] if known else entry["acted_by"]
                found["acts"][who] += 1
                found["late"][who] += entry.get("late", False)
                found["remote"][who] += not one.get("on_site", False)
                found["dropped"][who] += one["action"] == "drop"
                since = entered.get((case, task_state.get((case, one.get("task", 0)), "")))
                quick = one["action"] == "pass" and since is not None and (at - since).total_seconds() <= 864_000
                found["quick"][who] += quick
                for file in one.get("evidence", ()):
                    if entry["medium"] != "signal" and file["kind"] == "photo":
                        shown.setdefault(file["sha256"], set()).add(case)
            elif one["type"] == "state_entered":
                entered[case, one["state"]] = at
    found["photos"] = Counter({digest: len(cases) for digest, cases in shown.items()})
    return {name: Counter({who: count for who, count in one.items() if count}) for name, one in found.items()}


def test_tables_count_what_entries_tell(store: Store) -> None:
    quay = Quay(store, "2026-01-05 09:00")
    lived(quay, seed=7)
    quay.fold()

    counted = {
        name: quay.between(name, FIRST, BEFORE) for name in ("acts", "late", "remote", "dropped", "quick", "photos")
    }

    assert counted == naive(entries(quay))
    assert all(counted.values())


def test_tables_forgotten_and_folded_anew_say_the_same(store: Store) -> None:
    quay = Quay(store, "2026-01-05 09:00")
    lived(quay, seed=11, steps=30)
    quay.fold()
    before = {name: quay.between(name, FIRST, BEFORE) for name in ("acts", "late", "photos")}

    with store.session() as session:
        session.deeds.forget()
    while fold_deeds(quay.service):
        pass

    assert {name: quay.between(name, FIRST, BEFORE) for name in ("acts", "late", "photos")} == before


def test_a_hidden_case_is_counted_nowhere_before_it_is_opened(store: Store) -> None:
    quay = Quay(store, "2026-02-02 09:00")
    quay.start("R", "raid", "plan", "chen", house="mill", note="夜查")
    quay.fold()
    hidden = [quay.between(name, FIRST, BEFORE) for name in ("raids", "raided")]

    quay.act("R", "arrive", "chen")
    quay.fold()

    assert hidden == [{}, {}]
    assert [quay.between(name, FIRST, BEFORE) for name in ("raids", "raided")] == [{"mill": 1}, {"chen": 2}]


def test_obligations_are_counted_by_what_became_of_them(store: Store) -> None:
    quay = Quay(store, "2026-02-02 09:00")
    rows = [("2026-W05", "mill", "missed"), ("2026-W06", "mill", "done"), ("2026-W06", "barn", "open")]
    with store.session() as session:
        for period, unit, status in rows:
            session.run(insert(obligation).values(**_owed(quay, period, unit, status)))

    # Of the week before, missed at the very end of the last day and counted there; what is missed later is later's.
    assert quay.between("missed", FIRST, BEFORE) == {"mill": 1}
    assert quay.between("missed", "2026-02-05", "2026-02-16") == {"mill": 1}
    assert quay.between("missed", "2026-02-16", "2026-02-20") == {}
    assert quay.between("open", FIRST, BEFORE) == {"/quay/west/": 1}


def _owed(quay: Quay, period: str, unit: str, status: str) -> dict[str, Any]:
    """A row of which only this matters."""
    blank = {column.name: column.type.python_type() for column in obligation.c}
    region = "/quay/east/" if unit == "mill" else "/quay/west/"
    moments = {"due_at": quay.micros("2026-02-06 12:00"), "missed_at": quay.micros("2026-02-16 00:00")}
    told = {"duty": "weekly", "period": period, "subject": unit, "unit": unit, "region": region, "status": status}
    return {**blank, **told, **moments, "missed": status == "missed"}
