"""What people and programs send that nothing can keep: the sender is told, on both databases alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, Answer, ClaimCase, GrantRole, RecordUnits
from engine.core.definition import FieldSpec, FormItem, PartySpec, StateSpec, TargetSpec
from engine.errors import BadInput
from engine.store.queries import CaseFilter
from engine.store.store import Store
from tests.districts import District, case
from tests.integration.looking import EVERYTHING, codes, incidents, number, outcome
from tests.samples import REPORT, SAMPLE, with_action


@pytest.fixture
def district(store: Store) -> District:
    """A settled world on each database."""
    made = District(store)
    made.settle()
    return made


# what nobody can write down -------------------------------------------------------------------------------------

ODD = ("U\x00", "U\ud800", "U\x1f1", "U 1", "U" * 5_000, "U\u202e1")


@pytest.mark.parametrize("odd", ODD)
def test_odd_characters_in_an_answer_are_the_senders_to_correct_and_nobody_elses(district: District, odd: str) -> None:
    wrong = [district.start("B", unit=odd), district.start("C", place=odd), district.start("D", subject=f"{odd}\x00")]

    outcomes = district.service.execute([district.start("A"), *wrong, district.start("E")])

    assert [type(one) for one in outcomes] == [Answer, BadInput, BadInput, BadInput, Answer]
    assert codes([outcome(district, one) for one in wrong]) == ["form_refused"] * 3
    assert incidents(district) == []


@pytest.mark.parametrize("odd", ODD)
def test_odd_characters_in_an_id_are_refused_before_anything_is_read(district: District, odd: str) -> None:
    request = district.start("A")
    wrong = [
        replace(request, id=odd),
        replace(request, stream=case(odd)),
        replace(request, acted_by=odd),
        replace(request, entered_by=odd),
    ]

    outcomes = district.service.execute([*wrong, request])

    assert codes(outcomes) == ["not_an_id"] * 4 + [""]
    assert codes([outcome(district, one) for one in wrong]) == ["not_an_id"] * 4


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "\x1f", "\u202e"])
def test_odd_characters_in_the_directory_are_refused(district: District, odd: str) -> None:
    unit = {"id": "U9", "title": "九号厂", "region": "/s/t1/"}
    grant = GrantRole(person="x", role="checker", region="/s/t1/", valid_from="2020-01-01")
    acts = (
        RecordUnits(units=({**unit, "id": f"U{odd}"},)),
        RecordUnits(units=({**unit, "title": f"厂{odd}"},)),
        replace(grant, person=f"x{odd}"),
        replace(grant, region="", unit=f"U{odd}"),
    )

    told = [outcome(district, district.request(DIRECTORY, act, SYSTEM)) for act in acts]

    assert [type(one) for one in told] == [BadInput] * len(acts)
    assert incidents(district) == []


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"note": {"deep": [1.5]}}, "value_float"),
        ({"big": 2**70}, "value_integer_too_large"),
        ({"half": "\ud800"}, "value_half_character"),
        ({"much": "x" * 70_000}, "value_too_large"),
    ],
)
def test_attributes_that_no_entry_can_say_are_the_senders_to_correct(
    district: District, attributes: dict[str, Any], code: str
) -> None:
    act = RecordUnits(units=({"id": "U9", "title": "九号厂", "region": "/s/t1/", "attributes": attributes},))

    assert codes([outcome(district, district.request(DIRECTORY, act, "lin"))]) == [code]
    assert incidents(district) == []


@pytest.mark.parametrize(
    "path", ["//", "/s//t1/", "/s/../t1/", "/s/./", "/s /t1/", "/s/\x00/", "s/t1/", "/s/t1", "/" * 300]
)
def test_a_region_has_a_plain_path(district: District, path: str) -> None:
    from engine.core.command import RecordRegions

    told = outcome(district, district.request(DIRECTORY, RecordRegions(regions={path: "某地"}), SYSTEM))

    assert codes([told]) == ["region_path"]


@pytest.mark.parametrize(
    "at",
    [datetime.fromisoformat("2026-03-01T09:00:00"), datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)],
)
def test_an_instant_that_no_calendar_knows_is_refused(district: District, at: datetime) -> None:
    claim = ClaimCase(version=district.machine.version, state="opened", data={}, claimed_opened_at=at)
    wrong = [
        replace(district.start("A"), occurred_at=at),
        district.request(case("B"), claim, "clerk"),
        district.request(
            case("B"), replace(claim, claimed_opened_at=district.clock.now(), claimed_closed_at=at), "clerk"
        ),
    ]

    told = [outcome(district, one) for one in wrong]

    assert [type(one) for one in told] == [BadInput] * 3
    assert incidents(district) == []


def test_more_than_an_entry_holds_is_the_senders_to_shorten_and_takes_no_number(store: Store) -> None:
    story = tuple(FieldSpec(id=f"story{n}", title="经过", kind="text", long=True) for n in range(2))
    form = (*REPORT.form, *(FormItem(field=one.id) for one in story))
    procedure = replace(SAMPLE, fields=(*SAMPLE.fields, *story), starts=(replace(REPORT, form=form),))
    district = District(store, procedure=procedure)
    district.settle()

    long = "查" * 20_000
    told = outcome(district, district.start("A", story0=long, story1=long))
    district.do(district.start("B"))

    assert isinstance(told, BadInput)
    assert told.code == "value_too_large"
    assert number(district, "B") == "S-2026-00001"
    assert incidents(district) == []


def test_a_long_text_that_registers_filter_by_is_found_again(store: Store) -> None:
    long = FieldSpec(id="subject", title="事项", kind="text", required=True, filtered=True)
    district = District(store, procedure=replace(SAMPLE, fields=(long, *SAMPLE.fields[1:])))
    district.settle()
    subject = "".join(chr(0x4E00 + n * 7 % 20_000) for n in range(2_000))

    district.do(district.start("A", subject=subject))

    with store.read() as reader:
        found = reader.cases(EVERYTHING, CaseFilter(values={"subject": subject})).items
        others = reader.cases(EVERYTHING, CaseFilter(values={"subject": subject[::-1]})).items
    assert ([one.id for one in found], list(others)) == (["A"], [])


# cases taken over -----------------------------------------------------------------------------------------------


def test_a_case_cannot_be_claimed_at_an_end_that_is_not_its_end(district: District) -> None:
    claim = ClaimCase(
        version=district.machine.version,
        state="reviewing.left.given",
        data={"subject": "旧账", "unit": "U1", "place": "P1"},
        claimed_opened_at=datetime(2026, 1, 5, tzinfo=UTC),
    )

    assert codes([outcome(district, district.request(case("A"), claim, "clerk"))])[0].startswith("state_")


def test_a_case_cannot_be_claimed_at_the_end_of_a_part(store: Store) -> None:
    inner = (
        StateSpec(path="phase", title="阶段", kind="nested", initial="asked", children=("asked", "given")),
        StateSpec(path="phase.asked", title="待答", tasks=SAMPLE.states[0].tasks),
        StateSpec(path="phase.given", title="已答", kind="final"),
    )

    inner = (replace(inner[0], then=(TargetSpec(state="opened"),)), *inner[1:])
    start = replace(REPORT, to=(TargetSpec(state="phase"),))
    asked = replace(SAMPLE.states[0].tasks[0].actions[0], to=(TargetSpec(state="phase.given"),), do=())
    tasks = (replace(SAMPLE.states[0].tasks[0], actions=(asked,)),)
    inner = (inner[0], replace(inner[1], tasks=tasks), inner[2])
    district = District(store, procedure=replace(SAMPLE, starts=(start,), states=(*SAMPLE.states, *inner)))
    district.settle()
    claim = ClaimCase(
        version=district.machine.version,
        state="phase.given",
        data={"subject": "旧账", "unit": "U1", "place": "P1"},
        claimed_opened_at=datetime(2026, 1, 5, tzinfo=UTC),
    )

    assert codes([outcome(district, district.request(case("A"), claim, "clerk"))]) == ["state_unknown"]


def test_nobody_becomes_a_party_of_a_case_who_is_not_known(store: Store) -> None:
    heir = FieldSpec(id="heir", title="接办人", kind="person")
    form = (FormItem(field="unit"), FormItem(field="place"), FormItem(field="heir"))
    widened = replace(SAMPLE, fields=(*SAMPLE.fields, heir))
    widened = replace(
        widened, parties=(*SAMPLE.parties, PartySpec(id="heir", title="接办人", kind="person", field="heir"))
    )
    district = District(store, procedure=with_action(widened, "doing", "apply", form=form, evidence=()))
    district.settle()
    district.do(district.start("A"))
    district.do(district.confirm("A"))

    told = outcome(district, district.act("A", 2, "apply", "wang", unit="U8", place="P8", heir="ghost"))
    done = outcome(district, district.act("A", 2, "apply", "wang", unit="U2", place="P2", heir="zhou"))

    assert isinstance(told, BadInput)
    assert [problem["code"] for problem in told.data["problems"]] == ["unit_unknown", "place_unknown", "person_unknown"]
    assert isinstance(done, Answer)
