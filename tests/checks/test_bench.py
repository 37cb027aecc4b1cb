"""The benchmarks run, prove what they wrote and notice when their own baseline lost something; no speed is tested."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite

from bench.__main__ import FIGURES, main
from bench.bare import Bare, BareSqlite, Shape, Wrong
from bench.figures import Figure, NotRun, Ratios
from bench.one_client import one_at_a_time
from bench.proof import NotWhole, answered, prove
from bench.walks import Walks
from bench.world import world

SHAPE = Shape(snapshot=900, entry=800, message=30, cases=7)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_measured_with_everything_written_found_again(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main([name, "--small", "--json", "--folder", str(tmp_path)])

    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert status == 0
    assert [one["id"] for one in told if one["id"].partition("-")[0] == name] == [one["id"] for one in told]
    assert len(told) == len(FIGURES[name])
    for one in told:
        # `reached` says nothing at these counts; that nothing was lost or doubled does
        assert one.get("whole", True), one
        assert one["details"]["commit"], one


def test_a_figure_is_one_line_and_how_it_came_about_another() -> None:
    ratios = Ratios(ours=[40.0, 50.0, 60.0], bare=[100.0, 100.0, 100.0])

    figure = Figure(id="F1", value=ratios.ratio, reach=0.4, details=ratios.details())

    assert figure.lines() == "F1 0.50 reach 0.40 ok\n    ours/s 50 · bare/s 100 · rounds 3 · spread 0.40-0.60"


def test_a_figure_that_lost_something_is_short_however_fast_it_was() -> None:
    figure = Figure(id="F5", value=1.0, reach=10.0, better="less", unit=" s", whole=False, details={"lost": 1})

    assert figure.lines() == "F5 1.00 s reach 10.00 s short\n    lost 1"


def test_what_was_not_run_is_said_loudly() -> None:
    assert NotRun(id="F2", reason="no server").lines() == "F2 NOT RUN: no server"


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Bare]:
    """A bare driver that made some transitions."""
    made = BareSqlite(tmp_path / "bare.sqlite", SHAPE)
    made.prepare()
    made.run(20)
    yield made
    made.close()


def test_the_baseline_finds_what_it_wrote(bare: Bare) -> None:
    assert bare.check() == {"entries": 20, "chains": 7}


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM bare_entry WHERE seq = 3 AND case_id LIKE '%1'",
        "DELETE FROM bare_outbox WHERE created_at = 2",
        "DELETE FROM bare_timer WHERE case_id LIKE '%2'",
        "UPDATE bare_entry SET body = CAST(replace(body, 'x', 'y') AS BLOB) WHERE seq = 1 AND case_id LIKE '%3'",
        "UPDATE bare_case SET version = version + 1 WHERE id LIKE '%4'",
    ],
)
def test_the_baseline_notices_a_lost_row_and_a_broken_link(bare: Bare, tmp_path: Path, harm: str) -> None:
    with sqlite.connect(str(tmp_path / "bare.sqlite")) as other:
        assert other.execute(harm).rowcount >= 1

    with pytest.raises(Wrong):
        bare.check()


def test_the_proof_notices_a_command_that_left_no_entry(tmp_path: Path) -> None:
    with world(f"sqlite:///{tmp_path / 'world.sqlite'}") as district:
        done = len(answered(one_at_a_time(district, Walks(district, "proof").take(30))))

        assert prove(district.store, done).entries == 30
        with pytest.raises(NotWhole, match="31 commands, found 30"):
            prove(district.store, done + 1)


def test_walks_of_one_name_are_the_same_in_every_run(tmp_path: Path) -> None:
    with world(f"sqlite:///{tmp_path / 'world.sqlite'}") as district:
        assert Walks(district, "same").take(200) == Walks(district, "same").take(200)
