"""Writes the fictitious spreadsheets of `zhiben.story.samples` into a folder and prints what is in them.

Run as `python -m scripts.make_samples FOLDER`.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from zhiben.story.samples import LEDGER_HEADERS, SEED, UNIT_HEADERS, Samples, make_samples

__all__ = ["LEDGER_HEADERS", "UNIT_HEADERS", "Samples", "make_samples"]


def main() -> None:
    """Write the samples where the command line says and print what is in them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    told = make_samples(given.folder, seed=given.seed)
    print(json.dumps(asdict(told), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
