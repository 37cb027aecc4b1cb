"""The course of a case as its entries tell it: stays, duties, what was known, done and not done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.audit.entry import Entry, parse_entry, write_entry
from engine.core import event as ev
from engine.core.command import EvidenceRef
from engine.core.upcast import encode_events
from web.case_history import Deed, Passed, SetBy, history_of

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOLDER = ev.Holder(party="checker", persons=("chen", "zhou"))
PHOTO = EvidenceRef(sha256="a" * 64, kind="photo", size=3, media_type="image/png", field="photos")


def entry(seq: int, *events: ev.AnyEvent, by: str = "chen", hours: int = 0, late: bool = False) -> Entry:
    """One entry, some hours after the morning."""
    at = MORNING + timedelta(hours=hours)
    body, _ = write_entry(
        stream="case/1",
        seq=seq,
        prev=b"" if seq == 1 else b"1" * 32,
        command_id=f"c{seq}",
        act="submit_action",
        acted_by=by,
        entered_by=by,
        occurred_at=at,
        recorded_at=at + timedelta(hours=1 if late else 0),
        medium="web",
        events=encode_events(events),
        late=late,
    )
    return parse_entry(body)


OPENED = (
    ev.StateEntered(state="opened", activation=1),
    ev.TaskOpened(task=1, state="opened", activation=1, holder=HOLDER),
)


def test_a_stay_lasts_from_entering_a_state_to_leaving_it() -> None:
    entries = [entry(1, *OPENED), entry(2, ev.StateLeft(state="opened", activation=1), hours=3)]

    (stay,) = history_of(entries).stays

    assert (stay.state, stay.entered_at, stay.left_at) == ("opened", MORNING, MORNING + timedelta(hours=3))


def test_a_duty_tells_who_was_told_who_read_and_who_did_what() -> None:
    entries = [
        entry(1, *OPENED, ev.MessageQueued(n=1, to="zhou", text="told", task=1), by="li"),
        entry(2, ev.TaskRead(task=1, person="zhou"), by="zhou", hours=1),
        entry(3, ev.ActionTaken(action="confirm", task=1, party="checker"), hours=2, late=True),
        entry(4, ev.TaskEnded(task=1, how="done"), hours=2),
    ]

    (duty,) = history_of(entries).duties

    assert duty.told == {"zhou": MORNING}
    assert duty.read == {"zhou": MORNING + timedelta(hours=1)}
    at = MORNING + timedelta(hours=2)
    assert duty.deeds == (Deed(seq=3, at=at, person="chen", action="confirm", late_entry=True),)
    assert (duty.how, duty.ended_at) == ("done", at)


def test_what_passed_while_nobody_acted_is_told() -> None:
    late = MORNING + timedelta(days=3)
    entries = [
        entry(1, *OPENED),
        entry(2, ev.DeadlineExpired(task=1, due_at=late), by="system", hours=72),
        entry(3, ev.RungFired(task=1, rung="letter", due_at=late), by="system", hours=73),
    ]

    (duty,) = history_of(entries).duties

    assert (duty.expired_at, duty.how, duty.deeds) == ((late,), "", ())
    assert duty.passed == (Passed(rung="letter", at=MORNING + timedelta(hours=73)),)


def test_files_and_values_are_known_by_who_brought_them_last() -> None:
    entries = [
        entry(1, *OPENED, ev.FieldsSet(values={"level": "low"}), by="li"),
        entry(2, ev.ActionTaken(action="x", task=1, party="checker", evidence=(PHOTO,))),
        entry(3, ev.FieldsSet(values={"level": "high"}), hours=1),
    ]

    told = history_of(entries)

    assert told.fields == {"level": SetBy(seq=3, person="chen", at=MORNING + timedelta(hours=1))}
    assert [(one.ref, one.seq, one.person) for one in told.exhibits] == [(PHOTO, 2, "chen")]


def test_a_duty_is_told_once_for_each_who_held_it_with_what_they_did_and_let_pass() -> None:
    alone = ev.Holder(party="checker", persons=("zhou",))
    due = MORNING + timedelta(hours=4)
    entries = [
        entry(1, *OPENED, by="li"),
        entry(
            2,
            ev.HolderChanged(task=1, holder=alone, how="transferred", reason="出差"),
            by="chen",
            hours=2,
        ),
        entry(3, ev.TaskUrged(task=1, note="快"), by="lin", hours=3),
        entry(4, ev.DeadlineExpired(task=1, due_at=due), by="system", hours=4),
        entry(
            5,
            ev.ActedFor(task=1, persons=("zhou",), how="substitution"),
            ev.ActionTaken(action="confirm", task=1, party="checker"),
            ev.TaskEnded(task=1, how="done"),
            by="feng",
            hours=5,
        ),
    ]

    (duty,) = history_of(entries).duties
    (first, began), (second, after) = duty.stretches()

    assert (first.holder, first.opened_at, first.ended_at, first.how) == (
        HOLDER,
        MORNING,
        MORNING + timedelta(hours=2),
        "",
    )
    assert [(one.how, one.to, one.said) for one in first.deeds] == [("transferred", ("zhou",), "出差")]
    assert (first.expired_at, first.urged) == ((), ())
    assert (began.how, after.how, after.by, after.reason) == ("", "transferred", "chen", "出差")
    assert (second.holder, second.opened_at, second.how) == (alone, MORNING + timedelta(hours=2), "done")
    assert [(one.person, one.action, one.stands_for) for one in second.deeds] == [("feng", "confirm", ("zhou",))]
    assert second.expired_at == (due,)
    assert [(one.person, one.note) for one in second.urged] == [("lin", "快")]
