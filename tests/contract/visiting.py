"""Visiting the pages of the API's fixtures: getting them, sending their forms, reading what a form carries unseen."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from tests.browsing import headers_of
from tests.contract.api_fixtures import Api


def visit(api: Api, person: str, path: str, **more: Any) -> Any:
    """GET a page as a person."""
    return api.client.get(path, headers=headers_of(person), follow_redirects=False, **more)


def send(api: Api, person: str, path: str, data: dict[str, Any], files: Any = None, **headers: str) -> Any:
    """POST a form of a page as a person."""
    sent = {**headers_of(person), **headers}
    return api.client.post(path, data=data, files=files or {"_": b""}, headers=sent, follow_redirects=False)


def hidden(text: str) -> dict[str, str]:
    """What the form carries unseen."""
    found = re.findall(r'<input type="hidden" name="(_[a-z]+)" value="([^"]*)"', text)
    return {name: unescape(value) for name, value in found}
