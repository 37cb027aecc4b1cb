"""Several persons on one device, on both databases: whom it remembers, what a PIN opens, what ends it, what is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine.audit.entry import parse_entry
from engine.core import event as ev
from engine.core.command import Stream
from engine.core.upcast import decode_events
from engine.errors import BadInput, NotPermitted, Refusal
from engine.runtime.account_proofs import Opened
from engine.runtime.clock import SystemDice
from engine.runtime.replay import bytes_of
from engine.runtime.writer import DirectDoor, Writer
from engine.store.store import Store
from tests.accounts import ANOTHER, PASSWORD, Desk
from tests.districts import District

PINS = {"chen": "480317", "lin": "2719405"}
WRONG = "593128"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


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
    for person in ("chen", "lin", "wang"):
        made.open(person)
    for person, pin in PINS.items():
        made.devices.set_pin(person, PASSWORD, pin)
    yield made
    door.close()


class Browser:
    """A browser as its cookies know it: one session, one device."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.token = self.device = ""

    def sign_in(self, login: str, password: str = PASSWORD) -> Opened:
        """With the password."""
        opened = self.desk.accounts.sign_in(login, password, agent="Edge", device=self.device, former=self.token)
        self.token, self.device = opened.token, opened.device
        return opened

    def switch(self, person: str, pin: str = "") -> Opened:
        """With the PIN."""
        opened = self.desk.devices.switch(self.device, person, pin or PINS[person], agent="Edge")
        self.token = opened.token
        return opened

    @property
    def person(self) -> str:
        """Who acts there; "" = nobody."""
        seen = self.desk.accounts.seen(self.token) if self.token else None
        return seen.person if seen else ""

    @property
    def people(self) -> list[str]:
        """Whom the device remembers."""
        return sorted(one.person for one in self.desk.devices.people(self.device))


@pytest.fixture
def browser(desk: Desk) -> Browser:
    """A device on which chen and then lin signed in."""
    made = Browser(desk)
    made.sign_in("chen")
    made.sign_in("lin")
    return made


def told(desk: Desk, person: str) -> list[tuple[str, ev.AnyEvent]]:
    """What the person's access stream says: who signed, and what happened."""
    with desk.store.read() as reader:
        entries = [parse_entry(data) for data in bytes_of(reader.record, Stream("access", person))]
    return [(entry.acted_by, event) for entry in entries for event in decode_events(entry.events)]


def refused(work: Callable[[], object]) -> tuple[str, int]:
    """The code of what a call is refused with, and how many PINs are left."""
    try:
        work()
    except (Refusal, BadInput) as error:
        return error.code, error.data.get("left", -1)
    return "", -1


# changing places ------------------------------------------------------------------------------------------------


def test_whoever_gives_their_pin_acts_and_the_other_is_put_aside(desk: Desk, browser: Browser) -> None:
    lins, chens_id = browser.token, told(desk, "chen")[-1][1].session
    lins_id = desk.accounts.seen(lins).id
    before = len(told(desk, "chen"))

    browser.switch("chen")

    chen = desk.accounts.seen(browser.token)
    assert (chen.person, desk.accounts.seen(lins)) == ("chen", None)
    assert browser.people == ["chen", "lin"]
    assert told(desk, "chen")[before:] == [
        ("chen", ev.SessionResumed(session=chen.id, former=chens_id, after="lin", agent="Edge"))
    ]
    assert told(desk, "lin")[-1] == ("system", ev.SessionParked(session=lins_id, by="chen"))


def test_signing_in_beside_somebody_puts_them_aside(desk: Desk) -> None:
    browser = Browser(desk)
    chen = browser.sign_in("chen")
    seen = desk.accounts.seen(chen.token)
    browser.sign_in("lin")

    assert (desk.accounts.seen(chen.token), browser.person) == (None, "lin")
    assert told(desk, "chen")[-1] == ("system", ev.SessionParked(session=seen.id, by="lin"))


def test_forms_of_a_person_are_theirs_again_when_they_are_back_and_nobody_elses_meanwhile(
    desk: Desk, browser: Browser
) -> None:
    csrf = {"lin": desk.accounts.seen(browser.token).csrf}
    browser.switch("chen")
    csrf["chen"] = desk.accounts.seen(browser.token).csrf
    browser.switch("lin")

    assert csrf["lin"] != csrf["chen"]
    assert desk.accounts.seen(browser.token).csrf == csrf["lin"]
    assert {one: desk.devices.whose(browser.device, told) for one, told in csrf.items()} == {
        "lin": "lin",
        "chen": "chen",
    }
    assert [desk.devices.whose(*one) for one in ((browser.device, "x"), ("x" * 43, csrf["lin"]), ("", ""))] == [""] * 3


def test_a_token_that_was_put_aside_opens_nothing_when_its_person_is_back(desk: Desk, browser: Browser) -> None:
    lins = browser.token
    browser.switch("chen")
    browser.switch("lin")

    assert (desk.accounts.seen(lins), browser.person) == (None, "lin")


