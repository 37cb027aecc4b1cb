"""What is kept beside the record: definitions, the vault, evidence, tokens."""

from __future__ import annotations

from sqlalchemy import Index, Table

from engine.store.schema.base import metadata, number, octets, words

#: Resolved procedures, whole, under the hash of their canonical bytes.
definition = Table(
    "definition",
    metadata,
    words("version", primary_key=True),
    words("procedure"),
    words("plan"),
    words("title"),
    octets("body"),
    number("published_at"),
)
Index("ix_definition_procedure", definition.c.procedure, definition.c.published_at)

#: Years of working calendars as officers put them in, whole; published_at 0 = proposed, in force since otherwise.
calendar_year = Table(
    "calendar_year",
    metadata,
    words("id", primary_key=True),
    words("calendar"),
    number("year"),
    words("version"),
    words("status"),
    words("title"),
    words("source"),
    words("digest"),
    octets("body"),
    words("person"),
    number("proposed_at"),
    number("published_at"),
    # the entry of the library by which it is in force, and when all deadlines followed it; 0 = not yet
    number("seq"),
    number("closed_at"),
)

#: Personal values, each encrypted under its subject's key.
vault = Table(
    "vault",
    metadata,
    words("ref", primary_key=True),
    words("subject", index=True),
    octets("salt"),
    octets("sealed"),
)
#: The subjects' keys, themselves encrypted; without its row everything of a subject is unreadable.
vault_key = Table("vault_key", metadata, words("subject", primary_key=True), octets("sealed"), number("created_at"))

#: Files that are durably stored, by their content.
evidence = Table(
    "evidence",
    metadata,
    words("sha256", primary_key=True),
    number("size"),
    words("media_type"),
    number("stored_at"),
)

#: Tokens of programs that act for a person; only digests are kept.
api_token = Table(
    "api_token",
    metadata,
    octets("digest", primary_key=True),
    words("person", index=True),
    words("title"),
    #: words separated by blanks
    words("scopes"),
    number("created_at"),
    number("expires_at"),
    number("revoked_at"),
)
