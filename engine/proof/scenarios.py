"""Plays the scenarios that stand beside the procedures: given, when, then, with days passing.

A scenario brings its own people and units; regions, industries and roles are those of the place it plays in. Each unit
may be named as a place, too, since scenarios are about procedures and not about buildings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

import msgspec

from engine.core.calendar import Calendar
from engine.core.compiler import compile_procedure
from engine.core.definition import FieldSpec
from engine.core.definition_duties import DutySpec
from engine.core.definition_watches import Watch
from engine.core.directory import RolePower
from engine.core.event import AnyEvent, GuestInvited
from engine.core.language.scenario import ScenarioDocument, Step
from engine.core.machine import Machine
from engine.core.resolve import ResolvedPlace
from engine.errors import BadInput, DefinitionErrors, ZhibenError
from engine.proof.arrangement import Titles, changed, changes_of, directory_of, entity
from engine.proof.comparison import Difference, compared
from engine.proof.play import World
from engine.proof.steps import act_of
from engine.proof.steps_duties import excuse
from engine.proof.turning import turn_watch


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """Where scenarios play: a place with its procedures compiled."""

    place: str
    #: by procedure id
    machines: Mapping[str, Machine]
    roles: Mapping[str, RolePower]
    #: region path -> title, industry id -> title
    regions: Mapping[str, str]
    industries: Mapping[str, str]
    calendar: Calendar
    #: others by id: of procedures and deadlines that name one of their own
    calendars: Mapping[str, Calendar] = {}
    watches: Mapping[str, Watch] = {}
    duties: Mapping[str, DutySpec] = {}


class ScenarioResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a scenario ended; `differences` are empty where everything is as it says."""

    scenario: str
    place: str
    basis: tuple[str, ...]
    #: entries written
    entries: int
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        """Whether everything is as the scenario says."""
        return not self.differences


def setting_of(place: ResolvedPlace, calendar: Calendar, calendars: Mapping[str, Calendar] | None = None) -> Setting:
    """The setting of a resolved place; raises DefinitionErrors where a procedure does not compile."""
    return Setting(
        place=place.id,
        machines={name: compile_procedure(procedure) for name, procedure in place.procedures.items()},
        roles=place.roles,
        regions=place.regions,
        industries=place.industries,
        calendar=calendar,
        calendars=calendars or {},
        watches=place.watches,
        duties=place.duties,
    )


def run_scenarios(
    place: ResolvedPlace, calendar: Calendar, calendars: Mapping[str, Calendar] | None = None
) -> tuple[ScenarioResult, ...]:
    """All scenarios of a place, in the order of files."""
    setting = setting_of(place, calendar, calendars)
    return tuple(run_scenario(setting, document) for document in place.scenarios)


def run_scenario(setting: Setting, document: ScenarioDocument) -> ScenarioResult:
    """Play one scenario from its first moment to its last and compare what it says."""
    play = _Play(setting, document)
    differences = play.prepared() or play.played() or play.compared()
    return ScenarioResult(
        scenario=document.scenario,
        place=setting.place,
        basis=tuple(document.basis),
        entries=len(play.world.log) + play.world.duties.entries if play.world else 0,
        differences=tuple(differences),
    )


