"""Addresses under `tasks/`, `submissions/`, `outputs/`."""

from django.urls import path

from tasks.views.tasks import actions, api_log, new, next_steps, page
from tasks.views.tasks import list as task_list

urlpatterns = [
    path("tasks/", task_list.task_list, name="task-list"),
    path("tasks/rows/", task_list.task_rows, name="task-rows"),
    path("tasks/new/", new.task_formats, name="task-formats"),
    path("tasks/new/<slug:slug>/", new.task_new, name="task-new"),
    path("tasks/new/<slug:slug>/price/", new.task_price, name="task-price"),
    path("tasks/<uuid:task_id>/", page.task_page, name="task-page"),
    path("tasks/<uuid:task_id>/live/", page.task_live, name="task-live"),
    path("tasks/<uuid:task_id>/answers/", api_log.task_api_log, name="task-api-log"),
    path("tasks/<uuid:task_id>/next/<slug:step>/", next_steps.task_next, name="task-next"),
    path("tasks/<uuid:task_id>/next/<slug:step>/price/", next_steps.task_next_price, name="task-next-price"),
    path("tasks/<uuid:task_id>/enough/", next_steps.task_done, name="task-done"),
    path("submissions/<uuid:submission_id>/cancel/", actions.submission_cancel, name="submission-cancel"),
    path("submissions/<uuid:submission_id>/stop/", actions.submission_stop, name="submission-stop"),
    path(
        "submissions/<uuid:submission_id>/keep/",
        actions.submission_save_outputs,
        name="submission-save-outputs",
    ),
    path(
        "submissions/<uuid:submission_id>/leave/",
        actions.submission_discard_outputs,
        name="submission-discard-outputs",
    ),
    path("submissions/<uuid:submission_id>/again/", actions.submission_retry, name="submission-retry"),
    path("submissions/<uuid:submission_id>/adopt/", actions.submission_adopt, name="submission-adopt"),
    path(
        "submissions/<uuid:submission_id>/candidates/<int:candidate_id>/",
        actions.submission_choose,
        name="submission-choose",
    ),
    path("submissions/<uuid:submission_id>/none/", actions.submission_none, name="submission-none"),
    path("submissions/<uuid:submission_id>/abandon/", actions.submission_abandon, name="submission-abandon"),
    path("outputs/<uuid:output_id>/save-again/", actions.output_retry_save, name="output-retry-save"),
    path("outputs/<uuid:output_id>/use/", actions.output_use, name="output-use"),
]
