"""The OpenAPI document in Chinese: summaries, parameters and fields described from the catalogue by their names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from web.api.shown import ProblemOut
from web.catalogues import say, sentence_of
from web.problems import MEDIA_TYPE

_REFUSALS = ("401", "403", "404", "405", "409", "412", "413", "415", "422", "429", "500", "503")
_METHODS = ("get", "post")
_BEARER = "token"


def describe(app: FastAPI) -> None:
    """Give the application a document that says everything in Chinese; made when first asked for."""
    plain = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(plain())
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _described(document: dict[str, Any]) -> dict[str, Any]:
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas.setdefault("ProblemOut", ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}"))
    schemas.update(schemas["ProblemOut"].pop("$defs", {}))
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    parts["securitySchemes"] = {_BEARER: {"type": "http", "scheme": "bearer", "description": say("api.bearer")}}
    for operation in operations(document):
        _describe_operation(operation)
    for name, schema in schemas.items():
        _describe_schema(name, schema)
    names = {name for operation in operations(document) for name in operation.get("tags", [])}
    document["tags"] = [{"name": name, "description": say(f"api.tags.{name}")} for name in sorted(names)]
    return document


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All operations of a document."""
    for path in document["paths"].values():
        for method in _METHODS:
            if method in path:
                yield path[method]


def _describe_operation(operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    operation["summary"] = say(f"api.operations.{name}")
    operation.pop("description", None)
    for parameter in operation.get("parameters", []):
        parameter["description"] = say(f"api.parameters.{_word(parameter['name'])}")
    if name != "health":
        operation["security"] = [{_BEARER: []}]
    responses = operation["responses"]
    for status, response in responses.items():
        response["description"] = say(f"status.s{status}")
    problem = {"schema": {"$ref": "#/components/schemas/ProblemOut"}}
    for status in _REFUSALS:
        responses[status] = {"description": say(f"status.s{status}"), "content": {MEDIA_TYPE: problem}}


def _describe_schema(name: str, schema: dict[str, Any]) -> None:
    schema["title"] = name
    schema["description"] = say(f"api.schemas.{name}")
    for field, inner in schema.get("properties", {}).items():
        own = f"api.fields.{name}.{_word(field)}"
        inner["description"] = say(own if sentence_of(own) else f"api.fields.{_word(field)}")
        inner.pop("title", None)


def _word(name: str) -> str:
    return name.lower().replace("-", "_")
