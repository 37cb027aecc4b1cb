"""What voices come to, whoever gives them."""

from __future__ import annotations

import pytest

from engine.core.case_people import Voice
from engine.core.votes import needed, outcome
from tests.voting import spec


@pytest.mark.parametrize(
    ("rule", "voices", "wanted"),
    [("all", 4, 4), ("any", 4, 1), ("2/3", 3, 2), ("2/3", 4, 3), ("1/2", 5, 3), ("1/2", 4, 2), ("3", 5, 3)],
)
def test_a_share_is_rounded_up(rule, voices, wanted):
    assert needed(rule, voices) == wanted


def voices(*answers):
    return [Voice(n=n, party=party, task=n, answer=answer) for n, (party, answer) in enumerate(answers, start=1)]


@pytest.mark.parametrize(
    ("votes", "answers", "how"),
    [
        (spec(rule="any"), ("consent", "", ""), "passed"),
        (spec(rule="any"), ("refuse", "refuse", ""), ""),
        (spec(rule="any"), ("refuse", "refuse", "refuse"), "refused"),
        (spec(rule="2/3"), ("consent", "", ""), ""),
        (spec(rule="2/3"), ("consent", "consent", ""), "passed"),
        (spec(rule="2/3"), ("refuse", "refuse", ""), "refused"),
        (spec(rule="any", quorum=2), ("consent", "", ""), ""),
        (spec(rule="any", quorum=2), ("consent", "refuse", ""), "passed"),
        (spec(rule="all", quorum=3), ("refuse", "", ""), ""),
        (spec(rule="all", quorum=3), ("refuse", "consent", "consent"), "refused"),
        (spec(rule="any", veto=("fire",)), ("refuse", "", ""), "refused"),
        (spec(rule="any", veto=("fire",)), ("", "consent", "consent"), ""),
        (spec(rule="any", veto=("fire",)), ("consent", "", ""), "passed"),
        (spec(rule="any", veto=("fire",), quorum=3), ("refuse", "", ""), "refused"),
        (spec(rule="2"), ("consent", "withdrawn", "consent"), "passed"),
        (spec(rule="all"), ("consent", "withdrawn", "consent"), "passed"),
    ],
)
def test_a_vote_is_decided_once_no_open_voice_can_change_it(votes, answers, how):
    assert outcome(votes, voices(*zip(votes.by, answers, strict=True))) == how
