"""Template tags of the design system: icons, status pills, the current page. No queries, no models."""

from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from tasks import wording
from tasks.causes import Cause
from tasks.media.thumbnails import THUMBNAIL_WIDTH

register = template.Library()

# What the portal calls a drawing, where that differs from the name in the sprite.
ICONS = {
    "speak": "mic",
    "animate": "film",
    "video": "clapperboard",
    "audio": "audio-lines",
    "text": "file-text",
    "file": "file-text",
    "avatars": "user-round",
    "own-avatars": "circle-user-round",
    "voices": "audio-lines",
    "photo-avatars": "image",
    "product-avatars": "shopping-bag",
    "anyshoot-templates": "layers",
    "success": "circle-check",
    "warning": "triangle-alert",
    "error": "circle-alert",
    "debug": "info",
}
# Drawings that point in the reading direction.
_TURNING = {"arrow-left", "arrow-right", "log-out", "send"}


class Look(NamedTuple):
    """How a status is shown: its word, its tone (a class of states.css) and its icon."""

    word: str | Promise
    tone: str
    icon: str


STATUSES = {
    "queued": Look(_("Queued"), "", "clock"),
    "preparing": Look(_("Preparing"), "active", "loader-circle"),
    "submitting": Look(_("Submitting"), "active", "send"),
    "running": Look(_("Running"), "active", "loader-circle"),
    "choosing": Look(_("Waiting for your choice"), "warn", "hand"),
    "succeeded": Look(_("Finished"), "good", "circle-check"),
    "partly_failed": Look(_("Partly failed"), "warn", "triangle-alert"),
    "failed": Look(_("Failed"), "bad", "circle-x"),
    "refused": Look(_("Refused"), "bad", "ban"),
    "unknown": Look(_("Outcome unknown"), "warn", "circle-help"),
    "cancelled": Look(_("Cancelled"), "", "circle-x"),
    "stopped": Look(_("Not watched"), "", "square"),
    "abandoned": Look(_("Given up"), "", "circle-dashed"),
}


@register.simple_tag
@lru_cache(maxsize=512)  # a page has dozens, and the sprite's address takes the longest
def icon(name: str, classes: str = "") -> SafeString:
    """A decorative drawing of the sprite, by its own name or one of ICONS."""
    drawing = ICONS.get(name, name)
    turning = " icon--turns" if drawing in _TURNING else ""
    return format_html(
        '<svg class="icon{}{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        turning,
        f" {classes}" if classes else "",
        static("vendor/lucide-static/icons.svg"),
        drawing,
    )


@register.simple_tag
def small_picture(url: str, sizes: str = "") -> SafeString:
    """A poster or a catalog's picture as its thumbnail; nothing without a `url`.

    `sizes` says how wide it is shown, for one that a dense screen needs the whole poster for.
    """
    if not url:
        return SafeString()
    small = f"{url}?width={THUMBNAIL_WIDTH}"
    sources = format_html(' srcset="{} {}w, {} 480w" sizes="{}"', small, THUMBNAIL_WIDTH, url, sizes)
    return format_html(
        '<img src="{}"{} alt="" loading="lazy" decoding="async">', small, sources if sizes else ""
    )


@register.simple_tag
def sides(width: int | None, height: int | None) -> SafeString:
    """The attributes that keep a picture's or a film's place free until it is there; none when unknown."""
    return (
        format_html(' width="{}" height="{}"', str(width), str(height)) if width and height else SafeString()
    )


@register.simple_tag
def sizer(width: int | None, height: int | None) -> SafeString:
    """Something invisible that is as large as its place allows in that ratio (16:9 where unknown)."""
    # Large, so that it is always the place that bounds it.
    return format_html(
        '<svg class="stage__sizer" width="{}0" height="{}0" aria-hidden="true"></svg>',
        str(width or 1600),
        str(height or 900),
    )


@register.simple_tag
def stage_button(act: str, drawing: str, word: str | Promise, key: str, pressed: str = "") -> SafeString:
    """A button of a player's bar; `key` does the same, `pressed` is said of one that stays pressed."""
    return format_html(
        '<button class="stage__button" type="button" data-act="{}" aria-label="{}" title="{} ({})"'
        ' aria-keyshortcuts="{}"{}>{}</button>',
        act,
        word,
        word,
        {"ArrowLeft": "←", "ArrowRight": "→"}.get(key, key),
        key,
        format_html(' aria-pressed="{}"', pressed) if pressed else "",
        icon(drawing),
    )


@register.simple_tag
def status_pill(status: str, word: str = "") -> SafeString:
    """The pill of a task's or submission's status; `word` replaces the usual one."""
    look = STATUSES[str(status)]
    return format_html(
        '<span class="pill{}" data-status="{}">{}{}</span>',
        f" tone--{look.tone}" if look.tone else "",
        status,
        icon(look.icon, "icon--spins" if look.icon == "loader-circle" else ""),
        word or look.word,
    )


@register.filter
def tone(value: str) -> str:
    """The tone class of a status, a message level or an alert level; "" for none."""
    levels = {"success": "good", "warning": "warn", "error": "bad", "info": "active"}
    if value in levels:
        return f"tone--{levels[value]}"
    look = STATUSES.get(str(value))
    return f"tone--{look.tone}" if look and look.tone else ""


# How versions stand in review, and what was decided about them.
REVIEWS = {
    "open": Look(_("In review"), "active", "clock"),
    "changes": Look(_("Changes requested"), "warn", "undo-2"),
    "approved": Look(_("Approved"), "good", "circle-check"),
    "rejected": Look(_("Rejected"), "bad", "ban"),
    "withdrawn": Look(_("Approval withdrawn"), "warn", "undo-2"),
    "recalled": Look(_("Taken out of review"), "", "circle-dashed"),
    "superseded": Look(_("Superseded"), "", "layers"),
}


@register.simple_tag
def review_pill(state: str) -> SafeString:
    """The pill of a version's state, of a decision, or of how a task stands in review; "" for none."""
    look = REVIEWS.get(str(state))
    if look is None:
        return SafeString()
    return format_html(
        '<span class="pill{}" data-review="{}">{}{}</span>',
        f" tone--{look.tone}" if look.tone else "",
        state,
        icon(look.icon),
        look.word,
    )


@register.simple_tag(takes_context=True)
def here(context: Context, *patterns: str) -> str:
    """`aria-current="page"` when the page's URL name matches one of the patterns (`task-*`).

    The name is that of the request, or `page_name` where a template is drawn without one.
    """
    match = getattr(context.get("request"), "resolver_match", None)
    name = getattr(match, "url_name", None) or context.get("page_name") or ""
    return (
        SafeString(' aria-current="page"') if any(fnmatchcase(name, pattern) for pattern in patterns) else ""
    )


@register.filter
def cause_words(cause: object) -> str:
    """Why something is so, from a cause or its stored form; "" for none."""
    return wording.cause_words(Cause.read(cause))


@register.filter
def lookup(mapping: Any, key: str) -> Any:
    """`mapping[key]`, or None where there is no mapping or no such key."""
    return mapping.get(key) if mapping else None


@register.filter
def clock(seconds: float | None) -> str:
    """A length in seconds as 0:07 or 1:02:05; "" when it is not known."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
