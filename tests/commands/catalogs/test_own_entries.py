"""Own voices and photo avatars: made, deleted, and told about when TopView does not do either."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from tasks import jobs
from tasks.causes import Cause, Code
from tasks.commands.catalogs.own_entries import NotOurs, ask_removal, can_remove
from tasks.commands.catalogs.photo_avatars import ORDERS, ask_portrait, drop_order
from tasks.models import AuditEvent, CatalogEntry, Credential, CredentialState, Membership, Upload
from tests import people
from tests.media.samples import make_audio, make_picture
from tests.sandbox_fixture import SandboxDriver


@pytest.fixture
def portrait(mark: Membership, tmp_path: Path) -> Upload:
    """A picture in the library."""
    return people.make_upload(mark, tmp_path)


def own(credential: Credential, catalog_name: str) -> list[CatalogEntry]:
    """What is the account's own in a catalog."""
    rows = CatalogEntry.objects.in_catalog(credential, catalog_name)
    return [row for row in rows if row.facts.get("own")]


def queued(job: str) -> list[list[str]]:
    """The ids of each message for this job, in order."""
    rows = OrmQ.objects.order_by("pk")
    return [list(row.task["args"]) for row in rows if row.func() == f"tasks.jobs.{job}"]


def read_what_was_asked_for() -> None:
    """Run the readings that are queued."""
    for account, catalog_name in queued("refresh_one_catalog"):
        jobs.refresh_one_catalog(account, catalog_name)


class TestMaking:
    """A picture becomes a photo avatar."""

    @pytest.fixture
    def order(self, portrait: Upload, credential: Credential, mark: Membership) -> CatalogEntry:
        """Asked for, not yet carried out."""
        ask_portrait(upload=portrait, credential=credential, actor=mark.user)
        return CatalogEntry.objects.get(catalog=ORDERS)

    def test_it_stands_among_the_own_photo_avatars_afterwards(
        self, order: CatalogEntry, credential: Credential, portal: SandboxDriver
    ):
        assert queued("keep_portrait") == [[str(order.pk)]]
        jobs.keep_portrait(str(order.pk))
        read_what_was_asked_for()
        assert len(own(credential, "photo-avatars")) == len(own(credential, "own-avatars")) == 1
        assert not CatalogEntry.objects.filter(catalog=ORDERS).exists()
        assert portal.violations() == []

    def test_asked_for_twice_and_run_twice_it_is_made_once(
        self, order: CatalogEntry, portrait: Upload, credential: Credential, mark: Membership
    ):
        ask_portrait(upload=portrait, credential=credential, actor=mark.user)
        for _turn in range(2):
            jobs.keep_portrait(str(order.pk))
        read_what_was_asked_for()
        assert len(own(credential, "photo-avatars")) == 1
        assert AuditEvent.objects.filter(verb="entry-kept").count() == 1

    @pytest.mark.sqlite
    @pytest.mark.parametrize(("fault", "value"), [("code", 4006), ("http-before", 503)])
    def test_when_topview_refuses_it_says_so_and_can_be_asked_again(
        self,
        fault: str,
        value: int,
        order: CatalogEntry,
        portrait: Upload,
        credential: Credential,
        mark: Membership,
        portal: SandboxDriver,
    ):
        portal.fault(fault, scope="createPhotoAvatar", value=value)
        jobs.keep_portrait(str(order.pk))
        order.refresh_from_db()
        assert order.facts["problem"]
        portal.clear()
        ask_portrait(upload=portrait, credential=credential, actor=mark.user)
        jobs.keep_portrait(str(order.pk))
        read_what_was_asked_for()
        assert len(own(credential, "photo-avatars")) == 1

    @pytest.mark.sqlite
    def test_when_the_answer_is_lost_it_is_not_sent_again_by_itself(
        self, order: CatalogEntry, credential: Credential, portal: SandboxDriver
    ):
        portal.fault("drop-after", scope="createPhotoAvatar")
        jobs.keep_portrait(str(order.pk))
        portal.clear()
        jobs.keep_portrait(str(order.pk))
        jobs.refresh_stale_catalogs()
        order.refresh_from_db()
        assert order.facts["problem"] == Cause.of(Code.PORTRAIT_UNANSWERED).as_json()
        read_what_was_asked_for()
        assert len(own(credential, "photo-avatars")) == 1

    def test_a_worker_that_died_after_sending_leaves_words_and_no_second_portrait(
        self, order: CatalogEntry, credential: Credential, portal: SandboxDriver
    ):
        CatalogEntry.objects.filter(pk=order.pk).update(facts={"sent": True})
        jobs.keep_portrait(str(order.pk))
        order.refresh_from_db()
        assert order.facts["problem"] == Cause.of(Code.PORTRAIT_UNANSWERED).as_json()
        assert "createPhotoAvatar" not in str(portal.state()["calls"])

    def test_one_whose_nudge_was_lost_is_queued_again(self, order: CatalogEntry):
        OrmQ.objects.all().delete()
        jobs.refresh_stale_catalogs()
        assert queued("keep_portrait") == [[str(order.pk)]]

    def test_only_what_came_to_nothing_can_be_put_away(self, order: CatalogEntry):
        drop_order(order=order)
        assert CatalogEntry.objects.filter(catalog=ORDERS).exists()
        CatalogEntry.objects.filter(pk=order.pk).update(facts={"problem": "No face."})
        drop_order(order=order)
        assert not CatalogEntry.objects.filter(catalog=ORDERS).exists()

    @pytest.mark.sqlite
    def test_a_picture_that_left_the_library_is_said_to_be_missing(
        self, order: CatalogEntry, portrait: Upload
    ):
        Upload.objects.filter(pk=portrait.pk).update(hidden_at=timezone.now())
        jobs.keep_portrait(str(order.pk))
        order.refresh_from_db()
        assert order.facts["problem"] == Cause.of(Code.PICTURE_GONE).as_json()


