"""Signing in on both databases: who gets in, who does not, what ends a session, what the record says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine.audit.entry import parse_entry
from engine.core import event as ev
from engine.core.command import Stream
from engine.core.upcast import decode_events
from engine.errors import BadInput, Busy, Conflict, NotFound, NotPermitted, Refusal
from engine.runtime.account_parts import AccountRules
from engine.runtime.accounts import Accounts
from engine.runtime.clock import SystemDice
from engine.runtime.passwords import PasswordRules
from engine.runtime.projection import from_micros, micros
from engine.runtime.replay import bytes_of
from engine.runtime.writer import DirectDoor, Writer
from engine.store.store import Store
from tests.accounts import ANOTHER, PASSWORD, Desk
from tests.districts import District, SeededDice

WRONG = "Quiet-harbour-78"


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    district = District(store)
    district.settle()
    door = (
        Writer(district.service)
        if store.kind == "sqlite"
        else DirectDoor(lambda: district.another_service(SystemDice()))
    )
    made = Desk(store, door, district.clock)
    made.open("chen")
    made.open("lin")
    yield made
    door.close()


def told(desk: Desk, person: str) -> list[tuple[str, ev.AnyEvent]]:
    """What the person's access stream says: who signed, and what happened."""
    with desk.store.read() as reader:
        entries = [parse_entry(data) for data in bytes_of(reader.record, Stream("access", person))]
    return [(entry.acted_by, event) for entry in entries for event in decode_events(entry.events)]


def refused(work: Callable[[], object]) -> str:
    """The code of what a call is refused with; "" = it is not."""
    try:
        work()
    except (Refusal, BadInput) as error:
        return error.code
    return ""


def guess(desk: Desk, times: int, login: str = "chen") -> list[str]:
    return [refused(lambda: desk.accounts.sign_in(login, WRONG)) for _ in range(times)]


# signing in -----------------------------------------------------------------------------------------------------


def test_whoever_knows_the_password_gets_a_session_and_the_record_says_so(desk: Desk) -> None:
    opened = desk.accounts.sign_in(" CHEN ", PASSWORD, agent="Firefox")

    seen = desk.accounts.seen(opened.token)
    assert seen is not None
    (row,) = desk.accounts.sessions("chen")
    assert (opened.person, seen.person, seen.id, seen.csrf, row.agent) == ("chen", "chen", row.id, row.csrf, "Firefox")
    assert told(desk, "chen") == [
        ("system", ev.AccountSet(standing="opened")),
        ("chen", ev.SignedIn(session=row.id, agent="Firefox")),
    ]


def test_every_sign_in_gives_a_session_of_its_own(desk: Desk) -> None:
    tokens = {desk.accounts.sign_in("chen", PASSWORD).token for _ in range(3)}

    assert len(tokens) == 3
    assert {len(token) for token in tokens} == {43}  # 256 bits
    assert len({desk.accounts.seen(token).csrf for token in tokens}) == 3


def test_all_refusals_look_the_same_and_cost_one_check_each(desk: Desk) -> None:
    desk.keeping.disable("lin")
    guess(desk, 1)
    told_codes = {}
    for name, login, password in (
        ("unknown", "nobody", PASSWORD),
        ("wrong", "chen", WRONG),
        ("disabled", "lin", PASSWORD),
        ("empty", "", ""),
    ):
        before = (desk.hasher.verified, desk.hasher.hashed)
        told_codes[name] = refused(lambda: desk.accounts.sign_in(login, password))  # noqa: B023 - called at once
        assert (desk.hasher.verified - before[0], desk.hasher.hashed - before[1]) == (1, 0)
    guess(desk, 5)
    before = (desk.hasher.verified, desk.hasher.hashed)
    told_codes["locked"] = refused(lambda: desk.accounts.sign_in("chen", PASSWORD))
    assert (desk.hasher.verified - before[0], desk.hasher.hashed - before[1]) == (1, 0)

    assert set(told_codes.values()) == {"sign_in_refused"}


