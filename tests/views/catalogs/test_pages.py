"""The catalogs as pages."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from tasks.causes import Cause, Code
from tasks.commands.catalogs.photo_avatars import ORDERS
from tasks.models import CatalogEntry, CatalogState, Credential, CredentialState, Favourite, Membership
from tests.people import browser_of, make_blob
from tests.views.rows import PICKING, fill_catalog, make_account, make_file

MODELS: list[tuple[str, dict[str, Any]]] = [
    ("Model A", {"gender": "female", "categories": ["Pets"], "ethnicities": ["Latin"], "newest": 3}),
    ("Model B", {"gender": "male", "categories": ["Beauty"], "ethnicities": ["Asian"], "newest": 1}),
    ("Model C", {"gender": "male", "categories": ["Pets", "Beauty"], "newest": 2}),
]


@pytest.fixture
def account(mark: Membership) -> Credential:
    return make_account(mark.workspace)


@pytest.fixture
def client(mark: Membership) -> Client:
    return browser_of(mark)


@pytest.fixture
def models(account: Credential) -> list[CatalogEntry]:
    fill_catalog(account, "product-avatar-categories", [("Pets", {}), ("Beauty", {})])
    return fill_catalog(account, "product-avatars", MODELS)


def page_of(client: Client, catalog_name: str, query: str = "") -> str:
    answer = client.get(f"{reverse('catalog-page', args=[catalog_name])}?{query}")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def shown(page: str) -> list[str]:
    return re.findall(r'class="tile__name" href="[^"]*">([^<]*)<', page)


def queued(job: str) -> list[tuple[Any, ...]]:
    rows = OrmQ.objects.order_by("pk")
    return [tuple(row.task["args"]) for row in rows if row.func() == f"tasks.jobs.{job}"]


class TestCatalogs:
    """Looking around."""

    @pytest.mark.postgres
    def test_each_catalog_is_offered_with_what_it_holds(self, client: Client, models: list[CatalogEntry]):
        page = client.get(reverse("catalog-list")).content.decode()
        for catalog_name in (
            "voices",
            "avatars",
            "captions",
            "ethnicities",
            "product-avatars",
            "anyshoot-templates",
        ):
            assert reverse("catalog-page", args=[catalog_name]) in page
        assert "3 entries" in page

    @pytest.mark.postgres
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", ["Model A", "Model B", "Model C"]),
            ("q=model+latin", ["Model A"]),
            ("category=Pets", ["Model A", "Model C"]),
            ("category=Pets&gender=male", ["Model C"]),
            ("ethnicity=Asian", ["Model B"]),
            ("sort=newest", ["Model B", "Model C", "Model A"]),
            ("sort=oldest", ["Model A", "Model B", "Model C"]),
            ("q=nobody", []),
        ],
    )
    def test_the_address_says_what_is_shown(
        self, client: Client, models: list[CatalogEntry], query: str, expected: list[str]
    ):
        assert shown(page_of(client, "product-avatars", query)) == expected

    @pytest.mark.postgres
    def test_categories_stand_in_topviews_order(self, client: Client, models: list[CatalogEntry]):
        select = page_of(client, "product-avatars").partition('name="category"')[2].partition("</select>")[0]
        assert re.findall(r'option value="([^"]+)"', select) == ["Pets", "Beauty"]

    @pytest.mark.postgres
    def test_only_filters_that_tell_entries_apart_are_offered(self, client: Client, account: Credential):
        fill_catalog(account, "voices", [("Harbor", {"gender": "female"}), ("Ridge", {"gender": "female"})])
        page = page_of(client, "voices")
        for name in ("gender", "own", "category", "sort", "favourites"):
            assert f'<select class="input" name="{name}"' not in page

    @pytest.mark.postgres
    def test_own_voices_can_be_shown_alone(self, client: Client, account: Credential):
        fill_catalog(account, "voices", [("Mine", {"own": True}), ("Harbor", {})])
        assert shown(page_of(client, "voices", "own=yes")) == ["Mine"]
        assert "My voices" in page_of(client, "voices")

    @pytest.mark.postgres
    def test_a_long_catalog_comes_in_pages_that_keep_the_filters(self, client: Client, account: Credential):
        fill_catalog(account, "avatars", [(f"Avatar {n}", {"gender": "male"}) for n in range(50)])
        seen, query = [], "q=avatar"
        while query:
            page = page_of(client, "avatars", query)
            seen += shown(page)
            more = re.search(r'rel="next" href="[^"?]*\?([^"]*)"', page)
            query = more[1] if more else ""
            assert not query or "q=avatar" in query
        assert seen == [f"Avatar {n}" for n in range(50)]
        assert shown(page_of(client, "avatars", "page=999")) == ["Avatar 48", "Avatar 49"]

    @pytest.mark.postgres
    def test_what_was_read_again_and_what_has_left_is_seen_at_once(self, client: Client, account: Credential):
        fill_catalog(account, "avatars", [("Ann", {}), ("Bob", {})])
        rows = CatalogEntry.objects
        assert shown(page_of(client, "avatars")) == ["Ann", "Bob"]
        rows.filter(name="Ann").update(gone_at=timezone.now())
        assert shown(page_of(client, "avatars")) == ["Bob"]

        rows.filter(name="Bob").update(name="Robert", search="robert", facts={"own": True})
        rows.filter(name="Ann").update(gone_at=None)
        CatalogState.objects.filter(credential=account).update(refreshed_at=timezone.now())
        assert shown(page_of(client, "avatars")) == ["Ann", "Robert"]
        assert shown(page_of(client, "avatars", "q=robert")) == ["Robert"]
        assert shown(page_of(client, "avatars", "own=yes")) == ["Robert"]

    @pytest.mark.postgres
    @pytest.mark.parametrize("query", ["account=x", "page=-1", "q=%00", "favourites=all", "gender=%00"])
    def test_garbage_in_the_address_is_no_fault(self, client: Client, models: list[CatalogEntry], query: str):
        page_of(client, "product-avatars", query)

    @pytest.mark.postgres
    def test_ethnicities_lead_to_the_avatars_of_each(self, client: Client, models: list[CatalogEntry]):
        fill_catalog(models[0].credential, "ethnicities", [("Latin", {}), ("Asian", {}), ("Latin", {})])
        page = page_of(client, "ethnicities")
        assert page.count("<h2>Latin</h2>") == 1
        link = re.search(r'href="(/catalogs/product-avatars/[^"]*Latin)"', page)
        assert link is not None
        assert shown(unescape(client.get(link[1]).content.decode())) == ["Model A"]

    def test_a_strangers_entries_are_not_shown(self, client: Client, account: Credential, stefan: Membership):
        theirs = make_account(stefan.workspace)
        fill_catalog(theirs, "voices", [("Secret voice", {})])
        assert "Secret voice" not in page_of(client, "voices", f"account={theirs.pk}")

    def test_another_account_of_the_workspace_can_be_looked_at(self, client: Client, account: Credential):
        other = make_account(account.workspace, name="Other")
        fill_catalog(account, "voices", [("First", {})])
        fill_catalog(other, "voices", [("Second", {})])
        assert shown(page_of(client, "voices")) == ["First"]
        assert shown(page_of(client, "voices", f"account={other.pk}")) == ["Second"]

    def test_the_button_that_plays_a_voice_needs_a_script(self, client: Client, account: Credential):
        voice = fill_catalog(account, "voices", [("Harbor", {})])[0]
        CatalogEntry.objects.filter(pk=voice.pk).update(
            sample=make_blob(account.workspace, b"sound", "audio/mpeg")
        )
        (button,) = re.findall(r"<button[^>]*data-play[^>]*>", page_of(client, "voices"))
        assert "needs-script" in button

    def test_ethnicities_being_read_look_again_at_the_same_account(self, client: Client, account: Credential):
        other = make_account(account.workspace, name="Other")
        page = page_of(client, "ethnicities", f"account={other.pk}")
        assert f'hx-get="{reverse("catalog-page", args=["ethnicities"])}?account={other.pk}"' in page

    def test_names_of_a_catalog_are_escaped(self, client: Client, account: Credential):
        fill_catalog(account, "voices", [("<script>alert(1)</script>", {})])
        answer = client.get(reverse("catalog-page", args=["voices"])).content.decode()
        assert "<script>alert" not in answer


class TestFreshness:
    """A copy is called what it is."""

    def test_without_an_account_an_admin_is_sent_to_add_one(self, alice: Membership):
        page = page_of(browser_of(alice), "voices")
        assert reverse("credential-add") in page

    def test_one_never_read_looks_again_by_itself(self, client: Client, account: Credential):
        page = page_of(client, "voices")
        assert "is being read from TopView" in page and 'hx-trigger="every' in page

    def test_one_that_could_not_be_read_says_why(self, client: Client, account: Credential):
        CatalogState.objects.create(
            credential=account,
            workspace=account.workspace,
            catalog="voices",
            error=Cause.of(Code.BUSY, said=""),
        )
        page = page_of(client, "voices")
        assert "could not be read" in page and "TopView is busy" in page
        assert 'hx-trigger="every' not in page

    def test_an_old_copy_is_shown_with_what_went_wrong(self, client: Client, models: list[CatalogEntry]):
        CatalogState.objects.update(error=Cause.of(Code.BUSY, said=""))
        page = page_of(client, "product-avatars")
        assert "older copy" in page and "TopView is busy" in page and len(shown(page)) == 3

    def test_an_old_copy_of_an_account_at_rest_is_shown(self, client: Client, models: list[CatalogEntry]):
        Credential.objects.update(state=CredentialState.PAUSED)
        CatalogState.objects.update(refreshed_at=timezone.now() - timedelta(days=9))
        page = page_of(client, "product-avatars")
        assert "An older copy" in page and len(shown(page)) == 3

    def test_it_can_be_read_again(self, client: Client, models: list[CatalogEntry]):
        answer = client.post(reverse("catalog-refresh", args=["product-avatars"]))
        assert answer.status_code == 303
        assert queued("refresh_one_catalog") == [(str(models[0].credential_id), "product-avatars")]
        assert "is being read" in page_of(client, "product-avatars")

    def test_an_account_at_rest_reads_nothing(self, client: Client, models: list[CatalogEntry]):
        Credential.objects.update(state=CredentialState.DISABLED)
        client.post(reverse("catalog-refresh", args=["product-avatars"]))
        assert queued("refresh_one_catalog") == []


class TestFavourites:
    """A person's own marks."""

    def mark_one(self, client: Client, entry: CatalogEntry, wanted: str = "yes", **data: str) -> str:
        answer = client.post(reverse("entry-favourite", args=[entry.pk]), {"wanted": wanted, **data})
        assert answer.status_code == 303
        return answer["Location"]

    @pytest.mark.postgres
    def test_they_come_first_or_alone_and_go_again(self, client: Client, models: list[CatalogEntry]):
        self.mark_one(client, models[2])
        self.mark_one(client, models[2])
        assert shown(page_of(client, "product-avatars", "favourites=first"))[0] == "Model C"
        assert shown(page_of(client, "product-avatars", "favourites=only")) == ["Model C"]
        picker = client.get(reverse("catalog-picker", args=["product-avatars"]) + "?favourites=only")
        assert re.findall(r'data-name="([^"]*)"', picker.content.decode()) == ["Model C"]
        self.mark_one(client, models[2], wanted="no")
        assert not Favourite.objects.exists()

    def test_a_star_taken_off_stays_on_the_page_to_be_put_back(
        self, client: Client, models: list[CatalogEntry]
    ):
        back = reverse("catalog-page", args=["product-avatars"]) + "?favourites=only"
        for wanted, offered in (("yes", "no"), ("no", "yes")):
            answer = client.post(
                reverse("entry-favourite", args=[models[2].pk]),
                {"wanted": wanted, "back": back},
                headers={"HX-Request": "true"},
            )
            star = answer.content.decode()
            assert answer.status_code == 200
            assert f'id="star-{models[2].pk}"' in star
            assert f'name="wanted" value="{offered}"' in star
            assert f'value="{back}"' in unescape(star)
            assert "Favourite: Model C" in star
            assert "<html" not in star

    def test_they_are_ones_own(self, client: Client, models: list[CatalogEntry], alice: Membership):
        self.mark_one(client, models[2])
        assert shown(page_of(browser_of(alice), "product-avatars", "favourites=only")) == []

    @pytest.mark.postgres
    def test_they_outlive_a_new_reading(self, client: Client, models: list[CatalogEntry]):
        self.mark_one(client, models[2])
        again = models[2]
        again.delete()
        again.pk = None
        again.save(force_insert=True)
        assert shown(page_of(client, "product-avatars", "favourites=only")) == ["Model C"]

    def test_the_way_back_never_leaves_the_portal(self, client: Client, models: list[CatalogEntry]):
        entry = models[0]
        assert self.mark_one(client, entry, back="/catalogs/voices/?q=a") == "/catalogs/voices/?q=a"
        for elsewhere in ("https://evil.example/", "//evil.example/", "nonsense", ""):
            assert self.mark_one(client, entry, back=elsewhere) == reverse("entry", args=[entry.pk])


