"""Nothing but `workflows/` knows an id of `workflows/`: what uses them passes with other words, new ones each time."""

from __future__ import annotations

import secrets

import pytest

from tests.renamed import SUITE, dependent, run

SEEDS = 10**6


@pytest.mark.timeout(600)
def test_what_uses_the_definitions_passes_with_every_id_renamed_at_random() -> None:
    seed = secrets.randbelow(SEEDS)

    told = run(seed, dependent(), capture=True)

    assert told.returncode == 0, f"python -m tests.renamed --seed {seed}\n{told.stdout[-6000:]}{told.stderr[-2000:]}"


@pytest.mark.nightly
def test_the_whole_suite_passes_with_every_id_renamed_at_random() -> None:
    seed = secrets.randbelow(SEEDS)

    told = run(seed, SUITE, capture=True)

    assert told.returncode == 0, f"python -m tests.renamed --seed {seed}\n{told.stdout[-6000:]}{told.stderr[-2000:]}"
