"""The pages behind their real door: accounts, cookies, forms; a browser per person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from engine.runtime.account_keeping import AccountKeeping
from engine.runtime.accounts import Accounts
from engine.runtime.devices import Devices
from tests.accounts import PASSWORD, PATIENT, CountingHasher
from tests.contract.api_fixtures import Api
from tests.districts import SeededDice
from web.app import create_app
from web.pages import PAGES
from web.pages.visitor import PageGate
from web.policy import gates_of, routes_of

HOST = "zhiben.test"
OURS = f"https://{HOST}"
COOKIE = "__Host-zhiben"


class _Hidden(HTMLParser):
    """Hidden fields of the first form that goes to an address."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self._action = action
        self._inside = False
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self._inside = told.get("action") == self._action and not self.fields
        elif tag == "input" and self._inside and told.get("type") == "hidden":
            self.fields[str(told["name"])] = told.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


class Browser:
    """Keeps cookies, sends what a browser sends, follows nothing by itself."""

    def __init__(self, app: FastAPI) -> None:
        self.client = TestClient(app, base_url=OURS, raise_server_exceptions=False, follow_redirects=False)

    def get(self, path: str, **headers: str) -> Any:
        """Look at a page."""
        return self.client.get(path, headers=headers)

    def send(self, path: str, data: dict[str, str] | None = None, *, form_on: str = "", **headers: str) -> Any:
        """Fill the form of that address on a page and send it; without `form_on` the page is where it goes."""
        page = self.get(form_on or path)
        hidden = _Hidden(path)
        hidden.feed(page.text)
        told = {"Origin": OURS, "Sec-Fetch-Site": "same-origin", **headers}
        return self.client.post(path, data={**hidden.fields, **(data or {})}, headers=told)

    def sign_in(self, login: str, password: str = PASSWORD, **headers: str) -> Any:
        """Fill in the form of the door."""
        return self.send("/sign-in", {"login": login, "password": password}, **headers)

    @property
    def token(self) -> str:
        """The session's token; "" = there is none."""
        return self.client.cookies.get(COOKIE) or ""

    @property
    def csrf(self) -> str:
        """What this session's forms carry."""
        found = re.search(r'<meta name="csrf" content="([^"]*)"', self.get("/account").text)
        return found[1] if found else ""


class Door:
    """The application with accounts for everybody of the sample district."""

    def __init__(self, api: Api, **settings: Any) -> None:
        self.api = api
        self.clock = api.district.clock
        self.hasher = CountingHasher()
        told = {
            "door": api.services.door,
            "store": api.district.store,
            "clock": api.district.clock,
            "hasher": self.hasher,
            "rules": PATIENT,
        }
        self.accounts = Accounts(**told, dice=SeededDice("door"))
        self.devices = Devices(**told, dice=SeededDice("devices"))
        self.keeping = AccountKeeping(**told, dice=SeededDice("keeper"), medium="cli")
        self.persons = ("chen", "lin", "wang")
        self.keeping.open_many({name: name for name in self.persons}, PASSWORD)
        self.app = create_app(
            replace(
                api.services,
                accounts=self.accounts,
                devices=self.devices,
                sessions=self.accounts,
                settings=replace(api.services.settings, **settings),
            )
        )

    def browser(self, person: str = "") -> Browser:
        """A browser, signed in as that person."""
        made = Browser(self.app)
        if person:
            answer = made.sign_in(person)
            assert answer.status_code == 303, answer.text
        return made


def page_routes() -> Iterator[APIRoute]:
    """Every route that people use."""
    for router in PAGES:
        for route in routes_of(router.routes):
            assert isinstance(route, APIRoute), route
            yield route


def gate_of(route: APIRoute) -> PageGate:
    """What guards it."""
    (gate,) = gates_of(route)
    assert isinstance(gate, PageGate), route.path
    return gate


def address_of(route: APIRoute) -> str:
    """An address of the route; what its parameters name exists nowhere."""
    return re.sub(r"\{[^}]*\}", "1", route.path)


@pytest.fixture
def door(api: Api) -> Door:
    """The pages of the sample district."""
    return Door(api, sign_in_rate="1000/minute", caller_rate="100000/minute")