class TestEntry:
    """The page of one entry."""

    def test_it_leads_to_every_form_that_can_choose_it(self, client: Client, account: Credential):
        entry = fill_catalog(account, "avatars", [("Nadia", {"gender": "female"})])[0]
        page = unescape(client.get(reverse("entry", args=[entry.pk])).content.decode())
        links = re.findall(r'item__usage" href="([^"]+)"', page)
        mine = next(link for link in links if f"/{PICKING.slug}/" in link)
        form = unescape(client.get(mine).content.decode())
        assert f'value="{entry.remote_id}"' in form and "Nadia" in form

    def test_the_form_opens_on_the_own_account_of_an_entry(self, client: Client, account: Credential):
        other = make_account(account.workspace, name="Other")
        entry = fill_catalog(other, "avatars", [("Nadia", {})])[0]
        page = unescape(client.get(reverse("entry", args=[entry.pk])).content.decode())
        link = next(one for one in re.findall(r'item__usage" href="([^"]+)"', page) if PICKING.slug in one)
        form = unescape(client.get(link).content.decode())
        assert "Nadia" in form and f'<option value="{other.pk}" selected' in form

    def test_a_reviewer_looks_and_marks_and_does_nothing_else(self, account: Credential, rita: Membership):
        entry = fill_catalog(account, "voices", [("Mine", {"own": True})])[0]
        entry.sample = make_blob(account.workspace, b"sound", "audio/mpeg")
        entry.save()
        client = browser_of(rita)
        page = client.get(reverse("entry", args=[entry.pk])).content.decode()
        assert "<audio" in page and "Favourite" in page
        assert "item__usage" not in page and "Delete at TopView" not in page
        assert "Use this" not in page_of(client, "voices")

    def test_one_that_is_gone_says_so_and_offers_nothing(self, client: Client, account: Credential):
        entry = fill_catalog(account, "avatars", [("Nadia", {})])[0]
        CatalogEntry.objects.update(gone_at=timezone.now())
        page = client.get(reverse("entry", args=[entry.pk])).content.decode()
        assert "does not have this any more" in page and "item__usage" not in page

    def test_names_of_filters_have_no_page(self, client: Client, account: Credential):
        entry = fill_catalog(account, "anyshoot-categories", [("Tops", {})])[0]
        assert client.get(reverse("entry", args=[entry.pk])).status_code == 404


