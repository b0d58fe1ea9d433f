"""One rule for every door that takes a file: none comes in while the disk is nearly full."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks.commands.runtime.disk import is_full
from tasks.views.http.bare_pages import Told, bare
from tasks.views.http.responses import NO_ROOM

NO_ROOM_WORDS = gettext_lazy(
    "The portal's disk is nearly full: the file cannot be kept. Tell an admin, and try later."
)

logger = logging.getLogger(__name__)


class NoRoom(BadRequest):
    """A file came that cannot be kept."""


class RoomFirst(FileUploadHandler):
    """Refuses a form's first file, however small, before any of its bytes are kept."""

    _announced = 0

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  # Django's name
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        """Remember how long the whole body says that it is."""
        self._announced = content_length

    def new_file(self, *arguments: Any, **named: Any) -> None:
        """Raises NoRoom."""
        if is_full(beside=self._announced):
            logger.error("upload.no-room", extra={"announced": self._announced})
            raise NoRoom

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Leave the bytes to the handlers behind."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """They have the file."""


def no_room(request: HttpRequest) -> HttpResponse:
    """507: nothing of the file is kept, since half of one would be worse than none."""
    told = Told(_("There is no room for files"), (str(NO_ROOM_WORDS), _("Nothing was done.")))
    return bare(request, told, status=NO_ROOM)
