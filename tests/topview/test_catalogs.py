"""Lists that come in pages, from servers that page well and from servers that do not."""

from __future__ import annotations

import json

import pytest

from tasks.topview import errors
from tests.topview.server import Request, Step, http, says

ROWS = [{"voiceId": f"v{number}", "voiceName": f"Voice {number}"} for number in range(130)]


def pages(rows, *, at_most: int = 1000, honest: bool = True, total: bool = True, key: str = "data") -> Step:
    """A list that pages, with at most so many rows a page; when it is not honest it gives page 1 for ever."""

    def act(connection, request: Request) -> bool:
        size = min(int(request.query["pageSize"]), at_most)
        number = int(request.query["pageNo"]) if honest else 1
        part = rows[(number - 1) * size : number * size]
        result = {"pageNo": number, "pageSize": size, key: part} | ({"total": len(rows)} if total else {})
        return says(result)(connection, request)

    return act


def ids(found) -> list[str]:
    return [row["voiceId"] for row in found]


@pytest.mark.parametrize(
    ("page", "requests"),
    [
        pytest.param(pages(ROWS), 3, id="as documented"),
        pytest.param(pages(ROWS, at_most=20), 7, id="smaller pages than asked for"),
        pytest.param(pages(ROWS, total=False), 4, id="no total: until an empty page"),
        pytest.param(pages(ROWS, key="list"), 3, id="rows under list"),
    ],
)
def test_every_row_comes_once(server, client, page, requests):
    server.script = [page]
    assert ids(client.voices()) == ids(ROWS)
    assert len(server.requests) == requests


def test_a_server_that_repeats_page_one_for_ever_does_not_hold_us(server, client):
    server.script = [pages(ROWS, honest=False)]
    assert ids(client.voices()) == ids(ROWS[:50])
    assert len(server.requests) == 2


def test_a_page_is_fetched_only_when_it_is_needed(server, client):
    server.script = [pages(ROWS)]
    rows = client.voices()
    assert server.requests == []
    next(rows)
    assert len(server.requests) == 1


def test_equal_rows_of_one_page_are_all_kept(server, client):
    server.script = [says({"total": 2, "data": [{"a": 1}, {"a": 1}]})]
    assert list(client.avatars()) == [{"a": 1}, {"a": 1}]


@pytest.mark.parametrize("empty", [{"total": 0, "data": []}, {"total": 0, "data": None}, []])
def test_an_empty_list_is_empty(server, client, empty):
    server.script = [says(empty)]
    assert list(client.voices()) == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("result", [None, True, "rows", {"data": {"a": 1}}, {"data": "rows"}])
def test_a_list_of_the_wrong_shape_is_unreadable(server, client, result):
    server.script = [says(result)]
    with pytest.raises(errors.Unreadable):
        list(client.voices())


def test_a_row_that_is_no_object_is_left_out(server, client):
    server.script = [says([{"captionId": "c1"}, None, "c2"])]
    assert list(client.captions()) == [{"captionId": "c1"}]


def test_filters_travel_in_topviews_spelling(server, client):
    server.script = [says([])]
    list(client.voices(language="en", gender=None, isCustom=True))
    list(client.avatars(custom=False))
    first, second = (request.query for request in server.requests)
    assert first == {"language": "en", "isCustom": "true", "pageNo": "1", "pageSize": "50"}
    assert second == {"isCustom": "false", "pageNo": "1", "pageSize": "50"}


def test_each_catalog_asks_its_own_address(server, client):
    server.script = [says([])]
    for rows in (
        client.ethnicities("video_avatar"),
        client.captions(),
        client.anyshoot_categories(),
        client.anyshoot_templates(style="UGC"),
        client.product_avatar_categories(),
        client.product_avatars(gender="male"),
        client.photo_avatar_categories(),
        client.photo_avatars(custom=False, categories="c1,c2"),
    ):
        list(rows)
    window = {"pageNo": "1", "pageSize": "50"}
    assert [(request.path, request.query) for request in server.requests] == [
        ("/v1/ethnicity/list", {"scene": "video_avatar", **window}),
        ("/v1/caption/list", {}),
        ("/v1/product_anyShoot/template/category/list", {}),
        ("/v1/product_anyShoot/template/list", {"style": "UGC", **window}),
        ("/v1/product_avatar/category/list", {}),
        ("/v1/product_avatar/public_avatar/query", {"gender": "male", **window}),
        ("/v1/photo_avatar/template/category", window),
        ("/v1/photo_avatar/template/list", {"isCustom": "false", "categories": "c1,c2", **window}),
    ]


class TestOwnEntries:
    """What an account can keep and delete."""

    def test_a_portrait_is_kept_by_one_post(self, server, client):
        server.script = [says("a1")]
        assert client.keep_photo_avatar("f1") == "a1"
        (request,) = server.requests
        assert (request.method, request.path) == ("POST", "/v1/photo_avatar/template/create")
        assert json.loads(request.body) == {"templateImageFileId": "f1"}

    def test_keeping_is_not_repeated_when_the_answer_is_lost(self, server, client):
        server.script = [http(503), says("a1")]
        with pytest.raises(errors.TopViewError):
            client.keep_photo_avatar("f1")
        assert len(server.requests) == 1

    @pytest.mark.parametrize("answer", [None, True, "", {"id": "a1"}])
    def test_an_answer_without_an_id_is_unreadable(self, server, client, answer):
        server.script = [says(answer)]
        with pytest.raises(errors.Unreadable):
            client.keep_photo_avatar("f1")

    def test_deleting_names_the_id_in_the_address_and_may_be_repeated(self, server, client):
        server.script = [http(503), says(None)]
        client.delete_photo_avatar("a1")
        client.delete_voice("v1")
        assert [(one.method, one.path, one.query) for one in server.requests] == [
            ("DELETE", "/v1/photo_avatar/template/delete", {"aiAvatarId": "a1"}),
            ("DELETE", "/v1/photo_avatar/template/delete", {"aiAvatarId": "a1"}),
            ("DELETE", "/v1/voice/clone/delete", {"voiceId": "v1"}),
        ]


def test_a_page_that_fails_in_passing_is_asked_again_and_not_skipped(server, client):
    page = pages(ROWS)
    server.script = [page, http(503), page]
    assert ids(client.voices()) == ids(ROWS)


def test_rows_are_handed_on_as_they_came(server, client):
    row = {"voiceId": "v1", "durations": "3.06", "demoAudioUrl": None, "newField": {"deep": [1, 2.5, "ü"]}}
    server.script = [says({"total": 1, "data": [row]})]
    (found,) = client.voices()
    assert json.dumps(found) == json.dumps(row)
