"""A duty as a line of the list, and its rule as facts; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.core.calendar import Calendar
from engine.core.definition_duties import DutySpec
from engine.core.directory import Directory
from engine.core.duty_state import DutyState
from engine.runtime.duties import DutyWindow
from engine.runtime.duty_views import DutyLine
from web import duty_words as words
from web.catalogues import say, tell_rule
from web.pages.duty_tables import address_of, summed
from web.pages.work_views import countdown_to

#: What a line counts besides what is done, in order.
_COUNTED = ("late", "missed", "acted", "open", "exempt")
_RED = ("missed", "late")


@dataclass(frozen=True, kw_only=True)
class CountView:
    """How many stand so, with the list of them."""

    title: str
    value: int
    address: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class DutyLineView:
    """One duty of the list."""

    title: str
    address: str
    whom: str
    often: Sequence[str]
    must: str
    #: the windows that run
    periods: str
    light: str
    done: str
    counts: Sequence[CountView]
    #: light, words, exact instant; words "" = nothing is due
    due: tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class RuleView:
    """What a duty says, as facts."""

    id: str
    title: str
    facts: Sequence[tuple[str, str]]
    ended: bool


def line_of(line: DutyLine, directory: Directory, calendar: Calendar, now: datetime) -> DutyLineView:
    """One duty of the list."""
    spec, counts = line.duty.spec, summed(line.counts)
    late = max(counts["late"], line.late)
    shown = {**counts, "late": late}
    owed = sum(counts[name] for name in ("open", "acted", "done", "late", "missed"))
    address = address_of(spec.id)
    red = late or counts["missed"]
    return DutyLineView(
        title=spec.title,
        address=address,
        whom=words.for_whom(spec.population, directory),
        often=words.how_often(spec),
        must=words.who_must_words(spec, directory),
        periods=say("duties.joint").join(
            dict.fromkeys(words.period_words(one.window.key) for one in sorted(line.windows, key=_by_rhythm))
        ),
        light="red" if red else "green" if owed and counts["done"] == owed else "none",
        done=say("duties.done_told", done=counts["done"], owed=owed) if owed else say("duties.nobody_owes"),
        counts=[
            CountView(
                title=say(f"duties.status.{name}"),
                value=shown[name],
                address=f"{address}?status={name}",
                kind="red" if name in _RED else "",
            )
            for name in _COUNTED
            if shown[name]
        ],
        due=countdown_to(line.due_at, calendar, now) if line.due_at is not None else ("none", "", ""),
    )


def _conditions(spec: DutySpec) -> list[tuple[str, str]]:
    told = words.conditions_of(spec)
    return [(say("duties.rule.condition"), say("duties.rule_joint").join(told))] if told else []


def _by_rhythm(one: DutyWindow) -> tuple[int, str]:
    return one.rhythm, one.window.key


def rule_of(duty: DutyState, directory: Directory, clauses: Mapping[str, str]) -> RuleView:
    """A duty's rule in words."""
    spec = duty.spec
    facts = [
        (say("duties.rule.whom"), words.for_whom(spec.population, directory)),
        (say("duties.rule.often"), say("duties.rule_joint").join(words.how_often(spec))),
        *_conditions(spec),
        (say("duties.rule.must"), words.who_must_words(spec, directory)),
        (say("duties.rule.missed"), tell_rule(spec.missed_at)),
    ]
    made_up = say("duties.rule.within", span=tell_rule(spec.made_up_within)) if spec.made_up_within else ""
    facts.append((say("duties.rule.made_up"), made_up or say("duties.rule.never")))
    if spec.exempt is not None:
        titles = [directory.roles[role].title if role in directory.roles else role for role in spec.exempt.by]
        told = say("duties.rule.exempt_by", roles=say("values.joint").join(titles))
        if spec.exempt.most:
            told = say("duties.rule.exempt_most", told=told, span=tell_rule(spec.exempt.most))
        facts.append((say("duties.rule.exempt"), told))
    if spec.basis:
        facts.append((say("duties.rule.basis"), say("values.joint").join(clauses.get(one, one) for one in spec.basis)))
    return RuleView(id=spec.id, title=spec.title, facts=facts, ended=duty.ended)
