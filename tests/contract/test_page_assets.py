"""What pages load: one address for each content, kept for ever, compressed, exactly what the lock brought."""

from __future__ import annotations

import gzip
import json

import pytest

from engine.errors import Broken
from scripts.assets import MANIFEST, VENDOR, hash_of
from tests.contract.api_fixtures import Api, api  # noqa: F401 - fixture
from tests.contract.conftest import sqlite_migrated, sqlite_store, sqlite_url  # noqa: F401 - fixtures
from web.pages.assets import FOLDER, asset


def test_an_asset_is_kept_for_ever_at_the_address_of_its_edition(api: Api) -> None:  # noqa: F811
    answer = api.client.get(asset("css/tokens.css"))

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.content == (FOLDER / "css" / "tokens.css").read_bytes()


def test_the_address_of_an_older_edition_gets_the_present_content_but_not_to_keep(api: Api) -> None:  # noqa: F811
    answer = api.client.get("/static/0123456789ab/css/tokens.css")

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


def test_who_takes_compressed_answers_gets_them(api: Api) -> None:  # noqa: F811
    with api.client.stream("GET", asset("js/app.js"), headers={"Accept-Encoding": "gzip"}) as answer:
        sent = b"".join(answer.iter_raw())

    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(sent) == (FOLDER / "js" / "app.js").read_bytes()


@pytest.mark.parametrize("path", ["css/none.css", "../app.py", "%2e%2e/app.py", "", "vendor"])
def test_nothing_but_the_files_of_the_folder_is_served(api: Api, path: str) -> None:  # noqa: F811
    assert api.client.get(f"/static/x/{path}").status_code == 404


def test_a_file_that_was_not_installed_is_told_to_whoever_builds_the_page() -> None:
    with pytest.raises(Broken, match="asset_missing"):
        asset("vendor/none.js")


def test_the_vendored_files_are_those_of_the_manifest_each_with_its_licence() -> None:
    manifest = json.loads((VENDOR / MANIFEST).read_text(encoding="utf-8"))

    found = {path.relative_to(VENDOR).as_posix(): hash_of(path) for path in VENDOR.rglob("*") if path.is_file()}
    assert {name: digest for name, digest in found.items() if name != MANIFEST} == manifest
    licensed = {"echarts", "htmx", "signature_pad", "tabler"}
    assert licensed <= {path.stem for path in (VENDOR / "licences").iterdir()}