class _Play:
    """One scenario while it is played."""

    def __init__(self, setting: Setting, document: ScenarioDocument) -> None:
        self.setting = setting
        self.document = document
        self.world: World | None = None
        self.titles = Titles(
            regions=setting.regions,
            industries=setting.industries,
            roles=setting.roles,
            units=frozenset(document.units),
        )
        self._steps = (*document.given, *document.when)

    def prepared(self) -> list[Difference]:
        """Build the world; what it names but the place has not is told."""
        try:
            units = {name: entity(self.titles, name, unit) for name, unit in self.document.units.items()}
            directory = directory_of(self.titles, self.document, self.moment)
        except BadInput as unknown:
            return [Difference(code=unknown.code, where=unknown.field, got=unknown.data.get("got"))]
        first = next((step.at or step.until for step in self._steps if step.at or step.until), None)
        if first is None:
            return [Difference(code="no_moment", where="given.0.at")]
        self.world = World(
            self.setting.machines.values(),
            directory=directory,
            calendar=self.setting.calendar,
            calendars=self.setting.calendars,
            start=self.moment(first),
            units=units,
            places={name: msgspec.structs.replace(unit, unit=name) for name, unit in units.items()},
            changes=changes_of(self.document, self.moment, self.moment(first)),
            watches=self.setting.watches,
            duties=self.setting.duties.values(),
        )
        return []

    def played(self) -> list[Difference]:
        """Carry out all steps; the first that does not go as it says ends the play."""
        for index, step in enumerate(self._steps):
            given = len(self.document.given)
            where = f"given.{index}" if index < given else f"when.{index - given}"
            if differences := self._step(step, where):
                return differences
        return []

    def _step(self, step: Step, where: str) -> list[Difference]:
        assert self.world is not None
        try:
            refused = self._carried_out(step)
        except ZhibenError as error:
            refused = error
        codes = _codes(refused)
        if step.fails is None:
            return [_refused(where, refused)] if refused else []
        if refused is None:
            return [Difference(code="not_refused", where=where, expected=step.fails)]
        if step.fails is not True and step.fails not in codes:
            return [
                Difference(code="refused_otherwise", where=where, expected=step.fails, got=codes[0], told=refused.data)
            ]
        return []

    def _carried_out(self, step: Step) -> ZhibenError | None:
        """Do what a step says; the error that refused it. Only time passing may fail without being expected to."""
        world = self.world
        assert world is not None
        if step.until and step.happens_by_itself() and not step.stands_in:
            world.advance(self.moment(step.until), asleep=bool(step.asleep))
            return None
        if step.at:
            world.advance(self.moment(step.at))
        if step.turn:
            turn_watch(world, step.turn)
            return None
        if step.happens_by_itself():
            day = self.setting.calendar.local_day(world.now)
            world.reorganise(changed(self.titles, world.directory, step, day))
            return None
        assert step.by is not None
        if step.exempts:
            excuse(world, step)
            return None
        case = world.id_of(step.of) if step.of else next(iter(world.cases), "")
        if step.as_ and not step.invite:
            case = step.as_
        paper = bool(step.entered_by) and "scan" in step.evidence
        events = world.do(
            world.person(step.by),
            case,
            act_of(world, case, step, self),
            occurred_at=self.moment(step.occurred) if step.occurred else None,
            entered_by=step.entered_by or "",
            medium="paper" if paper else "web",
        )
        self._remember_guest(step, events)
        return None

    def _remember_guest(self, step: Step, events: Iterable[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, GuestInvited) and step.as_ and self.world:
                self.world.persons[step.as_] = event.person

    def compared(self) -> list[Difference]:
        """What is not as `then` says."""
        assert self.world is not None
        return compared(self.world, self.document.then, self.value)

    # reading ---------------------------------------------------------------------------------------------------

    def moment(self, text: str) -> datetime:
        """The instant of a moment: a bare date means its beginning."""
        day, _, at = text.partition(" ")
        return self.setting.calendar.instant(date.fromisoformat(day), time.fromisoformat(at) if at else time())

    def value(self, spec: FieldSpec | None, value: Any) -> Any:
        """A value as forms take it: choices may be written by their titles."""
        if isinstance(value, date):
            return value.isoformat()
        if spec is not None and spec.kind == "case" and self.world is not None:
            return [self.world.id_of(one) for one in value] if isinstance(value, list) else self.world.id_of(value)
        if spec is not None and spec.kind == "choice" and value not in spec.choices:
            return next((choice for choice, title in spec.choices.items() if title == value), value)
        return value

    def region(self, title: str | None) -> str:
        """The path of a region; "" = none given."""
        return self.titles.region(title, "to")

    def industry(self, title: str | None) -> str:
        """The id of an industry; "" = none given."""
        return self.titles.industry(title, "to")


def _codes(error: ZhibenError | None) -> tuple[str, ...]:
    """The code of an error, and those of the answers of a form that it tells of."""
    if error is None:
        return ()
    return (error.code, *(str(problem["code"]) for problem in error.data.get("problems", ())))


def _refused(where: str, error: ZhibenError) -> Difference:
    told = dict(error.data)
    if isinstance(error, DefinitionErrors):
        told["problems"] = [problem.code for problem in error.problems]
    return Difference(code="refused", where=where, got=error.code, told=told)
