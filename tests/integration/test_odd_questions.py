"""Questions that no register can answer: nothing is found, or the asker is told; nothing breaks on either database."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from engine.errors import BadInput, Busy
from engine.store.queries import CaseFilter
from engine.store.reader import Reader
from engine.store.store import Store, open_store
from tests.districts import District
from tests.integration.looking import EVERYTHING

ODD = ("\x00", "\ud800", "a\U0010ffff", "\ud7ff", "%", "\\", "x" * 10_000)


@pytest.fixture
def district(store: Store) -> District:
    """A settled world with one case, on each database."""
    made = District(store)
    made.settle()
    made.do(made.start("A"))
    return made


def asked(store: Store, question: Callable[[Reader], object]) -> object:
    """The answer; "refused" where the asker is told that the question makes no sense."""
    try:
        with store.read() as reader:
            return question(reader)
    except BadInput:
        return "refused"


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["text", "number", "state", "region", "unit", "procedure", "values"])
def test_odd_words_find_nothing(district: District, name: str, odd: str) -> None:
    wanted: Any = {"subject": odd} if name == "values" else odd

    told = asked(district.store, lambda reader: reader.cases(EVERYTHING, CaseFilter(**{name: wanted})).items)

    assert told == (() if odd.isprintable() else "refused")


@pytest.mark.parametrize("odd", ODD)
def test_odd_ids_name_nothing(district: District, odd: str) -> None:
    day = date(2026, 3, 2)
    questions: tuple[Callable[[Reader], object], ...] = (
        lambda reader: reader.case(EVERYTHING, odd),
        lambda reader: reader.snapshot(EVERYTHING, odd),
        lambda reader: reader.entries(EVERYTHING, odd),
        lambda reader: reader.bulk(EVERYTHING, odd),
        lambda reader: reader.entities(EVERYTHING, "unit", day, text=odd).items,
        lambda reader: reader.entities(EVERYTHING, "unit", day, region=odd).items,
    )

    assert all(asked(district.store, question) in (None, [], (), "refused") for question in questions)


@pytest.mark.parametrize("values", [[2**70, "A"], [1, "\x00"], [1, 2], [1], [], [-(2**70), ""]])
def test_a_mark_of_ones_own_making_is_refused_or_leads_nowhere(district: District, values: list[object]) -> None:
    mark = urlsafe_b64encode(json.dumps(["cases opened_at 1", *values]).encode()).decode()

    with district.store.read() as reader, pytest.raises(BadInput):
        reader.cases(EVERYTHING, after=mark)


def test_readers_beyond_what_the_server_takes_are_told_to_come_back(pg_url: str) -> None:
    store = open_store(pg_url, unsafe=True, connections=1)
    store._readers.pool._timeout = 0.05  # type: ignore[attr-defined]  # nobody wants to wait ten seconds here
    entered, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with store.read() as reader:
            reader.lag()
            entered.set()
            leave.wait(30)

    with ThreadPoolExecutor(1) as pool:
        staying = pool.submit(stay)
        assert entered.wait(20)
        with pytest.raises(Busy), store.read() as reader:
            reader.lag()
        leave.set()
        staying.result()
    store.close()
