"""Text that stands for a number or a yes: the contract's `x-accepts-text`."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tasks.sandbox.messages import refuse

Schema = Mapping[str, Any]

_WHOLE = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def coerced(schema: Schema, value: Any, resolved: Callable[[Schema], Schema], where: str = "") -> Any:
    """The value with marked text in the schema's type; refuses with 4001 what does not convert."""
    schema = resolved(schema)
    if isinstance(value, str) and schema.get("x-accepts-text"):
        return _converted(schema["type"], value, where)
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        return {
            key: coerced(known[key], inner, resolved, f"{where}.{key}".lstrip(".")) if key in known else inner
            for key, inner in value.items()
        }
    if isinstance(value, list) and "items" in schema:
        return [coerced(schema["items"], inner, resolved, f"{where}[]") for inner in value]
    return value


def _converted(wanted: Any, text: str, where: str) -> Any:
    if wanted == "boolean" and text in ("true", "false"):
        return text == "true"
    if wanted == "integer" and _WHOLE.fullmatch(text):
        return int(text)
    if wanted == "number" and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return refuse("4001", f"wrong type for {where}")
