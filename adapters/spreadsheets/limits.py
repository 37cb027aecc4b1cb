"""How much of a spreadsheet is read before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Bounds on file, archive, cells and on the process that parses."""

    file_bytes: int = 20 * MEBIBYTE
    entries: int = 2_000
    unpacked_bytes: int = 100 * MEBIBYTE
    ratio: int = 100  # unpacked to packed, of entries over a mebibyte: small ones compress well by nature
    cells: int = 500_000  # filled cells of the visible sheets
    characters: int = 20_000_000  # text of those cells, a shared text counted as often as it is used
    memory_bytes: int = 1024 * MEBIBYTE  # address space of the parsing process
    cpu_seconds: int = 10
    wall_seconds: float = 30


DEFAULT_LIMITS = Limits()
