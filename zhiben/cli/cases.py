"""Cases: look at them, open them, act in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine.core import command as cmd
from engine.errors import NotFound
from zhiben.cli.common import answered, application, as_person, data_from, rows_option, seen_case, submit
from zhiben.cli.reading import told_entries
from zhiben.cli.speaking import command, group, note, option, show, table, told

if TYPE_CHECKING:
    from engine.runtime.reading import SeenCase
    from web.api.shown import CaseRow
    from zhiben.composition import Application

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
#: Options that hand files in, by the kind of evidence.
EVIDENCE = ("photo", "file", "signature", "scan")


@group("cases")
def cases_command() -> None:
    """Cases."""


@command(cases_command, "cases.list")
@option("--state", "state", type=str, default="")
@option("--region", "region", type=str, default="")
@option("--unit", "unit", type=str, default="")
@option("--open/--closed", "still_open", default=None)
@option("--overdue", "overdue", is_flag=True)
@option("--text", "text", type=str, default="")
@rows_option
@as_person
def list_cases(person: str, rows: int, after: str, still_open: bool | None, overdue: bool, **wanted: Any) -> None:
    """A register of the cases this person may see."""
    from engine.runtime.reading import PageAsk
    from engine.store.queries import CaseFilter
    from web.api.telling import case_row

    with application() as made:
        asked = CaseFilter(
            closed=None if still_open is None else not still_open, overdue=True if overdue else None, **wanted
        )
        page = made.operating.cases(person, asked, PageAsk(limit=rows, after=after), sort="opened_at", down=True)
        now = made.clock.now()
        found = [case_row(view, made.calendar, now) for view in page.items]
        shown = register(made, found)
    show({"items": [row.model_dump(mode="json") for row in found], "after": page.after}, shown)
    if page.after:
        note(told("more", after=page.after))


def register(made: Application, rows: Sequence[CaseRow]) -> str:
    """Cases as people read a register."""
    titles = {version: _state_titles(made, version) for version in {row.version for row in rows}}
    told_rows = [
        [row.number, ", ".join(titles[row.version].get(one, one) for one in row.states), row.title[:24], row.told]
        for row in rows
    ]
    return table([told(f"cases.column.{name}") for name in ("number", "state", "title", "deadline")], told_rows)


def _state_titles(made: Application, version: str) -> dict[str, str]:
    return {state.path: state.title for state in made.operating.machine(version).procedure.states}


@command(cases_command, "cases.show")
@click.argument("case")
@as_person
def show_case(case: str, person: str) -> None:
    """One case: fields, open tasks with their deadlines, what this person may do, and what happened."""
    from web.api.telling import case_out

    with application() as made:
        seen = seen_case(made, person, case)
        now = made.clock.now()
        shown = case_out(seen, now, "")
        lines = told_entries(made, person, seen)
    told_of_tasks = [
        told(
            "cases.task",
            n=task.task,
            state=task.state_title,
            kind=told(f"cases.kind.{task.kind}"),
            holder=", ".join(one.name or one.id for one in task.holder.persons) or task.holder.title,
            deadline=task.deadline.told if task.deadline else task.undated,
        )
        + (f"\n      {task.deadline.derivation.told}" if task.deadline else "")
        for task in shown.tasks
    ]
    show(
        shown.model_dump(mode="json"),
        told("cases.head", number=shown.number or shown.id, title=shown.title, state=", ".join(shown.state_titles)),
        *(f"  {field.title}：{told('cases.withheld') if field.withheld else field.told}" for field in shown.fields),
        *(["", told("cases.tasks"), *told_of_tasks] if told_of_tasks else []),
        *(["", told("cases.offers"), *(_offer(one) for one in shown.offers)] if shown.offers else []),
        "",
        told("cases.history"),
        *(f"  {line}" for line in lines),
    )


def _offer(offer: Any) -> str:
    asked = [f"{field.field}（{field.title}）" + ("*" if field.required else "") for field in offer.form]
    return told("cases.offer", task=offer.task, action=offer.action, title=offer.title, form=asked)


def _files(function: F) -> F:
    for kind in EVIDENCE:
        function = option(f"--{kind}", kind, type=str, multiple=True, metavar="[FIELD=]FILE")(function)
    return function


def _form(function: F) -> F:
    function = option("--data", "data", type=str, multiple=True, metavar="FIELD=VALUE")(function)
    return option("--data-file", "data_file", type=FILE)(_files(function))


def _evidence(made: Application, given: dict[str, Any]) -> tuple[cmd.EvidenceRef, ...]:
    """Store the files given as [FIELD=]FILE and refer to them; the file is durable before the command."""
    references = []
    for kind in EVIDENCE:
        for text in given.get(kind, ()):
            field, equals, name = text.rpartition("=")
            path = Path(name if equals else text)
            if not path.is_file():
                raise NotFound("file_not_found", file=str(path))
            with path.open("rb") as source:
                stored = made.services.uploads.take(source, limit=made.settings.evidence_bytes)
            references.append(
                cmd.EvidenceRef(
                    sha256=stored.sha256, kind=kind, size=stored.size, media_type=stored.media_type, field=field
                )
            )
    return tuple(references)


def _with_files(seen: SeenCase | None, data: dict[str, Any], evidence: tuple[cmd.EvidenceRef, ...]) -> dict[str, Any]:
    """Form data that also names the files of each field."""
    for one in evidence:
        if one.field:
            data[one.field] = [*data.get(one.field, ()), one.sha256]
    return data


@command(cases_command, "cases.start")
@click.argument("procedure")
@click.argument("action")
@_form
@as_person
def start(
    procedure: str, action: str, data: tuple[str, ...], data_file: Path | None, person: str, **files: Any
) -> None:
    """Open a case of a procedure."""
    with application() as made:
        version = next((one.version for one in made.operating.procedures() if one.procedure == procedure), None)
        if version is None:
            raise NotFound("procedure_not_published", procedure=procedure)
        evidence = _evidence(made, files)
        values = _with_files(None, data_from(data, data_file), evidence)
        stream = cmd.Stream(kind="case", id=made.dice.token(12).hex())
        act = cmd.StartCase(version=version, action=action, data=values, evidence=evidence)
        answer = submit(made, stream, act, person)
        number = _number(made, person, stream.id)
    answered(answer, told("cases.started", number=number or stream.id), case=stream.id, number=number)


def _number(made: Application, person: str, case: str) -> str:
    """The number of a case, where who opened it may see it."""
    try:
        return made.operating.case(person, case).case.number
    except NotFound:
        return ""


@command(cases_command, "cases.act")
@click.argument("case")
@click.argument("action")
@option("--task", "task", type=int, default=None)
@option("--on-site", "on_site", is_flag=True)
@option("--at", "at", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]), default=None)
@_form
@as_person
def act(
    case: str,
    action: str,
    task: int | None,
    on_site: bool,
    at: Any,
    data: tuple[str, ...],
    data_file: Path | None,
    person: str,
    **files: Any,
) -> None:
    """Do an action of an open task."""
    with application() as made:
        seen = seen_case(made, person, case)
        number = task if task is not None else _task_of(seen, action, "act")
        evidence = _evidence(made, files)
        values = _with_files(seen, data_from(data, data_file), evidence)
        asked = cmd.SubmitAction(
            task=number,
            action=action,
            data=values,
            evidence=evidence,
            on_site=on_site,
            seen=cmd.Seen(task=number, seq=seen.case.seq),
        )
        occurred_at = at.replace(tzinfo=made.calendar.zone) if at else None
        answer = submit(made, cmd.Stream(kind="case", id=seen.case.id), asked, person, occurred_at=occurred_at)
    answered(answer, told("cases.acted", action=action, number=seen.case.number))


def _task_of(seen: SeenCase, action: str, *kinds: str) -> int:
    """The task in which this person may do that; else the first open one, so that the engine says why not."""
    for offer in seen.offers:
        if offer.kind in kinds and action in ("", offer.action):
            return offer.task
    return seen.case.tasks[0].n if seen.case.tasks else 0


def _answer_command(name: str, make: Callable[[int, int, str], cmd.AnyAct], *, reason: bool) -> None:
    @command(cases_command, f"cases.{name}")
    @click.argument("case")
    @option("--task", "task", type=int, default=None)
    @option("--reason", "reason", type=str, required=reason, default=None if reason else "")
    @as_person
    def answer(case: str, task: int | None, reason: str, person: str) -> None:
        with application() as made:
            seen = seen_case(made, person, case)
            number = task if task is not None else _task_of(seen, "", name)
            stream = cmd.Stream(kind="case", id=seen.case.id)
            done = submit(made, stream, make(number, seen.case.seq, reason), person)
        answered(done, told(f"cases.{name}.done", number=seen.case.number))


_answer_command(
    "consent", lambda task, seq, reason: cmd.AnswerApproval(task=task, consent=True, reason=reason), reason=False
)
_answer_command(
    "refuse", lambda task, seq, reason: cmd.AnswerApproval(task=task, consent=False, reason=reason), reason=True
)
_answer_command("issue", lambda task, seq, reason: cmd.IssueDraft(task=task, text=reason), reason=False)
_answer_command("decline", lambda task, seq, reason: cmd.DeclineDraft(task=task, reason=reason), reason=True)


@command(cases_command, "cases.read")
@click.argument("case")
@option("--task", "task", type=int, default=None)
@as_person
def read_task(case: str, task: int | None, person: str) -> None:
    """Note that this person saw a task."""
    with application() as made:
        seen = seen_case(made, person, case)
        held = [one.n for one in seen.case.tasks if person in one.holder.persons]
        number = task if task is not None else (held or [0])[0]
        answer = submit(made, cmd.Stream(kind="case", id=seen.case.id), cmd.ReadTask(task=number), person)
    answered(answer, told("cases.read.done", number=seen.case.number))


@command(cases_command, "cases.reopen")
@click.argument("case")
@option("--data", "data", type=str, multiple=True, metavar="FIELD=VALUE")
@as_person
def reopen(case: str, data: tuple[str, ...], person: str) -> None:
    """Undo the end of a case."""
    with application() as made:
        seen = seen_case(made, person, case)
        state = seen.case.active[0].state if seen.case.active else ""
        spec = seen.machine.states[state].reopen if state in seen.machine.states else None
        asked = cmd.SubmitAction(task=0, action=spec.id if spec else "reopen", data=data_from(data))
        answer = submit(made, cmd.Stream(kind="case", id=seen.case.id), asked, person)
    answered(answer, told("cases.reopened", number=seen.case.number))
