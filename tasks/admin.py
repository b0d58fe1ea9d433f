"""The operators' window onto the rows: to look, and to mend people and memberships. It shows no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from tasks.models import AuditEvent, Credential, Membership, Move, Output, Submission, Task, User, Workspace

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin  # takes no parameter at run time

# Signing in happens on the portal's own page, with its limits on attempts.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = "Topview Portal"


class ReadOnly(ModelAdmin):
    """Rows that only commands may write: a status set by hand would break the money path."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False


@admin.register(User)
class UserAdmin(ModelAdmin):
    """People. A new one sets a password by the reset mail."""

    list_display = ("email", "name", "is_active", "is_staff")
    search_fields = ("email", "name")
    fields = ("email", "name", "time_zone", "language", "is_active", "is_staff")


@admin.register(Workspace)
class WorkspaceAdmin(ModelAdmin):
    """Workspaces; never deleted here, since everything hangs on them."""

    list_display = ("name", "created_at")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):
    """Roles."""

    list_display = ("user", "workspace", "role")
    list_filter = ("role",)


@admin.register(Credential)
class CredentialAdmin(ReadOnly):
    """Credentials without their keys."""

    list_display = ("name", "workspace", "service", "state", "balance")
    fields = ("name", "workspace", "service", "uid", "last_four", "state", "state_reason", "balance")


@admin.register(Task)
class TaskAdmin(ReadOnly):
    """Tasks."""

    list_display = ("title", "kind", "status", "workspace", "created_at")
    list_filter = ("status", "kind")


@admin.register(Submission)
class SubmissionAdmin(ReadOnly):
    """Paid calls, without the token of their callback address."""

    list_display = ("id", "task", "step", "attempt", "status", "cost")
    list_filter = ("status",)
    fields = (
        "task",
        "step",
        "item",
        "attempt",
        "status",
        "reason",
        "error_code",
        "remote_id",
        "cost",
        "attention",
    )


@admin.register(Move)
class MoveAdmin(ReadOnly):
    """What happened."""

    list_display = ("submission", "from_status", "to_status", "cause", "actor", "at")


@admin.register(Output)
class OutputAdmin(ReadOnly):
    """Results, without the signed addresses they came from."""

    list_display = ("id", "task", "role", "state", "saved_at")
    list_filter = ("state",)
    fields = ("task", "submission", "role", "identity", "state", "error", "blob", "saved_at")


@admin.register(AuditEvent)
class AuditAdmin(ReadOnly):
    """Human acts."""

    list_display = ("at", "actor", "verb", "subject_type", "subject_id")
    list_filter = ("verb",)
