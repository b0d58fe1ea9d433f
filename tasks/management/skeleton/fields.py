"""The fields of a kind's form, from the schema of a request."""

import json
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.contract import Contract, Operation, load_models
from tasks.contract.loader import Schema
from tasks.contract.result_schema import media_in, types_of

# The portal names these itself.
_OURS = ("noticeUrl", "boardId")
_FILE = re.compile(r"(file|image|video|audio)ids?$", re.IGNORECASE)
_TASK = re.compile(r"taskid$", re.IGNORECASE)
# Keys of catalogs, with the catalog and an entry of it in the examples.
_PICKS = {
    "voiceId": ("voices", "voice-a"),
    "captionId": ("captions", "caption-a"),
    "templateId": ("anyshoot-templates", "template-a"),
}
_SAMPLES = {"image": ("photo", "mask"), "video": ("clip",), "audio": ("recording",)}
_NAMES = {"generatingCount": "count", "generateCount": "count", "duration": "seconds"}
# Words that a form has a meaning for.
_TAKEN = ("data", "files", "fields", "errors", "initial", "prefix", "media")
_RATIOS = ("9:16", "3:4", "1:1", "4:3", "16:9")
# Ours, where TopView states no limit.
_LONGEST_TEXT, _LARGEST_NUMBER = 2000, 1000
_LONG = {True: ("long=True",), False: ()}
_SENTENCE = "A red clay mug on a table."


class NoSkeleton(ValueError):
    """No skeleton can be made of this operation; `str()` says why."""


@dataclass(frozen=True)
class _Declared:
    """A kind of field with its own arguments; `posted` and `sent` are of the examples, None: nothing is."""

    kind: str
    arguments: tuple[str, ...]
    posted: Any = None
    sent: Any = None
    options: tuple[Any, ...] = ()  # the values that a choice sends


@dataclass(frozen=True)
class FieldSketch(_Declared):
    """A field of the form. `shown_when` is the field, and its answers, that it is asked for with."""

    name: str = ""
    wire: str = ""
    is_required: bool = False
    shown_when: tuple[str, tuple[str, ...]] | None = None

    @property
    def declaration(self) -> str:
        """The line of the form's class."""
        return f"    {self.name} = {self.kind}({', '.join(self.arguments)})"


def sketched(contract: Contract, operation: Operation) -> tuple[list[FieldSketch], list[str]]:
    """The fields of an operation's body, and the keys that are left out. Raises NoSkeleton."""
    schema = request_schema(contract, operation)
    found, left_out = [], []
    for wire, inner in schema["properties"].items():
        if wire in _OURS:
            continue
        sketch = _sketch(operation, wire, _plain(contract, inner), needed=wire in schema.get("required", ()))
        if sketch is not None:
            found.append(sketch)
        elif wire in schema.get("required", ()):
            raise NoSkeleton(f"{wire} needs a field of its own, or a step that goes on from another one")
        else:
            left_out.append(wire)
    return found, left_out


def request_schema(contract: Contract, operation: Operation) -> Schema:
    """The schema of the body, resolved one step."""
    if operation.request is None:
        raise NoSkeleton(f"{operation.id} takes no body")
    return _plain(contract, operation.request)


