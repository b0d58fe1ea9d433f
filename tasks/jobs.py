"""What the queue calls: take an id, call a command, decide nothing. Every job may run twice without harm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from tasks.commands.accounts import callback_check, credentials
from tasks.commands.catalogs import copies, media, own_entries, photo_avatars
from tasks.commands.evidence import boards, search
from tasks.commands.ledger import charges
from tasks.commands.library import examinations, measuring, player_media, previews, products, thumbnails
from tasks.commands.notifications import admin_alerts, delivery, expiry_warnings
from tasks.commands.operations import sweep as sweeping
from tasks.commands.outputs import save as saving
from tasks.commands.refresh import loop
from tasks.commands.submissions import submit as submitting
from tasks.logs import context_id
from tasks.models import Credential, Heartbeat


@contextmanager
def _named(subject: str) -> Iterator[None]:
    """Every log line of the job carries the id it works on."""
    token = context_id.set(subject)
    try:
        yield
    finally:
        context_id.reset(token)


def submit(submission_id: str) -> None:
    """Carry a queued submission to TopView."""
    with _named(submission_id):
        submitting.submit(submission_id=UUID(submission_id))


def save_output(output_id: str) -> None:
    """Copy an output to our own storage."""
    with _named(output_id):
        saving.save_output(output_id=UUID(output_id))


def examine_uploads() -> None:
    """Examine what people brought, as much as has its turn."""
    examinations.examine_uploads()


def make_preview(preview_id: str) -> None:
    """Make what browsers can play of a film; it may be another one that has waited longer."""
    with _named(preview_id):
        previews.make_previews()


def make_thumbnails() -> None:
    """Make some of the thumbnails that are missing."""
    thumbnails.make_thumbnails()


def tend_media() -> None:
    """On schedule: make previews whose jobs were lost, and measure and draw what was not so far."""
    previews.ask_overdue_previews()
    measuring.ask_to_measure()
    player_media.ask_player_media()


def make_player_media() -> None:
    """Draw strips and measure loudness of what was saved, for a while."""
    player_media.make_player_media()


def measure_files() -> None:
    """Measure, for a while, what a version before has kept without."""
    measuring.measure_files()


def make_product(task_id: str) -> None:
    """Bring the saved product of a task up to what has been saved of it."""
    with _named(task_id):
        products.make_product(task_id=UUID(task_id))


def check_credential(credential_id: str) -> None:
    """Try a credential against the account call."""
    for credential in Credential.objects.filter(pk=credential_id).select_related("workspace"):
        credentials.check_credential(credential=credential)
        boards.choose_board(credential=credential)


def read_account(credential_id: str) -> None:
    """Read a credential's credit log and disk space, and look for lost calls there."""
    for credential in Credential.objects.filter(pk=credential_id):
        search.search_account(credential=credential)


def read_accounts() -> None:
    """On schedule: have the log of every account read."""
    charges.ask_all_charges()


def check_notice_address(credential_id: str) -> None:
    """Have TopView test the address at which it calls back."""
    for credential in Credential.objects.filter(pk=credential_id):
        callback_check.check_callback_address(credential=credential)


def refresh_catalog(credential_id: str) -> None:
    """Read a credential's catalogs."""
    for credential in Credential.objects.usable().filter(pk=credential_id):
        copies.refresh_catalog(credential=credential)


def refresh_one_catalog(credential_id: str, catalog_name: str) -> None:
    """Read one of a credential's catalogs."""
    for credential in Credential.objects.usable().filter(pk=credential_id):
        copies.refresh_catalog(credential=credential, only=catalog_name)


# What a release before called it: its messages may still wait in the queue.
refresh_shelf = refresh_one_catalog


def refresh_balances() -> None:
    """On schedule: ask for the balance of every credential in use, which also wakes a paused one."""
    credentials.refresh_balances()
    admin_alerts.tell_what_was_missed()
    expiry_warnings.warn_of_losses()


def tell_of_credential(credential_id: str) -> None:
    """Tell its admins that a credential is out of use."""
    admin_alerts.tell_of_credential(credential_id=UUID(credential_id))


def tell_of_loss(output_id: str) -> None:
    """Tell who is concerned of a result that may be lost."""
    with _named(output_id):
        expiry_warnings.tell_of_loss(output_id=UUID(output_id))


def send_mail(mail_id: str) -> None:
    """Send one mail of the outbox."""
    with _named(mail_id):
        delivery.send_mail(mail_id=UUID(mail_id))


def send_due_mail() -> None:
    """On schedule: see to mail that waits, after an outage or for a worker that died."""
    delivery.send_next()


def fetch_catalog_media(credential_id: str) -> None:
    """Fetch pictures and samples of a credential's catalogs."""
    for credential in Credential.objects.usable().filter(pk=credential_id):
        media.fetch_some(credential=credential)


def remove_entry(entry_id: str) -> None:
    """Delete an own entry of a catalog at TopView."""
    with _named(entry_id):
        own_entries.remove_entry(entry_id=UUID(entry_id))


def keep_portrait(order_id: str) -> None:
    """Make a photo avatar of a picture."""
    with _named(order_id):
        photo_avatars.keep_portrait(order_id=UUID(order_id))


def refresh_stale_catalogs() -> None:
    """On schedule: read catalogs that are old, and finish what people asked of them."""
    copies.refresh_stale()
    own_entries.remove_overdue()
    photo_avatars.keep_overdue()


def refresh_loop() -> None:
    """Follow what TopView works on, for a while."""
    loop.refresh_loop()


def keep_refreshing() -> None:
    """On schedule: make sure that a refresh loop is alive."""
    loop.ensure_loop()


def sweep() -> None:
    """On schedule: clear away what nobody needs any more."""
    sweeping.sweep()


def canary(cluster: str) -> None:
    """Show the watchdog that this cluster takes work."""
    Heartbeat.beat(f"{Heartbeat.CANARY}{cluster}")
