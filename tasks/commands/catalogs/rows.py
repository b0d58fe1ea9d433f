"""What the rows of TopView's catalogs say, in our words.

An entry's facts are what people filter by and what forms judge by: `gender`, `language`, `ethnicities`,
`categories`, `style`, `own`, `default_voice`, `plan`, `product_area` (fractions of the picture), `newest`
(its place when the newest stand first) and `cover_only` (the picture is a preview, whose size says nothing).
What TopView leaves out is left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tasks.topview.results import JsonObject

_LONGEST_ID = 120
# TopView's number for an avatar that was made from a photo (`AiAvatar.type`).
_FROM_PHOTO = 2


@dataclass(frozen=True)
class Found:
    remote_id: str
    name: str
    facts: dict[str, Any]
    media_urls: dict[str, str] = field(default_factory=dict)


class Nameless(Exception):
    """A row without an id that could be sent back to TopView."""


def _present(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], False)}


def _id(row: JsonObject, key: str) -> str:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int) or not 0 < len(str(value)) <= _LONGEST_ID:
        raise Nameless(key)
    return str(value)


def _names(rows: object, key: str) -> list[str]:
    """The names in a list of `{...Id, ...Name}`; lists may be null."""
    known = rows if isinstance(rows, list) else []
    return [str(one[key]) for one in known if isinstance(one, dict) and one.get(key)]


def _numbered(noun: str, remote_id: str) -> str:
    """A name for what has none at TopView. Made from the id, so that it stays when the order changes."""
    return f"{noun} {remote_id[:4].upper()}"


def avatar(row: JsonObject, position: int) -> Found:
    """A row of `queryAiAvatars`."""
    return Found(
        remote_id=_id(row, "aiavatarId"),
        name=str(row.get("aiavatarName") or row["aiavatarId"]),
        facts=_present(
            gender=row.get("gender"),
            ethnicities=_names(row.get("ethnicities"), "ethnicityName"),
            default_voice=row.get("voiceoverIdDefault"),
            own=row.get("own"),
            from_photo=row.get("type") == _FROM_PHOTO,
        ),
        media_urls=_present(
            picture=row.get("coverUrl") or row.get("previewImageUrl") or row.get("thumbnailUrl"),
            clip=row.get("previewVideoUrl"),
        ),
    )


def voice(row: JsonObject, position: int) -> Found:
    """A row of `queryVoices`."""
    return Found(
        remote_id=_id(row, "voiceId"),
        name=str(row.get("voiceName") or row["voiceId"]),
        facts=_present(
            gender=row.get("gender"),
            age=row.get("age"),
            accent=row.get("accent"),
            style=row.get("style"),
            language=row.get("language") or row.get("bestSupportLanguage"),
            seconds=row.get("durations"),
            own=row.get("own"),
        ),
        media_urls=_present(sample=row.get("demoAudioUrl")),
    )


def caption(row: JsonObject, position: int) -> Found:
    """A row of `listCaptions`, which has no names: styles are numbered."""
    return Found(
        remote_id=_id(row, "captionId"),
        name=f"Style {position + 1}",
        facts={},
        media_urls=_present(picture=row.get("thumbnail")),
    )


def product_avatar(row: JsonObject, position: int) -> Found:
    """A row of `queryPublicProductAvatars`, which has no names."""
    remote_id = _id(row, "avatarId")
    return Found(
        remote_id=remote_id,
        name=_numbered("Model", remote_id),
        facts=_present(
            gender=row.get("gender"),
            ethnicities=_names(row.get("avatarEthnicityList"), "ethnicityName"),
            categories=_names(row.get("avatarCategoryList"), "categoryName"),
            default_voice=row.get("voiceoverId"),
            plan=row.get("minSubsType"),
            product_area=_area(row.get("objectMaskImageInfo")),
            newest=row.get("newest"),
            cover_only=not row.get("avatarImagePath"),
        ),
        media_urls=_present(picture=row.get("avatarImagePath") or row.get("coverUrl")),
    )


def _area(text: object) -> dict[str, float] | None:
    """Where the product is held, in fractions of the picture: JSON inside a string."""
    try:
        known = json.loads(str(text))
        return {side: float(known[side]) for side in ("x", "y", "w", "h")}
    except (ValueError, TypeError, KeyError):
        return None


def template(row: JsonObject, position: int) -> Found:
    """A row of `listAnyShootTemplates`."""
    remote_id = _id(row, "templateId")
    return Found(
        remote_id=remote_id,
        name=str(row.get("templateName") or _numbered("Scene", remote_id)),
        facts=_present(
            style=row.get("style"),
            categories=_names(row.get("templateCategoryList"), "categoryName"),
            plan=row.get("minSubsType"),
            cover_only=not row.get("templateImageUrl"),
        ),
        media_urls=_present(picture=row.get("templateImageUrl") or row.get("coverUrl")),
    )


def photo_avatar(row: JsonObject, position: int) -> Found:
    """A row of `listPhotoAvatars`, which has no names."""
    remote_id = _id(row, "avatarId")
    return Found(
        remote_id=remote_id,
        name=_numbered("Portrait", remote_id),
        facts=_present(
            categories=_names(row.get("categoryList"), "categoryName"),
            default_voice=row.get("voiceId"),
            own=row.get("own"),
        ),
        media_urls=_present(picture=row.get("imageS3Path")),
    )


def named(noun: str) -> Callable[[JsonObject, int], Found]:
    """Rows of `NamedEthnicity` and `NamedCategory`."""

    def found(row: JsonObject, position: int) -> Found:
        remote_id = _id(row, f"{noun}Id")
        return Found(remote_id, str(row.get(f"{noun}Name") or remote_id), _present(scene=row.get("scene")))

    return found