class TestOwn:
    """Deleting and making, as people ask for it."""

    @pytest.fixture
    def mine(self, account: Credential) -> CatalogEntry:
        return fill_catalog(account, "voices", [("Mine", {"own": True}), ("Harbor", {})])[0]

    def test_deleting_asks_first(self, client: Client, mine: CatalogEntry):
        page = client.get(reverse("entry-remove", args=[mine.pk])).content.decode()
        assert "cannot be undone" in page
        assert queued("remove_entry") == []

    def test_it_is_handed_to_the_worker_and_said_to_be_leaving(self, client: Client, mine: CatalogEntry):
        assert client.post(reverse("entry-remove", args=[mine.pk])).status_code == 303
        assert queued("remove_entry") == [(str(mine.pk),)]
        page = page_of(client, "voices")
        assert "Being deleted" in page and 'hx-trigger="every' in page
        assert "is being deleted" in client.get(reverse("entry", args=[mine.pk])).content.decode()

    def test_what_topview_said_stands_on_the_page(self, client: Client, mine: CatalogEntry):
        mine.facts["removal_problem"] = "TopView is busy."
        mine.save()
        assert "TopView is busy." in client.get(reverse("entry", args=[mine.pk])).content.decode()
        assert "Not deleted" in page_of(client, "voices")

    def test_a_public_one_cannot_be_deleted(self, client: Client, mine: CatalogEntry):
        public = CatalogEntry.objects.get(name="Harbor")
        assert client.get(reverse("entry-remove", args=[public.pk])).status_code == 404
        client.post(reverse("entry-remove", args=[public.pk]))
        assert queued("remove_entry") == []

    def test_a_portrait_is_ordered_from_a_picture_of_the_library(
        self, client: Client, account: Credential, mark: Membership
    ):
        photo = make_file(mark, name="face.png")
        assert "face.png" in client.get(reverse("photo-avatar-new") + f"?photo={photo.pk}").content.decode()
        assert client.post(reverse("photo-avatar-new"), {"photo": str(photo.pk)}).status_code == 303
        order = CatalogEntry.objects.get(catalog=ORDERS)
        assert queued("keep_portrait") == [(str(order.pk),)]
        assert "is becoming a photo avatar" in page_of(client, "photo-avatars")

    def test_a_portrait_is_made_with_the_account_one_came_from(
        self, client: Client, account: Credential, mark: Membership
    ):
        other = make_account(account.workspace, name="Other")
        photo = make_file(mark, name="face.png")
        catalog_name = f"{reverse('catalog-page', args=['photo-avatars'])}?account={other.pk}"
        form_url = f"{reverse('photo-avatar-new')}?account={other.pk}"
        assert f'href="{form_url}"' in page_of(client, "photo-avatars", f"account={other.pk}")
        page = client.get(form_url).content.decode()
        assert f'value="{other.pk}" selected' in page
        assert f'href="{catalog_name}"' in page
        answer = client.post(reverse("photo-avatar-new"), {"photo": str(photo.pk), "account": str(other.pk)})
        assert answer["Location"] == catalog_name
        order = CatalogEntry.objects.get(catalog=ORDERS)
        assert order.credential == other
        assert client.post(reverse("photo-avatar-dismiss", args=[order.pk]))["Location"] == catalog_name

    def test_no_other_account_takes_the_place_of_the_one_that_was_sent(
        self, client: Client, account: Credential, mark: Membership
    ):
        gone = make_account(account.workspace, name="Gone")
        photo = make_file(mark, name="face.png")
        sent = {"photo": str(photo.pk), "account": str(gone.pk)}
        Credential.objects.filter(pk=gone.pk).update(state=CredentialState.DISABLED)
        answer = client.post(reverse("photo-avatar-new"), sent)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "The account you chose is not in use any more." in page
        assert f'<option value="{account.pk}"' in page  # to be chosen knowingly
        assert not CatalogEntry.objects.filter(catalog=ORDERS).exists()

    def test_one_that_is_looked_at_leads_back_to_its_own_account(self, client: Client, account: Credential):
        other = make_account(account.workspace, name="Other")
        entry = fill_catalog(other, "voices", [("Harbor", {})])[0]
        page = client.get(reverse("entry", args=[entry.pk])).content.decode()
        assert f'href="{reverse("catalog-page", args=["voices"])}?account={other.pk}"' in page

    @pytest.mark.parametrize("role", ["video", "none"])
    def test_what_is_no_picture_is_refused(
        self, client: Client, account: Credential, mark: Membership, role: str
    ):
        photo = str(make_file(mark, name="film.mp4", role="video").pk) if role == "video" else ""
        answer = client.post(reverse("photo-avatar-new"), {"photo": photo})
        assert answer.status_code == 422
        assert not CatalogEntry.objects.filter(catalog=ORDERS).exists()

    def test_what_came_to_nothing_says_why_and_can_be_put_away(self, client: Client, account: Credential):
        order = CatalogEntry.objects.create(
            workspace=account.workspace,
            credential=account,
            catalog=ORDERS,
            remote_id="1",
            name="face.png",
            facts={"problem": "The picture shows no face."},
        )
        assert "The picture shows no face." in page_of(client, "photo-avatars")
        assert client.post(reverse("photo-avatar-dismiss", args=[order.pk])).status_code == 303
        assert "face.png" not in page_of(client, "photo-avatars")
