"""The words in which every kind is declared."""

from tasks.kinds.base.chosen import Asset, FromLibrary, Pick
from tasks.kinds.base.demo import DemoBrief, DemoFile
from tasks.kinds.base.facts import (
    Body,
    Brief,
    Catalog,
    CatalogEntry,
    FileFacts,
    FileIds,
    Files,
    Role,
)
from tasks.kinds.base.fields import (
    Choice,
    Flag,
    Number,
    Option,
    ShownWhen,
    Text,
    UnusableBrief,
    Wired,
    when,
)
from tasks.kinds.base.form import KindForm, Section
from tasks.kinds.base.limits import AUDIO, IMAGE, UPLOAD_LIMITS, VIDEO, Limits
from tasks.kinds.base.links import Link
from tasks.kinds.base.painted import Mask
from tasks.kinds.base.placement import Placement, place_words
from tasks.kinds.base.prices import Cost, Prices, Rate, cost_of
from tasks.kinds.base.results import FILM, FailedPart, Output, ProductWords, Result, failed_rows
from tasks.kinds.base.several import Assets
from tasks.kinds.base.shapes import UnexpectedShape
from tasks.kinds.base.steps import NO_PRICE, Facts, Step, TaskKind, title_from

__all__ = [
    "AUDIO",
    "FILM",
    "IMAGE",
    "NO_PRICE",
    "UPLOAD_LIMITS",
    "VIDEO",
    "Asset",
    "Assets",
    "Body",
    "Brief",
    "Catalog",
    "CatalogEntry",
    "Choice",
    "Cost",
    "DemoBrief",
    "DemoFile",
    "Facts",
    "FailedPart",
    "FileFacts",
    "FileIds",
    "Files",
    "Flag",
    "FromLibrary",
    "KindForm",
    "Limits",
    "Link",
    "Mask",
    "Number",
    "Option",
    "Output",
    "Pick",
    "Placement",
    "Prices",
    "ProductWords",
    "Rate",
    "Result",
    "Role",
    "Section",
    "ShownWhen",
    "Step",
    "TaskKind",
    "Text",
    "UnexpectedShape",
    "UnusableBrief",
    "Wired",
    "cost_of",
    "failed_rows",
    "place_words",
    "title_from",
    "when",
]
