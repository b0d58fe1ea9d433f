"""Judging bodies and answers by the contract itself, read without any code of ours."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

CONTRACT = Path(__file__).parents[2] / "tasks" / "contract" / "openapi.yaml"


@cache
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(
        CONTRACT.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )
    return loaded


@cache
def operation(operation_id: str) -> dict[str, Any]:
    """One operation, with its "path" and "method" beside it."""
    for path, methods in document()["paths"].items():
        for method, found in methods.items():
            if isinstance(found, dict) and found.get("operationId") == operation_id:
                return {**found, "path": path, "method": method}
    raise LookupError(operation_id)


def _judge(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": document()["components"]})


def component(name: str) -> dict[str, Any]:
    """A schema by its name."""
    found: dict[str, Any] = document()["components"]["schemas"][name]
    return found


@cache
def request_schema(operation_id: str) -> dict[str, Any]:
    """The schema a body must satisfy, resolved one step."""
    content = operation(operation_id)["requestBody"]["content"]["application/json"]["schema"]
    return component(content["$ref"].rsplit("/", 1)[1])


def body_problems(operation_id: str, body: dict[str, Any]) -> list[str]:
    """What the contract says against a body, unknown keys included."""
    schema = request_schema(operation_id)
    said = [error.message for error in _judge(schema).iter_errors(body)]
    return said + [f"unknown key {key}" for key in sorted(set(body) - set(schema["properties"]))]


def answer_problems(operation_id: str, result: dict[str, Any]) -> list[str]:
    """What the contract says against the `result` of an answer."""
    ok = operation(operation_id)["responses"]["200"]["content"]["application/json"]["schema"]
    schema = next(part["properties"]["result"] for part in ok["allOf"] if "properties" in part)
    return [error.message for error in _judge(schema).iter_errors(result)]
