"""What every test may use: the repository's folder, the nightly switch and the hypothesis profiles."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# on every change the same examples, so that a red run means the change; new ones are looked for at night
settings.register_profile("push", max_examples=100, deadline=None, print_blob=True, derandomize=True)
settings.register_profile(
    "nightly", max_examples=2000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("push")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --nightly, which also runs the tests marked so."""
    parser.addoption("--nightly", action="store_true", help="also run the tests marked nightly")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked nightly unless it was asked for."""
    if config.getoption("--nightly"):
        return
    later = [item for item in items if item.get_closest_marker("nightly")]
    config.hook.pytest_deselected(items=later)
    items[:] = [item for item in items if not item.get_closest_marker("nightly")]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT
