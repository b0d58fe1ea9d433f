"""What people fill in to get in, and about the address and password with which they do."""

from __future__ import annotations

from allauth.account.forms import ResetPasswordForm


class PasswordResetForm(ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """Asks whose password is forgotten, and looks for nobody."""

    def clean_email(self) -> str:
        """Addresses are kept in lower case."""
        return str(self.cleaned_data["email"]).lower()
