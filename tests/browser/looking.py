"""How tests look at a page: with the rules of axe-core, by its width, and by taking its picture."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.conftest import ROOT

_AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
#: Where pictures go when somebody wants to look: a folder, or nothing.
PICTURES = "ZHIBEN_PICTURES"


@cache
def _axe() -> str:
    return _AXE.read_text(encoding="utf-8")


def axe(page: Page) -> list[str]:
    """What axe-core finds serious or critical: rule and element, [] for an accessible page."""
    page.evaluate(_axe())
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']} {node['target']} {node.get('failureSummary', '')}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than its window; 0 for one that need not be scrolled sideways."""
    return int(page.evaluate("Math.max(0, document.documentElement.scrollWidth - window.innerWidth)"))


def too_small(page: Page) -> list[str]:
    """What can be pressed but is lower than 44 px: on a phone [] but for links within text."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("button, .button, .btn, summary, select, input:not([type=hidden])")]
            .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43.5)
            .filter((one) => !(one.closest("label") && one.closest("label").getBoundingClientRect().height >= 43.5))
            .filter((one) => !one.closest(".find") && !one.matches(".only-read"))
            .map((one) => one.outerHTML.slice(0, 120))"""
    )
    return found


def shot(page: Page, name: str) -> None:
    """Keep a picture of the whole page if a folder for pictures is named in the environment."""
    folder = os.environ.get(PICTURES)
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
