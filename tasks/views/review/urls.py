"""Addresses under `review/`, `pieces/`, and `settings/review/`."""

from django.urls import path

from tasks.views.review import decisions, files, inbox, page, rule, sending

urlpatterns = [
    path("review/", inbox.review_inbox, name="review-inbox"),
    path("review/<uuid:version_id>/", page.review_page, name="review-page"),
    path("review/<uuid:version_id>/decide/", decisions.review_decide, name="review-decide"),
    path("review/<uuid:version_id>/recall/", sending.review_recall, name="review-recall"),
    path("tasks/<uuid:task_id>/review/", sending.task_review, name="task-review"),
    path("review/<uuid:version_id>/file/", files.version_file, name="version-file"),
    path("settings/review/", rule.review_rule, name="review-rule"),
]
