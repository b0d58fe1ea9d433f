"""Addresses under `settings/on-hold/`, `settings/status/`, `health/`."""

from django.urls import path

from tasks.views.system import health, mail, quarantine, status

urlpatterns = [
    path("settings/on-hold/", quarantine.held_calls, name="held-calls"),
    path("settings/on-hold/release/", quarantine.held_release_all, name="held-release-all"),
    path("settings/on-hold/<uuid:submission_id>/release/", quarantine.held_release, name="held-release"),
    path("settings/on-hold/<uuid:submission_id>/cancel/", quarantine.held_cancel, name="held-cancel"),
    path("settings/on-hold/<uuid:submission_id>/sent/", quarantine.held_sent, name="held-sent"),
    path("settings/status/", status.portal_status, name="portal-status"),
    path("settings/status/nodes/<str:name>/forget/", status.node_forget, name="node-forget"),
    path("settings/status/mail/test/", mail.mail_test, name="mail-test"),
    path("health/", health.health, name="health"),
    path("health/live/", health.live, name="health-live"),
    path("health/ready/", health.ready, name="health-ready"),
]
