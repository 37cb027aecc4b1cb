"""The people of the story: made from the script's names, recorded and given their roles through the one door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from engine.core.administration import DIRECTORY, MOST_ROWS
from engine.core.command import (
    SYSTEM,
    AnyAct,
    GrantRole,
    RecordCertificates,
    RecordPersons,
    RecordPowers,
    RecordUnits,
    Request,
)
from engine.runtime.door import Door, answer_of
from zhiben.story.script import Group, People


@dataclass(frozen=True, kw_only=True)
class Made:
    """One person of the story and the role they hold."""

    id: str
    name: str
    role: str
    region: str
    industry: str
    #: kind of the certificate they hold; "" = none
    certificate: str = ""
    #: title of the organ as which they hold it, and the matters in which it may act
    body: str = ""
    powers: tuple[str, ...] = ()

    @property
    def body_id(self) -> str:
        """The id of that organ: one for each region and industry; "" = none."""
        return (
            "organ-" + "-".join(filter(None, (*self.region.strip("/").split("/"), self.industry))) if self.body else ""
        )


def make_people(people: People, regions: Mapping[str, str], industries: Mapping[str, str], dice: Random) -> list[Made]:
    """Everybody the script asks for; names are drawn, no two people have the same."""
    names = [f"{surname}{given}" for surname in people.surnames for given in people.given]
    dice.shuffle(names)
    posts = [post for group in people.groups for post in _posts(group, regions, industries)]
    return [
        Made(
            id=f"p{number:04}",
            name=names[number % len(names)],
            role=group.role,
            region=region,
            industry=industry,
            certificate=group.certificate,
            body=group.body.format(industry=industries.get(industry, ""), region=regions[region]),
            powers=group.powers,
        )
        for number, (group, region, industry) in enumerate(posts, start=1)
    ]


def _posts(group: Group, regions: Mapping[str, str], industries: Mapping[str, str]) -> Iterator[tuple[Group, str, str]]:
    top = min(regions, key=len)
    leaves = [path for path in regions if path != top]
    for _ in range(group.count):
        match group.each:
            case "region":
                yield from ((group, path, "") for path in leaves)
            case "industry":
                yield from ((group, top, name) for name in industries)
            case "":
                yield group, top, ""


def _certificates(made: Sequence[Made]) -> Iterator[RecordCertificates]:
    """Their certificates, numbered like the people themselves and valid for the whole story."""
    rows = [{"person": one.id, "kind": one.certificate, "number": f"SF-{one.id}"} for one in made if one.certificate]
    for start in range(0, len(rows), MOST_ROWS):
        yield RecordCertificates(certificates=tuple(rows[start : start + MOST_ROWS]))


def _organs(made: Sequence[Made], since: date) -> Iterator[AnyAct]:
    """The organs as which they hold their roles, and what these may do, as the list of powers says."""
    organs = {one.body_id: one for one in made if one.body}
    units = [
        {"id": name, "title": one.body, "region": one.region, "industry": one.industry, "valid_from": since.isoformat()}
        for name, one in organs.items()
    ]
    powers = [
        {"body": name, "matter": matter, "region": one.region, "valid_from": since.isoformat()}
        for name, one in organs.items()
        for matter in one.powers
    ]
    if units:
        yield RecordUnits(units=tuple(units))
    if powers:
        yield RecordPowers(powers=tuple(powers))


def record_people(door: Door, made: Sequence[Made], since: date) -> None:
    """Record them with their names and grant the roles, as the installation does before anybody can act."""
    acts: list[AnyAct] = []
    for start in range(0, len(made), MOST_ROWS):
        some = made[start : start + MOST_ROWS]
        acts.append(RecordPersons(persons=tuple({"id": one.id, "name": one.name} for one in some)))
    acts += [
        GrantRole(
            person=one.id,
            role=one.role,
            region=one.region,
            industry=one.industry,
            body=one.body_id,
            valid_from=since.isoformat(),
        )
        for one in made
    ]
    acts += list(_organs(made, since))
    acts += list(_certificates(made))
    requests = [
        Request(id=f"story:people:{n}", stream=DIRECTORY, act=act, acted_by=SYSTEM, medium="cli")
        for n, act in enumerate(acts)
    ]
    for outcome in door.submit_batch(requests):
        answer_of(outcome)