def test_nothing_typed_by_whoever_is_refused_is_recorded(desk: Desk) -> None:
    refused(lambda: desk.accounts.sign_in("chen", "secret-of-chen-1"))
    refused(lambda: desk.accounts.sign_in("a-name-nobody-has", "secret-of-chen-1"))

    with desk.store.read() as reader:
        streams = [stream for stream, _, _ in reader.record.streams() if stream.kind == "access"]
        said = b"".join(data for stream in streams for data in bytes_of(reader.record, stream))
    assert [stream.id for stream in streams] == ["chen", "lin"]
    assert b"secret-of" not in said
    assert b"a-name-nobody-has" not in said


def test_a_hash_of_older_parameters_is_made_anew_when_the_password_is_known(desk: Desk) -> None:
    desk.hasher.generation = 2
    desk.accounts.sign_in("chen", PASSWORD)

    assert desk.accounts.account("chen").hash.startswith("2:")
    assert refused(lambda: desk.accounts.sign_in("chen", PASSWORD)) == ""


# locks ----------------------------------------------------------------------------------------------------------


def test_five_wrong_passwords_lock_an_account_for_a_growing_while(desk: Desk) -> None:
    guess(desk, 5)
    minutes = []
    for _ in range(8):
        until = desk.accounts.account("chen").locked_until
        assert refused(lambda: desk.accounts.sign_in("chen", PASSWORD)) == "sign_in_refused"
        minutes.append((from_micros(until) - desk.clock.now()) / timedelta(minutes=1))
        desk.clock.set(from_micros(until))
        guess(desk, 1)

    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60]


def test_after_the_lock_the_right_password_opens_and_counts_anew(desk: Desk) -> None:
    guess(desk, 5)
    desk.clock.advance(timedelta(minutes=1))
    desk.accounts.sign_in("chen", PASSWORD)

    assert (desk.accounts.account("chen").failed, desk.accounts.account("chen").locked_until) == (0, 0)
    assert desk.accounts.account("chen").signed_in_at == micros(desk.clock.now())


def test_guessing_at_one_account_locks_out_nobody_else_and_ends_no_session(desk: Desk) -> None:
    mine = desk.accounts.sign_in("chen", PASSWORD)
    guess(desk, 9)

    assert desk.accounts.seen(mine.token) is not None
    assert refused(lambda: desk.accounts.sign_in("lin", PASSWORD)) == ""


def test_a_locked_account_writes_no_further_entries(desk: Desk) -> None:
    guess(desk, 40)

    events = [event for _, event in told(desk, "chen") if isinstance(event, ev.SignInRefused)]
    until = desk.clock.now() + timedelta(minutes=1)
    assert events == [
        *(ev.SignInRefused(failed=n) for n in range(1, 5)),
        ev.SignInRefused(failed=5, locked_until=until),
    ]


def test_of_many_guesses_at_once_only_five_are_answered(desk: Desk) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: guess(desk, 1), range(24)))

    assert desk.accounts.account("chen").failed == 5


# sessions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "x", "t\xf6ken", "A" * 43, "A" * 10_000])
def test_a_token_that_was_never_given_opens_nothing(desk: Desk, token: str) -> None:
    assert desk.accounts.seen(token) is None


def test_a_session_ends_when_it_is_not_used(desk: Desk) -> None:
    opened = desk.accounts.sign_in("chen", PASSWORD)
    seen = []
    for minutes in (29, 29, 30):
        desk.clock.advance(timedelta(minutes=minutes))
        seen.append(desk.accounts.seen(opened.token) is not None)

    assert seen == [True, True, False]
    assert desk.accounts.sessions("chen") == []


class BusyDoor:
    """A door at which too many wait."""

    def run(self, job: object) -> None:
        """Refuse."""
        raise Busy("too_many_waiting")


