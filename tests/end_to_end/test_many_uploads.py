"""Fifty-two small films come at once, from one person: real processes, and everybody else goes on working."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import requests

from tasks.models import UNEXAMINED, Membership, Upload, UploadState
from tests.marketer import Browser
from tests.media.samples import make_picture, make_video
from tests.parts import Parts, wait_until
from tests.people import browser_of, make_mark, make_member, make_workspace

pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]

FILMS = 52
# Seconds that a page or the form of signing in may take meanwhile, on a machine whose cores are all busy.
PATIENCE = 10.0


def send_file(browser: Browser, path: Path, name: str) -> requests.Response:
    """Bring one file in, again and again while the portal is too busy to take it."""
    headers = {**browser._headers, "X-CSRFToken": browser._token, "Accept": "application/json"}
    address = f"{browser.web_url}/library/add/"
    for _try in range(30):
        with path.open("rb") as file:
            answer = requests.post(address, files={"file": (name, file)}, headers=headers, timeout=90)
        if answer.status_code != 503:
            return answer
        time.sleep(1)
    return answer


@contextmanager
def looking(web_url: str, member: Membership) -> Iterator[list[tuple[str, int, float]]]:
    """Somebody else who asks for pages the whole time: what they got, and how long it took."""
    session = browser_of(member).cookies["sessionid"].value
    ended, seen = Event(), list[tuple[str, int, float]]()

    def look() -> None:
        while not ended.is_set():
            for path in ("/accounts/login/", "/tasks/", "/library/", "/health/live/"):
                cookies: dict[str, Any] = {} if "login" in path else {"sessionid": session}
                started = time.monotonic()
                answer = requests.get(web_url + path, cookies=cookies, timeout=60)
                seen.append((path, answer.status_code, time.monotonic() - started))
            ended.wait(0.2)

    thread = Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def test_fifty_films_at_once_keep_nobody_from_signing_in_and_are_all_examined(
    parts: Parts, tmp_path: Path
) -> None:
    workspace = make_workspace()
    mark, other = make_mark(workspace), make_member(workspace)
    films = [make_video(tmp_path / f"{one}.mp4", 1 + one / 50) for one in range(FILMS)]
    picture = make_picture(tmp_path / "one.png")
    parts.start_worker()
    parts.start_web()
    theirs, own = Browser(parts.web_url, mark), Browser(parts.web_url, other)
    with looking(parts.web_url, other) as seen, ThreadPoolExecutor(FILMS) as crowd:
        sent = [crowd.submit(send_file, theirs, film, film.name) for film in films]
        codes = [one.result().status_code for one in sent]
        assert send_file(own, picture, "one.png").status_code == 201
        mine = Upload.objects.filter(owner=other.user)
        wait_until(lambda: mine.filter(state=UploadState.READY).exists(), seconds=60, what="the picture")
        left = Upload.objects.filter(state__in=UNEXAMINED).count()
        wait_until(
            lambda: not Upload.objects.filter(state__in=UNEXAMINED).exists(), seconds=240, what="the films"
        )
    assert codes == [201] * FILMS
    # Who brought one file has not waited behind all of somebody else's.
    assert left > 0
    assert set(Upload.objects.values_list("state", flat=True)) == {UploadState.READY}
    assert {code for _path, code, _seconds in seen} == {200}
    slowest = max(seen, key=lambda one: one[2])
    assert slowest[2] < PATIENCE, slowest


def test_a_worker_killed_over_a_film_is_followed_by_another_that_examines_it(
    parts: Parts, tmp_path: Path
) -> None:
    mark = make_mark(make_workspace())
    film = make_video(tmp_path / "film.mp4", 20, (640, 480))
    parts.start_web()
    parts.start_worker(TAKEOVER_SECONDS="4")
    assert send_file(Browser(parts.web_url, mark), film, "film.avi").status_code == 201
    wait_until(lambda: Upload.objects.exclude(state=UploadState.STORED).exists(), what="the examination")
    parts.kill_node("worker")
    Upload.objects.filter(state=UploadState.EXAMINING).update(lease_until=Upload.objects.get().created_at)
    parts.start_worker("another")
    wait_until(lambda: Upload.objects.get().state == UploadState.READY, seconds=90, what="the film")
    assert Upload.objects.get().tries <= 2
