"""Stores on both databases for integration tests."""

from __future__ import annotations

from tests.contract.conftest import (  # noqa: F401 - fixtures
    pg_migrated,
    pg_server,
    pg_store,
    pg_url,
    sqlite_migrated,
    sqlite_store,
    sqlite_url,
    store,
)
