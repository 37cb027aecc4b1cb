"""Those without an account (外部当事方): invited, admitted for what names their party, and until when."""

from __future__ import annotations

import pytest

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.case_people import is_guest
from engine.errors import BadInput, NotFound, NotPermitted, Stale
from tests.guests import with_owner
from tests.worlds import EVE, local, of_type, only_task, own_task, reported, wait, world


def invited(play, case, by="zhou", until="2026-10-10", **how):
    """The id of the guest whom somebody has just invited."""
    play.do(by, case, cmd.InviteGuest(task=own_task(play.case(case)).n, party="owner", until=until), **how)
    return play.case(case).guests[-1].person


def say(play, case, by, **how):
    return play.submit(by, case, "testify", {"opinion": "已出租，由承租人负责"}, **how)


def code_of(kind, do):
    with pytest.raises(kind) as refused:
        do()
    return refused.value.code


def opened(**data):
    play = world(procedure=with_owner())
    return play, reported(play, owner_name="赵某", **data)


def test_who_holds_the_task_invites_the_named_party_until_the_end_of_a_day():
    play, case = opened()

    guest = invited(play, case)

    (event,) = of_type(play.events(case), ev.GuestInvited)
    assert is_guest(guest)
    assert event == ev.GuestInvited(person=guest, party="owner", until=local("2026-10-11 00:00"))
    assert only_task(play.case(case)).holder.persons == ("chen", "zhou")


def test_a_guest_does_what_names_their_party_and_nothing_else():
    play, case = opened()
    guest = invited(play, case)

    offered = play.offers(guest, case)
    say(play, case, guest)

    assert [offer.action for offer in offered] == ["testify"]
    (taken,) = [event for event in of_type(play.events(case), ev.ActionTaken) if event.action == "testify"]
    assert (taken.party, play.case(case).fields["opinion"]) == ("owner", "已出租，由承租人负责")
    assert code_of(NotPermitted, lambda: play.submit(guest, case, "dismiss", {"reason": "无"})) == "not_your_task"


def test_after_the_last_day_the_link_admits_nobody():
    play, case = opened()
    guest = invited(play, case, until="2026-09-30")

    wait(play, "2026-10-01 00:00")

    assert code_of(NotPermitted, lambda: say(play, case, guest)) == "not_your_task"


def test_an_invitation_that_was_ended_admits_nobody_and_says_why():
    play, case = opened()
    guest = invited(play, case)

    play.do("chen", case, cmd.EndGuest(person=guest, reason="说错了人"))
    play.do("chen", case, cmd.EndGuest(person=guest, reason="再来一次"))

    assert of_type(play.events(case), ev.GuestEnded) == [ev.GuestEnded(person=guest, reason="说错了人")]
    assert code_of(NotPermitted, lambda: say(play, case, guest)) == "not_your_task"


def test_what_a_guest_said_on_paper_a_clerk_enters_for_them_with_its_scan():
    play, case = opened()
    guest = invited(play, case)
    wait(play, "2026-10-08 09:00")

    say(
        play,
        case,
        guest,
        entered_by="clerk",
        occurred_at=local("2026-09-30 16:00"),
        medium="paper",
        evidence=(play.file("scan"),),
    )

    signed = play.case(case).signed[-1]
    assert (signed.action, signed.person, signed.party, signed.at) == (
        "testify",
        guest,
        "owner",
        local("2026-09-30 16:00"),
    )


@pytest.mark.parametrize(
    ("act", "by", "kind", "code"),
    [
        (cmd.InviteGuest(task=1, party="owner", until="2026-10-10"), "lin", NotPermitted, "not_your_task"),
        (cmd.InviteGuest(task=1, party="unit", until="2026-10-10"), "zhou", BadInput, "guest_party_unknown"),
        (cmd.InviteGuest(task=1, party="owner", until="2026-09-29"), "zhou", BadInput, "guest_until"),
        (cmd.InviteGuest(task=1, party="owner", until="2028-01-01"), "zhou", BadInput, "guest_until"),
        (cmd.InviteGuest(task=1, party="owner", until="soon"), "zhou", BadInput, "not_a_date"),
        (cmd.InviteGuest(task=9, party="owner", until="2026-10-10"), "zhou", Stale, "task_not_open"),
        (cmd.EndGuest(person="guest-0", reason="无"), "zhou", NotFound, "guest_not_found"),
    ],
)
def test_nobody_is_invited_who_is_not_of_such_a_party_or_for_ever(act, by, kind, code):
    play, case = opened()

    assert code_of(kind, lambda: play.do(by, case, act)) == code


def test_a_party_whose_name_is_not_known_cannot_be_invited():
    play = world(EVE, procedure=with_owner())
    case = reported(play)

    assert code_of(BadInput, lambda: invited(play, case)) == "guest_without_name"
    offered = play.offers("zhou", case)
    assert "invite" not in {offer.kind for offer in offered}
