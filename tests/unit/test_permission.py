"""Who may do what, and why not; what pages offer is what decisions accept."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core import command as cmd
from engine.core import event as ev
from engine.core.definition import ApprovalSpec, FormItem, TargetSpec
from engine.core.directory import Holding
from engine.core.offers import Offer
from engine.errors import BadInput, NotFound, NotPermitted, Stale
from tests.samples import SAMPLE, with_action
from tests.worlds import (
    HOLDINGS,
    accepted,
    applied,
    confirmed,
    local,
    of_type,
    only_task,
    reported,
    wait,
    world,
)


def refusal(kind, do):
    with pytest.raises(kind) as refused:
        do()
    assert type(refused.value) is kind
    return refused.value.code


def accept(play, case, by, **how):
    return play.submit(by, case, "accept", **{"evidence": (play.file("signature"),), "on_site": True, **how})


@pytest.mark.parametrize("person", ["wang", "li", "lin", "tang", "clerk", "stranger"])
def test_a_task_is_done_by_whoever_holds_it_and_nobody_else(person):
    play = world()
    case = reported(play)
    before = play.case(case)

    code = refusal(NotPermitted, lambda: play.submit(person, case, "dismiss", {"reason": "x"}))

    assert (code, play.case(case), len(play.log)) == ("not_your_task", before, 1)


def test_a_task_is_held_by_who_holds_the_role_on_the_day_of_the_act():
    play = world()
    case = applied(play, confirmed(play))
    assert play.offers("zhou", case) != ()

    play.directory = world(holdings=[one for one in HOLDINGS if one.person != "zhou"]).directory

    assert refusal(NotPermitted, lambda: accept(play, case, "zhou")) == "not_your_task"
    assert play.offers("zhou", case) == ()


def test_the_finder_may_not_accept():
    play = world()
    case = applied(play, confirmed(play))

    assert refusal(NotPermitted, lambda: accept(play, case, "chen")) == "separation_of_duties"
    accept(play, case, "zhou")

    assert play.case(case).closed == "completed"


def test_separation_of_duties_tests_the_signatory_not_who_types():
    play = world(procedure=with_action(SAMPLE, "checking", "accept", late_entry="5 days"))
    case = applied(play, confirmed(play))

    code = refusal(NotPermitted, lambda: accept(play, case, "chen", entered_by="clerk"))
    accept(play, case, "zhou", entered_by="clerk")

    assert (code, play.case(case).closed) == ("separation_of_duties", "completed")
    assert (play.log[-1].head.acted_by, play.log[-1].command.entered_by) == ("zhou", "clerk")


def test_whoever_is_of_the_unit_may_not_accept_its_work():
    play = world(holdings=(*HOLDINGS, Holding(id="20", person="zhou", role="officer", unit="U1")))
    case = applied(play, confirmed(play))

    assert refusal(NotPermitted, lambda: accept(play, case, "zhou")) == "separation_of_duties"


def test_nobody_enters_for_another_without_the_permission_to():
    play = world()
    case = applied(play, confirmed(play))

    assert refusal(NotPermitted, lambda: accept(play, case, "zhou", entered_by="chen")) == "may_not_enter_for_others"


def test_nobody_signs_as_the_engine():
    play = world()
    case = reported(play)
    act = cmd.ReceiveSignal(source=cmd.Stream(kind="case", id="X"), source_seq=1, n=1, name="same")

    assert refusal(NotPermitted, lambda: play.do("chen", case, act)) == "system_only"
    claim = cmd.ClaimCase(
        version=play.case(case).version, state="doing", data={"unit": "U1"}, claimed_opened_at=local("2026-01-05 09:00")
    )
    code = refusal(NotPermitted, lambda: play.do(cmd.SYSTEM, "K", claim, entered_by="chen"))
    assert code == "may_not_enter_for_others"


def test_acceptance_is_never_part_of_a_batch():
    play = world()
    case = applied(play, confirmed(play))

    assert refusal(NotPermitted, lambda: accept(play, case, "zhou", batch=True)) == "never_a_batch"


def test_what_may_be_done_in_a_batch_is():
    play = world()
    case = applied(play, confirmed(play))

    play.submit("zhou", case, "fail", {"reason": "x"}, batch=True)

    assert play.case(case).leaves() == ("doing",)


def test_evidence_asked_for_must_come_with_the_act():
    play = world()
    case = confirmed(play)

    with pytest.raises(BadInput) as refused:
        play.submit("wang", case, "apply", {"photos": []})
    assert refused.value.code == "form_refused"

    photo = play.file("file", "photos")
    with pytest.raises(BadInput) as refused:
        play.submit("wang", case, "apply", {"photos": [photo.sha256]}, evidence=(photo,))
    assert refused.value.data["problems"] == [{"field": "photos", "code": "wrong_kind_of_file", "expected": "photo"}]


def test_evidence_that_no_field_asks_for_is_missed_all_the_same():
    play = world(procedure=with_action(SAMPLE, "doing", "apply", form=()))
    case = confirmed(play)

    with pytest.raises(BadInput) as refused:
        play.submit("wang", case, "apply", evidence=(play.file("file"),))
    play.submit("wang", case, "apply", evidence=(play.file("photo"),))

    assert (refused.value.code, refused.value.data["missing"]) == ("evidence_missing", ("photo",))
    assert play.case(case).leaves() == ("checking",)


@pytest.mark.parametrize(
    ("level", "medium", "kind", "enough"),
    [
        ("hand", "web", "signature", True),
        ("hand", "web", "scan", True),
        ("hand", "web", "photo", False),
        ("hand", "paper", "scan", True),
        ("hand", "paper", "signature", False),
        ("certificate", "web", "signature", True),
        ("certificate", "web", "scan", False),
        ("scan", "web", "scan", True),
        ("scan", "web", "signature", False),
        ("click", "web", "photo", True),
        ("click", "paper", "photo", False),
        ("click", "paper", "scan", True),
        ("none", "paper", "photo", True),
    ],
)
def test_a_signature_is_given_at_the_level_asked_and_on_paper_by_a_scan(level, medium, kind, enough):
    play = world(procedure=with_action(SAMPLE, "checking", "accept", sign=level))
    case = applied(play, confirmed(play))

    def sign():
        accept(play, case, "zhou", evidence=(play.file(kind),), medium=medium)

    if enough:
        sign()
    else:
        assert refusal(BadInput, sign) == "signature_missing"
    assert play.case(case).closed == ("completed" if enough else "")


def test_what_must_be_done_on_site_is_not_done_from_the_desk():
    play = world()
    case = confirmed(play)
    photo = play.file("photo", "photos")
    # It is graded up before it is accepted.
    play.cases[case] = replace(play.case(case), fields={**play.case(case).fields, "level": "high"})
    play.submit("wang", case, "apply", {"photos": [photo.sha256]}, evidence=(photo,))

    assert refusal(NotPermitted, lambda: accept(play, case, "zhou", on_site=False)) == "only_on_site"
    accept(play, case, "zhou", on_site=True)

    assert of_type(play.events(case), ev.ActionTaken)[-1].on_site is True


def test_a_general_one_may_be_accepted_from_the_desk():
    play = world()
    case = applied(play, confirmed(play))

    accept(play, case, "zhou", on_site=False)

    assert play.case(case).closed == "completed"


def test_an_action_whose_condition_does_not_hold_is_refused():
    play = world(procedure=with_action(SAMPLE, "checking", "fail", when="cost > 100"))
    case = applied(play, confirmed(play, cost=100))

    assert refusal(NotPermitted, lambda: play.submit("zhou", case, "fail", {"reason": "x"})) == "condition_not_met"


def test_a_condition_that_cannot_be_computed_denies():
    play = world(procedure=with_action(SAMPLE, "checking", "fail", when="100 / cost > 1"))
    case = applied(play, confirmed(play, cost=0))

    assert refusal(NotPermitted, lambda: play.submit("zhou", case, "fail", {"reason": "x"})) == "condition_not_met"
    assert [offer.action for offer in play.offers("zhou", case)] == ["accept"]


def test_a_page_that_is_stale_in_its_own_fields_is_refused():
    play = world(procedure=with_action(SAMPLE, "doing", "extend", approve=None, ask=None))
    case = confirmed(play, due_on="2026-10-30")
    play.submit("wang", case, "extend", {"asked_until": "2026-11-10", "reason": "a"})

    data = {"asked_until": "2026-11-20", "reason": "b"}
    with pytest.raises(Stale) as refused:
        play.submit("wang", case, "extend", data, seen=cmd.Seen(task=2, seq=2))

    assert (refused.value.code, refused.value.data["fields"]) == ("fields_changed", ("asked_until", "reason"))


def test_a_page_that_is_stale_elsewhere_is_taken():
    play = world()
    case = confirmed(play)
    play.do("wang", case, cmd.ReadTask(task=2))

    photo = play.file("photo", "photos")
    play.submit("wang", case, "apply", {"photos": [photo.sha256]}, evidence=(photo,), seen=cmd.Seen(task=2, seq=2))

    assert play.case(case).leaves() == ("checking",)


def test_an_act_on_a_task_that_is_over_is_stale():
    play = world()
    case = confirmed(play)

    code = refusal(Stale, lambda: play.submit("chen", case, "dismiss", {"reason": "x"}, task=1))

    assert code == "task_not_open"


def test_an_action_of_another_state_is_not_found():
    play = world()
    case = reported(play)

    assert refusal(NotFound, lambda: play.submit("chen", case, "accept", task=1)) == "action_not_found"


def test_what_happens_in_the_future_has_not_happened():
    play = world(procedure=with_action(SAMPLE, "checking", "fail", late_entry="5 days"))
    case = applied(play, confirmed(play))

    def from_tomorrow():
        play.submit("zhou", case, "fail", {"reason": "x"}, occurred_at=local("2026-10-01 10:00"))

    assert refusal(BadInput, from_tomorrow) == "in_the_future"


def test_an_action_that_finds_no_branch_is_refused():
    nowhere = (TargetSpec(state="doing", when="cost > 5"), TargetSpec(state="dropped", when="cost < 3"))
    play = world(procedure=with_action(SAMPLE, "checking", "fail", to=nowhere))
    case = applied(play, confirmed(play, cost=4))

    with pytest.raises(BadInput) as refused:
        play.submit("zhou", case, "fail", {"reason": "x"})

    assert refused.value.code == "no_branch_applies"
    assert play.case(case).leaves() == ("checking",)


def test_offers_say_what_each_act_asks_for():
    play = world(holdings=HOLDINGS)
    case = reported(play)

    assert play.offers("zhou", case) == (
        Offer(
            task=1,
            kind="act",
            action="confirm",
            title="核实",
            form=(FormItem(field="level", required=True), FormItem(field="due_on", required=True)),
            sign="hand",
            party="checker",
        ),
        Offer(
            task=1,
            kind="act",
            action="dismiss",
            title="不予认定",
            form=(FormItem(field="reason", required=True),),
            party="checker",
            approval=True,
        ),
    )
    assert play.offers("lin", case) == ()


def test_an_approval_is_offered_to_those_who_may_answer_it():
    play = world(holdings=HOLDINGS)
    case = reported(play)
    play.submit("zhou", case, "dismiss", {"reason": "x"})

    assert play.offers("lin", case) == (
        Offer(task=2, kind="consent", action="dismiss", title="不予认定", party="office"),
        Offer(task=2, kind="refuse", action="dismiss", title="不予认定", party="office", reason=True),
    )
    assert [offer.action for offer in play.offers("zhou", case)] == ["confirm"]


def test_an_ended_case_offers_its_reopening_to_those_who_may():
    play = world()
    case = accepted(play, applied(play, confirmed(play)))

    (offer,) = play.offers("lin", case)

    assert (offer.task, offer.kind, offer.action, offer.party) == (0, "reopen", "reopen", "office")
    assert play.offers("zhou", case) == ()


def test_a_late_request_is_offered_with_the_fields_it_needs():
    play = world()
    case = confirmed(play, due_on="2026-10-20")

    early = {offer.action: offer for offer in play.offers("wang", case)}["extend"]
    wait(play, "2026-10-21 09:00")
    late = {offer.action: offer for offer in play.offers("wang", case)}["extend"]

    assert (early.late, [item.field for item in early.form]) == (False, ["asked_until", "reason", "measures"])
    assert late.late is True
    assert late.form[-1] == FormItem(field="measures", required=True)


def test_two_tasks_may_wait_for_consent_to_the_same_action_at_once():
    approval = ApprovalSpec(by="office", undated="自行安排")
    procedure = with_action(SAMPLE, "reviewing.left.asked", "answer", approve=approval, by=("office",))
    procedure = with_action(procedure, "reviewing.right.asked", "answer", approve=approval)
    play = world(procedure=procedure)
    case = confirmed(play, level="high")
    left, right = play.case(case).tasks

    play.submit("lin", case, "answer", {"opinion": "a"}, task=left.n)
    play.submit("zhou", case, "answer", {"opinion": "b"}, task=right.n)

    asked = [task.asked.of for task in play.case(case).tasks if task.asked]
    assert asked == [left.n, right.n]


def test_an_only_task_is_found_by_its_action():
    play = world()
    case = reported(play)

    assert (play.task_with(case, "confirm"), play.task_with(case, "accept")) == (only_task(play.case(case)).n, 0)
