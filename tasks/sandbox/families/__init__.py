"""The families that the sandbox serves: those with a module of their own, and all others by the contract."""

from tasks.contract import load
from tasks.sandbox.families import (
    by_contract,
    image_to_video,
    marketing,
    photo_avatar,
    pictures,
    product_avatar,
    scraper,
    video_avatar,
    voices,
)
from tasks.sandbox.families.base import Family

_OWN: tuple[Family, ...] = (
    marketing.FAMILY,
    video_avatar.FAMILY,
    photo_avatar.FAMILY,
    *product_avatar.FAMILIES,
    *pictures.FAMILIES,
    *image_to_video.FAMILIES,
    scraper.FAMILY,
    *voices.FAMILIES,
)
FAMILIES: tuple[Family, ...] = (
    *_OWN,
    *by_contract.families(load(), {operation for family in _OWN for operation in family.submits}),
)
BY_SUBMIT = {operation: family for family in FAMILIES for operation in family.submits}
BY_QUERY = {family.query: family for family in FAMILIES}
