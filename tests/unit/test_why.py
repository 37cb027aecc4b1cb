"""Why is this mine: how it came to whom, by which holding, before whom, and who was passed over."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from engine.core.case_people import Assigned, Copy, Given, Round, Voice
from engine.core.definition import HandlingSpec, PartySpec, Procedure, RecusedSpec
from engine.core.directory import Considered, Holding, Recusal, Shift, Substitution
from engine.core.why import PassedOver, Why, why
from tests.offices import OFFICES, answer, designate, directory, hand_over, offices, refuse, with_hand_over
from tests.samples import OPENED, SAMPLE, with_state
from tests.worlds import EVE, PAIR, local, own_task, reported, task_of

AT = local(EVE)
DAY = AT.date()
BY_ID = {one.id: one for one in OFFICES}


def told(play, case, person, task=None):
    """Why a task, the case's own if none is said, is a person's."""
    state = play.case(case)
    machine = play.machines[state.version]
    facts = replace(play.facts(machine, state, None), at=play.now)
    return why(machine, state, facts, task or own_task(state), person, DAY)


def held_by(party: PartySpec, **handling) -> Procedure:
    """The sample whose first task another party holds."""
    task = replace(OPENED.tasks[0], holder=party.id, handling=HandlingSpec(**handling))
    return replace(with_state(SAMPLE, "opened", tasks=(task,)), parties=(*SAMPLE.parties, party))


def changed(play, case, **changes):
    """The same case, of which something else is so."""
    play.cases[case] = replace(play.case(case), **changes)


def considered(holding: str, *, won: bool, exact: bool = False, depth: int = 3) -> Considered:
    return Considered(holding=BY_ID[holding], won=won, industry_exact=exact, depth=depth)


def test_their_role_reaches_there():
    play = offices()
    case = reported(play)

    assert told(play, case, "chen") == Why(
        kind="role",
        party="checker",
        role="checker",
        region="/s/t1/",
        industry="steel",
        holding="1",
        considered=(considered("1", won=True), considered("2", won=True)),
    )
    assert told(play, case, "tang") is None
    assert told(play, case, "stranger") is None


def test_the_same_industry_beats_none_and_the_nearer_region_the_farther():
    county = Holding(id="70", person="jia", role="checker", region="/s/", industry="steel", valid_to=date(2027, 1, 1))
    broad = Holding(id="71", person="yi", role="checker", region="/s/")
    play = offices(holdings=(*OFFICES, county, broad))
    case = reported(play)

    assert told(play, case, "jia") == Why(
        kind="role",
        party="checker",
        role="checker",
        region="/s/t1/",
        industry="steel",
        until=date(2026, 12, 31),
        holding="70",
        considered=(
            Considered(holding=county, won=True, industry_exact=True, depth=2),
            considered("1", won=False),
            considered("2", won=False),
            Considered(holding=broad, won=False, industry_exact=False, depth=2),
        ),
    )
    assert told(play, case, "chen") is None


def test_they_are_of_the_unit_in_a_role():
    play = offices()
    case = reported(play)
    play.submit("chen", case, "confirm", {"level": "low", "due_on": "2026-10-20"}, evidence=(play.file("signature"),))

    found = told(play, case, "wang")

    assert (found.kind, found.party, found.role, found.unit, found.holding) == (
        "unit",
        "unit.principal",
        "principal",
        "U1",
        "6",
    )


def test_they_are_of_the_unit_in_whatever_role():
    play = offices(procedure=with_state(SAMPLE, "opened", tasks=(replace(OPENED.tasks[0], holder="unit"),)))
    case = reported(play)

    assert told(play, case, "li") == Why(kind="unit", party="unit", unit="U1", holding="7")


@pytest.mark.parametrize(
    ("party", "person", "kind"),
    [
        (PartySpec(id="whom", title="", kind="person", field="opinion"), "tang", "named"),
        (PartySpec(id="whom", title="", kind="actor", actions=("report",)), "chen", "acted"),
    ],
)
def test_the_case_says_who(party, person, kind):
    play = offices()
    case = reported(play)
    machine = play.machines[play.case(case).version]
    parties = {**machine.parties, party.id: party}
    state = replace(play.case(case), fields={**play.case(case).fields, "opinion": "tang"})
    task = replace(own_task(state), holder=replace(own_task(state).holder, party="whom"))

    found = why(replace(machine, parties=parties), state, play.facts(machine, state, None), task, person, DAY)

    assert found == Why(kind=kind, party="whom")


def test_they_are_on_duty():
    party = PartySpec(id="duty", title="", kind="roster", roster="night", region="place.region")
    shift = Shift(
        id="n1", roster="night", person="tang", begins=local("2026-09-30 08:00"), ends=local("2026-10-01 08:00")
    )
    play = offices(procedure=held_by(party), shifts=(shift,))
    case = reported(play)

    assert told(play, case, "tang") == Why(kind="roster", party="duty", region="/s/t1/")
    assert told(play, case, "chen") is None


def test_nobody_is_of_the_party_and_they_look_after_such_cases():
    play = offices(holdings=tuple(one for one in PAIR if one.role != "checker"))
    case = reported(play, by="lin")

    assert told(play, case, "lin") == Why(
        kind="queue",
        party="checker",
        by_way_of="pool",
        role="office",
        region="/s/t1/",
        holding="4",
        considered=(considered("5", won=True, depth=2), considered("4", won=True, depth=2)),
    )


def test_a_neighbour_takes_the_place_of_a_party_whose_members_are_all_left_out():
    acceptor = PartySpec(
        id="fresh",
        title="",
        kind="role",
        role="checker",
        region="place.region",
        industry="unit.industry",
        excepts=("finder",),
        recused=RecusedSpec(of=("unit",), grounds=("kin",)),
        none="beside",
    )
    beside = PartySpec(
        id="beside",
        title="",
        kind="role",
        role="checker",
        region="place.region",
        industry="unit.industry",
        beside=True,
        none="pool",
    )
    procedure = held_by(acceptor)
    kin = Recusal(id="R1", person="zhou", kind="kin", unit="U1")
    play = offices(
        procedure=replace(procedure, parties=(*procedure.parties, beside)),
        recusals=(kin,),
        neighbours={"/s/t1/": ("/s/t2/",)},
    )
    case = reported(play)

    assert told(play, case, "tang") == Why(
        kind="neighbour",
        party="fresh",
        by_way_of="beside",
        role="checker",
        region="/s/t2/",
        industry="steel",
        holding="3",
        considered=(considered("3", won=True, exact=True),),
        passed_over=(
            PassedOver(person="chen", how="except", ground="finder"),
            PassedOver(person="zhou", how="recused", ground="kin"),
        ),
    )


@pytest.mark.parametrize(
    ("how", "kind"),
    [("claimed", "claimed"), ("delegated", "delegated"), ("transferred", "given"), ("leaver", "given")],
)
def test_it_was_given_to_them(how, kind):
    play = offices()
    case = reported(play)
    given = Given(person="zhou", how=how, by="chen", at=AT, reason="出差")
    changed(play, case, tasks=(replace(own_task(play.case(case)), given=given),))

    found = told(play, case, "zhou")

    assert (found.kind, found.by, found.at, found.reason, found.holding) == (kind, "chen", AT, "出差", "2")
    assert told(play, case, "chen") is None


def test_the_matter_is_on_its_way_to_their_office():
    play = offices()
    case = reported(play)
    receipt = hand_over(play, case)

    assert told(play, case, "feng", receipt) == Why(
        kind="handed",
        party="checker",
        role="checker",
        region="/s/t1/",
        industry="food",
        by="chen",
        at=AT,
        reason="属食品行业",
        holding="30",
        considered=(
            considered("30", won=True, exact=True),
            considered("31", won=True, exact=True),
            considered("1", won=False),
            considered("2", won=False),
        ),
    )


def test_their_office_received_it_or_was_designated():
    play = offices()
    case = reported(play)
    hand_over(play, case)
    answer(play, case, "gu")
    other = reported(play)
    hand_over(play, other)
    refuse(play, other)
    assert told(play, other, "lin", task_of(play.case(other), "designation")).kind == "role"
    designate(play, other, industry="food")

    received, designated = told(play, case, "feng"), told(play, other, "feng")

    assert (received.kind, received.by, received.at, received.industry) == ("received", "gu", AT, "food")
    assert (designated.kind, designated.by, designated.reason) == ("designated", "lin", "按职责分工")


def test_they_themselves_were_designated():
    play = offices()
    case = reported(play)
    assigned = Assigned(how="designated", person="tang", by="lin", at=AT, reason="熟悉情况")
    changed(play, case, assigned={"checker": assigned})

    assert told(play, case, "tang") == Why(
        kind="designated", party="checker", role="checker", by="lin", at=AT, reason="熟悉情况"
    )


def test_they_stand_in_for_somebody():
    stands_in = Substitution(id="S1", person="chen", substitute="tang", reason="休假", valid_to=date(2026, 10, 9))
    play = offices(substitutions=(stands_in,))
    case = reported(play)

    found = told(play, case, "tang")

    assert found == replace(
        told(play, case, "chen"), kind="substitute", stands_for="chen", until=date(2026, 10, 8), reason="休假"
    )


def test_they_may_act_instead_of_those_whom_they_supervise():
    play = offices(procedure=with_hand_over(superior=True))
    case = reported(play)

    assert told(play, case, "lin") == Why(kind="superior", party="checker", role="checker", region="/s/t1/")


def test_their_voice_is_asked():
    play = offices()
    case = reported(play)
    voices = (
        Voice(n=1, party="office", task=2),
        Voice(n=2, party="office", person="tang", added_by="lin", task=3),
    )
    own = own_task(play.case(case))
    lin = replace(own, n=2, kind="vote", holder=replace(own.holder, party="office", persons=("lin",)), voice=1)
    tang = replace(lin, n=3, voice=2)
    changed(play, case, tasks=(own, lin, tang), rounds=(Round(n=1, action="dismiss", of=1, voices=voices),))

    assert told(play, case, "lin", lin).kind == "voice"
    assert told(play, case, "tang", tang) == Why(kind="voice", party="office", by="lin")


def test_they_were_sent_a_copy():
    play = offices()
    case = reported(play)
    changed(play, case, copies=(Copy(person="tang", by="chen", at=AT),))

    assert told(play, case, "tang") == Why(kind="copy", by="chen", at=AT)


def test_nobody_is_told_of_what_is_not_theirs_once_their_role_has_ended():
    play = offices()
    case = reported(play)
    play.directory = directory(tuple(one for one in OFFICES if one.person != "chen"))

    assert told(play, case, "chen") is None
