"""`python -m tests.crash --database sqlite|postgresql --kills 200 --seed N`: a campaign, told in one line."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.crash.campaign import Campaign
from tests.crash.ground import settle
from tests.databases import postgres_database, postgres_server


def main() -> int:
    """Run; 1 if anything was lost, doubled or changed."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with ExitStack() as held:
        database = ""
        if asked.database == "postgresql":
            database = held.enter_context(postgres_database(held.enter_context(postgres_server())))
        folder = Path(held.enter_context(TemporaryDirectory(prefix="zhiben-crash-")))
        report = Campaign(settle(folder, database), seed=asked.seed).run(asked.kills)
    for fault in report.faults:
        sys.stdout.write(f"{fault}\n")
    sys.stdout.write(f"{report.line()}\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
