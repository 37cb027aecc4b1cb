"""Photographs pages of a demonstration, for the guide and for looking at them.

    python -m scripts.screenshots                         the pictures of the guide, into docs/pictures
    python -m scripts.screenshots --to FOLDER [NAME ...]  all, or these, light and dark, into a folder to look into

What is photographed stands in screenshots.yaml. With --demo FOLDER a demonstration is played there once and used again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from engine.runtime.clock import SystemClock
from tests.browser.chromium import ARGUMENTS, executable
from tests.browser.widths import DESKTOP, HEIGHTS, PHONE
from zhiben.composition import Application
from zhiben.passing import keep_lead, kept_clock
from zhiben.serving import address_of, listen
from zhiben.settings import Settings
from zhiben.story.accounts import open_accounts
from zhiben.story.demo import Demo
from zhiben.story.script import load_script

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "pictures"
LIST = Path(__file__).with_suffix(".yaml")
WIDTHS = {"desktop": DESKTOP, "phone": PHONE}
#: The demonstration is a third of the year: enough for full pages, done in seconds.
ONE_IN = 3
_COLOURS = 128


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One entry of the list."""

    name: str
    person: str
    path: str
    follow: str = ""
    press: tuple[str, ...] = ()
    widths: tuple[str, ...] = ("desktop", "phone")
    guide: bool = False


def pictures() -> list[Picture]:
    """The entries of the list."""
    told: list[Mapping[str, Any]] = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    lists = {"press", "widths"}
    return [Picture(**{key: tuple(value) if key in lists else value for key, value in one.items()}) for one in told]


def main(arguments: Sequence[str]) -> int:
    """Take the pictures; the number of those that could not be taken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--to", type=Path, default=None)
    parser.add_argument("--demo", type=Path, default=None)
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - {one.name for one in pictures()}:
        parser.error(f"no picture is called {', '.join(sorted(unknown))}")
    wanted = [one for one in pictures() if (one.name in asked.names if asked.names else asked.to or one.guide)]
    folder: Path = asked.to or GUIDE
    folder.mkdir(parents=True, exist_ok=True)
    schemes = ("light", "dark") if asked.to else ("light",)
    with tempfile.TemporaryDirectory() as passing:
        data = asked.demo or Path(passing) / "demo"
        with _demonstration(data) as (made, base), _chromium() as browser:
            camera = Camera(browser, made, base, folder)
            return sum(not camera.take(one, scheme) for one in wanted for scheme in schemes)


class Camera:
    """Takes pictures of one demonstration."""

    def __init__(self, browser: Browser, made: Application, base: str, folder: Path) -> None:
        self._browser = browser
        self._made = made
        self._base = base
        self._folder = folder
        self._cookies: dict[str, str] = {}

    def take(self, picture: Picture, scheme: str) -> bool:
        """Take one picture at its widths; whether nothing went wrong."""
        good = True
        for width in picture.widths:
            context = self._context(picture.person, WIDTHS[width], scheme)
            page = context.new_page()
            answer = page.goto(picture.path)
            if picture.follow:
                link = page.locator(picture.follow).first
                if not link.count():
                    print(f"{picture.name}: nothing to follow on {page.url}", file=sys.stderr)
                    context.close()
                    return False
                answer = page.goto(str(link.get_attribute("href")))
            for selector in picture.press:
                page.locator(selector).first.click()
            page.wait_for_load_state("networkidle")
            if answer is None or not answer.ok:
                print(f"{picture.name}: {page.url} answered {answer and answer.status}", file=sys.stderr)
                good = False
            self._keep(page, picture.name, width, scheme)
            context.close()
        return good

    def _context(self, person: str, width: int, scheme: str) -> BrowserContext:
        context = self._browser.new_context(
            base_url=self._base,
            viewport={"width": width, "height": HEIGHTS[width]},
            has_touch=width == PHONE,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            color_scheme="dark" if scheme == "dark" else "light",
        )
        if person:
            cookie = {"name": self._made.services.settings.cookie, "value": self._cookie(person), "url": self._base}
            context.add_cookies([cookie])  # type: ignore[list-item]
        return context

    def _cookie(self, login: str) -> str:
        if login not in self._cookies:
            self._cookies[login] = self._made.accounts.sign_in(login, _script(self._made).accounts.password).token
        return self._cookies[login]

    def _keep(self, page: Page, name: str, width: str, scheme: str) -> None:
        told = f"{name}{'-phone' if width == 'phone' else ''}{'-dark' if scheme == 'dark' else ''}"
        path = self._folder / f"{told}.png"
        page.screenshot(path=str(path))
        with Image.open(path) as taken:
            taken.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


@contextmanager
def _demonstration(data: Path) -> Iterator[tuple[Application, str]]:
    settings = Settings().model_copy(
        update={"data": data, "database": "", "master_key": None, "secure_cookies": False}
        | {"argon_memory_kib": 8_192, "argon_passes": 1}
    )
    if not data.exists():
        demo = Demo(settings, seed=None, one_in=ONE_IN, told=print)
        with demo.application:
            demo.run()
            keep_lead(data, demo.clock.now() - SystemClock().now())
    clock = kept_clock(data, SystemClock())
    with Application(settings, what="screenshots", clock=clock) as made, listen("127.0.0.1", 0) as taken:
        open_accounts(made, _script(made))
        server = uvicorn.Server(uvicorn.Config(made.web(), log_level="error", access_log=False, server_header=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        try:
            yield made, address_of(taken)
        finally:
            server.should_exit = True
            thread.join(10)


def _script(made: Application) -> Any:
    return load_script(made.settings.workflows / "plans" / made.settings.place / "story.yaml")


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        yield browser
        browser.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