def test_who_only_looks_is_let_in_also_when_nothing_can_be_written(desk: Desk) -> None:
    opened = desk.accounts.sign_in("chen", PASSWORD)
    desk.clock.advance(timedelta(minutes=5))
    crowded = Accounts(door=BusyDoor(), store=desk.store, clock=desk.clock, dice=SeededDice(), hasher=desk.hasher)

    assert crowded.seen(opened.token) == desk.accounts.seen(opened.token)


def test_a_session_ends_after_its_longest_time_however_much_it_is_used(desk: Desk) -> None:
    opened = desk.accounts.sign_in("chen", PASSWORD)
    for _ in range(47):
        desk.clock.advance(timedelta(minutes=15))
        assert desk.accounts.seen(opened.token) is not None
    desk.clock.advance(timedelta(minutes=15))

    assert desk.accounts.seen(opened.token) is None


def test_signing_out_ends_this_session_alone(desk: Desk) -> None:
    one, two = (desk.accounts.sign_in("chen", PASSWORD) for _ in range(2))
    seen = desk.accounts.seen(one.token)

    assert desk.accounts.end("chen", [seen.id]) == 1
    assert desk.accounts.end("chen", [seen.id]) == 0
    assert (desk.accounts.seen(one.token), desk.accounts.seen(two.token) is None) == (None, False)
    assert told(desk, "chen")[-1] == ("chen", ev.SessionsEnded(sessions=(seen.id,)))


def test_nobody_ends_another_persons_session(desk: Desk) -> None:
    opened = desk.accounts.sign_in("chen", PASSWORD)
    seen = desk.accounts.seen(opened.token)

    assert desk.accounts.end("lin", [seen.id]) == 0
    assert desk.accounts.seen(opened.token) == seen


def test_disabling_an_account_ends_its_sessions_at_once(desk: Desk) -> None:
    opened = desk.accounts.sign_in("chen", PASSWORD)
    desk.keeping.disable("chen")

    assert desk.accounts.seen(opened.token) is None
    desk.keeping.enable("chen")
    assert desk.accounts.seen(opened.token) is None
    assert refused(lambda: desk.accounts.sign_in("chen", PASSWORD)) == ""


def test_enabling_lifts_a_lock(desk: Desk) -> None:
    guess(desk, 7)
    desk.keeping.enable("chen")

    assert refused(lambda: desk.accounts.sign_in("chen", PASSWORD)) == ""


# passwords ------------------------------------------------------------------------------------------------------


def test_changing_the_password_leaves_one_new_session(desk: Desk) -> None:
    old, other = (desk.accounts.sign_in("chen", PASSWORD) for _ in range(2))
    opened = desk.accounts.change_password("chen", PASSWORD, ANOTHER, agent="Edge")

    assert [desk.accounts.seen(one.token) for one in (old, other)] == [None, None]
    assert [row.agent for row in desk.accounts.sessions("chen")] == ["Edge"]
    assert desk.accounts.seen(opened.token).person == "chen"
    assert refused(lambda: desk.accounts.sign_in("chen", PASSWORD)) == "sign_in_refused"
    assert refused(lambda: desk.accounts.sign_in("chen", ANOTHER)) == ""
    assert ("chen", ev.PasswordSet()) in told(desk, "chen")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [(WRONG, ANOTHER, "password_wrong"), (PASSWORD, PASSWORD, "password_same"), (PASSWORD, "short", "password_short")],
)
def test_a_password_that_may_not_be_set_changes_nothing(desk: Desk, old: str, new: str, code: str) -> None:
    opened = desk.accounts.sign_in("chen", PASSWORD)

    assert refused(lambda: desk.accounts.change_password("chen", old, new)) == code
    assert desk.accounts.seen(opened.token) is not None
    assert refused(lambda: desk.accounts.sign_in("chen", PASSWORD)) == ""