class TestDeleting:
    """What is one's own can be deleted at TopView."""

    @pytest.fixture
    def mine(self, credential: Credential, portal: SandboxDriver, tmp_path: Path) -> CatalogEntry:
        """An own photo avatar in its catalog."""
        file_id = portal.upload(make_picture(tmp_path / "mine.png").read_bytes(), "png")
        portal.result("POST", "/v1/photo_avatar/template/create", {"templateImageFileId": file_id})
        people.ready_catalogs(credential)
        (entry,) = own(credential, "photo-avatars")
        return entry

    @pytest.fixture
    def voice(self, credential: Credential, portal: SandboxDriver) -> CatalogEntry:
        """A cloned voice that the sandbox does not know any more."""
        return CatalogEntry.objects.create(
            workspace=credential.workspace,
            credential=credential,
            catalog="voices",
            remote_id="cloned-1",
            name="Clone",
            facts={"own": True},
        )

    def test_it_is_gone_from_every_catalog_and_from_topview(
        self, mine: CatalogEntry, credential: Credential, alice: Membership, portal: SandboxDriver
    ):
        ask_removal(entry=mine, actor=alice.user)
        jobs.remove_entry(str(mine.pk))
        assert own(credential, "photo-avatars") == own(credential, "own-avatars") == []
        listed = portal.result("GET", "/v1/photo_avatar/template/list?isCustom=true")
        assert listed["total"] == 0
        read_what_was_asked_for()
        assert own(credential, "photo-avatars") == []
        event = AuditEvent.objects.get(verb="entry-removed")
        assert (event.actor, event.facts["remote_id"]) == (alice.user, mine.remote_id)
        assert portal.violations() == []

    def test_a_cloned_voice_stands_first_among_the_voices_until_it_is_deleted(
        self, credential: Credential, alice: Membership, portal: SandboxDriver, tmp_path: Path
    ):
        sample = portal.upload(make_audio(tmp_path / "mine.wav", 11).read_bytes(), "wav")
        body = {"originVoiceFileId": sample, "name": "My own"}
        submitted = portal.result("POST", "/v1/voice/clone/task/submit", body)
        portal.wait("/v1/voice/clone/task/query", submitted["taskId"])
        people.ready_catalogs(credential)
        first = CatalogEntry.objects.in_catalog(credential, "voices")[0]
        assert (first.name, first.facts["own"]) == ("My own", True)
        ask_removal(entry=first, actor=alice.user)
        jobs.remove_entry(str(first.pk))
        assert own(credential, "voices") == []
        assert portal.result("GET", "/v1/voice/query?isCustom=true")["total"] == 0
        assert portal.violations() == []

    def test_asking_twice_is_one_request_and_running_twice_does_no_harm(
        self, mine: CatalogEntry, alice: Membership, portal: SandboxDriver
    ):
        for _time in range(2):
            ask_removal(entry=mine, actor=alice.user)
        assert queued("remove_entry") == [[str(mine.pk)]]
        for _time in range(2):
            jobs.remove_entry(str(mine.pk))
        mine.refresh_from_db()
        assert mine.gone_at is not None and "removal_problem" not in mine.facts

    @pytest.mark.sqlite
    def test_what_topview_does_not_know_any_more_counts_as_deleted(
        self, voice: CatalogEntry, alice: Membership
    ):
        ask_removal(entry=voice, actor=alice.user)
        jobs.remove_entry(str(voice.pk))
        voice.refresh_from_db()
        assert voice.gone_at is not None

    @pytest.mark.sqlite
    @pytest.mark.parametrize(("fault", "value"), [("code", 4006), ("http-before", 500)])
    def test_when_topview_refuses_the_entry_stays_and_says_so(
        self, fault: str, value: int, mine: CatalogEntry, alice: Membership, portal: SandboxDriver
    ):
        portal.fault(fault, scope="deletePhotoAvatar", value=value)
        ask_removal(entry=mine, actor=alice.user)
        jobs.remove_entry(str(mine.pk))
        mine.refresh_from_db()
        assert mine.facts["removal_problem"]
        assert (mine.gone_at, mine.removal_asked_at) == (None, None)
        people.ready_catalogs(mine.credential)
        mine.refresh_from_db()
        assert mine.facts["removal_problem"], "a new reading does not wipe the words out"
        portal.clear()
        ask_removal(entry=mine, actor=alice.user)
        jobs.remove_entry(str(mine.pk))
        mine.refresh_from_db()
        assert mine.gone_at is not None

    @pytest.mark.sqlite
    def test_a_key_that_is_refused_takes_the_account_out_of_use(
        self, mine: CatalogEntry, alice: Membership, portal: SandboxDriver
    ):
        portal.fault("code", scope="deletePhotoAvatar", value=401)
        ask_removal(entry=mine, actor=alice.user)
        jobs.remove_entry(str(mine.pk))
        assert Credential.objects.get(pk=mine.credential_id).state == CredentialState.DISABLED

    def test_one_whose_nudge_was_lost_is_queued_again(self, mine: CatalogEntry, alice: Membership):
        ask_removal(entry=mine, actor=alice.user)
        OrmQ.objects.all().delete()
        jobs.refresh_stale_catalogs()
        assert queued("remove_entry") == [], "its own nudge may still be on its way"
        CatalogEntry.objects.filter(pk=mine.pk).update(removal_asked_at=timezone.now() - timedelta(hours=1))
        jobs.refresh_stale_catalogs()
        assert queued("remove_entry") == [[str(mine.pk)]]

    @pytest.mark.sqlite
    @pytest.mark.parametrize(
        ("catalog_name", "facts"),
        [
            ("voices", {}),
            ("captions", {"own": True}),
            ("own-avatars", {"own": True}),
            ("photo-avatars", {"categories": ["Office"]}),
        ],
        ids=["a public voice", "no call for it", "an avatar from a video", "a public portrait"],
    )
    def test_what_has_no_call_or_is_not_own_is_refused(
        self, catalog_name: str, facts: dict[str, Any], voice: CatalogEntry, alice: Membership
    ):
        voice.catalog, voice.facts = catalog_name, facts
        voice.save()
        assert not can_remove(voice)
        with pytest.raises(NotOurs):
            ask_removal(entry=voice, actor=alice.user)
        assert queued("remove_entry") == []
