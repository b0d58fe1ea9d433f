"""Sends nudges to the worker. The rows are the truth: a lost or doubled nudge does no harm."""

from uuid import UUID

from django_q.tasks import async_task

from tasks.commands.runtime.broker import Front

SUBMIT = "tasks.jobs.submit"
SAVE_OUTPUT = "tasks.jobs.save_output"
EXAMINE = "tasks.jobs.examine_uploads"
MAKE_PRODUCT = "tasks.jobs.make_product"
MAKE_PREVIEW = "tasks.jobs.make_preview"
MEASURE_FILES = "tasks.jobs.measure_files"
MAKE_THUMBNAILS = "tasks.jobs.make_thumbnails"
MAKE_PLAYER_MEDIA = "tasks.jobs.make_player_media"
TEND_MEDIA = "tasks.jobs.tend_media"
CHECK_CREDENTIAL = "tasks.jobs.check_credential"
REFRESH_CATALOG = "tasks.jobs.refresh_catalog"
REFRESH_ONE_CATALOG = "tasks.jobs.refresh_one_catalog"
REFRESH_BALANCES = "tasks.jobs.refresh_balances"
READ_ACCOUNT = "tasks.jobs.read_account"
READ_ACCOUNTS = "tasks.jobs.read_accounts"
CHECK_NOTICE_ADDRESS = "tasks.jobs.check_notice_address"
FETCH_CATALOG_MEDIA = "tasks.jobs.fetch_catalog_media"
REMOVE_ENTRY = "tasks.jobs.remove_entry"
KEEP_PORTRAIT = "tasks.jobs.keep_portrait"
TELL_OF_CREDENTIAL = "tasks.jobs.tell_of_credential"
TELL_OF_LOSS = "tasks.jobs.tell_of_loss"
SEND_MAIL = "tasks.jobs.send_mail"
SEND_DUE_MAIL = "tasks.jobs.send_due_mail"
REFRESH_LOOP = "tasks.jobs.refresh_loop"
CANARY = "tasks.jobs.canary"
KEEP_REFRESHING = "tasks.jobs.keep_refreshing"
REFRESH_STALE_CATALOGS = "tasks.jobs.refresh_stale_catalogs"
SWEEP = "tasks.jobs.sweep"

# The queue of the cluster that submits and saves, and that of the one that only refreshes.
MAIN_CLUSTER = "portal"
REFRESH_CLUSTER = "refresh"
# Short, and much may wait for it: a person, and every call of an account that is out of use.
_URGENT = (CHECK_CREDENTIAL,)


def nudge(job: str, *ids: UUID | str, cluster: str = MAIN_CLUSTER) -> None:
    """Queue a job by its dotted name, with ids alone.

    The message is a row of the same database: inside a transaction it appears only when that is committed.
    The cluster is always named: a job queued by the refresh cluster would otherwise wait behind its own loop.
    """
    broker = Front(list_key=cluster) if job in _URGENT else None
    async_task(job, *(str(one) for one in ids), cluster=cluster, broker=broker)
