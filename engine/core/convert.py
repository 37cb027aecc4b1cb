"""Models of documents → the neutral definition: short forms written out, states by their paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from engine.core import convert_clocks, convert_ladders, convert_links, convert_people, day_counts
from engine.core import definition as neutral
from engine.core.convert_fields import sign_level, sign_specs
from engine.core.language import acts, people, procedure
from engine.core.language.timing import Moment, Timing
from engine.errors import DefinitionError, Place

#: Where an action leads that sends a case back: to any state it has been in.
VISITED = "visited"


@dataclass(kw_only=True)
class Conversion:
    """One procedure on its way: its model, the clauses behind its values, and what was found wrong."""

    model: procedure.ProcedureDocument
    #: path in the document -> clauses of the value filled in there
    basis: Mapping[tuple[str, ...], tuple[str, ...]]
    problems: list[DefinitionError] = field(default_factory=list)
    #: named day-count rules that a deadline may name
    day_counts: Mapping[str, neutral.DayCount] = field(default_factory=dict)
    #: states to which a case can be sent back, by the scope they stand in
    returns: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def states(self) -> tuple[neutral.StateSpec, ...]:
        """All states, containers before what they contain, in the order of the file."""
        return tuple(self._states(self.model.states, "", ("states",), ()))

    def _states(
        self,
        models: Mapping[str, procedure.State],
        above: str,
        path: tuple[str, ...],
        scopes: tuple[tuple[str, frozenset[str]], ...],
    ) -> Iterator[neutral.StateSpec]:
        inner = ((above, frozenset(models)), *scopes)
        self.returns[above] = tuple(convert_people.states_with_tasks(models))
        for name, model in models.items():
            yield from self._state(model, above + name, (*path, name), inner)

    def _state(
        self,
        model: procedure.State,
        name: str,
        path: tuple[str, ...],
        scopes: tuple[tuple[str, frozenset[str]], ...],
    ) -> Iterator[neutral.StateSpec]:
        at = _At(self, scopes, path)
        final = model.final if isinstance(model.final, str) else ""
        yield neutral.StateSpec(
            path=name,
            title=model.title,
            kind=_state_kind(model),
            final=final,
            initial=model.initial or "",
            children=(*model.regions, *model.states),
            tasks=tuple(at.tasks(model)),
            then=at.targets(model.then.to, "then.to") if model.then else (),
            wait=convert_links.wait(model.wait) if model.wait else None,
            stop_clock=convert_clocks.stop_spec(model.stop_clock, lambda name: at.state(name, "stop_clock")),
            on=tuple(convert_links.reactions(model.on, at.targets, "on")),
            reopen=at.action("reopen", model.reopen, "reopen") if model.reopen else None,
            basis=tuple(model.basis),
        )
        for region_id, region in model.regions.items():
            yield from self._region(region, f"{name}.{region_id}", path, scopes)
        if model.states:
            yield from self._states(model.states, f"{name}.", (*path, "states"), scopes)

    def _region(
        self,
        model: procedure.Region,
        name: str,
        path: tuple[str, ...],
        scopes: tuple[tuple[str, frozenset[str]], ...],
    ) -> Iterator[neutral.StateSpec]:
        yield neutral.StateSpec(
            path=name, title=model.title, kind="nested", initial=model.initial, children=tuple(model.states)
        )
        inside = (*path, "regions", name.rpartition(".")[2], "states")
        yield from self._states(model.states, f"{name}.", inside, scopes)

    def starts(self) -> tuple[neutral.ActionSpec, ...]:
        """The actions that open a case."""
        at = _At(self, (("", frozenset(self.model.states)),), ())
        return tuple(at.action(name, model, f"starts.{name}") for name, model in self.model.starts.items())

    def parties(self) -> tuple[neutral.PartySpec, ...]:
        """Whom a case concerns."""
        at = _At(self, (), ())
        return tuple(convert_people.party_spec(name, one, at.deadline) for name, one in self.model.parties.items())

    def day_count(self, name: str, path: str) -> neutral.DayCount | None:
        """The day-count rule of that id; a problem where there is none."""
        found = self.day_counts.get(name)
        if found is None:
            place = Place(file="", line=0, column=0, path=path)
            expected = "one of " + ", ".join(sorted(self.day_counts))
            self.problems.append(DefinitionError("unknown_day_count", place=place, expected=expected, got=name))
        return found

    def reactions(self) -> tuple[neutral.ReactionSpec, ...]:
        """What follows by itself in whatever state."""
        return tuple(convert_links.reactions(self.model.on, lambda targets, at: (), "on"))


def _state_kind(model: procedure.State) -> neutral.StateKind:
    if model.final is not None:
        return "final"
    if model.regions:
        return "parallel"
    return "nested" if model.states else "simple"


@dataclass(frozen=True)
class _At:
    """Where in the procedure something stands: which states are seen from there, and its paths."""

    conversion: Conversion
    #: enclosing scopes, innermost first: (prefix of their states' paths, ids)
    scopes: tuple[tuple[str, frozenset[str]], ...]
    #: path in the document
    path: tuple[str, ...]

    def tasks(self, model: procedure.State) -> Iterator[neutral.TaskSpec]:
        """The state's own task, then those it may open."""
        if model.task is None:
            return
        expiry = model.at_expiry
        yield self.task(
            "",
            model.task,
            "task",
            model.actions,
            "actions",
            expiry_opens=(expiry.open or "") if expiry else "",
            expiry_to=self.state(expiry.to, "at_expiry.to") if expiry and expiry.to else "",
        )
        for name, extra in model.tasks.items():
            yield self.task(name, extra, f"tasks.{name}", extra.actions, f"tasks.{name}.actions")

    def task(
        self,
        name: str,
        model: procedure.Task,
        at: str,
        actions: Mapping[str, acts.Action],
        actions_at: str,
        expiry_opens: str = "",
        expiry_to: str = "",
    ) -> neutral.TaskSpec:
        """One task with its actions."""
        every = (model.every or "") if isinstance(model, procedure.ExtraTask) else ""
        ladder, ladders = convert_ladders.choices(model.ladder)
        return neutral.TaskSpec(
            id=name,
            title=model.title or "",
            holder=model.holder,
            deadline=self.deadline(model, at, tuple(model.basis), every),
            every=every,
            undated=model.undated or "",
            ladder=ladder,
            ladders=ladders,
            actions=tuple(
                self.action(one, action, f"{actions_at}.{one}", model.holder) for one, action in actions.items()
            ),
            handling=convert_people.handling(
                model.handling,
                self.conversion.model.handling,
                at,
                self.deadline,
                self.conversion.model.choices,
            ),
            joint=convert_people.joint(model.joint, f"{at}.joint", self.deadline) if model.joint else None,
            basis=tuple(model.basis),
            expiry_opens=expiry_opens,
            expiry_to=expiry_to,
        )

    def deadline(
        self, model: Timing, at: str, basis: tuple[str, ...] = (), every: str = ""
    ) -> neutral.DeadlineSpec | None:
        """The deadline with the clauses behind its number, None where there is a reason for none."""
        if model.undated:
            return None
        made = self.moment(model, at, basis, every=every)
        candidates = (
            self.moment(one, f"{at}.whichever_first.{index}", basis, within=model)
            for index, one in enumerate(model.whichever_first)
        )
        return replace(made, opens=model.opens or "", whichever_first=tuple(candidates))

    def moment(
        self, model: Moment, at: str, basis: tuple[str, ...] = (), every: str = "", within: Moment | None = None
    ) -> neutral.DeadlineSpec:
        """One instant or day; where it says nothing, the rule and the calendar are those of what it stands within."""
        given = self.conversion.basis.get(self._document_path(f"{at}.{'every' if every else 'within'}"), ())
        name = model.count or (within.count if within else None)
        rule = self.conversion.day_count(name, ".".join(self._document_path(f"{at}.count"))) if name else None
        return neutral.DeadlineSpec(
            within=model.within or every,
            until=model.until or "",
            since=model.since or "",
            start=model.start or "next_day",
            roll=model.roll or "none",
            basis=tuple(dict.fromkeys((*basis, *given))),
            count=day_counts.overridden(rule, model.start or "", model.roll or "") if rule else None,
            calendar=model.calendar or (within.calendar if within else None) or "",
        )

    def action(self, name: str, model: acts.Action, at: str, holder: str = "") -> neutral.ActionSpec:
        """One action, its short forms written out."""
        return neutral.ActionSpec(
            id=name,
            title=model.title or "",
            by=tuple(model.by),
            form=tuple(self.item(entry) for entry in model.form),
            when=model.when or "",
            sign=sign_level(model),
            signs=sign_specs(model, holder),
            certificate=model.certificate or "",
            evidence=tuple(model.evidence),
            to=self.action_targets(model, at),
            not_by=tuple(model.not_by),
            approve=self.approval(model.approve, f"{at}.approve") if model.approve else None,
            votes=self.votes(model.votes, f"{at}.votes") if model.votes else None,
            ask=convert_clocks.request(model.ask) if model.ask else None,
            power=convert_people.power(model.power) if model.power else None,
            back=_goes_back(model),
            recall=model.recall or "",
            do=tuple(convert_links.effect(one, lambda name: self.state(name, f"{at}.do")) for one in model.do),
            batch=model.batch != "never",
            on_site=_on_site(model.on_site),
            late_entry=model.late_entry or "",
            cap=_cap(model.cap) if model.cap else None,
            document=model.document or "",
            basis=tuple(model.basis),
        )

    def action_targets(self, model: acts.Action, at: str) -> tuple[neutral.TargetSpec, ...]:
        """Where an action leads; a start without targets leads to the initial state."""
        initial = self.conversion.model.initial
        if not model.to and not self.path and initial:
            return (neutral.TargetSpec(state=self.state(initial, "initial")),)
        if _goes_back(model):
            prefix, _ = self.scopes[0]
            here = ".".join(self.path[1:] if prefix == "" else (prefix.rstrip("."), self.path[-1]))
            returns = (prefix + name for name in self.conversion.returns.get(prefix, ()))
            return tuple(neutral.TargetSpec(state=state) for state in returns if state != here)
        return self.targets(model.to, f"{at}.to")

    def votes(self, model: people.Votes, at: str) -> neutral.VotesSpec:
        """Several voices on an action."""
        refused = self.state(model.refused, f"{at}.refused") if model.refused else ""
        return convert_people.votes(model, at, self.deadline, refused)

    def targets(self, models: list[acts.Target], at: str) -> tuple[neutral.TargetSpec, ...]:
        """Branches with whole paths."""
        return tuple(
            neutral.TargetSpec(state=self.state(one.state, f"{at}.{index}.state"), when=one.when or "")
            for index, one in enumerate(models)
        )

    def state(self, reference: str, at: str) -> str:
        """The whole path of a state: its first part is looked for in the innermost scope first."""
        first = reference.partition(".")[0]
        for prefix, names in self.scopes:
            if first in names:
                return prefix + reference
        self.conversion.problems.append(
            DefinitionError(
                "unknown_state",
                place=Place(file="", line=0, column=0, path=".".join(self._document_path(at))),
                expected="one of " + ", ".join(sorted({name for _, names in self.scopes for name in names})),
                got=reference,
            )
        )
        return reference

    def approval(self, model: acts.Approval, at: str) -> neutral.ApprovalSpec:
        """A second person's consent."""
        silence, silence_to = convert_clocks.silence(model.silence)
        return neutral.ApprovalSpec(
            by=model.by,
            not_by=tuple(model.not_by),
            deadline=self.deadline(model, at),
            undated=model.undated or "",
            ladder=model.ladder or "",
            silence=silence,
            silence_to=silence_to,
        )

    def item(self, entry: acts.FormEntry) -> neutral.FormItem:
        """A form's field: required where the field is, or where this form says so."""
        known = self.conversion.model.fields.get(entry.field)
        required = bool(entry.required or (known and known.required))
        return neutral.FormItem(field=entry.field, required=required, partial=bool(entry.partial))

    def _document_path(self, at: str) -> tuple[str, ...]:
        return (*self.path, *at.split("."))


def _goes_back(model: acts.Action) -> bool:
    """Whether an action leads back to wherever the case has been, as its person chooses."""
    return [one.state for one in model.to] == [VISITED]


def _on_site(value: bool | str) -> str:
    return ("True" if value else "") if isinstance(value, bool) else value


def same_spec(model: procedure.Same) -> neutral.SameSpec:
    """What makes a case the return of a former one."""
    return neutral.SameSpec(
        fields=tuple(model.fields),
        within=model.within,
        notify=tuple(model.notify.to) if model.notify else (),
        text=model.notify.text if model.notify else "",
    )


def _cap(model: acts.CapPart) -> neutral.CapSpec:
    """How often something may be begun."""
    return neutral.CapSpec(watch=model.watch, form=tuple(model.form), mark=model.mark or "")
