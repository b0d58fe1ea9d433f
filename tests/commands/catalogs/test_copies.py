"""Copies of TopView's catalogs: whole when it answers, as they were when it does not."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.tasks import async_task
from PIL import Image

from tasks import jobs
from tasks.commands.accounts.credentials import disable
from tasks.commands.catalogs import copies
from tasks.contract import load
from tasks.forms.tasks.sources import CredentialCatalog
from tasks.models import CatalogEntry, CatalogState, Credential, CredentialState, Lease, Membership
from tests import people
from tests.media.samples import make_picture
from tests.sandbox_fixture import SandboxDriver
from tests.topview.server import Request, ScriptedServer, Step, says

CATALOGS = {
    "voices",
    "avatars",
    "captions",
    "own-avatars",
    "product-avatars",
    "anyshoot-templates",
    "photo-avatars",
    "ethnicities",
    "product-avatar-categories",
    "anyshoot-categories",
    "photo-avatar-categories",
}


@pytest.fixture
def ready(credential: Credential) -> Credential:
    """An account whose catalogs have been read."""
    return people.ready_catalogs(credential)


def catalog_of(credential: Credential, name: str) -> list[CatalogEntry]:
    """What may be picked."""
    return list(CatalogEntry.objects.in_catalog(credential, name))


def test_every_page_of_every_catalog_is_read_in_topviews_order(ready: Credential, portal: SandboxDriver):
    contract = load()
    voices = [row["voiceId"] for row in contract.rows("voices")]
    avatars = [row["aiavatarId"] for row in contract.rows("ai_avatars")]
    assert [one.remote_id for one in catalog_of(ready, "voices")] == voices
    assert [one.remote_id for one in catalog_of(ready, "avatars")] == avatars
    assert len(catalog_of(ready, "captions")) == len(contract.rows("captions"))
    assert catalog_of(ready, "own-avatars") == []
    rows = {row.catalog: row for row in CatalogState.objects.all()}
    assert set(rows) == CATALOGS
    assert all(row.refreshed_at is not None and row.error is None for row in rows.values())
    assert portal.violations() == []


def test_a_message_that_waited_in_the_queue_over_an_upgrade_reads_its_catalog(
    credential: Credential, portal: SandboxDriver
):
    async_task("tasks.jobs.refresh_shelf", str(credential.pk), "captions")
    message = OrmQ.objects.order_by("pk").last()
    assert message is not None
    import_string(message.func())(*message.args())
    assert len(catalog_of(credential, "captions")) == len(load().rows("captions"))


def test_the_facts_that_people_filter_by_are_there(ready: Credential):
    contract = load()
    voice, row = catalog_of(ready, "voices")[0], contract.rows("voices")[0]
    assert (voice.name, voice.facts["gender"]) == (row["voiceName"], row["gender"])
    assert voice.facts["language"]
    avatar = next(one for one in catalog_of(ready, "avatars") if one.facts.get("ethnicities"))
    assert avatar.facts["gender"] and isinstance(avatar.facts["ethnicities"][0], str)
    assert avatar.name.lower() in avatar.search
    names = [one.name for one in catalog_of(ready, "captions")]
    assert names[0] == "Style 1" and len(set(names)) == len(names)
    assert CredentialCatalog(ready).find("voices", voice.remote_id) is not None
    assert CredentialCatalog(ready).is_empty("own-avatars")


def test_own_voices_and_portraits_stand_on_their_catalogs_marked_as_own(
    credential: Credential, portal: SandboxDriver, tmp_path: Path
):
    portrait = portal.upload(make_picture(tmp_path / "portrait.png").read_bytes(), "png")
    portal.result("POST", "/v1/photo_avatar/template/create", {"templateImageFileId": portrait})
    people.ready_catalogs(credential)
    portraits = catalog_of(credential, "photo-avatars")
    assert portraits[0].facts["own"] is True
    assert portraits[1].facts["categories"] and "own" not in portraits[1].facts
    assert [one.facts for one in catalog_of(credential, "own-avatars")] == [{"own": True, "from_photo": True}]


def test_what_product_avatars_and_templates_are_filtered_by_is_there(
    ready: Credential, portal: SandboxDriver
):
    contract = load()
    model, row = catalog_of(ready, "product-avatars")[0], contract.rows("public_product_avatars")[0]
    assert model.remote_id == row["avatarId"] and model.facts["default_voice"] == row["voiceoverId"]
    assert model.facts["categories"] == ["Beauty 💄"] and model.facts["ethnicities"] == ["African"]
    assert model.facts["product_area"] == {"x": 0.235136, "y": 0.425534, "w": 0.168675, "h": 0.15412}
    newest = min(catalog_of(ready, "product-avatars"), key=lambda one: one.facts["newest"])
    assert newest.remote_id == contract.rows("public_product_avatars")[-1]["avatarId"]
    template = catalog_of(ready, "anyshoot-templates")[0]
    assert template.facts == {"style": "UGC", "plan": "free", "categories": ["Tops"]}
    looks = [(one.name, one.facts["scene"]) for one in catalog_of(ready, "ethnicities")]
    assert ("Latin", "video_avatar") in looks and ("Latin", "product_avatar") in looks
    assert [one.name for one in catalog_of(ready, "anyshoot-categories")][:2] == ["Tops", "Dresses"]
    assert portal.violations() == []


def test_reading_again_changes_nothing_and_keeps_the_rows(ready: Credential):
    before = set(CatalogEntry.objects.values_list("pk", "remote_id", "position"))
    people.ready_catalogs(ready)
    assert set(CatalogEntry.objects.values_list("pk", "remote_id", "position")) == before


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("fault", "value"), [("http-before", 500), ("code", 5000), ("unreadable", None), ("wrong-shape", None)]
)
def test_what_was_read_stays_when_topview_fails(
    fault: str, value: Any, ready: Credential, portal: SandboxDriver
):
    before = list(CatalogEntry.objects.order_by("pk").values_list("pk", "gone_at"))
    read_at = CatalogState.objects.get(catalog="voices").refreshed_at
    portal.fault(fault, scope="queryVoices", value=value)
    people.ready_catalogs(ready)
    assert list(CatalogEntry.objects.order_by("pk").values_list("pk", "gone_at")) == before
    voices = CatalogState.objects.get(catalog="voices")
    assert voices.error and voices.refreshed_at == read_at
    assert CatalogState.objects.get(catalog="captions").error is None, "the others are read all the same"
    portal.clear()
    people.ready_catalogs(ready)
    assert CatalogState.objects.get(catalog="voices").error is None


@pytest.mark.sqlite
def test_a_key_that_is_refused_takes_the_account_out_of_use(ready: Credential, portal: SandboxDriver):
    portal.fault("code", scope="listCaptions", value=401)
    people.ready_catalogs(ready)
    ready.refresh_from_db()
    assert ready.state == CredentialState.DISABLED


class TestOddCatalogs:
    """TopView's lists are not always as documented."""

    @pytest.fixture
    def server(self, settings) -> Iterator[ScriptedServer]:
        with ScriptedServer() as server:
            settings.SANDBOX_URL = server.origin
            yield server

    def read(self, credential: Credential, server: ScriptedServer, rows: list[Any]) -> list[CatalogEntry]:
        """The voices after they were read from these rows."""

        def answer(connection: Any, request: Request) -> bool:
            mine = rows if request.path == "/v1/voice/query" and request.query.get("pageNo") == "1" else []
            step: Step = says({"data": mine, "total": len(mine)})
            return step(connection, request)

        server.script[:] = [answer]
        people.ready_catalogs(credential)
        return catalog_of(credential, "voices")

    def voice(self, number: int, **facts: Any) -> dict[str, Any]:
        return {"voiceId": f"voice-{number}", "voiceName": f"Voice {number}", **facts}

    def test_what_is_gone_can_be_picked_no_more_and_comes_back_as_it_was(
        self, credential: Credential, server: ScriptedServer
    ):
        both = [self.voice(1), self.voice(2)]
        first, second = self.read(credential, server, both)
        assert self.read(credential, server, both[:1]) == [first]
        second.refresh_from_db()
        assert second.gone_at is not None
        assert CredentialCatalog(credential).find("voices", "voice-2") is None
        assert self.read(credential, server, both) == [first, second]

    def test_a_row_that_stands_on_two_pages_is_one_entry(
        self, credential: Credential, server: ScriptedServer
    ):
        rows = [self.voice(1), self.voice(2), self.voice(1, gender="female")]
        entries = self.read(credential, server, rows)
        assert [one.remote_id for one in entries] == ["voice-1", "voice-2"]

    @pytest.mark.parametrize(
        "odd",
        [
            {"voiceName": "No id"},
            {"voiceId": "voice-9"},
            {"voiceId": None, "voiceName": None},
            {"voiceId": "v" * 500, "voiceName": "Long"},
            {"voiceId": "", "voiceName": "Empty"},
            "no row at all",
        ],
        ids=["no id", "no name", "nulls", "long id", "empty id", "text"],
    )
    def test_an_odd_row_does_not_take_its_catalog_with_it(
        self, odd: Any, credential: Credential, server: ScriptedServer
    ):
        entries = self.read(credential, server, [self.voice(1), odd, self.voice(2)])
        assert {"voice-1", "voice-2"} <= {one.remote_id for one in entries}
        assert "None" not in {one.remote_id for one in entries} and "" not in {
            one.remote_id for one in entries
        }
        assert all(len(one.remote_id) <= 120 for one in entries)

    def test_facts_of_odd_types_are_taken_as_they_are(self, credential: Credential, server: ScriptedServer):
        odd = self.voice(
            1, gender=5, language=None, bestSupportLanguage="en", durations="long", demoAudioUrl="x"
        )
        (entry,) = self.read(credential, server, [odd])
        assert entry.facts["language"] == "en"

    def test_a_long_name_is_cut(self, credential: Credential, server: ScriptedServer):
        (entry,) = self.read(credential, server, [{"voiceId": "v", "voiceName": "Long " * 300}])
        assert entry.name.startswith("Long Long") and len(entry.name) <= 200


