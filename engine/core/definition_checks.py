"""Whether the parts of a definition fit each other: everything but the shape of the chart and where moves lead."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.chart import Chart, where_of
from engine.core.clock_checks import check_ask, check_clocks
from engine.core.definition import (
    ActionSpec,
    FieldSpec,
    PartySpec,
    Procedure,
    StateSpec,
    TaskSpec,
)
from engine.core.effect_checks import check_effects
from engine.core.facts import BACK
from engine.core.field_checks import check_field, check_same, check_sealed, check_signs
from engine.core.handling_checks import check_handling
from engine.core.ladder_checks import check_choice, check_ladder, check_moves
from engine.core.link_checks import check_links
from engine.core.party_checks import check_holders, check_party
from engine.core.scope_names import RESERVED
from engine.core.uses import RUNG_RECIPIENTS, References
from engine.core.votes_checks import check_back, check_joint, check_votes

EVIDENCE_KINDS = ("file", "photo", "signature", "scan")
_FILES = ("file", "photo", "signature", "table", "checklist")


def check_references(procedure: Procedure, chart: Chart, references: References) -> None:
    """Note everything that refers to what is not there, or to what it cannot mean."""
    references.unique((spec.id for spec in procedure.fields), "fields")
    references.unique((spec.id for spec in procedure.parties), "parties")
    references.unique((spec.id for spec in procedure.starts), "starts")
    references.unique((spec.id for spec in procedure.ladders), "ladders")
    references.unique((spec.id for spec in procedure.texts), "texts")
    actions = {action.id for action in _all_actions(procedure)}
    for field in procedure.fields:
        _check_field(field, references)
        check_field(field, references)
    for party in procedure.parties:
        _check_party(party, actions, references)
    for ladder in procedure.ladders:
        check_ladder(ladder, actions, references)
    check_moves(procedure, references)
    _check_meaning(procedure, references)
    if not procedure.starts:
        references.problems.add("missing_key", "starts", "an action that opens a case")
    for start in procedure.starts:
        _check_act_without_task(start, f"starts.{start.id}", references)
    for state in chart.states.values():
        _check_state(state, where_of(state.path), references)
    check_holders(procedure, references)
    check_handling(procedure, chart, references)
    check_clocks(procedure, references)
    check_links(procedure, chart, references)
    check_same(procedure, references)
    check_sealed(procedure, chart, references)


def _all_actions(procedure: Procedure) -> Iterator[ActionSpec]:
    yield from procedure.starts
    for state in procedure.states:
        for task in state.tasks:
            yield from task.actions
        if state.reopen:
            yield state.reopen


def _check_field(field: FieldSpec, references: References) -> None:
    where = f"fields.{field.id}"
    if field.id in RESERVED or "." in field.id:
        references.problems.add("reserved_name", where, "a name of its own", field.id)
    if (field.kind == "case") != bool(field.procedure):
        references.problems.add("procedure_missing", where, "the procedure where the kind is case", field.kind)
    if (field.kind == "choice") != bool(field.choices):
        references.problems.add("choices_missing", where, "choices where the kind is choice", field.kind)
    references.all_parties(field.confidential, f"{where}.confidential")


def _check_party(party: PartySpec, actions: set[str], references: References) -> None:
    where = f"parties.{party.id}"
    if party.id in RUNG_RECIPIENTS or "." in party.id:
        references.problems.add("reserved_name", where, "a name of its own", party.id)
    match party.kind:
        case "unit":
            references.field(party.field, f"{where}.unit", "unit")
            references.shown(party.field, f"{where}.unit")
        case "person":
            references.field(party.field, f"{where}.person", "person")
            references.shown(party.field, f"{where}.person")
        case "actor":
            if party.of and party.of != BACK:
                references.known(party.of, references.links, "unknown_link", f"{where}.of")
            for action in party.actions if not party.of else ():
                references.known(action, actions, "unknown_action", f"{where}.actor")
            if not party.actions:
                references.problems.add("missing_key", f"{where}.actor", "an action")
        case "role" | "queue":
            if not party.role:
                references.problems.add("missing_key", f"{where}.{party.kind}", "a role")
    for path, key in ((party.region, "region"), (party.industry, "industry")):
        if path:
            references.path(path, f"{where}.{key}")
    check_party(party, references)


def _check_meaning(procedure: Procedure, references: References) -> None:
    if procedure.unit_field:
        references.field(procedure.unit_field, "means.unit", "unit")
    if procedure.place_field:
        references.field(procedure.place_field, "means.place", "place")
    if procedure.title_field:
        references.field(procedure.title_field, "means.title", "text", "choice")
    for name, key in (
        (procedure.unit_field, "unit"),
        (procedure.place_field, "place"),
        (procedure.title_field, "title"),
    ):
        references.shown(name, f"means.{key}")
    if (same := procedure.same) is not None:
        for field in same.fields:
            references.field(field, "same.fields")
            references.shown(field, "same.fields")
        references.span(same.within, "same.within")
        references.all_parties(same.notify, "same.notify.to")
        if same.text or same.notify:
            references.text(same.text, "same.notify.text")


def _check_state(state: StateSpec, where: str, references: References) -> None:
    references.unique((task.id for task in state.tasks), f"{where}.tasks")
    if state.tasks and state.tasks[0].id:
        references.problems.add("own_task_missing", f"{where}.task", "the state's own task first", state.tasks[0].id)
    extra = [task.id for task in state.tasks if task.id]
    for task in state.tasks:
        _check_task(task, extra, where, references)
    if state.reopen:
        _check_act_without_task(state.reopen, f"{where}.reopen", references)


def _check_task(task: TaskSpec, extra: list[str], where: str, references: References) -> None:
    at = f"{where}.tasks.{task.id}" if task.id else f"{where}.task"
    references.party(task.holder, f"{at}.holder")
    references.timed(task.deadline, task.undated, task.ladder, at)
    check_choice(task, at, references)
    if task.every:
        references.span(task.every, f"{at}.every")
    if task.expiry_opens:
        references.known(task.expiry_opens, extra, "unknown_task", f"{where}.at_expiry.open")
    if task.expiry_opens and task.expiry_to:
        references.problems.add("one_of", f"{where}.at_expiry", "open or to", task.expiry_to)
    if (task.expiry_opens or task.expiry_to) and task.deadline is None:
        references.problems.add("expiry_without_deadline", f"{where}.at_expiry", "a deadline that can pass")
    check_joint(task, at, references)
    actions = f"{at}.actions" if task.id else f"{where}.actions"
    references.unique((action.id for action in task.actions), actions)
    for action in task.actions:
        _check_action(action, task, f"{actions}.{action.id}", references)


def _check_act_without_task(action: ActionSpec, where: str, references: References) -> None:
    """Starting and reopening: no task says who may, when it is due or whom to ask."""
    if not action.by:
        references.problems.add("missing_key", f"{where}.by", "who may")
    if not any(target.state for target in action.to):
        references.problems.add("missing_key", f"{where}.to", "where it leads")
    if action.approve or action.ask:
        references.problems.add("approval_needs_a_task", where, "an action of a task", action.id)
    _check_action(action, None, where, references)


def _check_action(action: ActionSpec, task: TaskSpec | None, where: str, references: References) -> None:
    references.all_parties(action.by, f"{where}.by")
    references.all_parties(action.not_by, f"{where}.not_by")
    references.unique((item.field for item in action.form), f"{where}.form")
    for item in action.form:
        references.field(item.field, f"{where}.form")
    for kind in action.evidence:
        references.known(kind, EVIDENCE_KINDS, "unknown_word", f"{where}.evidence")
    if action.when:
        references.guard(action.when, f"{where}.when")
    if action.on_site:
        references.guard(action.on_site, f"{where}.on_site")
    if action.late_entry:
        references.span(action.late_entry, f"{where}.late_entry")
    _check_consent(action, task, where, references)
    check_ask(action, where, references)
    check_votes(action, task, where, references)
    check_back(action, task, where, references)
    check_signs(action, task, where, references)
    check_effects(action.do, task, f"{where}.do", references)


def _check_consent(action: ActionSpec, task: TaskSpec | None, where: str, references: References) -> None:
    if (approve := action.approve) is not None:
        references.party(approve.by, f"{where}.approve.by")
        references.all_parties(approve.not_by, f"{where}.approve.not_by")
        references.timed(approve.deadline, approve.undated, approve.ladder, f"{where}.approve")
    if (ask := action.ask) is not None:
        if ask.lead:
            references.span(ask.lead, f"{where}.ask.lead")
        if ask.late_by:
            references.party(ask.late_by, f"{where}.ask.late.approve")
        for field in ask.late_form:
            references.field(field, f"{where}.ask.late.form")
        if ask.late_by and approve is None:
            references.problems.add("late_without_approval", f"{where}.ask.late.approve", "an approval in time, too")
        if task is None or task.deadline is None:
            references.problems.add("no_deadline_to_move", f"{where}.ask", "a task with a deadline", action.id)
