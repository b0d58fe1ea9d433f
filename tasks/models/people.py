"""Who uses the portal: people, workspaces, and the role each person has in each workspace."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Makes people; their mail address is their name to the system."""

    def create_user(self, email: str, password: str | None = None, **facts: Any) -> User:
        """Add a person. Without a password they can only sign in after a reset."""
        user = self.model(email=self.normalize_email(email).lower(), **facts)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **facts: Any) -> User:
        """Add an operator, who may open the admin site."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **facts)

    def get_by_natural_key(self, username: str | None) -> User:
        """Find a person by mail address, whatever its case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by mail address."""

    email = models.EmailField(_("mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    language = models.CharField(_("language"), max_length=12, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_owner(self) -> bool:
        """Whether this person looks after the installation: machines, workspaces, models and prices."""
        return self.is_staff

    def get_full_name(self) -> str:
        """The name shown to colleagues."""
        return str(self)


class Workspace(models.Model):
    """A team: everything else in the database belongs to exactly one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120)
    # In credits: an order that is known to cost more is confirmed once more by whoever makes it.
    confirm_above = models.DecimalField(max_digits=14, decimal_places=4, default=Decimal(20))
    # How files are called that leave the portal; `tasks.file_names` knows its fields.
    file_names = models.CharField(max_length=80, default="{piece}-v{n}-{language}-{ratio}")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(confirm_above__gte=0), name="confirm_above_an_amount")
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do: reviewers look and download, marketers also spend, admins also administer."""

    ADMIN = "admin", _("Admin")
    MARKETER = "marketer", _("Marketer")
    REVIEWER = "reviewer", _("Reviewer")


class Membership(models.Model):
    """The role of a person in a workspace."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "workspace"], name="one_role_per_workspace")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    @property
    def may_spend(self) -> bool:
        """Whether this member may submit, and so spend credits."""
        return self.role in (Role.ADMIN, Role.MARKETER)

    @property
    def may_administer(self) -> bool:
        """Whether this member looks after credentials and people."""
        return self.role == Role.ADMIN
