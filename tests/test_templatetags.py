"""The tags of the design system, rendered as a page would render them."""

import json
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import RequestFactory, override_settings
from django.urls import resolve

from tasks.kinds import KINDS
from tasks.models import ReviewState, Status, TaskStatus, Verdict, VersionState
from tasks.templatetags.portal import ICONS, REVIEWS, STATUSES

ROOT = Path(__file__).resolve().parent.parent
DRAWN = set(json.loads((ROOT / "package.json").read_text())["vendor"]["lucide-static"]["icons"])
PLAIN_STATIC = override_settings(
    STORAGES={"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
)


def render(source: str, **values: object) -> str:
    with PLAIN_STATIC:
        return Template("{% load portal %}" + source).render(Context(values))


def test_every_status_of_tasks_and_submissions_has_a_look() -> None:
    assert {*Status.values, *TaskStatus.values} <= set(STATUSES)


def test_every_icon_the_portal_names_is_in_the_sprite() -> None:
    looks = (*STATUSES.values(), *REVIEWS.values())
    assert {look.icon for look in looks} | set(ICONS.values()) <= DRAWN


def test_every_state_of_a_review_has_a_look() -> None:
    named = {*VersionState.values, *Verdict.values, *ReviewState.values} - {""}
    assert named == set(REVIEWS)


def test_every_icon_a_product_names_is_in_the_sprite() -> None:
    assert {kind.icon for kind in KINDS.values()} - set(ICONS) <= DRAWN


def test_every_icon_the_templates_name_is_in_the_sprite() -> None:
    named = {
        part.split('"')[0]
        for page in (ROOT / "templates").rglob("*.html")
        for part in page.read_text().split('{% icon "')[1:]
    }
    assert named - set(ICONS) <= DRAWN


def test_an_icon_is_hidden_from_screen_readers_and_points_into_the_sprite() -> None:
    drawn = render('{% icon "speak" "icon--large" %}')
    assert 'aria-hidden="true"' in drawn
    assert "icons.svg#mic" in drawn
    assert "icon--large" in drawn


def test_a_status_pill_says_its_word_and_carries_its_tone() -> None:
    pill = render("{% status_pill status %}", status=TaskStatus.PARTLY_FAILED)
    assert "tone--warn" in pill
    assert "Partly failed" in pill


def test_a_status_pill_escapes_a_word_given_to_it() -> None:
    assert "<b>" not in render("{% status_pill status word %}", status="failed", word="<b>x</b>")


@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, ""), (0.4, "0:00"), (7, "0:07"), (83.6, "1:24"), (3725, "1:02:05")]
)
def test_a_length_is_shown_as_on_a_player(seconds: float | None, shown: str) -> None:
    assert render("{{ seconds|clock }}", seconds=seconds) == shown


def test_the_page_one_is_on_is_marked_by_a_pattern_of_its_name() -> None:
    request = RequestFactory().get("/accounts/login/")
    request.resolver_match = resolve("/accounts/login/")
    assert render('<a{% here "account_*" %}>', request=request) == '<a aria-current="page">'
    assert render('<a{% here "task-*" %}>', request=request) == "<a>"


def test_looking_up_in_nothing_gives_nothing() -> None:
    assert render("{{ chosen|lookup:'voice' }}", chosen=None) == "None"
    assert render("{{ chosen|lookup:'voice' }}", chosen={"voice": "Amelia"}) == "Amelia"
