"""What stands above every page while something is wrong: each with one next step for whoever can take it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tasks.commands.runtime.disk import Room
from tasks.models import CredentialState, Heartbeat, Membership
from tasks.views.frame.health_state import JOBS, MachineDisk, Signs, WrongClock, place_of
from tasks.views.frame.status_cache import (
    AdminCondition,
    Condition,
    CredentialFacts,
    admin_condition_of,
    condition_of,
    counted,
    remedy,
    whom_to_ask,
)
from tasks.views.http.formatting import exact, lasting, time_of_day
from tasks.wording import cause_words

_SILENT = gettext_lazy(
    "%(host)s does not answer. What it works on goes on there, and what you create waits safely. It is asked "
    "again at %(time)s."
)


class Alert(NamedTuple):
    """A message above every page, with at most one thing to do about it."""

    level: str  # "warning" or "error"
    text: str
    action_url: str = ""
    action_label: str = ""


def alerts_for(membership: Membership) -> list[Alert]:
    """Worst first."""
    condition = condition_of(membership.workspace_id)
    alerts = list(_part_alerts(condition.signs, membership))
    if membership.may_administer:
        waiting = admin_condition_of(membership.workspace_id)
        alerts += [*_loss_alerts(waiting), *_hold_alerts(waiting), *_charge_alerts(waiting)]
    return alerts + _credential_alerts(condition, membership)


def _charge_alerts(condition: AdminCondition) -> list[Alert]:
    if not condition.unclaimed:
        return []
    text = ngettext(
        "TopView charged for %(count)s task that was not made here.",
        "TopView charged for %(count)s tasks that were not made here.",
        condition.unclaimed,
    )
    words = text % {"count": counted(condition.unclaimed)}
    return [Alert("warning", words, reverse("reconciliation"), _("Look at them"))]


def _part_alerts(signs: Signs, membership: Membership) -> Iterator[Alert]:
    """About the portal's own parts. Everybody reads what concerns their work, admins all of it."""
    if not signs.living:
        yield _for_all(membership, "error", _no_worker(signs))
    elif signs.takes_no_jobs:
        text = _("The worker runs but takes no jobs. What you create waits safely until it does.")
        yield _for_all(membership, "error", text)
    elif signs.is_silent(Heartbeat.REFRESH):
        text = _("Tasks are not followed just now. They go on at TopView, and nothing of them is lost.")
        yield _for_all(membership, "error", text)
    yield from _disk_alerts(signs, membership)
    for silence in signs.silences:
        words = {"host": silence.host, "time": time_of_day(silence.until)}
        yield _for_all(membership, "warning", _SILENT % words)
    if membership.may_administer and signs.living:
        yield from (_for_all(membership, "warning", text) for text in _half_dead(signs))


def _no_worker(signs: Signs) -> str:
    if not signs.dead:
        return _("No worker is running. What you create waits safely until one is started.")
    last = max(signs.dead, key=lambda node: node.at)
    text = _("No worker is running since %(time)s. What you create waits safely until one is started.")
    return text % {"time": exact(last.at)}


def _half_dead(signs: Signs) -> Iterator[str]:
    """What the living workers still make up for, or cannot do anything about."""
    for node in signs.dead:
        text = _("The worker on “%(machine)s” is silent since %(time)s. The others do its work.")
        yield text % {"machine": node.machine, "time": exact(node.at)}
    if signs.is_silent(Heartbeat.SCHEDULER):
        yield _("The scheduler gives no sign of life: balances, catalogs and clearing up wait for it.")
    if signs.mail.is_failing:
        text = _("Mail cannot be sent since %(time)s. %(reason)s It is tried again by itself.")
        since = signs.mail.failing_since or signs.now
        yield text % {"time": exact(since), "reason": signs.mail.words}
    yield from map(clock_words, signs.wrong_clocks)
    if signs.is_silent(JOBS) and signs.all_are_busy:
        yield _("Every process of the worker has a long job. What is new waits for its turn.")


def clock_words(clock: WrongClock) -> str:
    if clock.seconds > 0:
        text = _("The clock of %(machine)s is %(time)s ahead: times of tasks are wrong until it is set.")
    else:
        text = _("The clock of %(machine)s is %(time)s behind: times of tasks are wrong until it is set.")
    machine = f"“{clock.machine}”" if clock.machine else _("the web server")
    return text % {"machine": machine, "time": lasting(abs(clock.seconds))}


def _disk_alerts(signs: Signs, membership: Membership) -> Iterator[Alert]:
    full, low = signs.disks_that_are(Room.FULL), signs.disks_that_are(Room.LOW)
    if full and not membership.may_administer:
        text = _("The portal's disk is nearly full: until there is room no file is taken and nothing sent.")
        yield Alert("error", f"{text} {_('Ask an admin of this workspace.')}")
    if membership.may_administer:
        text = _("Only %(free)s left on the disk of %(place)s: no file is taken and nothing is sent.")
        yield from (_for_all(membership, "error", text % _where(one)) for one in full)
        text = _("Only %(free)s left on the disk of %(place)s.")
        yield from (_for_all(membership, "warning", text % _where(one)) for one in low)


def _where(one: MachineDisk) -> dict[str, str]:
    return {"free": filesizeformat(one.disk.free), "place": place_of(one)}


def _for_all(membership: Membership, level: str, text: str) -> Alert:
    """Admins are led to the page that shows every part; others can only wait."""
    if membership.may_administer:
        return Alert(level, text, reverse("portal-status"), _("See the status"))
    return Alert(level, text)


def _loss_alerts(condition: AdminCondition) -> list[Alert]:
    if condition.at_risk is None:
        return []
    text = _("A result could not be saved here so far, and TopView will soon have deleted it.")
    return [Alert("error", text, reverse("task-page", args=[condition.at_risk]), _("See the task"))]


def _hold_alerts(condition: AdminCondition) -> list[Alert]:
    if not condition.quarantined:
        return []
    text = ngettext(
        "%(count)s call is on hold since a backup was restored.",
        "%(count)s calls are on hold since a backup was restored.",
        condition.quarantined,
    )
    words = text % {"count": counted(condition.quarantined)}
    return [Alert("warning", words, reverse("quarantine"), _("Decide"))]


def _credential_alerts(condition: Condition, membership: Membership) -> list[Alert]:
    if not condition.credentials and membership.may_administer:
        text = _("There is no TopView credential yet, so nothing can be created.")
        return [Alert("warning", text, reverse("credential-add"), _("Add a credential"))]
    if not condition.credentials:
        text = _("There is no TopView credential yet. Ask an admin of this workspace to add one.")
        return [Alert("warning", text)]
    idle = [credential for credential in condition.credentials if credential.state != CredentialState.ACTIVE]
    none_left = len(idle) == len(condition.credentials)
    if not none_left and not membership.may_administer:
        return []
    return [_idle_credential(credential, membership, none_left=none_left) for credential in idle]


def _idle_credential(credential: CredentialFacts, membership: Membership, *, none_left: bool) -> Alert:
    words = {
        CredentialState.PAUSED: _("The credential “%(name)s” is paused. %(reason)s"),
        CredentialState.DISABLED: _("The credential “%(name)s” is disabled. %(reason)s"),
    }[CredentialState(credential.state)]
    text = (words % {"name": credential.name, "reason": cause_words(credential.reason)}).strip()
    level = "error" if none_left else "warning"
    if membership.may_administer:
        return Alert(level, text, *remedy(credential))
    return Alert(level, f"{text} {whom_to_ask(condition_of(membership.workspace_id))}")
