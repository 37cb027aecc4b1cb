"""Who of the story signs an act under which several sign: with a drawing each, or not, before a witness."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core import command as cmd
from engine.core.offers import Offer
from zhiben.story.script import Refusal
from zhiben.story.stage import Standing


def drawings(offer: Offer, evidence: Mapping[str, cmd.EvidenceRef]) -> tuple[cmd.EvidenceRef, ...]:
    """A drawing for everybody who signs, and one for a witness."""
    count = sum(spec.count for spec in offer.signs) + 1 if offer.signs else 0
    return tuple(evidence[f"drawn{number}"] for number in range(count))


def signatures(
    offer: Offer,
    standing: Standing,
    person: str,
    *,
    evidence: Mapping[str, cmd.EvidenceRef],
    bystander: str,
    refused: Refusal | None,
) -> tuple[cmd.Signature, ...]:
    """Those who act sign, whoever was drawn among them; the other side signs or, as the choice says, does not."""
    files = iter(one.sha256 for one in drawings(offer, evidence))
    task = standing.case.task(offer.task)
    found: list[cmd.Signature] = []
    for spec in offer.signs:
        if spec.party == "":
            holders = dict.fromkeys((person, *(task.holder.persons if task else ())))
            found += [cmd.Signature(person=one, file=next(files)) for one in list(holders)[: spec.count]]
        elif refused is not None:
            seen = {"refused": refused.reason, "witness": refused.witness, "witness_file": next(files)}
            found.append(cmd.Signature(party=spec.party, **seen))
        else:
            found.append(cmd.Signature(party=spec.party, name=bystander, file=next(files)))
    return tuple(found)
