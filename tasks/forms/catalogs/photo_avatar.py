"""Which picture becomes an own photo avatar."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import Asset, KindForm


class PortraitForm(KindForm):
    """One picture of the library, or one sent along (contract: createPhotoAvatar)."""

    photo = Asset(
        wire="templateImageFileId",
        role="image",
        label=_("Photo"),
        help_text=_("One face, seen from the front, well lit."),
        required_message=_("Choose or upload the photo of the person."),
    )