def _plain(contract: Contract, schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = contract.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return found


def _sketch(operation: Operation, wire: str, schema: Schema, *, needed: bool) -> FieldSketch | None:
    condition = _condition(schema)
    made = _declared(operation, wire, schema, needed=needed or condition is not None)
    if made is None:
        return None
    arguments = [f"wire={_quoted(wire)}", *made.arguments, f"label=_({_quoted(_label(wire))})"]
    if condition is not None:
        arguments.append(f"shown_when=when({', '.join(map(_quoted, (condition[0], *condition[1])))})")
    elif not needed and made.kind != "Flag" and not made.arguments[-1:][0].startswith("unsent="):
        arguments.append("required=False")
    return FieldSketch(
        **{**vars(made), "arguments": tuple(arguments)},
        name=name_of(wire),
        wire=wire,
        is_required=needed,
        shown_when=condition,
    )


def _declared(operation: Operation, wire: str, schema: Schema, *, needed: bool) -> _Declared | None:
    """The kind of field that fits; None where none does."""
    types = types_of(schema)
    if _FILE.search(wire) or _TASK.search(wire):
        return _file(wire, schema, needed=needed) if _FILE.search(wire) else None
    if wire in _PICKS:
        catalog, entry = _PICKS[wire]
        return _Declared("Pick", (f"catalog_name={_quoted(catalog)}",), entry, entry)
    if options := _options(operation, wire, schema):
        return _choice(options, schema.get("default"), needed=needed)
    if "integer" in types or "number" in types:
        return _number(schema, whole="integer" in types)
    if "boolean" in types:
        return None if schema.get("default") else _Declared("Flag", ())
    if "string" not in types or "pattern" in schema:
        return None
    most = schema.get("maxLength", _LONGEST_TEXT)
    return _Declared("Text", (*_LONG[most > 200], f"max_length={most}"), _SENTENCE, _SENTENCE)


def _file(wire: str, schema: Schema, *, needed: bool) -> _Declared:
    role = media_in(re.sub(r"fileids?$", "", wire, flags=re.IGNORECASE)) or "image"
    names = _SAMPLES[role]
    if "array" not in types_of(schema):
        return _Declared("Asset", (f'role="{role}"',), f"file:{names[0]}", f"topview-{names[0]}")
    least = max(schema.get("minItems", 1), 1) if needed else 0
    used = names[: max(least, 1)]
    arguments = (f'role="{role}"', f"least={least}", f"most={schema.get('maxItems', 8)}")
    return _Declared("Assets", arguments, [f"file:{one}" for one in used], [f"topview-{one}" for one in used])


def _choice(options: list[Any], default: Any, *, needed: bool) -> _Declared:
    if default in options:
        options = [default, *(one for one in options if one != default)]
    words = [_option(one) for one in options]
    if default in options and not needed:
        arguments = (f"options=[{', '.join(words)}]", f"unsent={default!r}")
        return _Declared("Choice", arguments, str(default))
    if needed:
        return _Declared("Choice", (f"options=[{', '.join(words)}]",), options[0], options[0], tuple(options))
    words.insert(0, 'Option("", _("As TopView chooses"))')
    return _Declared("Choice", (f"options=[{', '.join(words)}]",), "")


def _option(value: Any) -> str:
    if isinstance(value, str):
        return f"Option({_quoted(value)}, {_quoted(value)})"
    return f'Option("{value}", "{value}", wire={value})'


def _number(schema: Schema, *, whole: bool) -> _Declared:
    least, most = schema.get("minimum", 1 if whole else 0), schema.get("maximum", _LARGEST_NUMBER)
    first = schema.get("default", max(least, 1) if whole else least)
    initial = (f"initial={first}",) if "default" in schema else ()
    arguments = (f'least="{least}"', f'most="{most}"', *(() if whole else ('step="0.01"',)), *initial)
    return _Declared("Number", arguments, str(first), first)


def _options(operation: Operation, wire: str, schema: Schema) -> list[Any]:
    if "enum" in schema:
        return list(schema["enum"])
    if "x-options-from" not in schema:
        return []
    if wire == "aspectRatio":
        return list(_RATIOS)
    if wire != "model":
        return list(schema.get("x-known-values", ()))
    work = operation.path.split("/")[-3]
    models = (model for media in ("video", "image", "sound") for model in load_models()[media])
    able = (one for one in models if work in one["tasks"] and one["standing"] == "current")
    return [one["api_names"][0]["name"] for one in able]


def _condition(schema: Schema) -> tuple[str, tuple[str, ...]] | None:
    """`scriptMode=text` or `mode=a or b`, as the field and its answers."""
    found = re.fullmatch(r"(\w+)=([\w-]+(?: or [\w-]+)*)", schema.get("x-required-when", ""))
    return (name_of(found[1]), tuple(found[2].split(" or "))) if found else None


def name_of(wire: str) -> str:
    """The field's name: scriptMode is script_mode, imageFileId is image."""
    bare = re.sub(r"(?<=[a-z])(File)?(Ids?)$", "", wire)
    name = _NAMES.get(wire) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare or wire).lower()
    return f"{name}_value" if name in _TAKEN or keyword.iskeyword(name) else name


def _label(wire: str) -> str:
    return name_of(wire).replace("_", " ").capitalize()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def combinations(fields: list[FieldSketch]) -> Iterator[Mapping[str, Any]]:
    """Answers for an example, from those that are needed on to all: (posted) by name, with what is sent."""
    asked = [one for one in fields if one.is_required or one.sent is None or one.shown_when]
    rest = [one for one in fields if one not in asked]
    for chosen in (asked, *([*asked, one] for one in rest), fields):
        answers = {one.name: one.posted for one in chosen}
        yield {
            one.name: one
            for one in chosen
            if one.shown_when is None or answers.get(one.shown_when[0]) in one.shown_when[1]
        }
