"""Clients who report, confirm, read, apply and decide over HTTP, by what the server offers them.

They know no procedure: they open cases by the forms of the start actions and go on by the offers of each case.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from engine.core.ports import Clock
from tests.crash.ground import UNITS, Ground
from tests.crash.journal import Intent, Journal, Reply

_SECONDS = 30.0
_BEFORE_CALLING_AGAIN = 0.02
_BASE = "/api/v1"
#: Cases that the clients work on together; a new one replaces one at random.
_CASES = 12


class Cut(Exception):
    """The connection ended before the answer; `sent` = after the whole request had been handed over."""

    def __init__(self, *, sent: bool) -> None:
        super().__init__(sent)
        self.sent = sent


@dataclass
class Tally:
    """What the clients have done since the last start; the controller waits on it."""

    acknowledged: int = 0
    #: commands whose bytes went to the server and whose answer is not here
    in_flight: int = 0
    #: clients that ended by an error
    broken: int = 0
    #: the server was killed
    gone: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def sent(self) -> None:
        """A command is on its way."""
        with self.changed:
            self.in_flight += 1
            self.changed.notify_all()

    def answered(self, reply: Reply | None) -> None:
        """It was answered, or cut."""
        with self.changed:
            self.in_flight -= 1
            self.acknowledged += reply is not None and reply.acknowledged
            self.changed.notify_all()

    def failed(self) -> None:
        """A client cannot go on."""
        with self.changed:
            self.broken += 1
            self.changed.notify_all()

    def reset(self) -> None:
        """A new process serves."""
        with self.changed:
            self.acknowledged = self.in_flight = self.broken = 0
            self.gone.clear()


class Shared:
    """What all clients know: the cases under way, who may open one, numbers for intents."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cases: dict[str, list[str]] = {}
        self.starters: list[str] = []
        self._numbers = 0

    def number(self) -> int:
        """The next number."""
        with self._lock:
            self._numbers += 1
            return self._numbers

    def opened(self, case: str, persons: list[str], dice: Random) -> None:
        """Work on this case, too."""
        with self._lock:
            if len(self._cases) >= _CASES:
                self._cases.pop(dice.choice(sorted(self._cases)))
            self._cases[case] = persons

    def knows(self, case: str, persons: list[str]) -> None:
        """Who may have something to do in it."""
        with self._lock:
            if case in self._cases:
                self._cases[case] = persons

    def some_case(self, dice: Random) -> tuple[str, str] | None:
        """A case and a person who may have something to do in it."""
        with self._lock:
            known = [(case, persons) for case, persons in sorted(self._cases.items()) if persons]
        if not known:
            return None
        case, persons = dice.choice(known)
        return case, dice.choice(persons)


