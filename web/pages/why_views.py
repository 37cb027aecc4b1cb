"""Why a task is whose, in one line, with who else was considered and who was left out; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine.core.directory import Considered
from engine.core.why import PassedOver, Why
from web.catalogues import Titles, say, sentence_of
from web.catalogues.told_people import name_in

#: More of those who fit are not told.
MOST_TOLD = 6
#: Where the end of a holding matters to whoever acts.
_HELD = ("role", "neighbour", "unit", "roster", "queue", "claimed")


@dataclass(frozen=True, kw_only=True)
class WhyView:
    """The line, and what stands behind it."""

    line: str
    #: who fits, best first, and why they come where they do
    considered: tuple[str, ...] = ()
    #: who is of the party and takes no part, and why
    left_out: tuple[str, ...] = ()

    @property
    def more(self) -> bool:
        """Whether anything stands behind it."""
        return len(self.considered) > 1 or bool(self.left_out)


def why_view(why: Why, titles: Titles, units: Mapping[str, str]) -> WhyView:
    """The view; `units` are titles by id."""
    return WhyView(
        line=_line(why, titles, units),
        considered=tuple(_considered(why, titles, units)),
        left_out=tuple(_left_out(one, titles) for one in why.passed_over[:MOST_TOLD]),
    )


def _line(why: Why, titles: Titles, units: Mapping[str, str]) -> str:
    base = _base(why, titles, units)
    data = {
        "base": base,
        "party": titles.party(why.party),
        "other": titles.party(why.by_way_of),
        "by": name_in(why.by, titles) if why.by else say("people.why.somebody"),
        "who": name_in(why.stands_for, titles),
        "until": day_told(why.until) if why.until else "",
    }
    kind = f"{why.kind}_until" if why.kind == "substitute" and why.until else why.kind
    if why.by_way_of and why.kind not in ("queue", "substitute"):
        kind = "by_way_of"
    if why.kind == "voice" and why.by:
        kind = "voice_added"
    told = say(f"people.why.{kind}", **data)
    if why.reason and why.kind != "substitute":
        told = say("people.why.reason", why=told, reason=why.reason)
    if why.until and why.kind in _HELD:
        told = say("people.why.until", why=told, until=data["until"])
    return told


def _base(why: Why, titles: Titles, units: Mapping[str, str]) -> str:
    parts = [
        titles.party(why.party),
        "" if why.unit else titles.regions.get(why.region, ""),
        "" if why.unit else titles.industries.get(why.industry, ""),
        units.get(why.unit, ""),
    ]
    return say("case_page.dot").join(dict.fromkeys(one for one in parts if one))


def day_told(day: date) -> str:
    """A day of this year or another, as people say it."""
    return say("people.why.day", month=day.month, day=day.day, year=day.year)


def _considered(why: Why, titles: Titles, units: Mapping[str, str]) -> Iterator[str]:
    won = next((one for one in why.considered if one.won), None)
    for one in why.considered[:MOST_TOLD]:
        yield say(
            "people.why.considered",
            who=name_in(one.holding.person, titles),
            office=_office(one, titles, units),
            why=say(f"people.why.{_rank(one, won)}"),
        )
    if len(why.considered) > MOST_TOLD:
        yield say("people.why.and_more", count=len(why.considered) - MOST_TOLD)


def _office(one: Considered, titles: Titles, units: Mapping[str, str]) -> str:
    held = one.holding
    parts = (
        titles.roles.get(held.role, ""),
        units.get(held.unit, "") if held.unit else titles.regions.get(held.region, ""),
        titles.industries.get(held.industry, ""),
    )
    return say("case_page.dot").join(part for part in parts if part)


def _rank(one: Considered, won: Considered | None) -> str:
    if one.won:
        return "won"
    if won is not None and won.industry_exact and not one.industry_exact:
        return "no_industry"
    return "farther" if won is not None and one.depth < won.depth else "as_well"


def _left_out(one: PassedOver, titles: Titles) -> str:
    code = f"people.why.ground.{one.ground}"
    ground = (
        say(code)
        if one.how == "recused" and sentence_of(code)
        else say("people.why.ground.except", party=titles.party(one.ground))
    )
    return say("people.why.left_out", who=name_in(one.person, titles), ground=ground)
