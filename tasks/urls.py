"""Every address of the portal, grouped by page."""

from django.urls import path
from django.views.generic import RedirectView

from tasks.views.accounts import callbacks, credentials, credit_log, reconciliation, spending
from tasks.views.catalogs import entry, pages, photo_avatar
from tasks.views.hooks import callbacks as hook_callbacks
from tasks.views.library import files, pickers, uploads
from tasks.views.library import pages as library_pages
from tasks.views.people import email_address, profile
from tasks.views.products import pages as product_pages
from tasks.views.products import reading
from tasks.views.system import health, mail, quarantine, status
from tasks.views.tasks import actions, api_log, new, next_steps, outputs, page
from tasks.views.tasks import list as task_list

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="task-list"), name="home"),
    # Tasks
    path("tasks/", task_list.task_list, name="task-list"),
    path("tasks/rows/", task_list.task_rows, name="task-rows"),
    path("tasks/new/", new.task_choose, name="task-choose"),
    path("tasks/new/<slug:slug>/", new.task_new, name="task-new"),
    path("tasks/new/<slug:slug>/price/", new.task_price, name="task-price"),
    path("tasks/<uuid:task_id>/", page.task_page, name="task-page"),
    path("tasks/<uuid:task_id>/live/", page.task_live, name="task-live"),
    path("tasks/<uuid:task_id>/answers/", api_log.task_answers, name="task-answers"),
    path("tasks/<uuid:task_id>/next/<slug:step>/", next_steps.task_next, name="task-next"),
    path("tasks/<uuid:task_id>/next/<slug:step>/price/", next_steps.task_next_price, name="task-next-price"),
    path("tasks/<uuid:task_id>/enough/", next_steps.task_enough, name="task-enough"),
    # What people decide about them
    path("submissions/<uuid:submission_id>/cancel/", actions.submission_cancel, name="submission-cancel"),
    path("submissions/<uuid:submission_id>/stop/", actions.submission_stop, name="submission-stop"),
    path("submissions/<uuid:submission_id>/keep/", actions.submission_keep, name="submission-keep"),
    path("submissions/<uuid:submission_id>/leave/", actions.submission_leave, name="submission-leave"),
    path("submissions/<uuid:submission_id>/again/", actions.submission_again, name="submission-again"),
    path("submissions/<uuid:submission_id>/adopt/", actions.submission_adopt, name="submission-adopt"),
    path(
        "submissions/<uuid:submission_id>/candidates/<int:candidate_id>/",
        actions.submission_choose,
        name="submission-choose",
    ),
    path("submissions/<uuid:submission_id>/none/", actions.submission_none, name="submission-none"),
    path("submissions/<uuid:submission_id>/abandon/", actions.submission_abandon, name="submission-abandon"),
    path("outputs/<uuid:output_id>/save-again/", actions.output_save_again, name="output-save-again"),
    path("outputs/<uuid:output_id>/use/", outputs.output_use, name="output-use"),
    # What a form's fields choose from
    path("pick/library/<slug:role>/", pickers.upload_picker, name="upload-picker"),
    path("pick/<slug:shelf>/", pickers.catalog_picker, name="catalog-picker"),
    # Catalogs
    path("catalogs/", pages.shelves, name="shelves"),
    path("catalogs/photo-avatars/new/", photo_avatar.portrait_new, name="portrait-new"),
    path("catalogs/entries/<uuid:entry_id>/", entry.entry, name="entry"),
    path("catalogs/entries/<uuid:entry_id>/favourite/", entry.entry_favourite, name="entry-favourite"),
    path("catalogs/entries/<uuid:entry_id>/remove/", entry.entry_remove, name="entry-remove"),
    path("catalogs/entries/<uuid:entry_id>/drop/", photo_avatar.portrait_drop, name="portrait-drop"),
    path("catalogs/<slug:shelf>/", pages.shelf, name="shelf"),
    path("catalogs/<slug:shelf>/read/", pages.shelf_read, name="shelf-read"),
    # Library
    path("library/", library_pages.library, name="library"),
    path("library/add/", uploads.upload_add, name="upload-new"),
    path("library/_found/", library_pages.library_found, name="library-found"),
    path("library/<uuid:upload_id>/", library_pages.library_item, name="library-item"),
    path("library/<uuid:upload_id>/remove/", library_pages.library_remove, name="library-remove"),
    # Products
    path("products/", product_pages.product_list, name="product-list"),
    path("products/new/", product_pages.product_new, name="product-new"),
    path("products/read/", reading.product_read, name="product-read"),
    path("products/read/<uuid:task_id>/", reading.product_reading, name="product-reading"),
    path("products/<uuid:product_id>/", product_pages.product_page, name="product-item"),
    path("products/<uuid:product_id>/edit/", product_pages.product_edit, name="product-edit"),
    path("products/<uuid:product_id>/hide/", product_pages.product_hide, name="product-hide"),
    path("products/<uuid:product_id>/show/", product_pages.product_show, name="product-show"),
    # Files
    path("outputs/<uuid:output_id>/file/", files.output_file, name="output-file"),
    path("outputs/<uuid:output_id>/poster/<slug:digest>.webp", files.output_poster, name="output-poster"),
    path("uploads/<uuid:upload_id>/state/", uploads.upload_state, name="upload-state"),
    path("previews/<uuid:preview_id>/file/", files.preview_file, name="preview-file"),
    path("uploads/<uuid:upload_id>/file/", files.upload_file, name="upload-file"),
    path("uploads/<uuid:upload_id>/poster/<slug:digest>.webp", files.upload_poster, name="upload-poster"),
    path("catalog/<uuid:entry_id>/picture/<slug:digest>", files.catalog_picture, name="catalog-picture"),
    path("catalog/<uuid:entry_id>/sample/<slug:digest>", files.catalog_sample, name="catalog-sample"),
    path("catalog/<uuid:entry_id>/clip/<slug:digest>", files.catalog_clip, name="catalog-clip"),
    # Settings
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/profile/address/", email_address.address_change, name="address-change"),
    path("settings/profile/address/keep/", email_address.address_keep, name="address-keep"),
    path(
        "settings/profile/address/confirm/<str:token>/", email_address.address_confirm, name="address-confirm"
    ),
    path("settings/workspace/", profile.workspace_switch, name="workspace-switch"),
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
    path("settings/account/<uuid:credential_id>/read/", credit_log.account_read, name="account-read"),
    path("settings/account/<uuid:credential_id>/charges.csv", credit_log.account_csv, name="account-csv"),
    path("settings/reconciliation/", reconciliation.findings, name="findings"),
    path("settings/reconciliation/findings.csv", reconciliation.findings_csv, name="findings-csv"),
    path("settings/reconciliation/<int:charge_id>/adopt/", reconciliation.charge_adopt, name="charge-adopt"),
    path("settings/reconciliation/<int:charge_id>/aside/", reconciliation.charge_aside, name="charge-aside"),
    path("settings/reconciliation/<int:charge_id>/back/", reconciliation.charge_back, name="charge-back"),
    path("settings/callbacks/", callbacks.callbacks, name="callbacks"),
    path("settings/callbacks/rows/", callbacks.callback_rows, name="callback-rows"),
    path("settings/callbacks/<uuid:credential_id>/check/", callbacks.callback_check, name="callback-check"),
    path("settings/on-hold/", quarantine.held_calls, name="held-calls"),
    path("settings/on-hold/release/", quarantine.held_release_all, name="held-release-all"),
    path("settings/on-hold/<uuid:submission_id>/release/", quarantine.held_release, name="held-release"),
    path("settings/on-hold/<uuid:submission_id>/cancel/", quarantine.held_cancel, name="held-cancel"),
    path("settings/on-hold/<uuid:submission_id>/sent/", quarantine.held_sent, name="held-sent"),
    path("settings/status/", status.portal_status, name="portal-status"),
    path("settings/status/nodes/<str:name>/forget/", status.node_forget, name="node-forget"),
    path("settings/status/mail/test/", mail.mail_test, name="mail-test"),
    # Machines
    path("health/", health.health, name="health"),
    path("health/live/", health.live, name="health-live"),
    path("health/ready/", health.ready, name="health-ready"),
    path("notices/<str:token>/", hook_callbacks.notice, name="notice"),
]
