"""Files of a form between its sendings: stored once, carried along by what the form says of them, never sent again."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

import orjson

from engine.core.command import EvidenceRef
from web.pages.pictures import SHOWN, data_address, shrink
from web.policy import Caller

#: Names of the inputs of a form.
FILE = "file."
KEPT = "kept"
DROPPED = "dropped"
KINDS = ("photo", "file", "signature", "scan")
#: Files one form may carry, as the interface bounds them.
MOST_FILES = 40
_SIDE = 160
_LONGEST = 60_000
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PICTURE = re.compile(r"(data:image/webp;base64,[A-Za-z0-9+/=]{1,50000})?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """A stored file as a form carries it: of which field, or of none, and as what."""

    #: "" = evidence of the act that no field asks for
    field: str
    kind: str
    sha256: str
    size: int
    media_type: str
    name: str = ""
    #: a small picture as a data address
    picture: str = ""
    #: the input it belongs to, where that is not its field: `_photo`, `_signature.1`
    place: str = ""

    @property
    def slot(self) -> str:
        """The input it belongs to."""
        return self.field or self.place or f"_{self.kind}"

    @property
    def mark(self) -> str:
        """What tells it from the other files of its form."""
        return f"{self.slot}:{self.sha256}"

    @property
    def carried(self) -> str:
        """As the form carries it."""
        return orjson.dumps(asdict(self)).decode()

    def ref(self) -> EvidenceRef:
        """As a command carries it."""
        return EvidenceRef(
            sha256=self.sha256, kind=self.kind, size=self.size, media_type=self.media_type, field=self.field
        )


def slot_of(slot: str, kind: str) -> tuple[str, str]:
    """Field and kind of an input's files."""
    return ("", slot[1:].partition(".")[0]) if slot.startswith("_") else (slot, kind)


def take(caller: Caller, source: BinaryIO, *, slot: str, kind: str, name: str) -> KeptFile:
    """Store a file that came with a form; raises what the store raises."""
    field, kind = slot_of(slot, kind)
    stored = caller.services.uploads.take(source, limit=caller.services.settings.file_bytes)
    picture = None
    if stored.media_type in SHOWN:
        source.seek(0)
        picture = shrink(source, _SIDE)
    return KeptFile(
        field=field,
        kind=kind,
        sha256=stored.sha256,
        size=stored.size,
        media_type=stored.media_type,
        name="".join(letter for letter in name if letter.isprintable())[:200],
        picture=data_address(picture),
        place="" if field else slot[:100],
    )


def kept_of(text: str) -> KeptFile | None:
    """A file as a form carried it; None for what no form of ours says. The door proves size and media type again."""
    try:
        told: Any = orjson.loads(text[:_LONGEST])
        kept = KeptFile(**told)
    except (orjson.JSONDecodeError, TypeError):
        return None
    texts = (kept.field, kept.kind, kept.sha256, kept.media_type, kept.name, kept.picture, kept.place)
    if not all(isinstance(one, str) for one in texts) or type(kept.size) is not int or not 0 <= kept.size < 2**53:
        return None
    known = kept.kind in KINDS and bool(_DIGEST.fullmatch(kept.sha256)) and bool(_PICTURE.fullmatch(kept.picture))
    short = len(kept.field) <= 100 and len(kept.place) <= 100 and len(kept.media_type) <= 200 and len(kept.name) <= 200
    return kept if known and short else None
