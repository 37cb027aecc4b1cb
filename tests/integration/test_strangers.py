"""Those who try: on both databases nobody reaches beyond what their roles give them, nor acts in another's name."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from engine.core.administration import DIRECTORY, LIBRARY
from engine.core.command import (
    SYSTEM,
    AnyAct,
    EndRole,
    FireTimer,
    GrantRole,
    PublishProcedure,
    RecordPersons,
    RecordPlaces,
    RecordRegions,
    RecordUnits,
    Request,
)
from engine.errors import BadInput, NotFound, NotPermitted, ZhibenError
from engine.store.store import Store
from tests.districts import SIGNATURE, District, case

UNIT = {"id": "U9", "title": "九号厂", "region": "/s/t1/"}


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database, with a registrar of one town and a clerk within one unit."""
    made = District(store)
    made.settle()
    grants = (
        GrantRole(person="reg", role="registrar", region="/s/t1/", valid_from="2020-01-01"),
        GrantRole(person="scribe", role="clerk", unit="U1", valid_from="2020-01-01"),
        GrantRole(person="both", role="clerk", region="/s/", valid_from="2020-01-01"),
        GrantRole(person="both", role="registrar", region="/s/", valid_from="2020-01-01"),
    )
    for act in grants:
        made.do(made.request(DIRECTORY, act, SYSTEM))
    return made


def refused(district: District, request: Request) -> str:
    """The code with which a request is refused, "" if it is carried out."""
    try:
        district.do(request)
    except ZhibenError as error:
        return error.code
    return ""


def holding_of(district: District, person: str) -> str:
    """The id of the first role a person holds."""
    with district.store.session() as session:
        directory = district.service.directories.at(session, session.directory_version())
    return directory.held_by(person, date(2026, 3, 2))[0].id


# the directory --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        RecordUnits(units=(UNIT,)),
        RecordUnits(units=({**UNIT, "id": "U1"},)),
        RecordPlaces(places=({"id": "P9", "title": "九号库", "region": "/s/t1/", "unit": "U1"},)),
        RecordRegions(regions={"/s/t1/v1/": "一村"}),
        RecordPersons(persons=({"id": "fresh", "name": "新人"}, {"id": "chen", "name": "陈某"})),
        GrantRole(person="fresh", role="checker", region="/s/t1/", valid_from="2026-01-01"),
        GrantRole(person="fresh", role="officer", unit="U1", valid_from="2026-01-01"),
    ],
)
def test_a_registrar_records_and_grants_within_their_own_region(district: District, act: AnyAct) -> None:
    assert refused(district, district.request(DIRECTORY, act, "reg")) == ""


@pytest.mark.parametrize(
    "act",
    [
        RecordUnits(units=({**UNIT, "region": "/s/t2/"},)),
        # U2 lies in the other town: recording it here would take it away from there
        RecordUnits(units=({**UNIT, "id": "U2"},)),
        RecordPlaces(places=({"id": "P9", "title": "九号库", "region": "/s/t2/"},)),
        RecordPlaces(places=({"id": "P2", "title": "九号库", "region": "/s/t1/"},)),
        RecordRegions(regions={"/s/": "我的区"}),
        RecordRegions(regions={"/s/t2/v1/": "别村"}),
        RecordPersons(persons=({"id": "tang", "name": "唐某", "phone": "13800000000"},)),
        RecordPersons(persons=({"id": "qian", "name": "钱某", "mail": "me@example.org"},)),
        GrantRole(person="reg", role="checker", region="/s/", valid_from="2026-01-01"),
        GrantRole(person="reg", role="checker", region="/s/t2/", valid_from="2026-01-01"),
        GrantRole(person="reg", role="checker", valid_from="2026-01-01"),
        GrantRole(person="reg", role="officer", unit="U2", valid_from="2026-01-01"),
        # the office sees everything, wherever it is held
        GrantRole(person="reg", role="office", region="/s/t1/", valid_from="2026-01-01"),
    ],
)
def test_a_registrar_reaches_nothing_beyond_their_own_region(district: District, act: AnyAct) -> None:
    assert refused(district, district.request(DIRECTORY, act, "reg")) == "beyond_your_region"


