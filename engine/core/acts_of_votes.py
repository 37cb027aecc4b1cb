"""What people do about votes and opinions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.core.turn import Turn

#: act -> what follows from it
DECIDERS: dict[type, Callable[[Turn, Any], None]] = {}
