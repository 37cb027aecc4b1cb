"""A PostgreSQL for the tests of this folder."""

from __future__ import annotations

from tests.contract.conftest import pg_server, sqlite_migrated, sqlite_store, sqlite_url  # noqa: F401 - fixtures
