"""Verifying the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhiben.cli.common import application
from zhiben.cli.speaking import asked_for_json, command, group, note, show, told

if TYPE_CHECKING:
    from engine.runtime.verification import Finding, Verification
    from zhiben.composition import Application

#: Findings about work that waits wrongly, not about a record that was changed.
OF_WORK = frozenset({"case_without_task", "task_without_holder", "task_without_deadline", "deadline_without_alarm"})
#: Findings told on the screen; --json has all.
MOST_TOLD = 20


@group("audit")
def audit_command() -> None:
    """The record and its proofs."""


@command(audit_command, "audit.verify")
def verify() -> int:
    """Verify the whole record; exit code 3 if it was changed, 1 if only open work waits wrongly."""
    with application("audit") as made:
        found = verified(made)
    show(found, *told_verified(found))
    return code_of(found)


def verified(made: Application) -> Verification:
    """The record of this installation examined as a whole."""
    from engine.runtime.verification import verify_all

    def progress(streams: int, entries: int) -> None:
        if not asked_for_json():
            note(told("audit.progress", streams=streams, entries=entries))

    directory, today = made.operating.directory(), made.operating.today()
    return verify_all(made.store, made.catalog, made.files, directory, today, progress=progress)


def code_of(found: Verification) -> int:
    """The exit code of what was found."""
    if any(finding.code not in OF_WORK for finding in found.findings):
        return 3
    return 1 if found.findings else 0


def told_verified(found: Verification) -> list[str]:
    """What was found, in sentences."""
    lines = [_told(finding) for finding in found.findings[:MOST_TOLD]]
    if len(found.findings) > MOST_TOLD:
        lines.append(told("audit.more", count=len(found.findings) - MOST_TOLD))
    changed = sum(1 for finding in found.findings if finding.code not in OF_WORK)
    code = "audit.broken" if changed else "audit.holds"
    counts = {"streams": found.streams, "entries": found.entries, "cases": found.cases, "files": found.files}
    return [*lines, told(code, findings=changed, **counts)]


def _told(finding: Finding) -> str:
    why = finding.data.get("why", "")
    sentence = told(f"audit.why.{why}") if why else told(f"audit.finding.{finding.code}", **finding.data)
    return told("audit.found", stream=finding.stream, seq=finding.seq or "-", sentence=sentence)
