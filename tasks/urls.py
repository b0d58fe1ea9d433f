"""The tree of addresses: which subject answers where. Each has its own in `tasks/views/<subject>/urls.py`."""

from django.urls import include, path

from tasks.views.frame.home import home

urlpatterns = [
    path("", home, name="home"),
    # tasks/ submissions/ outputs/
    path("", include("tasks.views.tasks.urls")),
    # review/ comments/ pieces/
    path("", include("tasks.views.review.urls")),
    # packages/ verify/ settings/file-names/
    path("", include("tasks.views.delivery.urls")),
    # s/ shared/ settings/links/ review/…/share/
    path("", include("tasks.views.guests.urls")),
    # products/
    path("", include("tasks.views.products.urls")),
    # pick/ library/ outputs/ uploads/ previews/ catalog/
    path("", include("tasks.views.library.urls")),
    # catalogs/
    path("", include("tasks.views.catalogs.urls")),
    # settings/credentials/ settings/spending/ settings/account/ settings/reconciliation/ settings/callbacks/
    path("", include("tasks.views.accounts.urls")),
    # settings/profile/ settings/workspace/
    path("", include("tasks.views.people.urls")),
    # settings/on-hold/ settings/status/ health/
    path("", include("tasks.views.system.urls")),
    # notices/
    path("", include("tasks.views.hooks.urls")),
]
