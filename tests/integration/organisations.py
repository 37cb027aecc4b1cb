"""A district whose people come and go, and what its worker then finds; used by the tests of both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, AnyAct, EndRole, GrantRole, RecordPersons
from engine.core.command import SYSTEM, AnyAct, EndRole, GrantRole, RecordPersons
from engine.core.command import SYSTEM, AnyAct, EndRole, GrantRole, RecordPersons
from engine.core.command import SYSTEM, AnyAct, EndRole, GrantRole, RecordPersons
from engine.core.command import SYSTEM, AnyAct, EndRole, GrantRole, RecordPersons
from engine.core.command import SYSTEM, AnyAct, EndRole, GrantRole, RecordPersons
from engine.core.command import SYSTEM, AnyAct, EndRole, GrantRole, RecordPersons
from engine.core.command import SYSTEM, AnyAct, EndRole, GrantRole, RecordPersons
from engine.core.command import SYSTEM, AnyAct, EndRole, GrantRole, RecordPersons
from engine.core.command import SYSTEM, AnyAct, EndRole, GrantRole, RecordPersons
from engine.core.command import SYSTEM, AnyAct, EndRole, GrantRole, RecordPersons
from engine.core.command import SYSTEM, AnyAct, EndRole, GrantRole, RecordPersons
from engine.core.command import SYSTEM, AnyAct, EndRole, GrantRole, RecordPersons
    return organisation
