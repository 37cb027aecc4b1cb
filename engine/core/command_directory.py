"""Acts of keeping the directory: units, places, persons, roles, and what is arranged besides roles.

Rows are objects of texts, as whoever records them writes them; `engine.core.administration_directory` says which keys
each kind has. A row told again replaces what was told of it before: what ends early is told again with an earlier end.
"""

from __future__ import annotations

from typing import Any

from msgspec import field

from engine.core.command_parts import Act


class RecordUnits(Act, frozen=True, kw_only=True, tag="record_units"):
    """Record units, each valid from a date."""

    units: tuple[dict[str, Any], ...]


class RecordPlaces(Act, frozen=True, kw_only=True, tag="record_places"):
    """Record places."""

    places: tuple[dict[str, Any], ...]


class RecordRegions(Act, frozen=True, kw_only=True, tag="record_regions"):
    """Record regions by path and industries by id, with titles, and which regions stand in for a region, in order."""

    regions: dict[str, str] = field(default_factory=dict)
    industries: dict[str, str] = field(default_factory=dict)
    neighbours: dict[str, list[str]] = field(default_factory=dict)


class RecordPersons(Act, frozen=True, kw_only=True, tag="record_persons"):
    """Record persons; names come as vault references."""

    persons: tuple[dict[str, Any], ...]


class RecordCertificates(Act, frozen=True, kw_only=True, tag="record_certificates"):
    """Record which certificates persons hold; what is told of a number replaces what was told of it before."""

    certificates: tuple[dict[str, Any], ...]


class RecordSubstitutions(Act, frozen=True, kw_only=True, tag="record_substitutions"):
    """Record who stands in for whom: person, substitute, role, procedure, reason, valid_from, valid_to, id."""

    substitutions: tuple[dict[str, Any], ...]


class RecordPowers(Act, frozen=True, kw_only=True, tag="record_powers"):
    """Record what organs may do: body, matter, documents, region, basis, valid_from, valid_to, id."""

    powers: tuple[dict[str, Any], ...]


class RecordShifts(Act, frozen=True, kw_only=True, tag="record_shifts"):
    """Record who is on duty when: roster, person, region, begins, ends (instants with their offset), id."""

    shifts: tuple[dict[str, Any], ...]


class RecordRecusals(Act, frozen=True, kw_only=True, tag="record_recusals"):
    """Record to whom persons are related: person, kind, unit or other, valid_from, valid_to, id."""

    recusals: tuple[dict[str, Any], ...]


class RecordSuccessions(Act, frozen=True, kw_only=True, tag="record_successions"):
    """Record what became of units: id of the former unit, successor, how, valid_from, valid_to."""

    successions: tuple[dict[str, Any], ...]


class GrantRole(Act, frozen=True, kw_only=True, tag="grant_role"):
    """A person holds a role from a day on."""

    person: str
    role: str
    region: str = ""
    industry: str = ""
    unit: str = ""
    #: the unit that is the organ as which it is held; not for a role in a unit
    body: str = ""
    valid_from: str
    valid_to: str = ""
    reason: str = ""


class EndRole(Act, frozen=True, kw_only=True, tag="end_role"):
    """A person stops holding a role: the last day is the one before valid_to."""

    holding: str
    valid_to: str
    reason: str = ""


DirectoryAct = (
    RecordUnits
    | RecordPlaces
    | RecordRegions
    | RecordPersons
    | RecordCertificates
    | RecordSubstitutions
    | RecordPowers
    | RecordShifts
    | RecordRecusals
    | RecordSuccessions
    | GrantRole
    | EndRole
)
