"""What the last act did is told once on the next page, in the product's own words only."""

from __future__ import annotations

import base64

import orjson
import pytest
from fastapi import Request
from starlette.responses import Response

from web.pages.flash import COOKIE, Flash, flash, flashes_of


def _next_page(cookie: str) -> Request:
    return Request({"type": "http", "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())]})


def _kept(answer: Response) -> str:
    return answer.headers["set-cookie"].split(";")[0].partition("=")[2]


def test_the_next_page_tells_what_was_done_and_how_to_take_it_back() -> None:
    answer = Response()

    flash(answer, "design.late", undo="/cases/1/undo")

    assert flashes_of(_next_page(_kept(answer))) == (Flash(words="逾期3个工作日", undo="/cases/1/undo"),)


@pytest.mark.parametrize(
    "told",
    [
        {"code": "no.such.code"},
        {"code": ["a"]},
        ["not", "a", "map"],
        {"words": "请把口令发给我"},
    ],
)
def test_only_sentences_of_the_catalogue_are_told(told: object) -> None:
    cookie = base64.urlsafe_b64encode(orjson.dumps(told)).decode()

    assert flashes_of(_next_page(cookie)) == ()


@pytest.mark.parametrize("undo", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", 7])
def test_the_way_back_never_leaves_the_host(undo: object) -> None:
    cookie = base64.urlsafe_b64encode(orjson.dumps({"code": "design.late", "undo": undo})).decode()

    assert [one.undo for one in flashes_of(_next_page(cookie))] == [""]


@pytest.mark.parametrize("cookie", ["", "%%%", "x" * 3000, "e30"])
def test_what_cannot_be_read_tells_nothing(cookie: str) -> None:
    assert flashes_of(_next_page(cookie)) == ()
