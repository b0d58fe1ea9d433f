"""The vocabulary of causes: every code has a wording, every fact is said, and nobody stores words."""

from __future__ import annotations

import ast
import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.db.models import JSONField, Value
from django.utils.translation import trans_real

from tasks.causes import FACTS, Cause, Code, Fact
from tasks.commands.notifications.letters import write
from tasks.models import Credential, CredentialState, Mail, MailCause, Membership, Status, Submission, User
from tasks.models.causes import CauseField
from tasks.topview.errors import NotFound, TopViewError
from tasks.wording import SENTENCES, cause_words
from tests.people import browser_of, make_alice, make_mark, make_workspace
from tests.views.rows import make_account, make_task

TASKS = Path(__file__).parent.parent / "tasks"
# Who may say something in words: a person's request is refused there and then, or a letter is written.
ANSWERING = {
    "commands/submissions/create.py",
    "commands/submissions/duplicates.py",
    "commands/evidence/following.py",
    "commands/notifications/letters.py",
    "commands/submissions/next_steps.py",
    "commands/ledger/adoption.py",
    "commands/submissions/actions.py",
    "commands/ledger/spending.py",
    "commands/library/uploads.py",
    "commands/library/use_output.py",
    "commands/review/sending.py",
    "commands/review/deciding.py",
    "commands/review/comments.py",
    "commands/delivery/archives.py",
    "commands/delivery/freezing.py",
    # A table that somebody orders, in their language.
    "commands/delivery/side_cars.py",
    "commands/guests/visits.py",
    "commands/guests/deciding.py",
    "commands/guests/links.py",
    "commands/guests/commenting.py",
}


UNKNOWN = str(SENTENCES[Code.OF_ANOTHER_RELEASE])


def example(code: Code, mark: str) -> Cause:
    """A cause of that code; other marks make other facts."""
    return Cause.of(code, **{name: value(name, kind, mark) for name, kind in FACTS[code].items()})


def value(name: str, kind: Any, mark: str) -> Fact:
    if name == "since":
        return f"2026-11-28T{10 + len(mark)}:15+00:00"
    if kind is str:
        return f"{name} {mark}"
    return Cause.of(Code.GENERATION_FAILED, said=mark)


@pytest.mark.parametrize("code", Code)
def test_every_code_is_worded_with_all_its_facts(code: Code) -> None:
    first, second = example(code, "a"), example(code, "bb")
    assert cause_words(first).endswith((".", "”", "a")), "a sentence"
    assert "%(" not in cause_words(first)
    for name in FACTS[code]:
        other = Cause(code, {**first.facts, name: second.facts[name]})
        assert cause_words(other) != cause_words(first), f"{name} is not said"


def test_no_two_codes_are_worded_alike() -> None:
    sentences = [str(sentence) for sentence in SENTENCES.values()]
    assert set(SENTENCES) == set(Code)
    assert len(sentences) == len(set(sentences))


def test_of_a_cause_without_some_facts_the_rest_is_said() -> None:
    unnamed = Cause.of(Code.CREDENTIAL_UNUSABLE, name="Main", reason=None)
    assert cause_words(unnamed) == "Waiting: the credential “Main” cannot be used."
    elsewhere = Cause.of(Code.CLAIM_TAKEN, remote_id="t1", follower="")
    assert cause_words(elsewhere) == "The task t1 is followed by another workspace of this portal already."
    assert cause_words(Cause.of(Code.GENERATION_FAILED, said="")).endswith("gave no reason.")
    assert cause_words(Cause.of(Code.GENERATION_FAILED, said="No face.")) == "TopView says: “No face.”"
    assert cause_words(None) == ""


def test_a_sentence_of_an_earlier_release_is_shown_as_it_was() -> None:
    assert cause_words(Cause.earlier("100 % of it: %(name)s")) == "100 % of it: %(name)s"


@pytest.mark.parametrize(
    "facts", [{}, {"name": "x"}, {"name": "x", "format": 7}, {"name": "x", "format": "y", "more": "z"}]
)
def test_a_cause_has_the_facts_of_its_code_and_no_others(facts: Any) -> None:
    with pytest.raises(TypeError):
        Cause.of(Code.FILE_NOT_CONVERTIBLE, **facts)


