"""Renames ids in what other modules than the loader read: calendars, import mappings, the demonstration's story."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.core.yaml_source import Node

Names = Mapping[str, str]


def defined_in(node: Node) -> str:
    """The id that such a file gives itself."""
    return str(next(iter(node.map().values())).value)


def columns_in(node: Node) -> Iterator[str]:
    """Ids of an import mapping's columns, references, lists, people and properties; they mean nothing outside it."""
    if "import" not in node.map():
        return
    into = node.map()["into"].map()
    parts = [node.map().get("columns"), node.map().get("references"), into.get("lists"), into.get("persons")]
    parts += [unit.map().get("attributes") for unit in (into.get("unit"),) if unit]
    for part in parts:
        yield from part.map() if part else ()


def renamed_data(data: dict[str, Any], names: Names, columns: Names) -> dict[str, Any]:
    """The same file in other ids; titles, words of spreadsheets and what the directory calls its columns stay."""
    match next(iter(data)):
        case "calendar":
            return {**data, "calendar": names[data["calendar"]]}
        case "import":
            return {
                **_import(data, columns),
                "import": names[data["import"]],
                "into": _into(data["into"], names, columns),
            }
        case "story":
            return _story(data, names)
        case kind:
            raise ValueError(kind)


def _new(text: str, names: Names) -> str:
    """Words joined by dots and slashes, each by its new name if it has one."""
    return "/".join(".".join(names.get(word, word) for word in part.split(".")) for part in text.split("/"))


def _all(value: Any, names: Names) -> Any:
    """Every text in lists and maps by its new name, keys as well."""
    match value:
        case dict():
            return {names.get(key, key): _all(one, names) for key, one in value.items()}
        case list():
            return [_all(one, names) for one in value]
        case str():
            return names.get(value, value)
    return value


def _keys(value: Mapping[str, Any], names: Names) -> dict[str, Any]:
    return {names.get(key, key): one for key, one in value.items()}


def _values(value: Mapping[str, Any], names: Names) -> dict[str, Any]:
    return {key: _all(one, names) for key, one in value.items()}


# import mappings ---------------------------------------------------------------------------------------------------


def _import(data: dict[str, Any], columns: Names) -> dict[str, Any]:
    told = dict(data)
    told["columns"] = {
        columns[key]: {**column, "choice": columns[listed]}
        if isinstance(listed := column.get("choice"), str)
        else column
        for key, column in data["columns"].items()
    }
    if "references" in data:
        told["references"] = {
            columns[key]: {**one, "by": _all(one["by"], columns)} for key, one in data["references"].items()
        }
    for part in ("unique", "order"):
        if part in data:
            told[part] = _all(data[part], columns)
    return told


def _into(into: dict[str, Any], names: Names, columns: Names) -> dict[str, Any]:
    told = dict(into)
    if "lists" in into:
        told["lists"] = _keys(into["lists"], columns)
    if "finds" in into:
        told["finds"] = {columns[key]: _keys(found, columns) for key, found in into["finds"].items()}
    if "unit" in into:
        attributes = _all(into["unit"].get("attributes", {}), columns)
        told["unit"] = {**_values(into["unit"], columns), "attributes": attributes}
    if "place" in into:
        told["place"] = _values(into["place"], columns)
    if "persons" in into:
        told["persons"] = {
            columns[key]: {"role": names[one["role"]], "name": columns[one["name"]]}
            for key, one in into["persons"].items()
        }
    for part in ("holding", "power", "shift"):
        if part in into:
            told[part] = _values(into[part], columns)
    if "case" in into:
        told["case"] = _case(into["case"], names, columns)
    return told


def _case(case: dict[str, Any], names: Names, columns: Names) -> dict[str, Any]:
    state, fields = case["state"], case["fields"]
    return {
        **_values(case, columns),
        "procedure": names[case["procedure"]],
        "state": {
            "by": columns[state["by"]],
            "are": {told: _new(one, names) for told, one in state["are"].items()},
        },
        "fields": {names[field]: _source(told, columns) for field, told in fields.items()},
        "places": {names[field]: columns[told] for field, told in case.get("places", {}).items()},
    }


def _source(told: Any, columns: Names) -> Any:
    return {**told, "by": columns[told["by"]]} if isinstance(told, dict) else columns[told]


# the story ---------------------------------------------------------------------------------------------------------


def _story(data: dict[str, Any], names: Names) -> dict[str, Any]:
    people = {**data["people"], "groups": [_group(one, names) for one in data["people"]["groups"]]}
    who = data["reports"]["who"]
    return {
        **data,
        **{key: names[data[key]] for key in ("story", "procedure")},
        "sheets": _values(data["sheets"], names),
        "people": people,
        "accounts": {**data["accounts"], "posts": [_group(one, names) for one in data["accounts"]["posts"]]},
        "triage": _by(data["triage"], names),
        "reports": {
            "action": names[data["reports"]["action"]],
            "who": {"field": names[who["field"]], "are": _values(who["are"], names)},
        },
        "paper": _by(data["paper"], names),
        "reopen": {**_by(data["reopen"], names), "form": _form(data["reopen"]["form"], names)},
        "tasks": {_new(state, names): [_choice(one, names) for one in told] for state, told in data["tasks"].items()},
        "duties": {**data["duties"], "forms": _forms(data["duties"]["forms"], names)},
        "openings": [_opening(one, names) for one in data["openings"]],
        "others": {
            names[procedure]: {
                _new(state, names): [_choice(one, names) for one in told] for state, told in tasks.items()
            }
            for procedure, tasks in data["others"].items()
        },
        "fields": _form(data["fields"], names),
    }


def _forms(forms: dict[str, Any], names: Names) -> dict[str, Any]:
    return {names[action]: _form(form, names) for action, form in forms.items()}


def _opening(opening: dict[str, Any], names: Names) -> dict[str, Any]:
    told = {**_by(opening, names), **{key: names[opening[key]] for key in ("procedure", "action")}}
    if "about" in opening:
        about = opening["about"]
        told["about"] = {
            "field": names[about["field"]],
            "procedure": names[about["procedure"]],
            "where": _form(about["where"], names),
            "states": [_new(state, names) for state in about["states"]],
            "copied": {names[new]: names[old] for new, old in about["copied"].items()},
        }
    return {**told, "form": {names[field]: _filled(value, names) for field, value in opening["form"].items()}}


def _filled(value: Any, names: Names) -> Any:
    """Industries and roles by which a value is found."""
    if isinstance(value, dict):
        return {key: names[one] if key in ("unit", "people") else one for key, one in value.items()}
    return value


def _group(group: dict[str, Any], names: Names) -> dict[str, Any]:
    return {**group, "role": names[group["role"]]}


def _by(told: dict[str, Any], names: Names) -> dict[str, Any]:
    return {**told, "by": names[told["by"]]}


def _choice(choice: dict[str, Any], names: Names) -> dict[str, Any]:
    told = {**choice, "do": names[choice["do"]]}
    return {**told, "form": _form(choice["form"], names)} if "form" in choice else told


def _form(form: dict[str, Any], names: Names) -> dict[str, Any]:
    return {
        names[field]: {**told, "keep": names[told["keep"]]} if isinstance(told, dict) and "keep" in told else told
        for field, told in form.items()
    }
