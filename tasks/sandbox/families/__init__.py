"""The product families that the sandbox serves, one module or two of the kin in a module."""

from tasks.sandbox.families import (
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

FAMILIES: tuple[Family, ...] = (
    marketing.FAMILY,
    video_avatar.FAMILY,
    photo_avatar.FAMILY,
    *product_avatar.FAMILIES,
    *pictures.FAMILIES,
    *image_to_video.FAMILIES,
    scraper.FAMILY,
    *voices.FAMILIES,
)
BY_SUBMIT = {operation: family for family in FAMILIES for operation in family.submits}
BY_QUERY = {family.query: family for family in FAMILIES}
