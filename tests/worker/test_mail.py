"""A mail server that takes connections and stays silent stops nothing: neither workers nor web threads."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from django.urls import reverse
from django.utils import timezone
from django_q.tasks import async_task

from tasks.commands.notifications import outbox
from tasks.models import Heartbeat, Mail, MailCause, MailState
from tests import people
from tests.mail_server import mail_server
from tests.parts import Parts, wait_until

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


def test_thirty_mails_to_a_silent_server_leave_a_worker_for_everything_else(
    parts: Parts, tmp_path: Path
) -> None:
    person = people.make_mark(people.make_workspace()).user
    with mail_server() as server:
        server.mood = "silent"
        parts.start_worker(EMAIL_URL=server.url, MAIL_SECONDS="20", WORKERS="2")
        parts.wait_for("worker")
        for _mail in range(30):
            outbox.post(MailCause.PASSWORD_RESET, address=person.email)
        wait_until(lambda: server.connections, what="the first mail")
        began = time.monotonic()
        for number in range(5):
            async_task("tests.worker.jobs.write_down", str(tmp_path / str(number)), cluster="portal")
        wait_until((tmp_path / "4").exists, seconds=19, what="the other jobs")
        assert time.monotonic() - began < 19 and server.connections == 1
        # Told to be well again, it gets all of it by the schedule.
        wait_until(lambda: Mail.objects.filter(error="timeout").exists(), what="the end of the first mail")
        server.mood = "well"
        Heartbeat.objects.filter(name=Heartbeat.MAIL).update(facts={})
        Mail.objects.update(next_at=timezone.now())
        outbox.send_test(user=person)
        wait_until(
            lambda: not Mail.objects.filter(state=MailState.WAITING).exists(), seconds=90, what="all mail"
        )
        assert len(server.letters) == 31


def ask_for_reset(parts: Parts, number: int) -> int:
    browser = requests.Session()
    page = f"{parts.web_url}{reverse('account_reset_password')}"
    browser.get(page, timeout=30)
    form = {"email": f"somebody-{number}@example.test", "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    return browser.post(page, form, timeout=30, allow_redirects=False).status_code


def test_forty_eight_asked_for_passwords_leave_the_web_server_free(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as server:
        server.mood = "silent"
        monkeypatch.setenv("EMAIL_URL", server.url)
        parts.start_web()
        began = time.monotonic()
        with ThreadPoolExecutor(48) as pool:
            answers = list(pool.map(lambda number: ask_for_reset(parts, number), range(48)))
        assert set(answers) == {303}
        began = time.monotonic()
        assert requests.get(f"{parts.web_url}{reverse('health-live')}", timeout=5).status_code == 200
        assert time.monotonic() - began < 5 and server.connections == 0
        assert Mail.objects.count() == 48
