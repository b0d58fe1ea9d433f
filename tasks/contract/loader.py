"""Reads `openapi.yaml` and `catalog/*.json` once, and answers questions about them.

Schemas are handed out *closed*: a mapping that holds the contract's components beside the schema, so that
its local references resolve with any JSON Schema validator of draft 2020-12.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Schema = Mapping[str, Any]

FOLDER = Path(__file__).parent
METHODS = ("get", "post", "put", "delete", "patch")


@dataclass(frozen=True)
class Parameter:
    """A query parameter of an operation."""

    name: str
    required: bool
    schema: Schema


@dataclass(frozen=True)
class Operation:
    """One call of the API, as the contract describes it.

    `request` and `answer` are closed schemas; `answer` covers the whole envelope. `biz_types` are the
    words its callbacks may carry, first the usual one; empty when none is documented. `creates_work` marks
    the calls that answer with a task id, and so may cost credits. `credit_log_type` is the credit log's word,
    `board_media` what a board says that the task makes (image, video or audio); None where nothing is known.
    """

    id: str
    method: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    request: Schema | None
    answer: Schema
    core: bool
    biz_types: tuple[str, ...]
    tags: tuple[str, ...]
    creates_work: bool
    credit_log_type: str | None
    board_media: str | None


class Contract:
    """The whole description. Use `load()`, which reads it once."""

    def __init__(self, document: Mapping[str, Any], catalogs: Mapping[str, Any]) -> None:
        self.document = document
        self.operations: dict[str, Operation] = {
            described["operationId"]: self._operation(path, method, described)
            for path, methods in document["paths"].items()
            for method, described in methods.items()
            if method in METHODS
        }
        self.error_codes: tuple[str, ...] = tuple(document["components"]["schemas"]["ErrorCode"]["enum"])
        self._catalogs = catalogs
        self._by_address = {(o.method, o.path): o for o in self.operations.values()}

    def at(self, method: str, path: str) -> Operation | None:
        """The operation served at this method and path, or None."""
        return self._by_address.get((method.upper(), path))

    def methods_at(self, path: str) -> list[str]:
        """The methods the contract knows for a path."""
        return sorted(method for method, known in self._by_address if known == path)

    def schema(self, name: str) -> Schema:
        """The closed schema of a named component, `NoticeCallback` for one."""
        return self.closed({"$ref": f"#/components/schemas/{name}"})

    def closed(self, schema: Schema) -> Schema:
        """The schema with the contract's components beside it, so that its references resolve."""
        return {**schema, "components": self.document["components"]}

    def catalog(self, name: str) -> Any:
        """The `result` of a sample catalog, by file name without its ending: rows, or a page of rows."""
        return self._catalogs[name]["result"]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a sample catalog, whether its file holds a page or a bare list."""
        result = self.catalog(name)
        return list(result["data"] if isinstance(result, dict) else result)

    def _operation(self, path: str, method: str, described: Mapping[str, Any]) -> Operation:
        body = described.get("requestBody")
        answer = _json_schema(described["responses"]["200"])
        return Operation(
            id=described["operationId"],
            method=method.upper(),
            path=path,
            summary=described.get("summary", ""),
            parameters=tuple(
                Parameter(p["name"], bool(p.get("required")), p["schema"])
                for p in described.get("parameters", ())
                if p["in"] == "query"
            ),
            request=self.closed(_json_schema(body)) if body else None,
            answer=self.closed(answer),
            core=bool(described.get("x-core")),
            biz_types=tuple(described.get("x-notice-biz-types", ())),
            tags=tuple(described.get("tags", ())),
            credit_log_type=described.get("x-credit-log-type"),
            board_media=described.get("x-board-media"),
            creates_work=method == "post" and "#/components/schemas/SubmitResult" in json.dumps(answer),
        )


@functools.cache
def load() -> Contract:
    """The contract that stands in this folder, read once for the process."""
    document = yaml.load((FOLDER / "openapi.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    catalogs = {f.stem: json.loads(f.read_text("utf-8")) for f in sorted((FOLDER / "catalog").glob("*.json"))}
    return Contract(document, catalogs)


def _json_schema(described: Mapping[str, Any]) -> Schema:
    schema: Schema = described["content"]["application/json"]["schema"]
    return schema
