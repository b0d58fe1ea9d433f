"""Addresses under `review/`, `comments/`, `pieces/`, and `settings/review/`."""

from django.urls import path

from tasks.views.review import comments, compare, decisions, files, inbox, page, proof, rule, sending

urlpatterns = [
    path("review/", inbox.review_inbox, name="review-inbox"),
    path("review/<uuid:version_id>/", page.review_page, name="review-page"),
    path("review/<uuid:version_id>/decide/", decisions.review_decide, name="review-decide"),
    path("review/<uuid:version_id>/recall/", sending.review_recall, name="review-recall"),
    path("tasks/<uuid:task_id>/review/", sending.task_review, name="task-review"),
    path("review/<uuid:version_id>/thread/", comments.review_thread, name="review-thread"),
    path("review/<uuid:version_id>/comments/", comments.comment_add, name="comment-add"),
    path("comments/<uuid:comment_id>/reply/", comments.comment_reply, name="comment-reply"),
    path("comments/<uuid:comment_id>/edit/", comments.comment_edit, name="comment-edit"),
    path("comments/<uuid:comment_id>/delete/", comments.comment_delete, name="comment-delete"),
    path("comments/<uuid:comment_id>/resolve/", comments.comment_resolve, name="comment-resolve"),
    path("review/<uuid:version_id>/file/", files.version_file, name="version-file"),
    path("review/<uuid:version_id>/strip/", files.version_strip, name="version-strip"),
    path("review/<uuid:version_id>/captions/", files.version_captions, name="version-captions"),
    path("pieces/<uuid:piece_id>/", proof.piece_proof, name="piece-proof"),
    path("pieces/<uuid:piece_id>/compare/", compare.piece_compare, name="piece-compare"),
    path("settings/review/", rule.review_rule, name="review-rule"),
]