@pytest.mark.parametrize("code", Code)
def test_a_cause_is_read_as_it_was_stored(code: Code) -> None:
    cause = example(code, "a")
    assert Cause.read(cause.as_json()) == cause


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        (None, ""),
        ("", ""),
        ("Words.", "Words."),
        ({"code": "later-release", "facts": {"x": "y"}}, UNKNOWN),
        ({"code": "later-release", "facts": {"said": "No face."}}, f"{UNKNOWN} TopView says: “No face.”"),
        ({"code": "later-release", "facts": {"said": 7}}, UNKNOWN),
        ({"code": "file-not-convertible", "facts": {"name": "x"}}, UNKNOWN),
        ({"code": "late-refusal", "facts": {"reason": None}}, UNKNOWN),
        ({"code": "busy", "facts": []}, UNKNOWN),
        ({"code": "busy", "facts": [1]}, UNKNOWN),
        ({}, UNKNOWN),
        ([1], UNKNOWN),
    ],
)
def test_of_what_this_release_does_not_know_it_says_so_and_quotes_topview(stored: object, words: str) -> None:
    assert cause_words(Cause.read(stored)) == words


def test_a_cause_inside_another_may_be_unknown() -> None:
    stored = {"code": "late-refusal", "facts": {"reason": {"code": "later-release", "facts": {}}}}
    assert cause_words(Cause.read(stored)).endswith(f"did not accept this call. {UNKNOWN}")


@pytest.mark.parametrize(
    "said",
    [
        "See https://files.topview.ai/a.mp4?X-Amz-Signature=abc&Expires=1 for it",
        "HTTP://h/x?sig=abc",
        "(https://h/x?a=1&X-Amz-Signature=abc)",
    ],
)
def test_a_signed_address_does_not_get_into_a_cause(said: str) -> None:
    stored = str(Cause.of(Code.GENERATION_FAILED, said=said).as_json())
    assert "abc" not in stored and "/" in stored
    assert Cause.of(Code.GENERATION_FAILED, said="x" * 9000).facts["said"] == "x" * 500


def classes(root: type[TopViewError] = TopViewError) -> Iterator[type[TopViewError]]:
    yield root
    for child in root.__subclasses__():
        yield from classes(child)


def test_every_error_of_topview_has_a_code_of_its_own() -> None:
    codes = [kind.cause_code for kind in classes()]
    assert len(codes) == len(set(codes))
    assert NotFound("x", remote_message="gone").cause == Cause.of(Code.NOT_FOUND, said="gone")


@pytest.mark.parametrize("kind", list(classes()), ids=lambda kind: kind.__name__)
def test_an_error_says_what_happened_and_one_next_step(kind: type[TopViewError]) -> None:
    words = cause_words(kind("for the log").bare_cause)
    assert words.endswith(".")
    assert words.count(". ") + words.count("; ") >= 1


@pytest.fixture
def mark(db: None) -> Membership:
    return make_mark(make_workspace())


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """A catalog with one sentence, and how TopView is quoted."""
    settings.LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
    catalog: Any = trans_real.DjangoTranslation("zh-hans")
    catalog._catalog[str(SENTENCES[Code.NO_CREDIT])] = "余额不足。"
    catalog._catalog["TopView says: “%(said)s”"] = "TopView：“%(said)s”"
    monkeypatch.setitem(vars(trans_real)["_translations"], "zh-hans", catalog)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.FAILED, Status.UNKNOWN])
@pytest.mark.django_db
def test_pages_show_no_code_of_another_release(status: Status) -> None:
    admin = make_alice(make_workspace())
    stored = Value({"code": "later-release", "facts": {"x": "y"}}, JSONField())
    task = make_task(admin, status=status)
    task.submissions.update(reason=stored, attention=stored)
    task.outputs.update(error=stored)
    Credential.objects.update(state=CredentialState.DISABLED, state_reason=stored)
    for page in (f"/tasks/{task.pk}/", "/tasks/", "/settings/credentials/"):
        answer = browser_of(admin).get(page)
        words = html.unescape(answer.content.decode())
        assert answer.status_code == 200 and UNKNOWN in words, page
        assert "later-release" not in words, page


