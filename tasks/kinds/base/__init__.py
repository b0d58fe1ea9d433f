"""The words in which every kind is declared."""

from tasks.kinds.base.demo import DemoBrief, DemoFile
from tasks.kinds.base.errors import UnexpectedShape, UnusableBrief
from tasks.kinds.base.fields.asset import Asset, FromLibrary
from tasks.kinds.base.fields.assets import Assets
from tasks.kinds.base.fields.basic import (
    Choice,
    Flag,
    Number,
    Option,
    ShownWhen,
    Text,
    Wired,
    when,
)
from tasks.kinds.base.fields.link import Link
from tasks.kinds.base.fields.mask import Mask
from tasks.kinds.base.fields.pick import Pick
from tasks.kinds.base.fields.placement import Placement, place_words
from tasks.kinds.base.form import KindForm, Section
from tasks.kinds.base.limits import AUDIO, IMAGE, UPLOAD_LIMITS, VIDEO, Limits
from tasks.kinds.base.prices import Cost, Prices, Rate, cost_of, each_costs
from tasks.kinds.base.results import FILM, FailedPart, Output, ProductWords, Result, failed_rows, only_video
from tasks.kinds.base.steps import NO_PRICE, Facts, FollowUp, Pricing, Step, Wire
from tasks.kinds.base.task_kind import TaskKind, UnknownStep, title_from, titled
from tasks.kinds.base.types import (
    Body,
    Brief,
    Catalog,
    CatalogEntry,
    FileFacts,
    FileIds,
    Files,
    Role,
)

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
    "FollowUp",
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
    "Pricing",
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
    "UnknownStep",
    "UnusableBrief",
    "Wire",
    "Wired",
    "cost_of",
    "each_costs",
    "failed_rows",
    "only_video",
    "place_words",
    "title_from",
    "titled",
    "when",
]