class TestMedia:
    """Pictures, samples and clips, so that a page loads nothing from elsewhere."""

    @pytest.mark.sqlite
    def test_they_are_fetched_in_small_turns_until_none_is_missing(
        self, ready: Credential, portal: SandboxDriver
    ):
        CatalogEntry.objects.exclude(catalog__in=("captions", "voices")).delete()
        CatalogEntry.objects.filter(position__gte=3).delete()
        OrmQ.objects.all().delete()
        for _turn in range(6):
            jobs.fetch_catalog_media(str(ready.pk))
        caption, voice = catalog_of(ready, "captions")[0], catalog_of(ready, "voices")[0]
        assert caption.picture is not None and caption.picture.media_type == "image/webp"
        assert voice.sample is not None and voice.sample.media_type == "audio/mpeg"
        assert not CatalogEntry.objects.without_media().exists()
        names = {message.func() for message in OrmQ.objects.all()}
        assert names <= {"tasks.jobs.fetch_catalog_media"}
        OrmQ.objects.all().delete()
        jobs.fetch_catalog_media(str(ready.pk))
        assert not OrmQ.objects.exists(), "nothing is missing, so nobody comes back"

    def test_the_size_of_a_picture_is_known_once_it_is_fetched_and_survives_the_next_reading(
        self, ready: Credential, portal: SandboxDriver
    ):
        CatalogEntry.objects.exclude(catalog="anyshoot-templates").delete()
        CatalogEntry.objects.filter(position__gte=2).delete()
        whole, cover = catalog_of(ready, "anyshoot-templates")
        CatalogEntry.objects.filter(pk=cover.pk).update(facts={"cover_only": True})
        while CatalogEntry.objects.without_media().exists():
            jobs.fetch_catalog_media(str(ready.pk))
        cover.refresh_from_db()
        assert cover.picture is not None and "width" not in cover.facts
        people.ready_catalogs(ready)
        whole.refresh_from_db()
        with urllib.request.urlopen(whole.media_urls["picture"]) as answer, Image.open(answer) as picture:
            assert (whole.facts["width"], whole.facts["height"]) == picture.size

    @pytest.mark.sqlite
    def test_one_that_cannot_be_had_is_given_up_after_a_few_tries(
        self, ready: Credential, portal: SandboxDriver
    ):
        CatalogEntry.objects.exclude(catalog="captions").delete()
        CatalogEntry.objects.exclude(position=0).delete()
        CatalogEntry.objects.update(
            media_urls={"picture": f"{portal.base_url}/sandbox/media/captions/none.png"}
        )
        for _turn in range(6):
            jobs.fetch_catalog_media(str(ready.pk))
        entry = CatalogEntry.objects.get()
        assert (entry.picture, entry.media_attempts) == (None, 4)
        people.ready_catalogs(ready)
        entry.refresh_from_db()
        assert entry.media_attempts == 0, "a fresh address is tried afresh"

    def test_only_one_at_a_time_fetches_for_an_account(self, ready: Credential, portal: SandboxDriver):
        assert Lease.take(f"media:{ready.pk.hex}", "somebody", seconds=60)
        jobs.fetch_catalog_media(str(ready.pk))
        assert not CatalogEntry.objects.filter(media_attempts__gt=0).exists()