class Line:
    """One connection to the server."""

    def __init__(self, port: int, ground: Ground) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
        self._tokens = ground.tokens

    def get(self, person: str, path: str) -> tuple[int, Any]:
        """Status and JSON."""
        try:
            self._connection.request("GET", path, headers=self._headers(person))
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise Cut(sent=False) from error

    def post(self, intent: Intent, tally: Tally | None = None) -> Reply:
        """Send a command; Cut if its answer does not arrive."""
        headers = {**self._headers(intent.person), "Idempotency-Key": intent.key}
        if intent.match:
            headers["If-Match"] = intent.match
        if intent.body:
            headers["Content-Type"] = "application/json"
        reply: Reply | None = None
        sent = False
        try:
            self._connection.request("POST", intent.path, body=intent.body.encode() or None, headers=headers)
            if tally:
                tally.sent()
            sent = True
            answer = self._connection.getresponse()
            reply = Reply(n=intent.n, status=answer.status, body=answer.read().decode())
            return reply
        except (OSError, http.client.HTTPException) as error:
            raise Cut(sent=sent) from error
        finally:
            if tally and sent:
                tally.answered(reply)

    def _headers(self, person: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens[person]}"}

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class Client:
    """One client: endless commands until the server is killed; what was cut is kept."""

    def __init__(self, ground: Ground, shared: Shared, journal: Journal, clock: Clock, dice: Random) -> None:
        self._ground = ground
        self._shared = shared
        self._journal = journal
        self._clock = clock
        self._dice = dice
        self._starts: list[Any] = []
        #: commands without an answer, and how many of them the server had been handed
        self.cut: list[Intent] = []
        self.in_flight = 0
        self.error: BaseException | None = None
        #: why the connection ended last
        self.last_cut = ""

    def until_killed(self, port: int, tally: Tally) -> None:
        """Act until the server is gone; meant for a thread of its own.

        A server that lives may cut a connection, too (a stalled machine, an idle line): the client calls again.
        """
        try:
            while not tally.gone.wait(_BEFORE_CALLING_AGAIN):
                self._until_cut(port, tally)
        except BaseException as error:  # noqa: BLE001 - the controller raises it
            self.error = error
            tally.failed()

    def _until_cut(self, port: int, tally: Tally) -> None:
        line = Line(port, self._ground)
        try:
            while True:
                self._step(line, tally)
        except Cut as cut:
            self.last_cut = repr(cut.__cause__)
        finally:
            line.close()

    def _step(self, line: Line, tally: Tally) -> None:
        found = self._shared.some_case(self._dice) if self._dice.random() > 0.3 else None
        if found is None:
            self._open(line, tally)
        else:
            self._act(line, tally, *found)

    def _send(self, line: Line, tally: Tally, person: str, path: str, body: Any, match: str = "") -> Reply:
        n = self._shared.number()
        text = "" if body is None else json.dumps(body, ensure_ascii=False)
        intent = Intent(n=n, person=person, key=f"kill-{n:010d}", path=path, body=text, match=match)
        self._journal.note(intent)
        try:
            reply = line.post(intent, tally)
        except Cut as cut:
            self.cut.append(intent)
            self.in_flight += cut.sent
            raise
        self._journal.note(reply)
        return reply

    # opening ----------------------------------------------------------------------------------------------------

    def _open(self, line: Line, tally: Tally) -> None:
        known = self._shared.starters
        person = self._dice.choice(known if known and self._dice.random() < 0.9 else sorted(self._ground.tokens))
        version, start = self._start(line, person)
        data, evidence = self._filled(start["form"], start.get("evidence", []), start.get("sign", "none"))
        body = {"version": version, "action": start["action"], "data": data, "evidence": evidence}
        body |= self._perhaps_late(start.get("late_entry", ""))
        reply = self._send(line, tally, person, f"{_BASE}/cases", body)
        if reply.acknowledged:
            if person not in known:
                known.append(person)
            self._shared.opened(reply.receipt["stream"].partition("/")[2], [person, *known], self._dice)

    def _start(self, line: Line, person: str) -> tuple[str, Any]:
        if not self._starts:
            _, listed = line.get(person, f"{_BASE}/procedures")
            for row in listed["items"]:
                _, told = line.get(person, f"{_BASE}/procedures/{row['version']}")
                self._starts += [(row["version"], start) for start in told["starts"]]
        version, start = self._dice.choice(self._starts)
        return version, start

    # going on ---------------------------------------------------------------------------------------------------

    def _act(self, line: Line, tally: Tally, case: str, person: str) -> None:
        status, told = line.get(person, f"{_BASE}/cases/{case}")
        if status != 200:
            return
        holders = {one["id"] for task in told["tasks"] for one in task["holder"]["persons"]}
        self._shared.knows(case, sorted(holders & self._ground.tokens.keys()) or self._shared.starters[:])
        if told["tasks"] and self._dice.random() < 0.2:
            task = self._dice.choice(told["tasks"])["task"]
            self._send(line, tally, person, f"{_BASE}/cases/{case}/tasks/{task}/read", None)
        elif told["offers"]:
            offer = self._dice.choice(told["offers"])
            match = f'"{told["seq"]}"' if self._dice.random() < 0.5 else ""
            self._send(line, tally, person, offer["post"], self._answer_to(offer), match)

    def _answer_to(self, offer: Mapping[str, Any]) -> dict[str, Any]:
        match offer["kind"]:
            case "act" | "reopen":
                data, evidence = self._filled(offer["form"], offer["evidence"], offer["sign"])
                body = {"data": data, "evidence": evidence, "on_site": offer["on_site"]}
                return body | self._perhaps_late(offer["late_entry"])
            case "consent" | "issue":
                return {}
            case _:
                return {"reason": self._words()}

    def _perhaps_late(self, window: str) -> dict[str, Any]:
        """Sometimes said to have happened some days ago, so that deadlines pass while the test runs."""
        if not window or self._dice.random() < 0.5:
            return {}
        return {"occurred_at": (self._clock.now() - timedelta(hours=self._dice.randrange(1, 120))).isoformat()}

    # forms ------------------------------------------------------------------------------------------------------

    def _filled(self, form: list[Any], evidence: list[str], sign: str) -> tuple[dict[str, Any], list[Any]]:
        data: dict[str, Any] = {}
        files: list[Any] = []
        for asked in form:
            if not asked["required"] and self._dice.random() < 0.5:
                continue
            kind = asked["kind"]
            if kind in ("photo", "file", "signature"):
                file = self._file(kind, asked["field"])
                files.append(file)
                data[asked["field"]] = [file["sha256"]] if asked["many"] else file["sha256"]
            elif (value := self._value(asked)) is not None:
                data[asked["field"]] = value
        wanted = [*evidence, *(["signature"] if sign != "none" else [])]
        return data, files + [self._file(kind) for kind in wanted if all(one["kind"] != kind for one in files)]

    def _file(self, kind: str, asked_by: str = "") -> dict[str, Any]:
        return {**self._ground.files[kind], "kind": kind, "field": asked_by}

    def _value(self, asked: Mapping[str, Any]) -> Any:
        match asked["kind"]:
            case "choice":
                return self._dice.choice(sorted(asked["choices"]))
            case "unit":
                return self._dice.choice(UNITS)
            case "date":
                days = self._dice.choice((-1, 0, 5, 20, 40))
                return (self._clock.now() + timedelta(days=days)).date().isoformat()
            case "flag":
                return self._dice.random() < 0.5
            case "number":
                return self._dice.randrange(1000)
            case "text":
                return self._words()
        return None

    def _words(self) -> str:
        """Few words, so that some cases are the return of others; many, so that most are not."""
        return f"{self._dice.choice('甲乙')}{self._dice.choice(('', self._dice.randrange(10**6)))}"
