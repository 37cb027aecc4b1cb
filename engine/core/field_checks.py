"""Whether tables, checklists, signatures and seals of a definition fit the rest of it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.chart import Chart, where_of
from engine.core.definition import (
    ActionSpec,
    FieldSpec,
    MoveDeadline,
    Notify,
    OpenTask,
    Procedure,
    ResumeClock,
    SealSpec,
    SetFields,
    SignSpec,
    StateSpec,
    StopClock,
    TaskSpec,
)
from engine.core.uses import References

#: Fields that hold more than single values: no register, guard, message or deadline reads what is inside.
LARGE = ("table", "checklist")
#: What an action may do while nobody must learn of the case.
_QUIET = (SetFields, MoveDeadline, StopClock, ResumeClock, Notify, OpenTask)


def check_field(field: FieldSpec, references: References) -> None:
    """Columns and items are given where the kind has some; what is large is no filter."""
    where = f"fields.{field.id}"
    if field.kind == "table":
        references.unique((column.id for column in field.columns), f"{where}.table")
        for column in field.columns:
            if (column.kind == "choice") != bool(column.options):
                references.problems.add("choices_missing", f"{where}.table.{column.id}", "choices", column.kind)
    if (field.kind == "checklist") != (field.checklist is not None):
        references.problems.add("checklist_missing", f"{where}.checklist", "a checklist", field.id)
    if field.kind in LARGE and field.filtered:
        references.problems.add("wrong_field_kind", f"{where}.filter", "a field of single values", field.kind)


def check_same(procedure: Procedure, references: References) -> None:
    """What makes cases the same are single values; a hidden case cannot tell a former one of itself."""
    same = procedure.same
    if same is None:
        return
    for name in same.fields:
        if name in references.fields and references.fields[name].kind in LARGE:
            references.problems.add("wrong_field_kind", "same.fields", "a field of single values", name)
    if procedure.sealed is not None:
        references.problems.add("sealed_told", "same", "no link to former cases while it is hidden", "same")


def check_signs(action: ActionSpec, task: TaskSpec | None, where: str, references: References) -> None:
    """Whoever signs is a party; several sign only what is an act of a task."""
    for item in action.form:
        spec = references.fields.get(item.field)
        if item.partial and spec is not None and spec.kind != "checklist":
            references.problems.add("wrong_field_kind", f"{where}.form", "partial of a checklist", item.field)
    if action.signs and task is None:
        references.problems.add("signers_need_a_task", f"{where}.sign", "an action of a task", action.id)
    for sign in action.signs:
        _check_sign(sign, where, references)


def _check_sign(sign: SignSpec, where: str, references: References) -> None:
    at = f"{where}.sign.{sign.party}" if sign.party else f"{where}.sign"
    if sign.party:
        references.party(sign.party, at, "unit", "role", "person", "actor")
    if sign.level == "none":
        references.problems.add("officers_without_signature", at, "a signature of each", sign.level)
    if sign.refused and not sign.party:
        references.problems.add("own_refusal", at, "refused for another party than the one that acts", sign.refused)


def check_sealed(procedure: Procedure, chart: Chart, references: References) -> None:
    """Nothing that is sent, asked or begun before the opening reaches those from whom the case is hidden."""
    seal = procedure.sealed
    if seal is None:
        return
    for name in seal.hidden_from:
        references.party(name, "sealed.from", "unit")
    references.all_parties(seal.seen_by, "sealed.seen_by")
    names = {action.id for state in procedure.states for task in state.tasks for action in task.actions}
    for name in seal.until:
        references.known(name, names, "unknown_action", "sealed.until")
    hidden = Hidden(procedure, seal, references)
    for start in procedure.starts:
        hidden.action(start, f"starts.{start.id}")
    for path in hidden_states(procedure, seal):
        hidden.state(chart.states[path], where_of(path))


class Hidden:
    """What a procedure does while its cases are hidden; every method notes whom it would tell."""

    def __init__(self, procedure: Procedure, seal: SealSpec, references: References) -> None:
        self._seal = seal
        self._references = references
        self._ladders = {ladder.id: ladder for ladder in procedure.ladders}
        self._fields = {
            party.field for party in procedure.parties if party.id in set(seal.hidden_from) and party.kind == "unit"
        }
        self._units = {party.id for party in procedure.parties if party.kind == "unit" and party.field in self._fields}

    def _told(self, reference: str, where: str) -> None:
        if reference.partition(".")[0] in self._units:
            self._references.problems.add("sealed_told", where, "nobody from whom the case is hidden", reference)

    def state(self, state: StateSpec, where: str) -> None:
        """A state in which a case is still hidden."""
        for task in state.tasks:
            at = f"{where}.tasks.{task.id}" if task.id else f"{where}.task"
            self._told(task.holder, f"{at}.holder")
            for name in dict.fromkeys((task.ladder, *(choice.ladder for choice in task.ladders))):
                self.ladder(name, f"{at}.ladder")
            for action in task.actions:
                if action.id not in self._seal.until:
                    self.action(action, f"{where}.actions.{action.id}")

    def ladder(self, name: str, where: str) -> None:
        """A ladder that is climbed while the case is hidden."""
        for rung in self._ladders[name].rungs if name in self._ladders else ():
            signer = (rung.approve.by,) if rung.approve else ()
            told = [reference for effect in rung.do if isinstance(effect, Notify) for reference in effect.to]
            for reference in (*rung.to, *((rung.by,) if rung.by else ()), *signer, *told):
                self._told(reference, where)
            if rung.start is not None or any(not isinstance(one, Notify | SetFields) for one in rung.do):
                expected = "nothing that other cases learn of"
                self._references.problems.add("sealed_told", where, expected, rung.id)

    def action(self, action: ActionSpec, where: str) -> None:
        """An action that does not end the hiding."""
        for reference in (*action.by, *(sign.party for sign in action.signs)):
            self._told(reference, f"{where}.by")
        if action.approve is not None:
            self._told(action.approve.by, f"{where}.approve.by")
            if action.approve.silence_to:
                self._told(action.approve.silence_to, f"{where}.approve.silence.to")
            self.ladder(action.approve.ladder, f"{where}.approve.ladder")
        for index, effect in enumerate(action.do):
            if isinstance(effect, Notify):
                for reference in effect.to:
                    self._told(reference, f"{where}.do.{index}.notify.to")
            elif not _is_quiet(effect):
                self._references.problems.add(
                    "sealed_told", f"{where}.do.{index}", "nothing that other cases learn of", action.id
                )


def _is_quiet(effect: object) -> bool:
    """Whether no other case learns of an effect."""
    return isinstance(effect, _QUIET)


def hidden_states(procedure: Procedure, seal: SealSpec) -> tuple[str, ...]:
    """The states in which a case may be while it is still hidden: all that is reached without an opening action."""
    states = {state.path: state for state in procedure.states}
    waiting = [target.state for start in procedure.starts for target in start.to if target.state]
    reached: dict[str, None] = {}
    while waiting:
        path = waiting.pop()
        if path in reached or path not in states:
            continue
        reached[path] = None
        state = states[path]
        waiting += [f"{path}.{child}" for child in state.children if f"{path}.{child}" in states]
        above = path.rpartition(".")[0]
        waiting += [above] if above else []
        waiting += [target for target in _onward(state, seal) if target]
    return tuple(reached)


def _onward(state: StateSpec, seal: SealSpec) -> Iterator[str]:
    yield from (target.state for target in state.then)
    for task in state.tasks:
        yield task.expiry_to
        for action in task.actions:
            if action.id not in seal.until:
                yield from (target.state for target in action.to)
