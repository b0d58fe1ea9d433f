"""Reads from the schema of a query's result what a task makes, and fills that schema in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tasks.contract import Contract, Operation
from tasks.sandbox.rows import Output, Row

Schema = Mapping[str, Any]
Media = Literal["video", "image", "audio"]

# Which media a name speaks of; the first that fits.
_MEDIA_WORDS: tuple[tuple[str, Media], ...] = (
    ("video|clip|film", "video"),
    ("image|picture|photo|mask", "image"),
    ("audio|voice|music|sound|speech", "audio"),
)
_ADDRESS = re.compile(r"(url|path)$", re.IGNORECASE)
# A picture that stands for a film; only null is told of it.
_COVER = re.compile(r"cover|thumb", re.IGNORECASE)
# What a name has before the fact that it tells: outputWidth, resizedSize.
_PREFIX = re.compile(r"^(output|result|finished|resized)(Image|Video|Audio)?(?=[A-Z])")
# The facts that an answer can always tell; `facts_of` and the answerer give them.
_KNOWN = ("taskid", "status", "errormsg", "fileid", "width", "height", "duration", "format", "key")
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


class ResultSchema:
    """The result of a query, as its schema describes it.

    `media` is what its files are, None when it has none; `files` how many stand in it beside its list;
    `row` the schema of that list's rows, None when there is no list of files.
    """

    def __init__(self, contract: Contract, query: Operation, likely: str | None) -> None:
        self._contract = contract
        self.query = query.id
        answer = self.plain(query.answer)
        self._schema = self.plain(self._properties(answer)["result"])
        # What names alone may leave open: the board's word for it, and the operation's own name.
        self._likely = (likely or "", query.id)
        lists, singles = self._found()
        self.row: Schema | None = lists[0][0] if lists else None
        every = [media for _schema, media in lists] or singles
        self.media: Media | None = next((media for _words, media in _MEDIA_WORDS if media in every), None)
        self.files = singles.count(self.media) if self.media and not lists else 0

    def plain(self, schema: Schema) -> Schema:
        """The schema without references, and of several forms the first that is not null."""
        if "$ref" in schema:
            schema = self._contract.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        forms = schema.get("anyOf") or schema.get("oneOf") or ()
        described = [form for form in forms if "properties" in form or "$ref" in form]
        return self.plain(described[0]) if described and "properties" not in schema else schema

    def _properties(self, schema: Schema) -> Mapping[str, Schema]:
        found = dict(schema.get("properties", {}))
        for part in schema.get("allOf", ()):
            found |= self._properties(self.plain(part))
        return found

    def _found(self) -> tuple[list[tuple[Schema, Media]], list[Media]]:
        lists: list[tuple[Schema, Media]] = []
        singles: list[Media] = []
        for name, schema in self._walk(self._schema, ()):
            items = self._row_of(schema)
            if items is not None:
                within = [m for path, one in self._walk(items, name) if (m := self._media(path, one))]
                lists += [(items, media) for media in within[:1]]
            elif media := self._media(name, schema):
                singles.append(media)
        return lists, singles

    def _walk(self, schema: Schema, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Schema]]:
        for name, inner in self._properties(schema).items():
            inner = self.plain(inner)
            if "properties" in inner and self._can_be_told(inner):
                yield from self._walk(inner, (*path, name))
            elif "properties" not in inner:
                yield (*path, name), inner

    def _can_be_told(self, schema: Schema) -> bool:
        """Whether nothing is required that nobody knows, such as the id of an avatar."""
        needed = [name for name in schema.get("required", ()) if not _ADDRESS.search(name)]
        return all(_fact(name) in _KNOWN for name in needed)

    def _row_of(self, schema: Schema) -> Schema | None:
        items = self.plain(schema.get("items", {}))
        return items if "array" in types_of(schema) and "properties" in items else None

    def _media(self, path: tuple[str, ...], schema: Schema) -> Media | None:
        """What stands at the end of a path: a file's address, or its content in base64."""
        name, said = path[-1], schema.get("description", "")
        is_file = _ADDRESS.search(name) or "base64" in said
        if "string" not in types_of(schema) or not is_file or _COVER.search(name):
            return None
        spoken = (*reversed(path), said, *self._likely)
        return next((media for words in spoken if (media := media_in(words))), None)

    def filled(self, facts: Facts) -> Row:
        """The result; without outputs nothing is told of files."""
        return self._object(self._schema, facts, ())

    def _object(self, schema: Schema, facts: Facts, path: tuple[str, ...]) -> Row:
        found = {
            name: self._value((*path, name), self.plain(inner), facts)
            for name, inner in self._properties(schema).items()
        }
        needed = schema.get("required", ())
        return {
            name: value
            for name, value in found.items()
            if value is not None or name in needed or _may_be_null(self._properties(schema)[name])
        }

    def _value(self, path: tuple[str, ...], schema: Schema, facts: Facts) -> Any:
        row = self._row_of(schema)
        if row is not None:
            return self._rows(path, row, facts)
        if "properties" in schema:
            return self._object(schema, facts, path) if facts.outputs and self._can_be_told(schema) else None
        media = self._media(path, schema)
        if media:
            return self._file(schema, facts) if media == self.media else None
        if _COVER.search(path[-1]):
            return None
        return fitting(schema, facts.known.get(_fact(path[-1]), facts.texts.get(path[-1])))

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


def media_in(words: str) -> Media | None:
    """Which media a name or a sentence speaks of."""
    found = (media for pattern, media in _MEDIA_WORDS if re.search(pattern, words, re.IGNORECASE))
    return next(found, None)


def facts_of(output: Output) -> Row:
    """What a result tells of a file, by the names of `_fact`."""
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


def types_of(schema: Schema) -> tuple[str, ...]:
    """The types that a schema allows."""
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def _may_be_null(schema: Schema) -> bool:
    forms = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
    return "null" in types_of(schema) or any("null" in types_of(form) for form in forms)


def _fact(name: str) -> str:
    """outputWidth, output_width and width tell the same; taskStatus is the status."""
    bare = _PREFIX.sub("", name)
    return {"taskStatus": "status"}.get(bare, bare).lower()
