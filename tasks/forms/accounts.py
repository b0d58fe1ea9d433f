"""What people fill in to get in, and about the address and password with which they do."""

from __future__ import annotations

from allauth.account.forms import ResetPasswordForm

from tasks.models import User


class PasswordResetForm(ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """Asks whose password is forgotten. Only the address that somebody signs in with counts."""

    def clean_email(self) -> str:
        """Find the person, if there is one; the answer is the same without."""
        email = str(self.cleaned_data["email"]).lower()
        self.users = list(User.objects.filter(email=email, is_active=True))
        return email
