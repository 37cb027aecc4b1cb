"""The installation that is killed: a place with its procedures, people in every role, tokens and files.

Nothing here knows a role, region or procedure by name: all are taken from the definitions.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, AnyAct, GrantRole, RecordPersons, RecordUnits, Request
from engine.core.ports import Clock
from engine.core.resolve import ResolvedPlace
from engine.runtime.projection import micros
from engine.runtime.service import Service
from engine.store.views import TokenRow
from tests.conftest import ROOT
from web.tokens import digest_of, new_token
from zhiben.composition import Application
from zhiben.settings import Settings
from zhiben.uploads import StoredUploads

UNITS = ("unit1", "unit2", "unit3")
#: Persons in each role that is not held in a unit: second persons must exist.
PAIR = 2
ZHIBEN = (sys.executable, "-c", "from zhiben.cli import main; main()")


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Everything that controller, clients and checks know of the installation."""

    data: Path
    #: what the command line reads
    environment: Mapping[str, str]
    settings: Settings
    #: person -> token
    tokens: Mapping[str, str]
    #: kind of evidence -> a file that is stored: sha256, size, media_type
    files: Mapping[str, Mapping[str, Any]]

    @property
    def embedded(self) -> bool:
        """Whether it is SQLite."""
        return self.settings.embedded

    def application(self, clock: Clock | None = None) -> Application:
        """The application on the same data, in this process."""
        return Application(self.settings, what="check", clock=clock)


def settle(data: Path, database: str = "") -> Ground:
    """Set up an installation by the command line, then its people, tokens and files; `database` "" = SQLite."""
    told = {"ZHIBEN_DATA": str(data), "ZHIBEN_DATABASE": database, "ZHIBEN_POLL_SECONDS": "0.1"}
    environment = {**os.environ, **told, "ZHIBEN_LOG_LEVEL": "error", "PYTHONPATH": str(ROOT)}
    environment["PYTHONFAULTHANDLER"] = "1"
    # the modules are compiled once, not at every start
    environment |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(data / "compiled")}
    init = subprocess.run((*ZHIBEN, "init"), env=environment, check=False, capture_output=True, text=True, cwd=ROOT)
    assert init.returncode == 0, init.stderr[-2000:]
    settings = Settings(data=data, database=database, poll_seconds=0.1, log_level="error")
    with Application(settings, what="settle") as made:
        people = list(_people(made.place))
        for n, act in enumerate(_acts(made.place, people)):
            made.door.submit(Request(id=f"settle:{n}", stream=DIRECTORY, act=act, acted_by=SYSTEM, medium="system"))
        persons = dict.fromkeys(person for person, *_ in people)
        tokens = {person: new_token(made.dice) for person in persons}
        made.door.run(lambda service: _put_tokens(service, tokens))
        uploads = StoredUploads(made.files, made.door)
        files = {kind: _stored(uploads, data) for kind, data in _samples().items()}
    return Ground(data=data, environment=environment, settings=settings, tokens=tokens, files=files)


def _people(place: ResolvedPlace) -> Iterator[tuple[str, str, str, str]]:
    """Person, role, region and unit of everybody."""
    root = min(place.regions, key=len)
    for role, power in place.roles.items():
        if power.sees == "unit":
            yield from ((f"{role}-{unit}", role, "", unit) for unit in UNITS)
        else:
            yield from ((f"{role}-{n}", role, root, "") for n in range(PAIR))


def _acts(place: ResolvedPlace, people: list[tuple[str, str, str, str]]) -> Iterator[AnyAct]:
    regions, industries = sorted(place.regions), sorted(place.industries)
    yield RecordUnits(
        units=tuple(
            {"id": unit, "title": unit, "region": regions[-n], "industry": industries[n % len(industries)]}
            for n, unit in enumerate(UNITS, start=1)
        )
    )
    persons = list(dict.fromkeys(person for person, *_ in people))
    for start in range(0, len(persons), 20):
        yield RecordPersons(persons=tuple({"id": person, "name": person} for person in persons[start : start + 20]))
    for person, role, region, unit in people:
        yield GrantRole(person=person, role=role, region=region, unit=unit, valid_from="2020-01-01")


def _put_tokens(service: Service, tokens: Mapping[str, str]) -> None:
    now = service.clock.now()
    with service.store.session() as session:
        for person, token in tokens.items():
            session.tokens.put(
                TokenRow(
                    digest=digest_of(token),
                    person=person,
                    title="kill test",
                    scopes=("read", "act"),
                    created_at=micros(now),
                    expires_at=micros(now + timedelta(days=2)),
                    revoked_at=None,
                )
            )


def _samples() -> dict[str, bytes]:
    """One file of each kind of evidence."""
    picture = Image.new("RGB", (8, 8), "white")
    found: dict[str, bytes] = {"file": b"%PDF-1.4\n%%EOF\n", "scan": b"%PDF-1.5\n%%EOF\n"}
    for kind, form in {"photo": "JPEG", "signature": "PNG"}.items():
        held = BytesIO()
        picture.save(held, form)
        found[kind] = held.getvalue()
    return found


def _stored(uploads: StoredUploads, data: bytes) -> dict[str, Any]:
    stored = uploads.take(BytesIO(data), limit=len(data))
    return {"sha256": stored.sha256, "size": stored.size, "media_type": stored.media_type}
