"""Going on with a task: what is offered, what is asked, and that it is started once."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.kinds import KINDS
from tasks.models import AuditEvent, Membership, Output, Status, Submission, Task, TaskStatus
from tests.kinds.stepping import STEPPING
from tests.people import browser_of
from tests.views.rows import make_file, make_output, make_submission, make_task

pytestmark = pytest.mark.usefixtures("stepping")


@pytest.fixture
def stepping(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind with several steps is offered."""
    monkeypatch.setitem(KINDS, STEPPING.slug, STEPPING)


@pytest.fixture
def task(mark: Membership, stepping: None) -> Task:
    """A task whose two pictures are there, the second one without a face."""
    made = make_task(mark, kind=STEPPING, brief={"schema": 1, "image": str(make_file(mark).pk)})
    for position, face in enumerate((True, False)):
        make_output(made, position=position, role="image", identity=f"k{position}", facts={"face": face})
    made.touch()
    return Task.objects.get(pk=made.pk)


def picture(task: Task, position: int) -> Output:
    return task.outputs.get(position=position)


def url(task: Task, step: str) -> str:
    return reverse("task-next", args=[task.pk, step])


def films(task: Task) -> list[Submission]:
    return list(task.submissions.filter(step="film").order_by("created_at"))


def test_a_task_with_a_step_to_choose_waits_for_a_person(task: Task) -> None:
    assert task.status == TaskStatus.CHOOSING


def test_the_task_page_leads_on(mark: Membership, task: Task) -> None:
    page = browser_of(mark).get(reverse("task-page", args=[task.pk])).content.decode()
    assert "Your choice" in page
    assert url(task, "film") in page
    assert url(task, "print") in page


def test_a_reviewer_sees_the_steps_and_no_way_to_spend(rita: Membership, task: Task) -> None:
    page = browser_of(rita).get(reverse("task-page", args=[task.pk])).content.decode()
    assert "Make a film" in page
    assert url(task, "film") not in page


def test_the_page_shows_what_can_be_chosen_and_why_something_cannot(mark: Membership, task: Task) -> None:
    page = browser_of(mark).get(url(task, "film")).content.decode()
    assert re.search(rf'value="{picture(task, 0).pk}" checked', page)
    assert re.search(rf'value="{picture(task, 1).pk}" disabled', page)
    assert "No face was found in it." in page


def test_a_chosen_picture_starts_the_step_with_its_answers(mark: Membership, task: Task) -> None:
    music = make_file(mark, name="song.mp3", role="audio", format="mp3", seconds=9)
    sent = {
        "order_id": str(uuid4()),
        "output": str(picture(task, 0).pk),
        "words": "Hello",
        "music": str(music.pk),
    }
    answer = browser_of(mark).post(url(task, "film"), sent)
    assert answer.status_code == 303
    (film,) = films(task)
    assert film.item == "k0"
    assert film.source == picture(task, 0)
    assert (film.asked["words"], film.asked["item"]) == ("Hello", "k0")
    assert film.asked["image"] == task.brief["image"]
    assert music in task.uploads.all()
    assert Task.objects.get(pk=task.pk).status == TaskStatus.QUEUED
    assert AuditEvent.objects.filter(verb="step-started", actor=mark.user).count() == 1


def test_the_same_page_sent_twice_starts_one_call(mark: Membership, task: Task) -> None:
    sent = {"order_id": str(uuid4()), "output": str(picture(task, 0).pk), "words": "Hello"}
    for _time in range(2):
        assert browser_of(mark).post(url(task, "film"), sent).status_code == 303
    assert len(films(task)) == 1


