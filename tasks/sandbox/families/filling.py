"""Fills in the schema of a query's result with what a task has made."""

from dataclasses import dataclass, field
from typing import Any

from tasks.contract.loader import Schema
from tasks.contract.result_schema import ResultSchema, fact, is_cover, types_of
from tasks.sandbox.rows import Output, Row

FPS = 30


@dataclass
class Facts:
    """What a result is filled from: what is known of the task, and the outputs not yet told.

    `link` makes an output's address, `content` its bytes in base64.
    """

    known: Row
    outputs: list[Output]
    link: Any
    content: Any
    texts: Row = field(default_factory=dict)


class Answer(ResultSchema):
    """A result that can be filled in."""

    def filled(self, facts: Facts) -> Row:
        """The result; without outputs nothing is told of files."""
        return self._object(self.schema, facts, ())

    def _object(self, schema: Schema, facts: Facts, path: tuple[str, ...]) -> Row:
        found = {
            name: self._value((*path, name), self.plain(inner), facts)
            for name, inner in self.properties(schema).items()
        }
        needed = schema.get("required", ())
        return {
            name: value
            for name, value in found.items()
            if value is not None or name in needed or _may_be_null(self.properties(schema)[name])
        }

    def _value(self, path: tuple[str, ...], schema: Schema, facts: Facts) -> Any:
        row = self.row_of(schema)
        if row is not None:
            return self._rows(path, row, facts)
        if "properties" in schema:
            return self._object(schema, facts, path) if facts.outputs and self.can_be_told(schema) else None
        media = self.media_at(path, schema)
        if media:
            return self._file(schema, facts) if media == self.media else None
        if is_cover(path[-1]):
            return None
        return fitting(schema, facts.known.get(fact(path[-1]), facts.texts.get(path[-1])))

    def _file(self, schema: Schema, facts: Facts) -> str | None:
        if not facts.outputs:
            return None
        # The last one stays, for a result that has more places than files were made.
        output = facts.outputs.pop(0) if len(facts.outputs) > 1 else facts.outputs[0]
        make = facts.content if "base64" in schema.get("description", "") else facts.link
        return None if output.failed else str(make(output))

    def _rows(self, path: tuple[str, ...], row: Schema, facts: Facts) -> list[Row] | None:
        if not facts.outputs:
            return None
        if row is not self.row:
            return [self._sample(row)]
        rows = []
        for number, output in enumerate(facts.outputs):
            texts = facts.known["rows"][number] if number < len(facts.known["rows"]) else {}
            known = {**facts.known, **facts_of(output), "key": str(number)}
            one = Facts(known, [output], facts.link, facts.content, {**facts.texts, **texts})
            told = self._object(row, one, path)
            # A row that can't say that its file failed is left out.
            if not output.failed or "status" in told:
                rows.append(told)
        return rows

    def _sample(self, schema: Schema) -> Any:
        """Something of the schema's form, for words that a real model would have found."""
        schema = self.plain(schema)
        if "properties" in schema:
            return {name: self._sample(inner) for name, inner in schema["properties"].items()}
        if "array" in types_of(schema):
            return [self._sample(schema.get("items", {}))]
        return fitting(schema, "Sample" if "string" in types_of(schema) else 1)


def facts_of(output: Output) -> Row:
    """What a result tells of a file, by the names of `fact`."""
    if output.failed:
        return {"status": "fail", "errormsg": "This output could not be generated"}
    seconds = output.seconds
    return {
        "status": "success",
        "errormsg": None,
        "fileid": output.file_id,
        "width": output.width,
        "height": output.height,
        "size": [output.width, output.height],
        "duration": seconds,
        "seconds": seconds,
        "fps": FPS if output.role == "video" else None,
        "frames": round(seconds * FPS) if seconds and output.role == "video" else None,
        "format": {"video": "mp4", "image": "png", "audio": "mp3"}[output.role],
    }


def fitting(schema: Schema, value: Any) -> Any:
    """The value in a type that the schema allows, or None. Lengths come in seconds."""
    types = types_of(schema)
    if value is None or ("enum" in schema and value not in schema["enum"]):
        return None
    if isinstance(value, bool):
        return value if "boolean" in types else None
    if isinstance(value, (int, float)):
        value = value * 1000 if "illisecond" in schema.get("description", "") else value
        if "number" in types:
            return value
        return round(value) if "integer" in types else str(value) if "string" in types else None
    if isinstance(value, list):
        return value if "array" in types else None
    return value if isinstance(value, str) and "string" in types else None


def _may_be_null(schema: Schema) -> bool:
    forms = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
    return "null" in types_of(schema) or any("null" in types_of(form) for form in forms)
