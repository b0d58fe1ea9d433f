"""Mounts: the app's pages, sign-in, and the operators' admin."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.account.urls")),
    path("operator/", admin.site.urls),
    path("", include("tasks.urls")),
]
