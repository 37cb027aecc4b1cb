"""The neutral form of a watch (监测规则): what is counted for whom in which window, and what follows when it is so."""

from __future__ import annotations

from typing import Literal

from engine.core.conditions import ALL, Condition
from engine.core.definition_links import StartSpec
from engine.core.definition_parts import Record
from engine.core.recurrence import Rhythm

#: Of whom, or of what, is counted. `body` is the organ as which somebody acted; `all` is everything together.
Grain = Literal["unit", "place", "region", "industry", "person", "body", "device", "photo", "all"]
#: cases: as they were opened or closed, or stand; acts: what people did; photos: pictures shown as evidence;
#: accounts: persons who signed in on a device; obligations: what a duty asked
Source = Literal["cases", "acts", "photos", "accounts", "obligations"]
Light = Literal["yellow", "red"]

#: Which grains each source can tell.
GRAINS: dict[str, tuple[Grain, ...]] = {
    "cases": ("unit", "place", "region", "industry", "all"),
    "acts": ("unit", "place", "region", "industry", "person", "body", "all"),
    "photos": ("photo", "person", "unit", "region", "all"),
    "accounts": ("device",),
    "obligations": ("unit", "region", "all"),
}


class Measure(Record, frozen=True, kw_only=True):
    """One number, counted for each subject in a window."""

    id: str
    title: str
    source: Source
    #: cases, acts: of which procedure; obligations: of which duty; "" = of any
    procedure: str = ""
    where: Condition = ALL
    #: the condition as it was written
    text: str = ""
    #: cases: the date that lies in the window; "" = as they stand when it ends
    by: Literal["opened", "closed", ""] = ""
    #: acts: any of these; () = any act
    actions: tuple[str, ...] = ()
    #: acts: only those entered afterwards (补录)
    late: bool = False
    #: acts: only those not done on site
    remote: bool = False
    #: acts: span phrase: only those done so soon after the state was entered; "" = whenever
    within: str = ""
    #: acts, photos: different ones are counted instead of each
    distinct: Literal["", "person", "case", "unit"] = ""
    #: obligations: only those of this standing
    status: str = ""
    #: it is counted over so many windows before this one, together; 0 = over this one
    before: int = 0
    #: span phrase: it is counted over so long up to the end of the window; "" = over the window
    over: str = ""
    #: how many windows in a row, this one last, have some (with) or none (without); counted up to `most`
    streak: Literal["", "with", "without"] = ""
    most: int = 0


class Limit(Record, frozen=True, kw_only=True):
    """A number that the condition compares with."""

    id: str
    title: str
    value: int


class Population(Record, frozen=True, kw_only=True):
    """Who is looked at even where nothing is counted of them; only its members are."""

    kind: Literal["unit", "person", "region"]
    #: unit: expression over its properties; "" = every one
    where: str = ""
    #: person: who holds this role
    role: str = ""


class DrawSpec(Record, frozen=True, kw_only=True):
    """Some of the cases behind a finding are drawn, and a case is started for each; `values` may read `drawn`."""

    percent: int
    start: StartSpec


class Watch(Record, frozen=True, kw_only=True):
    """A watch, resolved for one place."""

    id: str
    title: str
    plan: str
    per: Grain
    #: None = a rolling window, looked at every day
    every: Rhythm | None = None
    #: span phrase of the rolling window
    window: str = ""
    population: Population | None = None
    counts: tuple[Measure, ...]
    limits: tuple[Limit, ...] = ()
    #: expression over counts and limits
    when: str
    light: Light = "yellow"
    start: StartSpec | None = None
    draw: DrawSpec | None = None
    #: why it is looked at, in the words of the plan
    explain: str = ""
    basis: tuple[str, ...] = ()

    @property
    def rolling(self) -> bool:
        """Whether its window moves on every day."""
        return self.every is None
