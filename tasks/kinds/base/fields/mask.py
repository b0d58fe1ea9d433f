"""Fields whose value lies over the picture of another field of the same form, a mask for one."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.fields.asset import Asset
from tasks.kinds.base.fields.basic import Wired
from tasks.kinds.base.types import CatalogEntry, FileFacts, number_words


def pixel_size(held: Any) -> tuple[int, int] | None:
    """Width and height of what a field holds, or None while they are not known.

    A catalog's entry carries them as its facts "width" and "height".
    """
    if isinstance(held, FileFacts):
        sides = (held.width, held.height)
    elif isinstance(held, CatalogEntry):
        sides = (held.facts.get("width"), held.facts.get("height"))
    else:
        return None
    return (sides[0], sides[1]) if isinstance(sides[0], int) and isinstance(sides[1], int) else None


class OverPicture(Wired):
    """Belongs to the picture that the first of the fields `of` holds. While none does, nothing is judged."""

    def __init__(self, *, of: str | tuple[str, ...], **kwargs: Any) -> None:
        self.of = (of,) if isinstance(of, str) else of
        super().__init__(**kwargs)

    @property
    def of_words(self) -> str:
        """The fields' names separated by spaces, for a data attribute."""
        return " ".join(self.of)

    def check_beside(self, value: Any, others: Mapping[str, Any]) -> None:
        """Raises ValidationError when the value does not fit the picture's size."""
        picture = next((others[name] for name in self.of if others.get(name)), None)
        if picture is None:
            return
        size = pixel_size(picture)
        if size is None:
            raise ValidationError(
                _("How large the picture is has not been read yet. Try again in a minute."), "unread"
            )
        self.judge(value, size)

    def judge(self, value: Any, size: tuple[int, int]) -> None:
        """Raises ValidationError when the value does not fit a picture of this size."""
        raise NotImplementedError


class Mask(OverPicture, Asset):
    """A mask painted over the picture in the page: a PNG of its pixel size, white where it is painted."""

    widget_kind = "mask"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(role="image", formats=("png",), min_side=None, **kwargs)
        self.error_messages["invalid"] = _("Paint the mask again, or choose a PNG of your own.")

    @property
    def accept(self) -> str:
        """A mask is drawn in this format, or it is no mask."""
        return ".png"

    def takes(self, role: str) -> bool:
        return False

    def clean(self, value: Any) -> FileFacts | None:
        """The mask, once something is known to be painted on it."""
        facts = super().clean(value)
        if facts is not None and not self.files.is_painted(facts.id):
            raise ValidationError(_("Nothing is painted on the mask: it is black all over."), "empty")
        return facts

    def judge(self, value: FileFacts, size: tuple[int, int]) -> None:
        """The sizes must be equal."""
        came = pixel_size(value)
        if came is not None and came != size:
            words = {"came": side_words(came), "needed": side_words(size)}
            raise ValidationError(
                _("The mask has %(came)s pixels; its picture has %(needed)s."), "size", words
            )


def side_words(size: tuple[int, int]) -> str:
    """Width and height for people: "1,080 × 1,350"."""
    return f"{number_words(size[0])} × {number_words(size[1])}"
