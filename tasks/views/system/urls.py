"""Addresses under `settings/on-hold/`, `settings/status/`, `health/`."""

from django.urls import path

from tasks.views.system import health, mail, quarantine, status

urlpatterns = [
    path("settings/on-hold/", quarantine.quarantined_calls, name="quarantine"),
    path("settings/on-hold/release/", quarantine.quarantine_release_all, name="quarantine-release-all"),
    path(
        "settings/on-hold/<uuid:submission_id>/release/",
        quarantine.quarantine_release,
        name="quarantine-release",
    ),
    path(
        "settings/on-hold/<uuid:submission_id>/cancel/",
        quarantine.quarantine_cancel,
        name="quarantine-cancel",
    ),
    path("settings/on-hold/<uuid:submission_id>/sent/", quarantine.quarantine_sent, name="quarantine-sent"),
    path("settings/status/", status.portal_status, name="portal-status"),
    path("settings/status/nodes/<str:name>/forget/", status.node_forget, name="node-forget"),
    path("settings/status/mail/test/", mail.mail_test, name="mail-test"),
    path("health/", health.health, name="health"),
    path("health/live/", health.live, name="health-live"),
    path("health/ready/", health.ready, name="health-ready"),
]
