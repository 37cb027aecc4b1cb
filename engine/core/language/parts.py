"""What the models of all documents share: strictness, phrases of time, short forms of lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from engine.core.language.names import PartyRef, Refers
from engine.core.points import parse_point
from engine.core.spans import parse_span
from engine.errors import DefinitionError

ParameterKind = Literal["span", "point", "ladder", "role", "checklist", "number", "text"]


class Part(BaseModel):
    """Base of all models: nothing unknown, nothing converted, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


def wrong(code: str, expected: str, got: object = None) -> PydanticCustomError:
    """An error of our own in a validator: it becomes a DefinitionError of that code."""
    return PydanticCustomError("definition", "{code}", {"code": code, "expected": expected, "got": got})


def _phrase(read: Callable[[object], object], kind: ParameterKind) -> Callable[[str, ValidationInfo], str]:
    def check(text: str, info: ValidationInfo) -> str:
        if text.startswith("$"):
            return _declared(text, kind, info)
        try:
            read(text)
        except DefinitionError as error:
            raise PydanticCustomError(
                "definition",
                "{code}",
                {"code": error.code, "expected": error.expected, "got": error.got, **_rest(error)},
            ) from error
        return text

    return check


def _rest(error: DefinitionError) -> dict[str, Any]:
    return {key: value for key, value in error.data.items() if key not in ("expected", "got")}


def _declared(text: str, kind: ParameterKind, info: ValidationInfo) -> str:
    """A parameter may stand where its document declares one of that kind (context: name -> kind)."""
    declared: dict[str, str] = (info.context or {}).get("parameters", {})
    found = declared.get(text[1:])
    if found != kind:
        raise wrong("unknown_parameter", f"a parameter of kind {kind}", text)
    return text


def _parametric(kind: ParameterKind) -> Callable[[str, ValidationInfo], str]:
    def check(text: str, info: ValidationInfo) -> str:
        return _declared(text, kind, info) if text.startswith("$") else text

    return check


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise wrong("not_a_date", 'a date like "2026-09-30"', text) from None
    return text


def _moment(text: str) -> str:
    try:
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M") if " " in text else datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007
    except ValueError:
        raise wrong("not_a_date", 'a date like "2026-09-30" or a moment like "2026-09-30 10:00"', text) from None
    del moment
    return text


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | dict) else value


SpanText = Annotated[str, AfterValidator(_phrase(lambda text: parse_span(text), "span")), Refers("parameter", "dotted")]
PointText = Annotated[
    str, AfterValidator(_phrase(lambda text: parse_point(text), "point")), Refers("parameter", "dotted")
]
#: a point, or the id of a date field
UntilText = Annotated[str, StringConstraints(min_length=1), Refers("field", "dotted")]
LadderText = Annotated[
    str,
    StringConstraints(pattern=r"^\$?[a-z][a-z0-9_]*$"),
    AfterValidator(_parametric("ladder")),
    Refers("ladder"),
]
RoleText = Annotated[
    str, StringConstraints(pattern=r"^\$?[a-z][a-z0-9_]*$"), AfterValidator(_parametric("role")), Refers("role")
]
DateText = Annotated[str, AfterValidator(_day)]
#: local time of the place: "2026-09-30" (a whole day) or "2026-09-30 10:00"
MomentText = Annotated[str, AfterValidator(_moment)]
Number = int | Decimal
CountText = Annotated[
    int | Annotated[str, StringConstraints(pattern=r"^\$[a-z][a-z0-9_]*$"), AfterValidator(_parametric("number"))],
    Refers("parameter"),
]
Parties = Annotated[list[PartyRef], BeforeValidator(_as_list, json_schema_input_type=str | list[str])]
Strings = Annotated[list[str], BeforeValidator(_as_list, json_schema_input_type=str | list[str])]
as_list = _as_list
parametric = _parametric


def one_of(model: Part, names: tuple[str, ...], *, at_most: bool = False) -> None:
    """Exactly one (or at most one) of these keys is given."""
    given = [name for name in names if getattr(model, name) not in (None, "", [], {}, False)]
    if len(given) > 1 or (not given and not at_most):
        raise wrong("one_of", "exactly one of " + ", ".join(names), ", ".join(given) or "none")
