"""Whom a comment mentions: `@` before a member's name, first name, address, or the address's first part."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from tasks.models import Membership, User, Workspace

# Not in the middle of an address.
_AT = re.compile(r"(?<![\w.+-])@(?=\w)")


def people_to_mention(workspace: Workspace) -> list[User]:
    """The workspace's members, by name."""
    rows = Membership.objects.filter(workspace=workspace, user__is_active=True).select_related("user")
    return sorted((row.user for row in rows), key=lambda one: str(one).casefold())


def mentioned(body: str, workspace: Workspace) -> list[User]:
    """The members whom the text mentions, each once; of several that fit, those with the longest name."""
    if "@" not in body:
        return []
    text, names = body.casefold(), _names(people_to_mention(workspace))
    found: dict[int, User] = {}
    for at in _AT.finditer(text):
        fitting = [(name, one) for name, one in names if _stands_at(name, text, at.end())]
        longest = max((len(name) for name, _ in fitting), default=0)
        found |= {one.pk: one for name, one in fitting if len(name) == longest}
    return list(found.values())


def _names(people: Iterable[User]) -> list[tuple[str, User]]:
    people = list(people)
    firsts = Counter(_first(one) for one in people)
    names = []
    for one in people:
        address = one.email.casefold()
        own = {one.name.casefold().strip(), address, address.partition("@")[0]}
        if firsts[_first(one)] == 1:
            own.add(_first(one))
        names += [(name, one) for name in own if name]
    return names


def _first(person: User) -> str:
    return person.name.casefold().strip().partition(" ")[0]


def _stands_at(name: str, text: str, place: int) -> bool:
    end = place + len(name)
    return text.startswith(name, place) and not text[end : end + 1].isalnum()
