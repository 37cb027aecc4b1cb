"""Accounts and sessions, alike on both databases."""

from __future__ import annotations

import pytest

from engine.errors import Conflict
from engine.store.accounts import AccountRow, SessionRow
from engine.store.store import Store

LI = AccountRow(person="li", login="li.ming", hash="$argon2id$li", changed_at=10)
WU = AccountRow(person="wu", login="wu", hash="$argon2id$wu", must_change=True, changed_at=20)


def session_row(person: str, n: int, *, at: int = 100, expires_at: int = 1_000, idle: int = 50) -> SessionRow:
    return SessionRow(
        digest=bytes([n]) * 32,
        person=person,
        created_at=at,
        seen_at=at,
        expires_at=expires_at,
        idle=idle,
        agent="Firefox",
        csrf=f"csrf-{n}",
    )


@pytest.fixture
def filled(store: Store) -> Store:
    with store.session() as session:
        session.accounts.add(LI)
        session.accounts.add(WU)
    return store


def test_an_account_is_found_by_person_and_by_login(filled: Store) -> None:
    with filled.read() as reader:
        assert reader.accounts.get("li") == LI
        assert reader.accounts.by_login("wu") == WU
        assert (reader.accounts.get("nobody"), reader.accounts.by_login("li")) == (None, None)
        assert reader.accounts.list() == [LI, WU]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (AccountRow(person="he", login="wu", hash="", changed_at=1), "login_taken"),
        (AccountRow(person="wu", login="wu2", hash="", changed_at=1), "account_exists"),
    ],
)
def test_a_person_has_one_account_and_a_login_is_of_one_person(filled: Store, row: AccountRow, code: str) -> None:
    with pytest.raises(Conflict) as refused, filled.session() as session:
        session.accounts.add(row)

    assert refused.value.code == code


def test_what_is_changed_of_an_account_is_kept_and_the_rest_stays(filled: Store) -> None:
    with filled.session() as session:
        assert session.accounts.get("wu", locked=True) == WU
        assert session.accounts.set("wu", failed=3, locked_until=500, must_change=False)
        assert not session.accounts.set("nobody", failed=1)

    with filled.read() as reader:
        assert reader.accounts.get("wu") == AccountRow(
            person="wu", login="wu", hash="$argon2id$wu", failed=3, locked_until=500, changed_at=20
        )


def test_a_session_is_seen_with_the_account_of_its_person(filled: Store) -> None:
    row = session_row("li", 1)
    with filled.session() as session:
        session.accounts.begin(row)

    with filled.read() as reader:
        assert reader.accounts.seen(row.digest) == (row, LI)
        assert reader.accounts.seen(b"\x09" * 32) is None


def test_a_session_that_was_used_is_not_set_back(filled: Store) -> None:
    row = session_row("li", 1)
    with filled.session() as session:
        session.accounts.begin(row)
        session.accounts.touch(row.digest, 140)
        session.accounts.touch(row.digest, 120)

    with filled.read() as reader:
        assert [one.seen_at for one in reader.accounts.sessions("li")] == [140]


@pytest.mark.parametrize(("now", "over"), [(149, False), (150, True), (1_000, True)])
def test_a_session_ends_by_age_or_for_want_of_use(now: int, over: bool) -> None:
    assert session_row("li", 1).ended(now) is over


def test_only_the_persons_own_sessions_are_ended(filled: Store) -> None:
    rows = [session_row("li", 1), session_row("li", 2, at=110), session_row("wu", 3)]
    with filled.session() as session:
        for row in rows:
            session.accounts.begin(row)
        assert session.accounts.end("li", [rows[0].digest, rows[2].digest]) == 1

    with filled.read() as reader:
        assert list(reader.accounts.sessions("li")) == [rows[1]]
        assert list(reader.accounts.sessions("wu")) == [rows[2]]


def test_whoever_signs_in_clears_away_sessions_that_ran_out(filled: Store) -> None:
    old, young = session_row("wu", 1, expires_at=150), session_row("li", 2, at=150)
    with filled.session() as session:
        session.accounts.begin(old)
        session.accounts.begin(young)

    with filled.read() as reader:
        assert (list(reader.accounts.sessions("wu")), list(reader.accounts.sessions("li"))) == ([], [young])