def test_who_has_no_pin_is_signed_out_by_whoever_takes_over(desk: Desk) -> None:
    browser = Browser(desk)
    browser.sign_in("chen")
    wang = browser.sign_in("wang")
    seen = desk.accounts.seen(wang.token)
    browser.switch("chen")

    assert browser.people == ["chen"]
    assert desk.accounts.seen(wang.token) is None
    assert told(desk, "wang")[-1] == ("system", ev.SessionsEnded(sessions=(seen.id,)))


def test_a_pin_opens_only_where_its_person_gave_the_password(desk: Desk, browser: Browser) -> None:
    elsewhere = Browser(desk)
    elsewhere.sign_in("wang")

    assert refused(lambda: elsewhere.switch("chen")) == ("pin_locked", 0)
    assert refused(lambda: desk.devices.switch("", "chen", PINS["chen"])) == ("pin_locked", 0)
    assert refused(lambda: browser.switch("wang", "480317")) == ("pin_locked", 0)


def test_a_device_known_under_an_older_token_is_not_known_any_more(desk: Desk) -> None:
    planted = Browser(desk)
    planted.sign_in("chen")
    thief = planted.device
    planted.sign_in("lin")

    assert (desk.devices.people(thief), planted.people) == ((), ["chen", "lin"])
    assert refused(lambda: desk.devices.switch(thief, "lin", PINS["lin"])) == ("pin_locked", 0)


# wrong PINs -----------------------------------------------------------------------------------------------------


def test_five_wrong_pins_lock_the_pin_on_this_device_until_the_password(desk: Desk, browser: Browser) -> None:
    elsewhere = Browser(desk)
    elsewhere.sign_in("chen")
    elsewhere.sign_in("lin")

    answers = [refused(lambda: browser.switch("chen", WRONG)) for _ in range(5)]
    assert answers == [*(("pin_refused", left) for left in (4, 3, 2, 1)), ("pin_locked", 0)]
    assert refused(lambda: browser.switch("chen")) == ("pin_locked", 0)
    assert [(one.person, one.locked) for one in desk.devices.people(browser.device)] == [("chen", True), ("lin", False)]
    assert [event for _, event in told(desk, "chen") if isinstance(event, ev.PinRefused)] == [
        *(ev.PinRefused(failed=n) for n in range(1, 5)),
        ev.PinRefused(failed=5, locked=True),
    ]
    assert browser.person == "lin"
    assert elsewhere.switch("chen").person == "chen"

    browser.sign_in("chen")
    browser.switch("lin")
    assert browser.switch("chen").person == "chen"


def test_a_right_pin_counts_anew(desk: Desk, browser: Browser) -> None:
    for _ in range(4):
        refused(lambda: browser.switch("chen", WRONG))
    browser.switch("chen")

    assert refused(lambda: browser.switch("chen", WRONG)) == ("pin_refused", 4)


def test_of_many_guesses_at_once_only_five_are_answered(desk: Desk, browser: Browser) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: refused(lambda: browser.switch("chen", WRONG))[0], range(16)))

    assert answers.count("pin_refused") == 4
    assert len([event for _, event in told(desk, "chen") if isinstance(event, ev.PinRefused)]) == 5


def test_all_refusals_cost_one_check_and_say_nothing_of_what_was_typed(desk: Desk, browser: Browser) -> None:
    refused(lambda: browser.switch("chen", WRONG))  # what fits nothing is made once
    counted = {}
    for name, device, person, pin in (
        ("wrong", browser.device, "chen", WRONG),
        ("nobody", browser.device, "nobody", WRONG),
        ("no PIN", browser.device, "wang", WRONG),
        ("no device", "x" * 43, "chen", PINS["chen"]),
    ):
        before = (desk.hasher.verified, desk.hasher.hashed)
        assert refused(lambda: desk.devices.switch(device, person, pin))[0]  # noqa: B023 - called at once
        counted[name] = (desk.hasher.verified - before[0], desk.hasher.hashed - before[1])
    with desk.store.read() as reader:
        said = b"".join(data for stream, _, _ in reader.record.streams() for data in bytes_of(reader.record, stream))

    assert set(counted.values()) == {(1, 0)}
    assert not any(secret.encode() in said for secret in (WRONG, *PINS.values()))


# what ends it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "left"),
    [
        (lambda desk, browser: desk.keeping.disable("chen"), ["lin"]),
        (lambda desk, browser: desk.keeping.reset("chen"), ["lin"]),
        (lambda desk, browser: desk.accounts.change_password("chen", PASSWORD, ANOTHER), ["lin"]),
        (lambda desk, browser: desk.devices.remove_pin("chen", PASSWORD), ["lin"]),
        (lambda desk, browser: desk.accounts.end("chen", [one.id for one in desk.devices.aside("chen")]), ["lin"]),
        (lambda desk, browser: desk.devices.leave_all(browser.device), []),
        (lambda desk, browser: desk.clock.advance(12 * HOUR), []),
    ],
    ids=["disabled", "reset", "password changed", "PIN removed", "sessions ended", "all left", "twelve hours"],
)
def test_who_may_not_come_back_is_not_remembered(
    desk: Desk, browser: Browser, end: Callable[[Desk, Browser], object], left: list[str]
) -> None:
    end(desk, browser)

    assert browser.people == left
    assert refused(lambda: browser.switch("chen")) == ("pin_locked", 0)


