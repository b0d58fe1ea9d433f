"""Addresses under `review/`, `pieces/`."""

from django.urls import path

from tasks.views.review import decisions, files, inbox, page

urlpatterns = [
    path("review/", inbox.review_inbox, name="review-inbox"),
    path("review/<uuid:version_id>/", page.review_page, name="review-page"),
    path("review/<uuid:version_id>/decide/", decisions.review_decide, name="review-decide"),
    path("review/<uuid:version_id>/file/", files.version_file, name="version-file"),
]
