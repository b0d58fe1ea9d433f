"""Who belongs to which workspace."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from tasks.audit import Verb, record
from tasks.commands.people.passwords import note_change
from tasks.models import Membership, Role, User, Workspace
from tasks.names import clean_name


@transaction.atomic
def set_member(
    *,
    email: str,
    workspace: str,
    role: Role,
    name: str = "",
    password: str | None = None,
    is_owner: bool = False,
) -> Membership:
    """Give a person a role in the workspace of that name; person and workspace are made when there are none.

    A password is set where one is given, and told by mail where it is another one. `is_owner` makes an owner
    of the installation; False changes nothing. Raises ValidationError when the password is too weak.
    """
    known = User.objects.filter(email=email.lower()).first()
    person = known or User.objects.create_user(email, name=clean_name(name))
    if password is not None:
        _set_password(person, password)
    if is_owner and not person.is_owner:
        User.objects.filter(pk=person.pk).update(is_staff=True)
        record(Verb.USER_SET, actor=None, workspace=None, subject=person, changed=["is_staff"], is_staff=True)
    room, _made = Workspace.objects.get_or_create(name=workspace)
    membership, _made = Membership.objects.update_or_create(
        user=person, workspace=room, defaults={"role": role}
    )
    record(Verb.MEMBER_SET, actor=None, workspace=room, subject=person, role=role.value)
    return membership


def _set_password(person: User, password: str) -> None:
    validate_password(password, person)
    had_one = person.has_usable_password()
    person.set_password(password)
    person.save(update_fields=["password"])
    if had_one:
        note_change(user=person, forgotten=False, by_operator=True)