def test_a_registrar_ends_roles_of_their_own_region_only(district: District) -> None:
    ours, theirs = (EndRole(holding=holding_of(district, who), valid_to="2026-03-02") for who in ("zhou", "tang"))

    assert refused(district, district.request(DIRECTORY, theirs, "reg")) == "beyond_your_region"
    assert refused(district, district.request(DIRECTORY, ours, "reg")) == ""


def test_a_role_held_in_a_unit_lets_nobody_enter_for_others_elsewhere(district: District) -> None:
    district.do(district.start("A", unit="U2", place="P2", by="lin"))
    district.do(district.start("B"))
    elsewhere, within = district.confirm("A", by="lin"), district.confirm("B")

    assert refused(district, replace(elsewhere, entered_by="scribe")) == "may_not_enter_for_others"
    assert refused(district, replace(within, entered_by="scribe")) == ""


# other people's names -------------------------------------------------------------------------------------------


def test_nobody_records_in_the_name_of_the_engine_or_of_a_colleague_without_entering_for_others(
    district: District,
) -> None:
    request = district.request(DIRECTORY, RecordUnits(units=(UNIT,)), "lin")

    for acted_by, entered_by in ((SYSTEM, "both"), ("lin", "he"), (SYSTEM, "lin"), ("lin", SYSTEM)):
        told = replace(request, acted_by=acted_by, entered_by=entered_by)
        assert refused(district, told) in ("may_not_enter_for_others", "permission_missing"), (acted_by, entered_by)
    assert refused(district, replace(request, entered_by="both")) == ""


def test_a_timer_is_fired_by_nobody_but_the_engine(district: District) -> None:
    district.do(district.start("A"))
    district.clock.advance(timedelta(days=10))

    with pytest.raises(NotPermitted):
        district.do(district.request(case("A"), FireTimer(task=1, rung="remind", epoch=1), "chen"))


def test_an_id_that_the_engine_will_use_cannot_be_taken_by_a_person(district: District) -> None:
    district.do(district.start("A"))

    for taken in ("timer:A.1:remind:1", "signal:case/A:1:1"):
        with pytest.raises(BadInput) as wrong:
            district.do(replace(district.confirm("A"), id=taken))
        assert wrong.value.code == "command_id_reserved"


def test_another_person_who_repeats_a_command_learns_nothing_of_its_answer(district: District) -> None:
    request = district.start("A")
    first = district.do(request)

    with pytest.raises(ZhibenError) as wrong:
        district.do(replace(request, acted_by="tang"))

    assert wrong.value.code == "command_id_reused"
    assert first.leaf not in str(wrong.value)


def test_what_was_never_stored_cannot_be_published(district: District) -> None:
    act = PublishProcedure(version="0" * 64, procedure="sample", plan="x", title="x")

    with pytest.raises(NotFound):
        district.do(district.request(LIBRARY, act, "lin"))


def test_an_act_belongs_on_a_stream_of_its_own_kind(district: District) -> None:
    wrong = (
        (LIBRARY, RecordUnits(units=(UNIT,))),
        (case("A"), RecordUnits(units=(UNIT,))),
        (DIRECTORY, district.confirm("A").act),
        (replace(DIRECTORY, id="other"), RecordUnits(units=(UNIT,))),
    )

    for stream, act in wrong:
        assert refused(district, district.request(stream, act, "lin")) == "act_on_wrong_stream", (stream, act)


def test_signing_needs_the_person_themself(district: District) -> None:
    district.do(district.start("A"))

    assert refused(district, district.act("A", 1, "confirm", "tang", evidence=[SIGNATURE])) == "not_your_task"
