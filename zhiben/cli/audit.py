"""Verifying the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhiben.cli.common import application
from zhiben.cli.speaking import command, group, show, told

if TYPE_CHECKING:
    from engine.runtime.verify import Verified


@group("audit")
def audit_command() -> None:
    """The record and its proofs."""


@command(audit_command, "audit.verify")
def verify() -> int:
    """Verify the chain of every stream; exit code 3 if one does not hold."""
    from engine.runtime.verify import verify_record

    with application("audit") as made, made.store.read() as reader:
        found = verify_record(reader.record)
    show(found, *told_verified(found))
    return 3 if found.faults else 0


def told_verified(found: Verified) -> list[str]:
    """What was found, in sentences."""
    lines = [
        told(
            "audit.fault",
            stream=report.stream,
            seq=report.fault.seq,
            why=told(f"audit.why.{report.fault.why}"),
        )
        for report in found.faults
        if report.fault is not None
    ]
    code = "audit.broken" if found.faults else "audit.holds"
    return [*lines, told(code, streams=found.streams, entries=found.entries, faults=len(found.faults))]
