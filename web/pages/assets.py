"""The files that pages load: one address for each content, kept by browsers for ever, sent compressed."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from engine.errors import Broken

FOLDER = Path(__file__).parent.parent / "static"
#: Where the application serves them.
ADDRESS = "/static"
_MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
}
_DIGITS = 12
_FOR_EVER = "public, max-age=31536000, immutable"
_SMALLEST_COMPRESSED = 512


@cache
def files() -> Mapping[str, bytes]:
    """Every file of web/static by its path there, as it was when first asked for."""
    return {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for path in sorted(FOLDER.rglob("*"))
        if path.is_file() and path.suffix in _MEDIA
    }


@cache
def edition() -> str:
    """A hash of all files: the first part of every address, so that a module imports neighbours of its own edition."""
    digest = sha256()
    for name, content in files().items():
        digest.update(f"{name}\0{sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()[:_DIGITS]


@cache
def asset(path: str) -> str:
    """The address of a file of web/static; Broken for one that is not there (`make setup` installs vendor/)."""
    if path not in files():
        raise Broken("asset_missing", file=path)
    return f"{ADDRESS}/{edition()}/{path}"


class Assets:
    """Serves the files; another edition's address gets the present content, but not to keep."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request below the address it is mounted at."""
        path = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        told, _, name = path.partition("/")
        await _answer(told, name, Headers(scope=scope))(scope, receive, send)


def _answer(told: str, name: str, headers: Headers) -> Response:
    content = files().get(name)
    if content is None:
        return PlainTextResponse("", status_code=404)
    answer = {
        "Cache-Control": _FOR_EVER if told == edition() else "no-cache",
        "Vary": "Accept-Encoding",
        "Content-Type": _MEDIA[Path(name).suffix],
    }
    if "gzip" in headers.get("accept-encoding", "") and len(content) >= _SMALLEST_COMPRESSED:
        return Response(compressed(name), headers={**answer, "Content-Encoding": "gzip"})
    return Response(content, headers=answer)


@cache
def compressed(name: str) -> bytes:
    """A file as it is sent, compressed once."""
    return gzip.compress(files()[name], 9, mtime=0)
