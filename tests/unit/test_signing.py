"""Signatures of several under one act: two licensed officers, and the other side, which signs or is noted to refuse."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.compiler import compile_procedure
from engine.core.deadlines import due_day
from engine.core.definition import SignSpec
from engine.errors import BadInput, DefinitionErrors, NotPermitted
from engine.proof.play import World
from tests.samples import with_action
from tests.visits import CONCLUDE, VISIT, entered, planned, recorded, signed, visits
from tests.worlds import calendar, of_type, only_task, wait


def signing(**more: Any) -> tuple[World, str]:
    """A visit that only lacks its signatures."""
    world = visits(**more)
    return world, recorded(world, entered(world, planned(world)))


def conclude(
    world: World, case: str, *signatures: cmd.Signature, files: list[cmd.EvidenceRef], by: str = "chen", **how: Any
) -> tuple[ev.AnyEvent, ...]:
    task = only_task(world.case(case)).n
    act = cmd.SubmitAction(task=task, action="conclude", evidence=tuple(files), signatures=signatures)
    return world.do(by, case, act, **how)


def unit_signs(world: World, **more: Any) -> tuple[cmd.Signature, list[cmd.EvidenceRef]]:
    file = world.file("signature")
    return cmd.Signature(party="unit", file=file.sha256, **{"name": "张三", **more}), [file]


def unit_refuses(world: World, **more: Any) -> tuple[cmd.Signature, list[cmd.EvidenceRef]]:
    file = world.file("photo")
    told = {"refused": "不认可", "witness": "李四", "witness_file": file.sha256, **more}
    return cmd.Signature(party="unit", **told), [file]


def refused(world: World, case: str, *signatures: cmd.Signature, files: list[cmd.EvidenceRef], **how: Any) -> list[Any]:
    """Code and field of everything that is wrong with signatures."""
    with pytest.raises(BadInput) as wrong:
        conclude(world, case, *signatures, files=files, **how)
    assert wrong.value.code == "signatures_refused"
    return [(one["code"], one["field"]) for one in wrong.value.data["problems"]]


def test_two_officers_and_the_unit_sign_on_one_device():
    world, case = signing()
    ours, files = signed(world, "chen", "zhou")
    theirs, file = unit_signs(world)

    events = conclude(world, case, *ours, theirs, files=[*files, *file])

    assert of_type(events, ev.PartySigned) == [
        ev.PartySigned(action="conclude", task=3, party="team", level="hand", person="chen", file=ours[0].file),
        ev.PartySigned(action="conclude", task=3, party="team", level="hand", person="zhou", file=ours[1].file),
        ev.PartySigned(action="conclude", task=3, party="unit", level="hand", name="张三", file=theirs.file),
    ]
    state = world.case(case)
    assert (state.leaves(), state.signing, state.fields["served_on"]) == (
        ("told",),
        {"team": "signed", "unit": "signed"},
        "2026-03-02",
    )
    assert [(one.person, one.party) for one in state.signed if one.action == "conclude"] == [
        ("chen", "team"),
        ("zhou", "team"),
    ]


def test_a_recorded_refusal_leads_another_way_and_nothing_is_served_yet():
    world, case = signing()
    ours, files = signed(world, "chen", "zhou")
    refusal, file = unit_refuses(world)

    events = conclude(world, case, *ours, refusal, files=[*files, *file])

    assert of_type(events, ev.SignatureRefused) == [
        ev.SignatureRefused(
            action="conclude", task=3, party="unit", reason="不认可", witness="李四", file=refusal.witness_file
        )
    ]
    state = world.case(case)
    assert (state.leaves(), state.signing["unit"], "served_on" in state.fields) == (("left",), "refused", False)


def test_the_clock_of_what_follows_starts_on_the_day_of_service():
    world, case = signing()
    ours, files = signed(world, "chen", "zhou")
    refusal, file = unit_refuses(world)
    conclude(world, case, *ours, refusal, files=[*files, *file])
    wait(world, "2026-03-04 15:00")

    world.submit("zhou", case, "leave")

    task = only_task(world.case(case))
    assert task.deadline is not None
    assert task.deadline.derivation.start.isoformat() == "2026-03-04"
    assert due_day(task.deadline.due_at, calendar()).isoformat() == "2026-03-11"


def test_one_officer_is_not_two_and_the_same_one_twice_is_one():
    world, case = signing()
    theirs, file = unit_signs(world)
    one, files = signed(world, "chen")
    twice, more = signed(world, "chen", "chen")

    assert refused(world, case, *one, theirs, files=[*files, *file]) == [("signers_missing", "signatures")]
    assert refused(world, case, *twice, theirs, files=[*more, *file]) == [("signers_missing", "signatures")]


def test_who_acts_signs():
    world, case = signing(procedure=with_team_of_three())
    ours, files = signed(world, "zhou", "chen")
    theirs, file = unit_signs(world)

    assert refused(world, case, *ours, theirs, files=[*files, *file], by="lin") == [
        ("actor_has_not_signed", "signatures")
    ]


def with_team_of_three() -> Any:
    """Visits whose signing the office holds, too, without needing a licence."""
    return with_action(VISIT, "signing", "conclude", by=("team", "office"), certificate="")


@pytest.mark.parametrize(
    ("persons", "code"),
    [(("chen", "tang"), "signer_not_of_party"), (("chen", "wang"), "signer_not_of_party")],
)
def test_who_is_not_of_the_side_that_acts_does_not_sign_for_it(persons, code):
    world, case = signing()
    ours, files = signed(world, *persons)
    theirs, file = unit_signs(world)

    assert (code, "signatures.1.person") in refused(world, case, *ours, theirs, files=[*files, *file])


def test_who_has_no_licence_on_that_day_does_not_sign():
    world, case = signing()
    wait(world, "2026-04-01 09:00")
    ours, files = signed(world, "chen", "zhou")
    theirs, file = unit_signs(world)

    with pytest.raises(BadInput) as wrong:
        conclude(world, case, *ours, theirs, files=[*files, *file])

    assert wrong.value.data["problems"] == [
        {
            "field": "signatures.1.person",
            "code": "not_certified",
            "person": "zhou",
            "certificate": "licence",
            "on": "2026-04-01",
        }
    ]
    with pytest.raises(NotPermitted, match="not_certified"):
        conclude(world, case, *ours, theirs, files=[*files, *file], by="zhou")
    assert [offer.action for offer in world.offers("zhou", case)] == []
    assert [offer.action for offer in world.offers("chen", case)] == ["conclude"]


def test_what_was_drawn_once_is_one_signature_and_one_paper_may_bear_them_all():
    world, case = signing()
    file, scan = world.file("signature"), world.file("scan")
    ours = [cmd.Signature(person=one, file=file.sha256) for one in ("chen", "zhou")]
    on_paper = [cmd.Signature(person=one, file=scan.sha256) for one in ("chen", "zhou")]
    theirs, more = unit_signs(world)

    assert refused(world, case, *ours, theirs, files=[file, *more]) == [("signature_repeated", "signatures.1.file")]
    conclude(world, case, *on_paper, cmd.Signature(party="unit", name="张三", file=scan.sha256), files=[scan])
    assert world.case(case).leaves() == ("told",)


def test_a_signature_without_its_file_is_none():
    world, case = signing()
    ours, files = signed(world, "chen", "zhou")
    theirs, _ = unit_signs(world)

    assert refused(world, case, *ours, theirs, files=files) == [("signature_missing", "signatures.2.file")]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"witness": " "}, ("missing", "signatures.2.witness")),
        ({"witness_file": ""}, ("witness_proof_missing", "signatures.2.witness_file")),
        ({"refused": "x" * 501}, ("too_long", "signatures.2.refused")),
    ],
)
def test_a_refusal_needs_reason_witness_and_proof(change, found):
    world, case = signing()
    ours, files = signed(world, "chen", "zhou")
    refusal, file = unit_refuses(world, **change)

    assert refused(world, case, *ours, refusal, files=[*files, *file]) == [found]


def test_nobody_both_signs_and_refuses_and_our_own_side_never_refuses():
    world, case = signing()
    ours, files = signed(world, "chen", "zhou")
    theirs, file = unit_signs(world)
    refusal, more = unit_refuses(world)
    ourselves = replace(refusal, party="")

    assert refused(world, case, *ours, theirs, refusal, files=[*files, *file, *more]) == [
        ("signed_and_refused", "signatures.3.refused")
    ]
    assert ("signer_unnamed", "signatures.3.person") in refused(
        world, case, *ours, theirs, ourselves, files=[*files, *file, *more]
    )


def test_a_person_of_the_unit_signs_with_their_account_a_stranger_does_not():
    world, case = signing()
    ours, files = signed(world, "chen", "zhou")
    stranger, file = unit_signs(world, name="", person="qian")
    manager, more = unit_signs(world, name="", person="wang")

    assert refused(world, case, *ours, stranger, files=[*files, *file]) == [
        ("signer_not_of_party", "signatures.2.person")
    ]
    conclude(world, case, *ours, manager, files=[*files, *more])
    assert [(one.action, one.person) for one in world.case(case).signed if one.party == "unit"] == [
        ("conclude.sign", "wang")
    ]


def test_an_act_that_asks_for_no_signatures_takes_none():
    world = visits()
    case = planned(world)
    ours, files = signed(world, "chen")
    act = cmd.SubmitAction(task=1, action="drop", data={"reason": "x"}, evidence=tuple(files), signatures=tuple(ours))

    with pytest.raises(BadInput) as wrong:
        world.do("chen", case, act)

    assert [one["code"] for one in wrong.value.data["problems"]] == ["signature_not_asked"]


def test_offers_say_who_must_sign_and_with_which_licence():
    world, case = signing()

    (offer,) = world.offers("chen", case)

    assert (offer.signs, offer.certificate, offer.party) == (CONCLUDE.signs, "licence", "team")


@pytest.mark.parametrize(
    ("signs", "code"),
    [
        ((SignSpec(party="nobody", level="hand"),), "unknown_party"),
        ((SignSpec(party="", level="none", count=2),), "officers_without_signature"),
        ((SignSpec(party="", level="hand", refused="witness"),), "own_refusal"),
    ],
)
def test_a_definition_says_who_signs_and_how(signs, code):
    with pytest.raises(DefinitionErrors) as wrong:
        compile_procedure(with_action(VISIT, "signing", "conclude", signs=signs, do=(), to=()))

    assert code in {one.code for one in wrong.value.problems}


def test_only_an_act_of_a_task_is_signed_by_several():
    start = replace(VISIT.starts[0], signs=(SignSpec(party="", level="hand", count=2),))

    with pytest.raises(DefinitionErrors) as wrong:
        compile_procedure(replace(VISIT, starts=(start,)))

    assert {one.code for one in wrong.value.problems} == {"signers_need_a_task"}