def test_who_signs_out_is_forgotten_and_the_others_stay(desk: Desk, browser: Browser) -> None:
    seen = desk.accounts.seen(browser.token)

    assert desk.accounts.end("lin", [seen.id]) == 1
    assert (browser.person, browser.people) == ("", ["chen"])
    assert told(desk, "lin")[-1] == ("lin", ev.SessionsEnded(sessions=(seen.id,)))
    assert browser.switch("chen").person == "chen"


def test_all_who_leave_a_device_have_it_in_their_record(desk: Desk, browser: Browser) -> None:
    assert desk.devices.leave_all(browser.device) == 2
    assert desk.devices.leave_all(browser.device) == 0
    assert (browser.person, browser.people) == ("", [])
    assert [told(desk, one)[-1][1].__struct_config__.tag for one in PINS] == ["sessions_ended"] * 2


def test_a_session_that_was_not_used_comes_back_with_the_pin_until_twelve_hours_after_the_password(
    desk: Desk, browser: Browser
) -> None:
    persons = []
    for _ in range(2):
        desk.clock.advance(5 * HOUR)
        assert browser.person == ""
        persons.append(browser.switch("lin").person)
    for _ in range(11):
        desk.clock.advance(10 * MINUTE)
        assert browser.person == "lin"
    desk.clock.advance(10 * MINUTE)

    assert persons == ["lin", "lin"]
    assert (browser.person, browser.people) == ("", [])


def test_changing_the_password_on_a_device_leaves_the_person_there_alone(desk: Desk, browser: Browser) -> None:
    browser.switch("chen")
    elsewhere = Browser(desk)
    elsewhere.sign_in("chen")
    opened = desk.accounts.change_password("chen", PASSWORD, ANOTHER, device=browser.device)
    browser.token, browser.device = opened.token, opened.device

    assert (browser.person, browser.people) == ("chen", ["chen", "lin"])
    assert (elsewhere.person, elsewhere.people) == ("", [])


# PINs -----------------------------------------------------------------------------------------------------------


def test_a_pin_is_set_and_removed_by_whoever_knows_the_password(desk: Desk) -> None:
    assert desk.devices.pin_since("wang") is None
    desk.devices.set_pin("wang", PASSWORD, "733915")
    assert desk.devices.pin_since("wang") == desk.clock.now()
    desk.devices.remove_pin("wang", PASSWORD)

    assert desk.devices.pin_since("wang") is None
    assert [event for _, event in told(desk, "wang")[1:]] == [
        ev.PinSet(standing="set"),
        ev.PinSet(standing="removed"),
    ]


def test_a_wrong_password_sets_no_pin_and_counts(desk: Desk) -> None:
    for _ in range(5):
        assert refused(lambda: desk.devices.set_pin("wang", "not it", "733915"))[0] == "own_password_wrong"

    assert desk.devices.pin_since("wang") is None
    assert refused(lambda: desk.devices.set_pin("wang", PASSWORD, "733915"))[0] == "own_password_wrong"
    with pytest.raises(NotPermitted):
        desk.accounts.sign_in("wang", PASSWORD)


def test_a_pin_set_after_signing_in_opens_the_same_device(desk: Desk) -> None:
    browser = Browser(desk)
    browser.sign_in("wang")
    assert browser.people == []
    desk.devices.set_pin("wang", PASSWORD, "733915")
    browser.sign_in("chen")

    assert browser.people == ["chen", "wang"]
    assert browser.switch("wang", "733915").person == "wang"


# left alone -----------------------------------------------------------------------------------------------------


def asked(browser: Browser) -> bool:
    """Whether the PIN is asked for before the next change."""
    seen = browser.desk.accounts.seen(browser.token)
    return browser.desk.devices.asks(browser.token, away=seen.away)


def test_a_shared_device_that_was_left_for_a_while_asks_again_whoever_looks_first(desk: Desk, browser: Browser) -> None:
    asks = []
    for minutes in (0, 14, 15, 1):
        desk.clock.advance(minutes * MINUTE)
        asks.append(asked(browser))
    browser.switch("lin")
    asks.append(asked(browser))

    assert asks == [False, False, True, True, False]


def test_what_pages_ask_by_themselves_is_nobody(desk: Desk, browser: Browser) -> None:
    for _ in range(15):
        desk.clock.advance(MINUTE)
        assert desk.accounts.seen(browser.token, quiet=True) is not None

    assert asked(browser)
    for _ in range(30):
        desk.clock.advance(MINUTE)
        desk.accounts.seen(browser.token, quiet=True)
    assert browser.person == ""


def test_who_has_a_device_to_themselves_is_not_asked(desk: Desk) -> None:
    alone, mixed = Browser(desk), Browser(desk)
    alone.sign_in("chen")
    mixed.sign_in("chen")
    mixed.sign_in("wang")
    desk.clock.advance(20 * MINUTE)

    assert (asked(alone), asked(mixed)) == (False, False)