@pytest.mark.usefixtures("chinese")
@pytest.mark.django_db
class TestOneRowAndTwoReaders:
    """What is stored is in no language: each reader reads it in the own one."""

    def test_the_page_of_a_task(self, mark: Membership) -> None:
        reason = Cause.of(Code.NO_CREDIT, said="balance 0")
        task = make_task(mark, status=Status.REFUSED, reason=reason)
        pages = {}
        for language in ("en", "zh-hans"):
            User.objects.filter(pk=mark.user_id).update(language=language)
            pages[language] = html.unescape(browser_of(mark).get(f"/tasks/{task.pk}/").content.decode())
        assert "not enough credits" in pages["en"] and "TopView says: “balance 0”" in pages["en"]
        assert "余额不足。 TopView：“balance 0”" in pages["zh-hans"]
        assert "not enough credits" not in pages["zh-hans"]

    def test_a_mail(self, mark: Membership) -> None:
        reason = Cause.of(Code.NO_CREDIT, said="")
        account = make_account(mark.workspace, state=CredentialState.PAUSED, state_reason=reason)
        letters = {}
        for language in ("en", "zh-hans"):
            User.objects.filter(pk=mark.user_id).update(language=language)
            mail = Mail(
                workspace=mark.workspace,
                user_id=mark.user_id,
                cause=MailCause.CREDENTIAL,
                facts={"credential": str(account.pk), "state": account.state},
            )
            written = write(mail)
            assert written is not None
            letters[language] = written.body
        assert "not enough credits" in letters["en"] and "余额不足。" in letters["zh-hans"]


CAUSES = [
    (model, field.name)
    for model in apps.get_app_config("tasks").get_models()
    for field in model._meta.concrete_fields
    if isinstance(field, CauseField)
]


@pytest.mark.postgres
@pytest.mark.django_db
class TestColumns:
    """On both databases alike."""

    def test_there_are_as_many_as_are_known(self) -> None:
        named = {(model.__name__, name) for model, name in CAUSES}
        assert {("Submission", "reason"), ("Submission", "attention"), ("Output", "error")} <= named
        assert {("Credential", "state_reason"), ("CatalogState", "error")} <= named

    def test_rows_are_found_by_having_none_by_code_and_by_the_whole(self, mark: Membership) -> None:
        full = Cause.of(Code.CREDENTIAL_UNUSABLE, name="“Main”", reason=Cause.of(Code.BUSY, said="no"))
        submission = make_task(mark, status=Status.QUEUED, reason=full).submissions.get()
        make_task(mark, status=Status.QUEUED)
        rows = Submission.objects.all()
        assert rows.get(reason__isnull=False) == rows.exclude(reason=None).get() == submission
        assert rows.filter(reason=None).count() == 1
        assert rows.get(reason__code=Code.CREDENTIAL_UNUSABLE) == submission
        assert rows.get(reason__facts__reason__code="busy") == submission
        assert rows.get(reason=full) == submission
        assert rows.exclude(reason=full).count() == 1
        assert rows.get(pk=submission.pk).reason == full
        assert list(rows.exclude(reason=None).values_list("reason", flat=True)) == [full]
        rows.update(reason=None)
        assert not rows.exclude(reason=None).exists()

    @pytest.mark.parametrize("model,name", CAUSES, ids=lambda one: getattr(one, "__name__", one))
    def test_words_are_refused(self, model: Any, name: str) -> None:
        with pytest.raises(TypeError):
            model.objects.update(**{name: "Words."})

    def test_a_dump_brings_causes_back(self, mark: Membership) -> None:
        cause = Cause.of(Code.LATE_REFUSAL, reason=Cause.of(Code.BUSY, said=""))
        make_task(mark, status=Status.UNKNOWN, attention=cause)
        dumped = serializers.serialize("json", Submission.objects.all())
        (row,) = serializers.deserialize("json", dumped)
        assert vars(row.object)["attention"] == cause


def modules() -> Iterator[Path]:
    yield TASKS / "jobs.py"
    yield from (TASKS / "commands").rglob("*.py")
    yield from (TASKS / "topview").rglob("*.py")


def test_what_jobs_and_commands_say_in_words_is_said_to_whoever_asks() -> None:
    """Sentences in `tasks.commands` are those of refusals, which answer a request, and of letters."""
    found = {str(path.relative_to(TASKS)) for path in modules() if translates(path)}
    assert found == ANSWERING


def test_what_is_wrong_with_a_brief_is_a_cause_and_in_no_language() -> None:
    """Kinds meet it in the worker, whose language is nobody's."""
    for path in (TASKS / "kinds").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "UnusableBrief":
                names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
                assert names.isdisjoint({"_", "gettext"}), f"{path}:{node.lineno}"


def translates(path: Path) -> bool:
    tree = ast.parse(path.read_text())
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return "django.utils.translation" in names
