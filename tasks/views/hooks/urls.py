"""Addresses under `notices/`."""

from django.urls import path

from tasks.views.hooks import callbacks

urlpatterns = [
    path("notices/<str:token>/", callbacks.callback, name="callback"),
]
