"""Complete sets of answers, for the demo and for tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from tasks.kinds.base.fields.asset import Asset
from tasks.kinds.base.fields.assets import Assets
from tasks.kinds.base.fields.pick import Pick
from tasks.kinds.base.form import KindForm


@dataclass(frozen=True)
class DemoFile:
    """A file in `tasks/kinds/demo/`, drawn for this project."""

    name: str

    @property
    def path(self) -> Path:
        return Path(__file__).parent.parent / "demo" / self.name


@dataclass(frozen=True)
class DemoBrief:
    """A complete set of answers.

    DemoFile for an upload, a list of them for several, a place in the catalog (from 0) for a pick.
    """

    values: Mapping[str, Any]

    def data(
        self,
        inputs: type[KindForm],
        *,
        upload: Callable[[DemoFile], UUID],
        pick: Callable[[str, int], str],
    ) -> dict[str, str | list[str]]:
        """What a person would post. `upload` stores a file, `pick` gives the id at a place of a catalog."""
        fields = dict(inputs.own_fields())
        posted: dict[str, str | list[str]] = {}
        for name, value in self.values.items():
            own = fields[name]
            if isinstance(own, Assets):
                posted[name] = [str(upload(file)) for file in value]
            elif isinstance(own, Asset):
                posted[name] = str(upload(value))
            elif isinstance(own, Pick):
                posted[name] = pick(own.catalog_name, value)
            else:
                posted[name] = str(own.prepare_value(value))
        return posted
