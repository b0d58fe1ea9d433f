"""How sign-in behaves: people are invited, nobody signs up alone, and no mail leaves within a request."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from tasks.commands.people import passwords

logger = logging.getLogger(__name__)

_RESET = "account/email/password_reset_key"


class PortalAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Closes the sign-up page, and keeps allauth from the mail server."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an admin adds people."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox; what the portal has no letter for is not sent."""
        if template_prefix == _RESET:
            passwords.ask_reset(address=email.lower())
        else:
            logger.error("mail.no-letter", extra={"letter": template_prefix})