class TestSchedule:
    """Old catalogs are read again by themselves."""

    def asked(self) -> list[str]:
        """The accounts whose catalogs were asked for."""
        return [
            message.task["args"][0] for message in OrmQ.objects.all() if "refresh_catalog" in message.func()
        ]

    def test_fresh_ones_are_left_alone_and_old_ones_asked_for(self, ready: Credential, settings):
        settings.CATALOG_HOURS = 12
        OrmQ.objects.all().delete()
        jobs.refresh_stale_catalogs()
        assert self.asked() == []
        CatalogState.objects.filter(catalog="captions").update(
            refreshed_at=timezone.now() - timedelta(hours=13)
        )
        jobs.refresh_stale_catalogs()
        assert self.asked() == [str(ready.pk)]
        assert CatalogState.objects.get(catalog="captions").asked_at is not None

    def test_ones_never_read_are_asked_for(self, credential: Credential):
        OrmQ.objects.all().delete()
        copies.refresh_stale()
        assert self.asked() == [str(credential.pk)]

    def test_an_account_that_is_out_of_use_is_left_alone(self, credential: Credential, alice: Membership):
        disable(credential=credential, actor=alice.user)
        OrmQ.objects.all().delete()
        copies.refresh_stale()
        jobs.refresh_catalog(str(credential.pk))
        jobs.fetch_catalog_media(str(credential.pk))
        assert self.asked() == [] and not CatalogState.objects.exists()
