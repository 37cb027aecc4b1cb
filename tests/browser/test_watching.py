"""The watch itself: what goes wrong on a page is noticed, whoever looks."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import NAMED, NoChromium, executable
from tests.browser.serving import Served
from tests.browser.watching import Watch


def test_errors_and_requests_to_other_hosts_are_noticed(browser: Browser, district: Served) -> None:
    context = browser.new_context(base_url=district.base, bypass_csp=True)
    watch = Watch(context, district.base)
    page = context.new_page()
    page.goto("/nowhere")
    seen_without_leave = len(watch.troubles)

    page.evaluate("setTimeout(() => { throw new Error('broken') })")
    page.evaluate("fetch('http://elsewhere.invalid/').catch(() => {})")
    page.wait_for_function("performance.now() > 0")
    context.close()

    told = "\n".join(watch.troubles)
    assert seen_without_leave == 1
    assert "broken" in told
    assert "request to http://elsewhere.invalid/" in told


def test_an_answer_that_a_test_provokes_is_no_trouble(browser: Browser, district: Served) -> None:
    context = browser.new_context(base_url=district.base)
    watch = Watch(context, district.base)
    watch.allow(404)

    context.new_page().goto("/nowhere")
    context.close()

    assert watch.troubles == []


def test_a_machine_without_a_browser_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAMED, raising=False)
    monkeypatch.setenv("PATH", "")

    with pytest.raises(NoChromium, match="apt-get install chromium fonts-noto-cjk"):
        executable()
