"""Watches as pure functions: windows, conditions, findings found once, draws made again, what load refuses."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from engine.core import event as ev
from engine.core.command import SYSTEM, Command, Stream, TurnWatch
from engine.core.definition_links import StartSpec
from engine.core.definition_watches import DrawSpec, Limit, Measure, Watch
from engine.core.directory import Directory
from engine.core.loader import load_library
from engine.core.recurrence import Rhythm
from engine.core.resolve import resolve
from engine.core.watch_windows import due, last_ended, of_key
from engine.core.watches import Measured, WatchFacts, WatchState, decide_watch, drawn_of, fold_watch, holds
from engine.errors import BadInput, DefinitionErrors, NotPermitted
from engine.runtime.definitions import read_texts
from tests.watching import FOLDER
from tests.worlds import calendar, local

MONTHLY = Watch(
    id="w",
    title="多",
    plan="p",
    per="unit",
    every=Rhythm(period="month"),
    counts=(Measure(id="n", title="数", source="cases", procedure="x", by="opened"),),
    limits=(Limit(id="most", title="上限", value=2),),
    when="n >= most",
    light="red",
)
ROLLING = Watch(
    **{**{name: getattr(MONTHLY, name) for name in MONTHLY.__struct_fields__}, "every": None, "window": "30 days"}
)
TODAY = date(2026, 4, 2)


def turned(watch: Watch, state: WatchState, day: date, *measured: Measured, by: str = SYSTEM) -> WatchState:
    """The state after the watch looked at its last window on a day."""
    span = last_ended(watch, day, calendar())
    now = calendar().instant(day)
    command = Command(
        id="c", stream=Stream("watch", "w"), act=TurnWatch(period=span.period), acted_by=by, entered_by=by,
        occurred_at=now, recorded_at=now, medium="timer",
    )  # fmt: skip
    facts = WatchFacts(directory=Directory(version=1), today=day, span=span, measured=measured)
    return fold_watch(state, state.seq + 1, decide_watch(watch, state, command, facts))


def counted(subject: str, n: int) -> Measured:
    return Measured(subject=subject, counts={"n": n}, cases=("a", "b", "c", "d"), behind=4)


def test_a_period_is_looked_at_when_it_has_ended_and_once() -> None:
    first = turned(MONTHLY, WatchState(), TODAY, counted("A", 3))
    again = turned(MONTHLY, first, TODAY, counted("A", 5))

    assert [(one.period, one.subject) for one in first.open] == [("2026-03", "A")]
    assert again.open == first.open


def test_a_rolling_watch_finds_a_subject_again_only_after_new_counts_cleared_it() -> None:
    lit = turned(ROLLING, WatchState(), date(2026, 4, 2), counted("A", 3))
    still = turned(ROLLING, lit, date(2026, 4, 3), counted("A", 3))
    cleared = turned(ROLLING, still, date(2026, 4, 4), counted("A", 1))
    lit_again = turned(ROLLING, cleared, date(2026, 4, 5), counted("A", 2))

    assert [one.period for one in still.open] == ["2026-04-01"]
    assert cleared.open == ()
    assert [one.period for one in lit_again.open] == ["2026-04-04"]


def test_nobody_but_the_clock_turns_a_watch() -> None:
    with pytest.raises(NotPermitted):
        turned(MONTHLY, WatchState(), TODAY, by="chen")


def test_what_cannot_be_computed_does_not_hold() -> None:
    divided = replace(MONTHLY, when="most / n > 1")

    assert (holds(divided, {"n": 0}), holds(divided, {"n": 1})) == (False, True)


def test_windows_that_ended_since_are_made_up_for_in_order_but_not_without_end() -> None:
    through = local("2026-01-01 00:00").isoformat()
    utc = last_ended(MONTHLY, date(2026, 1, 15), calendar()).before.isoformat()
    missed = due(MONTHLY, utc, TODAY, calendar())

    assert [one.period for one in missed] == ["2026-01", "2026-02", "2026-03"]
    assert [one.period for one in due(MONTHLY, "", TODAY, calendar())] == ["2026-03"]
    assert len(due(MONTHLY, "1990-01-01T00:00:00+00:00", TODAY, calendar())) == 24
    assert [one.period for one in due(ROLLING, through, TODAY, calendar())] == ["2026-04-01"]


def test_a_key_of_another_rhythm_is_refused() -> None:
    assert of_key(MONTHLY, "2026-03", calendar()).before == calendar().instant(date(2026, 4, 1))
    with pytest.raises(BadInput):
        of_key(MONTHLY, "2026-Q1", calendar())


def test_a_draw_takes_a_share_of_the_cases_and_can_be_made_again() -> None:
    start = StartSpec(procedure="x", action="y")
    watch = replace(MONTHLY, draw=DrawSpec(percent=30, start=start))
    draws = {digest: drawn_of(watch, counted("A", 3), digest) for digest in "0123456789"}

    assert {len(one) for one in draws.values()} == {2}
    assert draws == {digest: drawn_of(watch, counted("A", 3), digest) for digest in "0123456789"}
    assert {case for one in draws.values() for case in one} == {"a", "b", "c", "d"}
    assert drawn_of(MONTHLY, counted("A", 3), "0") == ()


def test_what_was_found_stays_known_by_its_events() -> None:
    state = turned(MONTHLY, WatchState(), TODAY, counted("A", 3), counted("B", 2), counted("C", 1))
    after = fold_watch(state, 2, [ev.FindingAnswered(period="2026-03", subject="A", how="examined", reason="看过")])

    assert [one.subject for one in state.open] == ["A", "B"]
    assert [one.subject for one in after.open] == ["B"]


_W, _P = "library/watches.yaml", "library/fault.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        (_W, "acts: visit, of: look_in}\n  fines", "acts: vist, of: look_in}\n  fines", "unknown_action"),
        (_W, "when: faults >= enough", "when: fault >= enough", "unknown_name"),
        (_W, "for: people in fixer", "for: people in fixr", "unknown_role"),
        (_W, "fault where grade == '重'", "fault where what == '重'", "not_a_filter"),
        (_W, "with: {whom: subject_title, house", "with: {who: subject_title, house", "unknown_field"),
        (_P, "cap: {watch: visit_cap}", "cap: {watch: visit_capp}", "unknown_watch"),
        (_P, "cap: {watch: visit_cap}", "cap: {watch: quick_pass}", "cap_not_counted"),
        (_P, "form: [again], mark: over}", "form: [note], mark: over}", "cap_field"),
    ],
)
def test_what_a_watch_names_must_be_there(file: str, old: str, new: str, code: str) -> None:
    texts = read_texts(FOLDER)
    assert old in texts[file]
    texts[file] = texts[file].replace(old, new, 1)

    with pytest.raises(DefinitionErrors) as caught:
        resolve(load_library(texts), "quay")

    assert code in {one.code for one in caught.value.problems}


MISSED = """
---
watch: often_missed
title: 漏报多
explain: 一个季度里漏报的
basis: []
per: unit
every: {period: quarter}
count:
  gone: {title: 漏报, obligations: inspect, status: missed}
when: gone > 1
then: {light: yellow}
"""


@pytest.mark.parametrize(("status", "code"), [("missed", "unknown_duty"), ("mised", "wrong_value")])
def test_what_a_watch_counts_of_a_duty_must_be_there(status: str, code: str) -> None:
    texts = read_texts(FOLDER)
    texts[_W] += MISSED.replace("status: missed", f"status: {status}")

    with pytest.raises(DefinitionErrors) as caught:
        resolve(load_library(texts), "quay")

    assert {one.code for one in caught.value.problems} == {code}
