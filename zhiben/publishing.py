"""Brings what a place defines into the record: procedures as versions, regions and industries as rows."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.administration import DIRECTORY, LIBRARY
from engine.core.command import PublishDuty, PublishProcedure, RecordRegions, Request
from engine.core.compiler import compile_procedure
from engine.core.definition_duties import DutySpec
from engine.core.resolve import ResolvedPlace
from engine.runtime.catalog import procedure_bytes
from engine.runtime.door import Door, answer_of
from engine.runtime.duty_facts import duty_stream, duty_version, stored_duty
from engine.runtime.projection import micros
from engine.runtime.service import Service
from engine.store.records import DefinitionRow


@dataclass(frozen=True, kw_only=True)
class Published:
    """One procedure or duty of a place; fresh = it was not the current version before."""

    procedure: str
    title: str
    version: str
    fresh: bool


def publish(door: Door, place: ResolvedPlace, *, person: str) -> list[Published]:
    """Publish every procedure, then every duty, of the place whose current version is another one."""
    procedures = [_publish(door, place, name, person) for name in place.procedures]
    return [*procedures, *(_publish_duty(door, duty, person) for duty in place.duties.values())]


def _publish_duty(door: Door, duty: DutySpec, person: str) -> Published:
    """Let a duty of the place hold, unless it holds in this very wording."""
    version = duty_version(duty)

    def carry_out(service: Service) -> bool:
        with service.store.session() as session:
            state = stored_duty(session.record, duty.id)
        if state is not None and state.version == version and not state.ended:
            return False
        act = PublishDuty(version=version, spec=duty)
        name = f"publish:duty/{duty.id}:{version}:{state.seq if state else 0}"
        request = Request(id=name, stream=duty_stream(duty.id), act=act, acted_by=person, medium="cli")
        answer_of(service.execute([request])[0])
        return True

    return Published(procedure=duty.id, title=duty.title, version=version, fresh=door.run(carry_out))


def _publish(door: Door, place: ResolvedPlace, name: str, person: str) -> Published:
    procedure = place.procedures[name]
    version = compile_procedure(procedure).version
    body = procedure_bytes(procedure)

    def carry_out(service: Service) -> bool:
        with service.store.session() as session:
            known = session.definitions.list(name)
            published = session.record.seq_of(LIBRARY)
        if known and known[0].version == version:
            return False
        row = DefinitionRow(
            version=version,
            procedure=name,
            plan=procedure.plan,
            title=procedure.title,
            body=body,
            published_at=micros(service.clock.now()),
        )
        act = PublishProcedure(version=version, procedure=name, plan=procedure.plan, title=procedure.title)
        request = Request(id=f"publish:{version}:{published}", stream=LIBRARY, act=act, acted_by=person, medium="cli")
        answer_of(service.execute([request], [row])[0])
        return True

    return Published(procedure=name, title=procedure.title, version=version, fresh=door.run(carry_out))


def record_regions(door: Door, place: ResolvedPlace, *, person: str) -> int:
    """Record the regions and industries of the place that are new or have another title; how many."""

    def missing(service: Service) -> RecordRegions:
        with service.store.session() as session:
            directory = service.directories.at(session, session.directory_version())
        return RecordRegions(
            regions={key: title for key, title in place.regions.items() if directory.regions.get(key) != title},
            industries={
                key: title for key, title in place.industries.items() if directory.industries.get(key) != title
            },
        )

    act = door.run(missing)
    count = len(act.regions) + len(act.industries)
    if count:
        version = door.run(_directory_version)
        request = Request(id=f"regions:{version}", stream=DIRECTORY, act=act, acted_by=person, medium="cli")
        door.submit(request)
    return count


def _directory_version(service: Service) -> int:
    with service.store.session() as session:
        return session.directory_version()