def test_guessing_the_old_password_from_an_open_session_locks_too(desk: Desk) -> None:
    codes = {refused(lambda: desk.accounts.change_password("chen", WRONG, ANOTHER)) for _ in range(5)}

    assert codes == {"password_wrong"}
    assert refused(lambda: desk.accounts.change_password("chen", PASSWORD, ANOTHER)) == "password_wrong"
    assert refused(lambda: desk.accounts.sign_in("chen", PASSWORD)) == "sign_in_refused"


def test_what_an_operator_sets_must_be_changed_first(desk: Desk) -> None:
    opened = desk.accounts.sign_in("chen", PASSWORD)
    given = desk.keeping.reset("chen")

    assert desk.accounts.seen(opened.token) is None
    first = desk.accounts.sign_in("chen", given)
    assert (first.must_change, desk.accounts.seen(first.token).must_change) == (True, True)
    after = desk.accounts.change_password("chen", given, ANOTHER)
    assert (after.must_change, desk.accounts.seen(after.token).must_change) == (False, False)
    assert ("system", ev.PasswordSet(must_change=True)) in told(desk, "chen")


def test_under_the_national_standard_a_password_of_ninety_days_must_be_changed(store: Store, desk: Desk) -> None:
    strict = Desk(store, desk.accounts._door, desk.clock, AccountRules(passwords=PasswordRules(profile="gb")))
    strict.open("he")
    must_change = []
    for days in (89, 1):
        desk.clock.advance(timedelta(days=days))
        must_change.append(strict.accounts.sign_in("he", PASSWORD).must_change)

    assert must_change == [False, True]
    assert desk.accounts.sign_in("chen", PASSWORD).must_change is False


# accounts -------------------------------------------------------------------------------------------------------


def test_an_account_is_opened_with_a_password_that_is_told_once(desk: Desk) -> None:
    given = desk.keeping.open("he", "He.Ping")

    row = desk.accounts.account("he")
    assert (row.login, row.must_change, row.state) == ("he.ping", True, "active")
    assert desk.accounts.sign_in("he.ping", given).must_change


@pytest.mark.parametrize(
    ("person", "login", "kind", "code"),
    [
        ("chen", "chen2", Conflict, "account_exists"),
        ("he", "CHEN", Conflict, "login_taken"),
        ("he", "two words", BadInput, "login_unfit"),
        ("he", "", BadInput, "login_unfit"),
        ("system", "system", BadInput, "not_an_id"),
    ],
)
def test_an_account_that_cannot_be_is_refused(desk: Desk, person: str, login: str, kind: type, code: str) -> None:
    with pytest.raises(kind) as error:
        desk.keeping.open(person, login)

    assert error.value.code == code
    assert [row.person for row in desk.keeping.list()] == ["chen", "lin"]


@pytest.mark.parametrize("act", ["reset", "disable", "enable"])
def test_an_account_that_is_not_there_is_not_changed(desk: Desk, act: str) -> None:
    with pytest.raises(NotFound):
        getattr(desk.keeping, act)("nobody")

    assert told(desk, "nobody") == []


def test_who_may_not_keep_accounts_changes_none(desk: Desk) -> None:
    with pytest.raises(NotPermitted) as error:
        desk.keeping.disable("lin", by="chen")

    assert (error.value.code, error.value.data) == ("permission_missing", {"permission": "accounts"})
    assert refused(lambda: desk.accounts.sign_in("lin", PASSWORD)) == ""


def test_many_accounts_of_one_password_have_hashes_of_their_own(desk: Desk) -> None:
    names = {f"p{n}": f"login{n}" for n in range(60)}

    assert desk.keeping.open_many({**names, "chen": "chen"}, PASSWORD) == 60
    assert desk.keeping.open_many(names, PASSWORD) == 0
    rows = [row for row in desk.keeping.list() if row.person in names]
    assert len({row.hash for row in rows}) == 60
    assert not desk.accounts.sign_in("login59", PASSWORD).must_change
