"""Digests in words: one line a matter, what is due first, each with a link where the product's address is known."""

from __future__ import annotations

from urllib.parse import quote

from engine.runtime.digest import Digest, Line
from web.catalogues.sentences import say


def write_digest(digest: Digest, *, origin: str = "") -> tuple[str, str]:
    """Subject and body of a digest; `origin`: where the product is found, "" = nobody said."""
    lines = [_line(n, line, origin) for n, line in enumerate(digest.lines, start=1)]
    if digest.more:
        lines.append(say("digest.more", count=digest.more))
    if origin:
        lines.append(say("digest.where", address=f"{origin}/work"))
    if digest.last:
        lines.append(say("digest.last"))
    return say("digest.subject", count=digest.matters), "\n".join([say("digest.opening"), *lines])


def _line(number: int, line: Line, origin: str) -> str:
    told = say("digest.due" if line.due else "digest.line", n=number, subject=line.subject, due=line.due)
    return f"{told}\n   {origin}/cases/{quote(line.case, safe='')}" if origin and line.case else told
