"""Where in a query's result the files of a task stand, and what they are, read from its schema."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from tasks.contract.loader import Contract, Operation, Schema

Media = Literal["video", "image", "audio"]

# Which media a name speaks of; the first that fits.
_MEDIA_WORDS: tuple[tuple[str, Media], ...] = (
    ("video|clip|film", "video"),
    ("image|picture|photo|mask", "image"),
    ("audio|voice|music|sound|speech", "audio"),
)
_ADDRESS = re.compile(r"(url|path)$", re.IGNORECASE)
# A picture that stands for a film.
_COVER = re.compile(r"cover|thumb", re.IGNORECASE)
# What a name has before the fact that it tells: outputWidth, resizedSize.
_PREFIX = re.compile(r"^(output|result|finished|resized)(Image|Video|Audio)?(?=[A-Z])")
# Submits whose query has another name.
_QUERIES = {"submitImageTranslateBatch": "queryImageTranslateGenerate"}
# What is known of every task and file.
_KNOWN = ("taskid", "status", "errormsg", "fileid", "width", "height", "duration", "format", "key")


@dataclass(frozen=True)
class FilePlace:
    """Where a file's address stands: keys from the result on, "[]" for the rows of a list.

    `is_inline`: the file itself stands there, in base64.
    """

    path: tuple[str, ...]
    media: Media
    is_inline: bool


class ResultSchema:
    """The result of a query, as its schema describes it.

    `places` are those of the files that the task makes: of one media, which is `media`, and either in the
    rows of one list, whose schema is `row`, or beside any list. Without any, `media` is None.
    """

    def __init__(self, contract: Contract, query: Operation, likely: str | None) -> None:
        """`likely` is a word for the media, where names alone leave it open: a board's."""
        self._contract = contract
        self.query = query.id
        self._likely = (likely or "", query.id)
        self.schema = self.plain(self.properties(self.plain(query.answer))["result"])
        found = list(self._found(self.schema, ()))
        listed = [place for place in found if "[]" in place.path]
        every = {place.media for place in listed or found}
        self.media: Media | None = next((media for _words, media in _MEDIA_WORDS if media in every), None)
        self.places = [place for place in listed[:1] or found if place.media == self.media]
        self.row = self._row_at(listed[0].path) if listed else None

    def plain(self, schema: Schema) -> Schema:
        """The schema without references, and of several forms the first that is not null."""
        if "$ref" in schema:
            schema = self._contract.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        forms = schema.get("anyOf") or schema.get("oneOf") or ()
        described = [form for form in forms if "properties" in form or "$ref" in form]
        return self.plain(described[0]) if described and "properties" not in schema else schema

    def properties(self, schema: Schema) -> Mapping[str, Schema]:
        """The properties of an object, those of its parts among them."""
        found = dict(schema.get("properties", {}))
        for part in schema.get("allOf", ()):
            found |= self.properties(self.plain(part))
        return found

    def row_of(self, schema: Schema) -> Schema | None:
        """The schema of the rows of a list of objects."""
        items = self.plain(schema.get("items", {}))
        return items if "array" in types_of(schema) and "properties" in items else None

    def can_be_told(self, schema: Schema) -> bool:
        """Whether an object requires nothing that nobody knows, such as the id of an avatar."""
        needed = [name for name in schema.get("required", ()) if not _ADDRESS.search(name)]
        return all(fact(name) in _KNOWN for name in needed)

    def media_at(self, path: tuple[str, ...], schema: Schema) -> Media | None:
        """What stands at the end of a path, when it is a file's address or its content in base64."""
        name, said = path[-1], schema.get("description", "")
        is_file = _ADDRESS.search(name) or "base64" in said
        if "string" not in types_of(schema) or not is_file or is_cover(name):
            return None
        spoken = (*reversed(path), said, *self._likely)
        return next((media for words in spoken if (media := media_in(words))), None)

    def _found(self, schema: Schema, path: tuple[str, ...]) -> Iterator[FilePlace]:
        for name, inner in self.properties(schema).items():
            inner, here = self.plain(inner), (*path, name)
            row = self.row_of(inner)
            if row is not None:
                yield from self._found(row, (*here, "[]"))
            elif "properties" in inner:
                yield from self._found(inner, here) if self.can_be_told(inner) else ()
            elif media := self.media_at(here, inner):
                yield FilePlace(here, media, "base64" in inner.get("description", ""))

    def _row_at(self, path: tuple[str, ...]) -> Schema | None:
        schema = self.schema
        for name in path[: path.index("[]")]:
            schema = self.plain(self.properties(schema)[name])
        return self.row_of(schema)


def media_in(words: str) -> Media | None:
    """Which media a name or a sentence speaks of."""
    found = (media for pattern, media in _MEDIA_WORDS if re.search(pattern, words, re.IGNORECASE))
    return next(found, None)


def types_of(schema: Schema) -> tuple[str, ...]:
    """The types that a schema allows."""
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def query_of(contract: Contract, submit: Operation) -> Operation | None:
    """The query that tells of a submit's task: that of the same name, as a rule."""
    name = _QUERIES.get(submit.id, submit.id.replace("submit", "query", 1))
    return contract.operations.get(name) if name != submit.id else None


def is_cover(name: str) -> bool:
    """Whether a name is that of a picture that stands for a film."""
    return bool(_COVER.search(name))


def fact(name: str) -> str:
    """What a name tells, in lower case: outputWidth and width tell the same; taskStatus is the status."""
    bare = _PREFIX.sub("", name)
    return {"taskStatus": "status"}.get(bare, bare).lower()
