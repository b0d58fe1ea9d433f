"""Who belongs to which workspace."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from tasks.audit import Verb, record
from tasks.models import Membership, Role, User, Workspace


@transaction.atomic
def set_member(
    *, email: str, workspace: str, role: Role, name: str = "", password: str | None = None
) -> Membership:
    """Give a person a role in the workspace of that name; person and workspace are made when there are none.

    A password is set where one is given. Raises ValidationError when it is too weak.
    """
    person = _find_or_make(email, name)
    if password is not None:
        validate_password(password, person)
        person.set_password(password)
        person.save(update_fields=["password"])
    room, _made = Workspace.objects.get_or_create(name=workspace)
    membership, _made = Membership.objects.update_or_create(
        user=person, workspace=room, defaults={"role": role}
    )
    record(Verb.MEMBER_SET, actor=None, workspace=room, subject=person, role=role.value)
    return membership


def _find_or_make(email: str, name: str) -> User:
    person = User.objects.filter(email=email.lower()).first()
    return person or User.objects.create_user(email, name=name)