def test_a_page_sent_again_with_other_words_says_so_and_gets_an_id_of_its_own(
    mark: Membership, task: Task
) -> None:
    sent = {"order_id": str(uuid4()), "output": str(picture(task, 0).pk), "words": "Hello"}
    browser_of(mark).post(url(task, "film"), sent)
    answer = browser_of(mark).post(url(task, "film"), {**sent, "words": "Other words"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "sent before, with other answers" in page
    assert "Other words" in page
    assert sent["order_id"] not in page
    assert len(films(task)) == 1


def test_a_page_that_had_to_be_left_is_drawn_again_and_starts_nothing(mark: Membership, task: Task) -> None:
    sent = {"order_id": str(uuid4()), "output": str(picture(task, 0).pk), "words": "", "unsent": "1"}
    answer = browser_of(mark).post(url(task, "film"), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Nothing was sent." in page and "field__errors" not in page
    assert sent["order_id"] in page and not films(task)


def test_two_pages_for_the_same_picture_start_one_call(mark: Membership, task: Task) -> None:
    sent = {"output": str(picture(task, 0).pk), "words": "Hello"}
    assert browser_of(mark).post(url(task, "film"), {**sent, "order_id": str(uuid4())}).status_code == 303
    second = browser_of(mark).post(url(task, "film"), {**sent, "order_id": str(uuid4())})
    assert second.status_code == 422
    assert "already started" in second.content.decode()
    assert len(films(task)) == 1


def test_a_call_that_died_can_be_chosen_again(mark: Membership, task: Task) -> None:
    source = picture(task, 0)
    make_submission(task, Status.REFUSED, source=source, item="k0")
    Submission.objects.filter(status=Status.REFUSED).update(step="film", attempt=1)
    sent = {"order_id": str(uuid4()), "output": str(source.pk), "words": "Hello"}
    assert browser_of(mark).post(url(task, "film"), sent).status_code == 303
    assert [film.attempt for film in films(task)] == [1, 2]


def test_what_was_accepted_before_is_started_once_more_with_a_reason_that_the_page_asks_for(
    mark: Membership, task: Task
) -> None:
    source = picture(task, 0)
    assert "Reason for retrying" not in browser_of(mark).get(url(task, "film")).content.decode()
    make_submission(task, Status.FAILED, source=source, item="k0", accepted_at=timezone.now())
    Submission.objects.filter(status=Status.FAILED).update(step="film", attempt=1)
    assert "Reason for retrying" in browser_of(mark).get(url(task, "film")).content.decode()

    sent = {"order_id": str(uuid4()), "output": str(source.pk), "words": "Hello", "reason": "  "}
    answer = browser_of(mark).post(url(task, "film"), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Say why it is started, and paid, once more." in page and "Hello" in page
    assert re.search(r'name="reason"[^>]*aria-invalid="true"', page)
    assert len(films(task)) == 1

    answer = browser_of(mark).post(url(task, "film"), {**sent, "reason": "TopView had a bad day."})
    assert answer.status_code == 303
    (_failed, again) = films(task)
    transition = again.transitions.get()
    assert (again.attempt, transition.cause, transition.detail) == (2, "repeated", "TopView had a bad day.")
    assert AuditEvent.objects.get(verb="tried-again").facts["reason"] == "TopView had a bad day."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"output": []}, "Choose what to go on with."),
        ({"output": [str(uuid4())]}, "This is not among the results any more."),
        ({"words": ""}, "Say something."),
        ({"words": "x" * 41}, "at most 40"),
        ({"order_id": "nonsense"}, "This page came damaged."),
    ],
)
def test_a_wrong_answer_is_said_and_what_was_typed_is_kept(
    mark: Membership, task: Task, changes: dict[str, object], words: str
) -> None:
    sent = {"order_id": str(uuid4()), "output": [str(picture(task, 0).pk)], "words": "Kept words", **changes}
    answer = browser_of(mark).post(url(task, "film"), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "words" in changes or "Kept words" in page
    assert not films(task)


def test_what_is_wrong_leads_to_a_place_that_takes_the_focus(mark: Membership, task: Task) -> None:
    answer = browser_of(mark).post(url(task, "film"), {"order_id": "nonsense"})
    page = answer.content.decode()
    links = re.findall(r'href="#([^"]+)">[^<]*</a>: ', page)
    assert links == ["field-output", "field-words"]
    for link in links:
        assert re.search(rf'<[^>]* id="{link}" tabindex="-1"', page)
    assert "<li>This page came damaged." in page


def test_what_the_step_cannot_work_on_is_refused_even_when_posted(mark: Membership, task: Task) -> None:
    sent = {"order_id": str(uuid4()), "output": str(picture(task, 1).pk), "words": "Hello"}
    answer = browser_of(mark).post(url(task, "film"), sent)
    assert answer.status_code == 422
    assert "No face was found in it." in answer.content.decode()
    assert not films(task)


def test_one_is_one(mark: Membership, task: Task) -> None:
    Output.objects.update(facts={})
    both = [str(picture(task, 0).pk), str(picture(task, 1).pk)]
    sent = {"order_id": str(uuid4()), "output": both, "words": "Hello"}
    answer = browser_of(mark).post(url(task, "film"), sent)
    assert "Choose one of them." in answer.content.decode()
    assert not films(task)


def test_the_price_follows_what_is_chosen(mark: Membership, task: Task) -> None:
    assert "Costs 5 credits." in browser_of(mark).get(url(task, "print")).content.decode()
    both = [str(picture(task, 0).pk), str(picture(task, 1).pk)]
    answer = browser_of(mark).post(f"{url(task, 'print')}price/", {"output": both})
    assert "Costs 10 credits." in answer.content.decode()
    assert not task.submissions.filter(step="print").exists()


def test_several_are_a_call_each(mark: Membership, task: Task) -> None:
    both = [str(picture(task, 0).pk), str(picture(task, 1).pk)]
    answer = browser_of(mark).post(url(task, "print"), {"order_id": str(uuid4()), "output": both})
    assert answer.status_code == 303
    prints = task.submissions.filter(step="print").order_by("item")
    assert [call.item for call in prints] == ["k0", "k1"]


def test_an_unknown_call_blocks_its_own_picture_alone(mark: Membership, task: Task) -> None:
    make_submission(task, Status.UNKNOWN, source=picture(task, 0), item="k0")
    Submission.objects.filter(status=Status.UNKNOWN).update(step="print")
    page = browser_of(mark).get(url(task, "print")).content.decode()
    assert "Already started" in page
    first = {"order_id": str(uuid4()), "output": str(picture(task, 0).pk)}
    assert browser_of(mark).post(url(task, "print"), first).status_code == 422
    second = {"order_id": str(uuid4()), "output": str(picture(task, 1).pk)}
    assert browser_of(mark).post(url(task, "print"), second).status_code == 303


def test_a_step_whose_material_is_not_there_yet_is_not_found(mark: Membership) -> None:
    task = make_task(mark, kind=STEPPING, status=Status.RUNNING, brief={"schema": 1})
    assert browser_of(mark).get(url(task, "film")).status_code == 404
    assert browser_of(mark).get(url(task, "pictures")).status_code == 404


def test_a_task_left_as_it_is_waits_no_longer_and_can_still_go_on(mark: Membership, task: Task) -> None:
    assert browser_of(mark).post(reverse("task-done", args=[task.pk])).status_code == 303
    assert Task.objects.get(pk=task.pk).status == TaskStatus.SUCCEEDED
    page = browser_of(mark).get(reverse("task-page", args=[task.pk])).content.decode()
    assert "Next steps" in page
    assert browser_of(mark).get(url(task, "film")).status_code == 200


@pytest.fixture
def shown_product(mark: Membership) -> Task:
    """A product avatar with two pictures; TopView found no face in the second."""
    made = make_task(mark, kind=KINDS["product-avatar"], brief={"schema": 1})
    for position, face in enumerate((True, False)):
        facts = {"number": str(position), "face": face}
        make_output(made, position=position, role="image", identity=f"k{position}", facts=facts)
    made.submissions.update(step="pictures")
    made.touch()
    return Task.objects.get(pk=made.pk)


def test_another_picture_is_chosen_beside_the_words_that_were_typed(
    mark: Membership, shown_product: Task
) -> None:
    page = browser_of(mark).get(url(shown_product, "video")).content.decode()
    for position in (0, 1):
        assert f'type="radio" name="output" value="{picture(shown_product, position).pk}"' in page
    assert "?output=" not in page


@pytest.mark.parametrize(("position", "is_judged"), [(0, False), (1, True)])
def test_the_answers_are_judged_by_the_picture_that_was_chosen(
    mark: Membership, shown_product: Task, position: int, is_judged: bool
) -> None:
    chosen = str(picture(shown_product, position).pk)
    sent = {"order_id": str(uuid4()), "output": chosen, "mode": "avatar4", "script": "Kept words"}
    answer = browser_of(mark).post(url(shown_product, "video"), sent)  # no voice, so it is refused either way
    page = answer.content.decode()
    assert answer.status_code == 422
    assert ('href="#field-mode"' in page) == is_judged
    assert f'value="{chosen}" checked' in page
    assert "Kept words" in page
