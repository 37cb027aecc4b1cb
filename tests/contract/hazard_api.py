"""The whole application on the definitions of `workflows/`, used through its JSON API alone; time is a virtual clock's.

What somebody may do is taken from the case's offers, as a client does that knows no procedure.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from starlette.testclient import TestClient

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, AnyAct, GrantRole, RecordPersons, Request
from engine.runtime.clock import VirtualClock
from engine.runtime.projection import from_micros, micros
from engine.runtime.service import Service
from engine.store.views import TokenRow
from tests.definitions import name, named
from tests.districts import MONDAY, SeededDice
from web.app import BASE
from web.tokens import SCOPES, digest_of, new_token
from zhiben.composition import Application
from zhiben.publishing import publish, record_regions
from zhiben.settings import Settings

UNIT = "F1"
SINCE = "2026-01-01"
#: person -> role, and whether it is held in the unit; the others hold theirs for the whole place
PEOPLE = {
    "jin": ("inspector", False),
    "ji": ("inspector", False),
    "sun": ("supervisor", False),
    "song": ("supervisor", False),
    "an": ("office", False),
    "lu": ("leader", False),
    "nei": ("clerk", False),
    "gao": ("principal", True),
    "kong": ("controller", True),
    "qin": ("safety_officer", True),
}
REGISTRAR = "ru"


def _picture() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(held, "PNG")
    return held.getvalue()


#: kind of evidence -> a file
FILES = {
    "photo": _picture(),
    "signature": _picture(),
    "file": b"%PDF-1.4\n%%EOF\n",
    "scan": b"%PDF-1.5\n%%EOF\n",
}


class Client:
    """One person at the API."""

    def __init__(self, http: TestClient, token: str, person: str) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"}
        self._sent = 0
        self.person = person

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of an answer that must be 200."""
        answer = self._http.get(f"{BASE}{path}", headers=self._headers, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """An answer, whatever it is."""
        self._sent += 1
        headers = {**self._headers, "Idempotency-Key": f"{self.person}-{self._sent:08}"}
        told = more or {"json": body or {}}
        return self._http.post(path if path.startswith(BASE) else f"{BASE}{path}", headers=headers, **told)

    def report(self, **data: Any) -> str:
        """Report a hazard of the unit; the id of its case."""
        told = {
            "channel": "检查发现",
            "unit": UNIT,
            "place": "一车间",
            "description": "防护罩缺失",
            "level": "一般",
            "standard": "检查标准第3条",
            "found_on": "2026-03-02",
        }
        body = {"procedure": name("hazard"), "action": name("report"), "data": named(**{**told, **data})}
        answer = self.post("/cases", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["stream"].removeprefix("case/"))

    def offer(self, case: str, action: str, kind: str = "act") -> Any:
        """What is offered to this person, by its kind alone where `action` is ""; AssertionError if it is not."""
        offers = self.get(f"/cases/{case}")["offers"]
        wanted = name(action) if action else ""
        found = [one for one in offers if one["kind"] == kind and wanted in ("", one["action"])]
        assert found, [(one["action"], one["kind"]) for one in offers]
        return found[0]

    def act(self, case: str, action: str, kind: str = "act", **data: Any) -> Any:
        """Do what is offered, with the evidence and signature that the offer asks for."""
        offer = self.offer(case, action, kind)
        body = {"data": named(**data), "evidence": self.evidence(offer), "on_site": offer["on_site"]}
        return self.post(offer["post"], body)

    def done(self, case: str, action: str, kind: str = "act", **data: Any) -> None:
        """Do what is offered; it must be accepted."""
        answer = self.act(case, action, kind, **data)
        assert answer.status_code == 200, answer.text

    def evidence(self, offer: Any) -> list[Any]:
        """Files of the kinds that an offer asks for, uploaded."""
        kinds = [*offer["evidence"], *(["signature"] if offer["sign"] == "hand" else [])]
        return [{**self.upload(kind), "kind": kind} for kind in kinds]

    def upload(self, kind: str) -> Any:
        """A stored file."""
        answer = self.post("/evidence", files={"file": (kind, io.BytesIO(FILES[kind]))})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def answer(self, case: str, kind: str, **told: str) -> Any:
        """Consent to or refuse what was asked, issue or decline what was drafted: the first such offer."""
        return self.post(self.offer(case, "", kind)["post"], told)


class Office:
    """The application, its clock and its people."""

    def __init__(self, made: Application, clock: VirtualClock) -> None:
        self.made = made
        self._clock = clock
        self._http = TestClient(made.web(), raise_server_exceptions=False)

    def as_(self, person: str) -> Client:
        """A client with a new token of a person."""
        token, now = new_token(self.made.dice), self._clock.now()
        row = TokenRow(
            digest=digest_of(token),
            person=person,
            title="test",
            scopes=SCOPES,
            created_at=micros(now),
            expires_at=micros(now + timedelta(days=400)),
            revoked_at=None,
        )

        def put(service: Service) -> None:
            with service.store.session() as session:
                session.tokens.put(row)

        self.made.door.run(put)
        return Client(self._http, token, person)

    def settle(self) -> None:
        """Publish; then the registrar records a unit and everybody through the API."""
        made = self.made
        publish(made.door, made.place, person=SYSTEM)
        record_regions(made.door, made.place, person=SYSTEM)
        top, town = _regions(made)
        first: tuple[AnyAct, ...] = (
            RecordPersons(persons=({"id": REGISTRAR, "name": REGISTRAR},)),
            GrantRole(person=REGISTRAR, role=name("registrar"), region=top, valid_from=SINCE),
        )
        for n, act in enumerate(first):
            made.door.submit(Request(id=f"first:{n}", stream=DIRECTORY, act=act, acted_by=SYSTEM, medium="cli"))
        registrar = self.as_(REGISTRAR)
        unit = {"id": UNIT, "title": "恒安厂", "region": town, "industry": min(made.place.industries)}
        persons = [{"id": person, "name": f"{person} 某"} for person in PEOPLE]
        answers = [registrar.post("/directory/units", {"units": [unit]})]
        answers.append(registrar.post("/directory/persons", {"persons": persons}))
        for person, (role, inside) in PEOPLE.items():
            where = {"unit": UNIT} if inside else {"region": top}
            body = {"person": person, "role": name(role), "valid_from": SINCE, **where}
            answers.append(registrar.post("/directory/holdings", body))
        assert [answer.text for answer in answers if answer.status_code != 200] == []

    def wait(self, until: str) -> None:
        """Let time pass to a local time; what falls due on the way is done at its own instant."""
        end = datetime.fromisoformat(until).replace(tzinfo=self.made.calendar.zone)
        while (at := self._next()) is not None and at <= end:
            self._clock.set(max(at, self._clock.now()))
            assert self.made.worker.drain()
        self._clock.set(end)

    def _next(self) -> datetime | None:
        with self.made.store.read() as reader:
            due = reader.lag().timer
        return None if due is None else from_micros(due)


def _regions(made: Application) -> tuple[str, str]:
    """The whole place, and a part of it."""
    paths = sorted(made.place.regions, key=lambda path: (len(path), path))
    return paths[0], paths[1]


@contextmanager
def opened(data: Path, database: str) -> Iterator[Office]:
    """The application over a migrated database, settled."""
    clock = VirtualClock(MONDAY)
    settings = Settings(data=data, database=database, log_level="error")
    with Application(settings, what="test", clock=clock, dice=SeededDice("office")) as made:
        office = Office(made, clock)
        office.settle()
        yield office
