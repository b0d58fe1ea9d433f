"""Every address of the portal, grouped by page."""

from django.urls import path
from django.views.generic import RedirectView

from tasks.views import (
    account,
    callbacks,
    catalogs,
    credentials,
    entries,
    files,
    health,
    library,
    next_steps,
    notices,
    people,
    pickers,
    portraits,
    product_reading,
    products,
    raw_answers,
    reuse,
    status,
    submissions,
    task_list,
    task_new,
    task_page,
    uploads,
)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="task-list"), name="home"),
    # Tasks
    path("tasks/", task_list.task_list, name="task-list"),
    path("tasks/rows/", task_list.task_rows, name="task-rows"),
    path("tasks/new/", task_new.task_choose, name="task-choose"),
    path("tasks/new/<slug:slug>/", task_new.task_new, name="task-new"),
    path("tasks/new/<slug:slug>/price/", task_new.task_price, name="task-price"),
    path("tasks/<uuid:task_id>/", task_page.task_page, name="task-page"),
    path("tasks/<uuid:task_id>/live/", task_page.task_live, name="task-live"),
    path("tasks/<uuid:task_id>/answers/", raw_answers.task_answers, name="task-answers"),
    path("tasks/<uuid:task_id>/next/<slug:step>/", next_steps.task_next, name="task-next"),
    path("tasks/<uuid:task_id>/next/<slug:step>/price/", next_steps.task_next_price, name="task-next-price"),
    path("tasks/<uuid:task_id>/enough/", next_steps.task_enough, name="task-enough"),
    # What people decide about them
    path("submissions/<uuid:submission_id>/cancel/", submissions.submission_cancel, name="submission-cancel"),
    path("submissions/<uuid:submission_id>/stop/", submissions.submission_stop, name="submission-stop"),
    path("submissions/<uuid:submission_id>/again/", submissions.submission_again, name="submission-again"),
    path("submissions/<uuid:submission_id>/adopt/", submissions.submission_adopt, name="submission-adopt"),
    path(
        "submissions/<uuid:submission_id>/abandon/", submissions.submission_abandon, name="submission-abandon"
    ),
    path("outputs/<uuid:output_id>/save-again/", submissions.output_save_again, name="output-save-again"),
    path("outputs/<uuid:output_id>/use/", reuse.output_use, name="output-use"),
    # What a form's fields choose from
    path("pick/library/<slug:role>/", pickers.upload_picker, name="upload-picker"),
    path("pick/<slug:shelf>/", pickers.catalog_picker, name="catalog-picker"),
    # Catalogs
    path("catalogs/", catalogs.shelves, name="shelves"),
    path("catalogs/photo-avatars/new/", portraits.portrait_new, name="portrait-new"),
    path("catalogs/entries/<uuid:entry_id>/", entries.entry, name="entry"),
    path("catalogs/entries/<uuid:entry_id>/favourite/", entries.entry_favourite, name="entry-favourite"),
    path("catalogs/entries/<uuid:entry_id>/remove/", entries.entry_remove, name="entry-remove"),
    path("catalogs/entries/<uuid:entry_id>/drop/", portraits.portrait_drop, name="portrait-drop"),
    path("catalogs/<slug:shelf>/", catalogs.shelf, name="shelf"),
    path("catalogs/<slug:shelf>/read/", catalogs.shelf_read, name="shelf-read"),
    # Library
    path("library/", library.library, name="library"),
    path("library/add/", uploads.upload_add, name="upload-new"),
    path("library/<uuid:upload_id>/", library.library_item, name="library-item"),
    path("library/<uuid:upload_id>/remove/", library.library_remove, name="library-remove"),
    # Products
    path("products/", products.product_list, name="product-list"),
    path("products/new/", products.product_new, name="product-new"),
    path("products/read/", product_reading.product_read, name="product-read"),
    path("products/read/<uuid:task_id>/", product_reading.product_reading, name="product-reading"),
    path("products/<uuid:product_id>/", products.product_page, name="product-item"),
    path("products/<uuid:product_id>/edit/", products.product_edit, name="product-edit"),
    path("products/<uuid:product_id>/hide/", products.product_hide, name="product-hide"),
    path("products/<uuid:product_id>/show/", products.product_show, name="product-show"),
    # Files
    path("outputs/<uuid:output_id>/file/", files.output_file, name="output-file"),
    path("outputs/<uuid:output_id>/poster/<slug:digest>.webp", files.output_poster, name="output-poster"),
    path("uploads/<uuid:upload_id>/file/", files.upload_file, name="upload-file"),
    path("uploads/<uuid:upload_id>/poster/<slug:digest>.webp", files.upload_poster, name="upload-poster"),
    path("catalog/<uuid:entry_id>/picture/<slug:digest>", files.catalog_picture, name="catalog-picture"),
    path("catalog/<uuid:entry_id>/sample/<slug:digest>", files.catalog_sample, name="catalog-sample"),
    path("catalog/<uuid:entry_id>/clip/<slug:digest>", files.catalog_clip, name="catalog-clip"),
    # Settings
    path("settings/profile/", people.profile, name="profile"),
    path("settings/workspace/", people.workspace_switch, name="workspace-switch"),
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
    path("settings/account/", account.account, name="account"),
    path("settings/account/<uuid:credential_id>/", account.account_log, name="account-log"),
    path("settings/account/<uuid:credential_id>/rows/", account.account_log_rows, name="account-log-rows"),
    path("settings/account/<uuid:credential_id>/read/", account.account_read, name="account-read"),
    path("settings/account/<uuid:credential_id>/charges.csv", account.account_csv, name="account-csv"),
    path("settings/callbacks/", callbacks.callbacks, name="callbacks"),
    path("settings/callbacks/rows/", callbacks.callback_rows, name="callback-rows"),
    path("settings/callbacks/<uuid:credential_id>/check/", callbacks.callback_check, name="callback-check"),
    path("settings/status/", status.portal_status, name="portal-status"),
    # Machines
    path("health/", health.health, name="health"),
    path("notices/<str:token>/", notices.notice, name="notice"),
]
