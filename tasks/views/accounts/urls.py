"""Addresses of TopView accounts, what they charged and what follows from that, under `settings/`."""

from django.urls import path

from tasks.views.accounts import callbacks, credentials, credit_log, reconciliation, spending

urlpatterns = [
    path("settings/credentials/", credentials.credential_list, name="credential-list"),
    path("settings/credentials/rows/", credentials.credential_rows, name="credential-rows"),
    path("settings/credentials/add/", credentials.credential_add, name="credential-add"),
    path("settings/credentials/<uuid:credential_id>/key/", credentials.credential_key, name="credential-key"),
    path(
        "settings/credentials/<uuid:credential_id>/edit/",
        credentials.credential_edit,
        name="credential-edit",
    ),
    path(
        "settings/credentials/<uuid:credential_id>/check/",
        credentials.credential_check,
        name="credential-check",
    ),
    path(
        "settings/credentials/<uuid:credential_id>/disable/",
        credentials.credential_disable,
        name="credential-disable",
    ),
    path(
        "settings/credentials/<uuid:credential_id>/enable/",
        credentials.credential_enable,
        name="credential-enable",
    ),
    path("settings/spending/", spending.spending, name="spending"),
    path("settings/account/", credit_log.account, name="account"),
    path("settings/account/<uuid:credential_id>/", credit_log.account_log, name="account-log"),
    path("settings/account/<uuid:credential_id>/rows/", credit_log.account_log_rows, name="account-log-rows"),
    path("settings/account/<uuid:credential_id>/read/", credit_log.account_refresh, name="account-refresh"),
    path("settings/account/<uuid:credential_id>/charges.csv", credit_log.account_csv, name="account-csv"),
    path("settings/reconciliation/", reconciliation.findings, name="reconciliation"),
    path("settings/reconciliation/findings.csv", reconciliation.findings_csv, name="reconciliation-csv"),
    path("settings/reconciliation/<int:charge_id>/adopt/", reconciliation.charge_adopt, name="charge-adopt"),
    path(
        "settings/reconciliation/<int:charge_id>/aside/",
        reconciliation.charge_set_aside,
        name="charge-set-aside",
    ),
    path(
        "settings/reconciliation/<int:charge_id>/back/", reconciliation.charge_restore, name="charge-restore"
    ),
    path("settings/callbacks/", callbacks.callbacks, name="callbacks"),
    path("settings/callbacks/rows/", callbacks.callback_rows, name="callback-rows"),
    path("settings/callbacks/<uuid:credential_id>/check/", callbacks.callback_check, name="callback-check"),
]
