"""The folder is the registry: every module here is one format and holds it as KIND."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from pkgutil import iter_modules

from tasks.kinds.base import FileFacts, FromLibrary, Pick, Step, TaskKind


class DuplicateKind(RuntimeError):
    """Two files declare the same slug."""


class UnknownKind(LookupError):
    """No file declares this slug."""


def discover(folders: Iterable[str], package: str) -> dict[str, TaskKind]:
    """The kinds of all modules in the folders, in the order in which they are offered."""
    found: dict[str, TaskKind] = {}
    names = [module.name for module in iter_modules(folders) if not module.ispkg]
    for name in names:
        declared: TaskKind = import_module(f"{package}.{name}").KIND
        if declared.slug in found:
            raise DuplicateKind(f"{name}.py declares a slug that another file has: {declared.slug}")
        found[declared.slug] = declared
    return dict(sorted(found.items(), key=lambda pair: (pair[1].order, pair[0])))


KINDS: Mapping[str, TaskKind] = discover(__path__, __name__)


def kind(slug: str) -> TaskKind:
    """The kind of that slug. Raises UnknownKind."""
    try:
        return KINDS[slug]
    except KeyError as error:
        raise UnknownKind(slug) from error


def step(kind_slug: str, step_slug: str) -> Step:
    """The step of a call. Raises UnknownKind and UnknownStep, both of them a LookupError."""
    return kind(kind_slug).step(step_slug)


def find_step(kind_slug: str, step_slug: str) -> Step | None:
    """The step of a call; None when a release has taken its kind or the step away."""
    declared = KINDS.get(kind_slug)
    return declared.find_step(step_slug) if declared else None


def accepting(role: str) -> list[tuple[TaskKind, str]]:
    """Every kind and field of it that an output of this role can be used for."""
    return [
        (declared, name)
        for declared in KINDS.values()
        for name, field in declared.inputs.own_fields()
        if isinstance(field, FromLibrary) and field.takes(role)
    ]


def fitting(facts: FileFacts) -> list[tuple[TaskKind, str]]:
    """Every kind and field of it that takes this very file."""
    return [
        (declared, name)
        for declared, name in accepting(facts.role)
        if not library_field(declared, name).refusals(facts)
    ]


def library_field(declared: TaskKind, name: str) -> FromLibrary:
    """A field that `accepting` has named."""
    field = dict(declared.inputs.own_fields())[name]
    assert isinstance(field, FromLibrary)
    return field


def picking(catalog_name: str) -> list[tuple[TaskKind, str]]:
    """Every kind and field of it that an entry of this catalog can be chosen for."""
    return [
        (declared, name)
        for declared in KINDS.values()
        for name, field in declared.inputs.own_fields()
        if isinstance(field, Pick) and field.catalog_name == catalog_name
    ]
