"""The operators' window onto the rows: to look, and to mend people and memberships. It shows no secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from tasks.audit import Verb, record
from tasks.commands.people.email_address import note_changed
from tasks.models import (
    AuditEvent,
    Credential,
    Membership,
    Output,
    Submission,
    Task,
    Transition,
    User,
    Workspace,
)
from tasks.models.causes import CauseField
from tasks.templatetags.portal import cause_words

if TYPE_CHECKING:
    UserModelForm = forms.ModelForm[User]
    ModelAdmin = admin.ModelAdmin[Any]
else:
    UserModelForm = forms.ModelForm
    ModelAdmin = admin.ModelAdmin  # takes no parameter at run time

# Tables of libraries stay shut: who can write a schedule of the queue can run code.
for _model in [model for model in admin.site._registry if model._meta.app_label in ("django_q", "account")]:
    admin.site.unregister(_model)
# Signing in happens on the portal's own page, with its limits on attempts.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = "Topview Portal"


class ReadOnly(ModelAdmin):
    """Rows that only commands may write: a status set by hand would break the money path."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Causes in words."""
        causes = {field.name for field in self.opts.concrete_fields if isinstance(field, CauseField)}
        return [_in_words(name) if name in causes else name for name in super().get_fields(request, obj)]


def _in_words(name: str) -> Callable[[Model], str]:
    @admin.display(description=name.replace("_", " "))
    def words(row: Model) -> str:
        return cause_words(getattr(row, name))

    return words


class UserForm(UserModelForm):
    """A person as operators write them."""

    def clean_email(self) -> str:
        """Addresses are kept in lower case, so that one that differs only in that counts as taken."""
        return str(self.cleaned_data["email"]).lower()


@admin.register(User)
class UserAdmin(ModelAdmin):
    """People. A new one sets a password by the reset mail; one who leaves is made inactive, never deleted."""

    list_display = ("email", "name", "is_active", "is_staff")
    search_fields = ("email", "name")
    fields = ("email", "name", "time_zone", "is_active", "is_staff")
    form = UserForm

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: what they did keeps their name."""
        return False

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        """Save, and write down what was changed."""
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            note_changed(user=obj, old=form.initial["email"], new=obj.email, actor=_actor(request))
        facts = {"changed": sorted(form.changed_data), "is_active": obj.is_active, "is_staff": obj.is_staff}
        record(Verb.USER_SET, actor=_actor(request), workspace=None, subject=obj, **facts)


@admin.register(Workspace)
class WorkspaceAdmin(ModelAdmin):
    """Workspaces; never deleted here, since everything hangs on them."""

    list_display = ("name", "created_at")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):
    list_display = ("user", "workspace", "role")
    list_filter = ("role",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """A membership does not move to another person or workspace: it is removed, and another one made."""
        return ("user", "workspace") if obj else ()

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: Any) -> None:
        """Save, and write the role down."""
        super().save_model(request, obj, form, change)
        _record_role(request, obj, obj.role)

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """Remove a person from a workspace, and write it down."""
        _record_role(request, obj, "")
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        for membership in queryset:
            self.delete_model(request, membership)


def _record_role(request: HttpRequest, membership: Membership, role: str) -> None:
    """Write a role down as `set_member` does; "" for none any more."""
    workspace, person = membership.workspace, membership.user
    record(Verb.MEMBER_SET, actor=_actor(request), workspace=workspace, subject=person, role=role)


def _actor(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@admin.register(Credential)
class CredentialAdmin(ReadOnly):
    """Credentials without their keys."""

    list_display = ("name", "workspace", "service", "state", "balance")
    fields = ("name", "workspace", "service", "uid", "last_four", "state", "state_reason", "balance")


@admin.register(Task)
class TaskAdmin(ReadOnly):
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


@admin.register(Transition)
class TransitionAdmin(ReadOnly):
    list_display = ("submission", "from_status", "to_status", "cause", "actor", "at")


@admin.register(Output)
class OutputAdmin(ReadOnly):
    """Results, without the signed addresses they came from."""

    list_display = ("id", "task", "role", "state", "saved_at")
    list_filter = ("state",)
    fields = ("task", "submission", "role", "identity", "state", "error", "blob", "saved_at")


@admin.register(AuditEvent)
class AuditAdmin(ReadOnly):
    list_display = ("at", "actor", "verb", "subject_type", "subject_id")
    list_filter = ("verb",)
