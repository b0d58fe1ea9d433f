"""Judges requests by the contract, and counts what TopView would take in silence.

Unknown keys and unknown query words are accepted, since nobody knows that TopView refuses them, but each is
counted as a violation, so that a test can demand that there are none.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from tasks.contract import Contract, Operation, Parameter
from tasks.sandbox.coercion import coerced
from tasks.sandbox.messages import Refusal, refuse

Schema = Mapping[str, Any]

formats = FormatChecker(formats=())


@formats.checks("uri")
def _is_address(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


class RequestValidator:
    """One contract's rules, with their validators made once."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._validators = {
            operation.id: Draft202012Validator(operation.request, format_checker=formats)
            for operation in contract.operations.values()
            if operation.request is not None
        }

    def query(self, operation: Operation, asked: Mapping[str, str]) -> dict[str, Any]:
        """The query with its values in their types, and defaults filled in; refuses with 4003 or 4000."""
        found: dict[str, Any] = {}
        for parameter in operation.parameters:
            text = asked.get(parameter.name)
            if text:
                found[parameter.name] = _typed(parameter, text)
            elif parameter.required:
                refuse("4003", f"required parameter is null: {parameter.name}")
            else:
                found[parameter.name] = parameter.schema.get("default")
        return found

    def body(self, operation: Operation, asked: Any) -> dict[str, Any]:
        """The body without its nulls, with marked text in the type that it stands for.

        Refuses with 4001 (types), 4003 (missing), 4000 (values), or the code that a rule names itself.
        """
        schema = operation.request
        if schema is None or not isinstance(asked, dict):
            refuse("4001", "the body must be a JSON object")
        present = {key: value for key, value in asked.items() if value is not None}
        body: dict[str, Any] = coerced(schema, present, self._resolved)
        errors = sorted(self._validators[operation.id].iter_errors(body), key=_rank)
        if errors:
            raise _refusal(errors[0], self._named_code(schema, errors[0]))
        return body

    def _named_code(self, schema: Schema, error: ValidationError) -> str | None:
        """The `x-refusal-code` of the innermost rule that has one on the way to what was broken."""
        here: Any = schema
        code = None
        for part in error.absolute_schema_path:
            here = self._resolved(here) if isinstance(here, Mapping) else here
            code = here.get("x-refusal-code", code) if isinstance(here, Mapping) else code
            here = here[part]
        return code

    def unknown(self, operation: Operation, query: Mapping[str, str], body: Any) -> list[str]:
        """Names in the request that the contract doesn't have: `?name` in the query, `a.b[]` in the body."""
        known = {parameter.name for parameter in operation.parameters}
        found = [f"?{name}" for name in query if name not in known]
        if operation.request is not None:
            found += self._strangers(operation.request, body, "")
        return found

    def _strangers(self, schema: Schema, value: Any, path: str) -> Iterator[str]:
        schema = self._resolved(schema)
        if isinstance(value, dict) and "properties" in schema:
            for key, inner in value.items():
                where = f"{path}.{key}" if path else key
                if key in schema["properties"]:
                    yield from self._strangers(schema["properties"][key], inner, where)
                else:
                    yield where
        elif isinstance(value, list) and "items" in schema:
            seen = {name for item in value for name in self._strangers(schema["items"], item, f"{path}[]")}
            yield from sorted(seen)

    def _resolved(self, schema: Schema) -> Schema:
        reference = schema.get("$ref", "")
        if not reference:
            return schema
        found: Schema = self._contract.document["components"]["schemas"][reference.rsplit("/", 1)[-1]]
        return found


def _typed(parameter: Parameter, text: str) -> Any:
    schema = parameter.schema
    wrong = Refusal("4000", f"bad value for {parameter.name}: {text[:60]}")
    if schema.get("type") == "integer":
        try:
            number = int(text)
        except ValueError:
            raise wrong from None
        if parameter.name in ("pageNo", "pageSize") and number < 1:
            raise wrong
        return number
    if schema.get("type") == "boolean":
        if text.lower() not in ("true", "false"):
            raise wrong
        return text.lower() == "true"
    if "enum" in schema and text not in schema["enum"]:
        raise wrong
    return text


def _code(error: ValidationError) -> str:
    if error.validator == "required":
        return "4003"
    if error.validator == "anyOf" and all(inner.validator == "required" for inner in error.context or ()):
        return "4003"
    if error.validator == "minItems" and not error.instance:
        return "4003"
    return "4001" if error.validator == "type" else "4000"


def _rank(error: ValidationError) -> tuple[int, str]:
    # What is missing is told first, as TopView's own check of null values seems to come first.
    return (["4003", "4001", "4000"].index(_code(error)), error.json_path)


def _refusal(error: ValidationError, named: str | None) -> Refusal:
    code = _code(error)
    where = ".".join(str(part) for part in error.absolute_path)
    if code == "4003":
        return Refusal(named or code, f"required parameter is null: {_missing(error)}")
    if code == "4001":
        return Refusal(named or code, f"wrong type for {where or 'the body'}")
    return Refusal(named or code, f"bad value for {where or 'the body'}{_needed(error)}")


def _needed(error: ValidationError) -> str:
    """What would have been right, where that is short."""
    if error.validator in ("minItems", "maxItems"):
        return f": {error.validator_value} are needed, not {len(cast(list[Any], error.instance))}"
    if error.validator in ("minimum", "maximum"):
        return f": the {error.validator} is {error.validator_value}"
    if error.validator == "enum":
        return f": it is one of {', '.join(map(str, cast(list[Any], error.validator_value)))}"
    return ""


def _missing(error: ValidationError) -> str:
    if error.validator == "anyOf":
        return " or ".join(_missing(inner) for inner in error.context or ())
    if error.validator == "minItems":
        return ".".join(str(part) for part in error.absolute_path)
    wanted: Any = error.validator_value
    return ", ".join(str(name) for name in wanted if name not in cast(Any, error.instance))
