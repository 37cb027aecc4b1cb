"""Whether parties and the offices that matters go to fit each other: no circles, and somebody there in the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.core.definition import HandOverSpec, PartyKind, PartySpec, Procedure
from engine.core.uses import References

#: Parties that concern a person or a unit by itself: whoever is near to one can be left out.
_CONCERNED: tuple[PartyKind, ...] = ("unit", "person", "actor", "guest")
#: Parties whose members are left out by an `except` whatever they did; of others only those who acted as them.
_MEMBERS: tuple[PartyKind, ...] = ("unit", "person", "actor")


def check_party(party: PartySpec, references: References) -> None:
    """Note what is wrong with whom a party leaves out, and with who takes its place."""
    where = f"parties.{party.id}"
    if party.kind == "roster" and not party.roster:
        references.problems.add("missing_key", f"{where}.roster", "the name of a roster")
    if party.kind == "guest":
        references.field(party.field, f"{where}.guest")
    if party.beside and party.kind != "role":
        references.problems.add("wrong_party_kind", f"{where}.beside", "role", party.kind, party=party.id)
    references.all_parties(party.excepts, f"{where}.except")
    if party.recused is not None:
        for name in party.recused.of:
            references.party(name, f"{where}.recused.of", *_CONCERNED)
    if party.none:
        references.party(party.none, f"{where}.none")
        _check_none(party, references)
    if party.follows:
        references.party(party.follows, f"{where}.follows", "role")
    _check_circle(party, references)
    asked = party.designate is not None or bool(party.designate_undated)
    if party.kind != "queue" and asked:
        references.problems.add("wrong_party_kind", f"{where}.designate", "queue", party.kind, party=party.id)
    if asked:
        references.timed(party.designate, party.designate_undated, party.designate_ladder, f"{where}.designate")
    if party.designate_by:
        references.party(party.designate_by, f"{where}.designate.by", "role", "queue", "roster")


def _check_none(party: PartySpec, references: References) -> None:
    """Who takes its place ends in a queue: a task that nobody holds is always somebody's to look after."""
    seen, name = [party.id], _name(party.none)
    while (other := references.parties.get(name)) is not None and name not in seen:
        if other.kind == "queue":
            return
        seen.append(name)
        name = _name(other.none)
    if name in seen or not name:
        expected = "a queue, or a party that has one in the end"
        references.problems.add("no_queue_in_the_end", f"parties.{party.id}.none", expected, party.none)


def _check_circle(party: PartySpec, references: References) -> None:
    """Whom a party means must not hang on whom it leaves out, nor on who takes its place."""
    open_ends, seen = list(_asks(party, references.parties)), set[str]()
    while open_ends:
        name = open_ends.pop()
        if name == party.id:
            expected = "parties that do not leave each other out in a circle"
            references.problems.add("parties_in_a_circle", f"parties.{party.id}", expected, party.id)
            return
        if name not in seen and name in references.parties:
            seen.add(name)
            open_ends += _asks(references.parties[name], references.parties)


def _asks(party: PartySpec, parties: Mapping[str, PartySpec]) -> Iterator[str]:
    """The parties of which it must be known who is of them before it is known who is of this one."""
    for reference in party.excepts:
        name = _name(reference)
        if name in parties and parties[name].kind in _MEMBERS:
            yield name
    if party.none:
        yield _name(party.none)


def check_holders(procedure: Procedure, references: References) -> None:
    """Note tasks whose holder never signs in, and what is wrong with handing over.

    What is said of handing over for the whole procedure is told once.
    """
    told: set[HandOverSpec] = set()
    for state in procedure.states:
        for task in state.tasks:
            spec = task.handling.hand_over
            at = f"states.{state.path}.tasks.{task.id}" if task.id else f"states.{state.path}.task"
            party = references.parties.get(_name(task.holder))
            if party is not None and party.kind == "guest":
                expected = "a party whose members have accounts"
                references.problems.add("guest_holds_nothing", f"{at}.holder", expected, task.holder)
            if spec is not None and spec not in told:
                told.add(spec)
                _check_hand_over(spec, f"{at}.handling.hand_over", references)


def _check_hand_over(spec: HandOverSpec, where: str, references: References) -> None:
    references.party(spec.party, f"{where}.party", "role")
    references.timed(spec.receive, spec.receive_undated, spec.ladder, f"{where}.receive")
    if not spec.grounds:
        references.problems.add("missing_key", f"{where}.grounds", "grounds on which it may be refused")
    if not spec.designate_by:
        return
    references.party(spec.designate_by, f"{where}.designate.by")
    references.timed(spec.designate, spec.designate_undated, spec.designate_ladder, f"{where}.designate")
    if _name(spec.designate_by) == spec.party:
        expected = "somebody other than those who would refuse again"
        references.problems.add("designates_for_itself", f"{where}.designate.by", expected, spec.designate_by)


def _name(reference: str) -> str:
    return reference.partition(".")[0]
