"""Reads: repeated within limits, over kept connections, and judged before they are believed."""

from __future__ import annotations

import datetime
import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from tasks.secret import Secret
from tasks.topview import errors
from tasks.topview.client import Endpoint, TopViewClient
from tasks.topview.results import RemoteState
from tasks.topview.transport import Session
from tests.topview.conftest import KEY, UID
from tests.topview.server import hangs_up, http, raw, refuses, resets, says

PATH = "/v1/video_avatar/task/query"
RUNNING = {"taskId": "t1", "status": "running", "errorMsg": None}


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("init", RemoteState.RUNNING),
        ("running", RemoteState.RUNNING),
        ("queueing-somehow", RemoteState.RUNNING),
        ("success", RemoteState.SUCCEEDED),
        ("fail", RemoteState.FAILED),
        ("failed", RemoteState.FAILED),
    ],
)
@pytest.mark.parametrize("field", ["status", "taskStatus"])
def test_the_state_is_read_under_both_of_its_names(server, client, field, word, state):
    server.script = [says({"taskId": "t1", field: word})]
    task = client.query(PATH, "t1")
    assert (task.state, task.word) == (state, word)


def test_a_task_tells_its_result_its_cost_and_its_error(server, client):
    result = {"taskId": "t1", "status": "success", "outputVideoUrl": "https://x/y", "costCredit": 0.1}
    server.script = [says(result), says({"taskId": "t1", "status": "fail", "errorMsg": "bad face"})]
    task = client.query(PATH, "t1")
    assert task.result == result
    assert (task.cost, task.error) == (Decimal("0.1"), None)
    assert client.query(PATH, "t1").error == "bad face"


@pytest.mark.parametrize("cost", [None, True, "much", "NaN", [1]])
def test_a_cost_that_is_no_amount_is_no_cost(server, client, cost):
    server.script = [says({**RUNNING, "costCredit": cost})]
    assert client.query(PATH, "t1").cost is None


def test_the_query_names_the_task_and_asks_for_the_cdn_only_when_wanted(server, client, client_of):
    server.script = [says(RUNNING)]
    client.query(PATH, "t1")
    client_of(server, needs_cdn=True).query(PATH, "t1")
    assert [request.query for request in server.requests] == [
        {"taskId": "t1"},
        {"taskId": "t1", "needCloudFrontUrl": "true"},
    ]
    assert all(request.headers["topview-uid"] == UID for request in server.requests)


@pytest.mark.parametrize("result", [None, True, [], "running", {}, {"status": None}, {"status": 3}])
def test_an_answer_of_the_wrong_shape_is_unreadable(server, client, result):
    server.script = [says(result)]
    with pytest.raises(errors.Unreadable):
        client.query(PATH, "t1")
    assert len(server.requests) == 1


def test_an_answer_about_another_task_is_unreadable(server, client):
    server.script = [says({**RUNNING, "taskId": "t2"})]
    with pytest.raises(errors.Unreadable, match="another task"):
        client.query(PATH, "t1")


def test_characters_that_no_database_stores_are_replaced(server, client):
    words = rb'"a\u0000b\ud800c \ud83d\ude00"'
    server.script = [
        http(200, b'{"code":"200","result":{"taskId":"t1","status":"fail","errorMsg":%s}}' % words)
    ]
    assert client.query(PATH, "t1").error == "a\ufffdb\ufffdc \U0001f600"


def test_an_answer_without_end_is_cut(server, client):
    server.script = [http(200, b'{"code":"200","result":"' + b"x" * (9 * 1024 * 1024) + b'"}')]
    with pytest.raises(errors.Unreadable, match="more than"):
        client.query(PATH, "t1")


@pytest.mark.parametrize("step", [hangs_up, resets, http(429), http(502), http(503), http(504)])
def test_a_passing_trouble_is_repeated_twice_at_most(server, client, step):
    server.script = [step, step, says(RUNNING)]
    assert client.query(PATH, "t1").word == "running"
    assert len(server.requests) == 3
    server.requests.clear()
    server.script = [step]
    with pytest.raises(errors.TopViewError):
        client.query(PATH, "t1")
    assert len(server.requests) == 3


def test_a_body_that_breaks_off_is_fetched_again(server, client):
    server.script = [raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), says(RUNNING)]
    assert client.query(PATH, "t1").word == "running"


@pytest.mark.parametrize(
    "step", [http(500), http(400), http(401), http(302), http(200, b"?"), refuses("5003"), refuses("5000")]
)
def test_what_topview_says_is_not_repeated_by_the_client(server, client, step):
    server.script = [step, says(RUNNING)]
    with pytest.raises(errors.TopViewError):
        client.query(PATH, "t1")
    assert len(server.requests) == 1


def test_a_silent_server_is_asked_again_within_the_deadline(server, client_of):
    server.script = [server.stalls, says(RUNNING)]
    assert client_of(server, read_timeout=0.3).query(PATH, "t1").word == "running"


def test_the_read_deadline_covers_all_repetitions(server, client_of):
    server.script = [server.stalls]
    with pytest.raises(errors.Interrupted):
        client_of(server, read_timeout=30, read_deadline=0.5).query(PATH, "t1")
    assert len(server.requests) == 1


def test_a_short_retry_after_is_waited_for(server, client):
    server.script = [http(503, headers={"Retry-After": "1"}), says(RUNNING)]
    began = time.monotonic()
    client.query(PATH, "t1")
    assert time.monotonic() - began >= 1


def test_a_long_retry_after_is_left_to_the_caller(server, client_of):
    server.script = [http(429, headers={"Retry-After": "3"}), says(RUNNING)]
    with pytest.raises(errors.Busy) as caught:
        client_of(server, longest_pause=2.0).query(PATH, "t1")
    assert caught.value.retry_after == 3
    assert len(server.requests) == 1


def test_a_retry_after_can_be_a_date_or_nonsense(server, client):
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=300)
    server.script = [http(429, headers={"Retry-After": later.strftime("%a, %d %b %Y %H:%M:%S GMT")})]
    with pytest.raises(errors.Busy) as caught:
        client.query(PATH, "t1")
    assert 200 < (caught.value.retry_after or 0) <= 300
    for nonsense in ("soon", "-5", "1e9"):
        server.script = [http(429, headers={"Retry-After": nonsense})]
        with pytest.raises(errors.Busy) as caught:
            client.query(PATH, "t1")
        assert caught.value.retry_after is None


def test_an_untrusted_server_is_not_asked_again(tls_server, client_of):
    with pytest.raises(errors.Untrusted):
        client_of(tls_server).query(PATH, "t1")
    assert tls_server.accepted == 1


def test_connections_are_reused_for_reads(server, client):
    server.script = [says(RUNNING)]
    for _ in range(5):
        client.query(PATH, "t1")
    assert len(server.requests) == 5
    assert server.accepted == 1


def test_connections_are_reused_after_a_business_error(server, client):
    server.script = [refuses("4004"), http(404, b"gone"), says(RUNNING)]
    for _ in range(2):
        with pytest.raises(errors.NotFound):
            client.query(PATH, "t1")
    client.query(PATH, "t1")
    assert server.accepted == 1


def test_a_lent_session_serves_many_accounts_and_outlives_its_clients(server):
    server.script = [says(RUNNING, Set_Cookie="account=first; Path=/")]
    endpoint = Endpoint(server.origin, allow_plain_http=True)
    with Session() as shared:
        for uid in ("First00000000000000A", "Second0000000000000B"):
            with TopViewClient(uid=uid, key=Secret(KEY), endpoint=endpoint, reads=shared) as client:
                client.query(PATH, "t1")
    assert server.accepted == 1
    assert [request.headers["topview-uid"][:5] for request in server.requests] == ["First", "Secon"]
    assert all("cookie" not in request.headers for request in server.requests)


def test_threads_may_share_a_client(server, client):
    server.script = [says(RUNNING)]
    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(lambda _: client.query(PATH, "t1").word, range(40)))
    assert states == ["running"] * 40


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(server, client):
    body = json.dumps({"code": "200", "message": "Success", "result": RUNNING}).encode()
    server.script = [
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)),
        says(RUNNING),
    ]
    client.query(PATH, "t1")
    assert client.query(PATH, "t1").word == "running"
    assert server.accepted == 2


# Account


def test_the_balance_is_an_exact_amount(server, client):
    server.script = [says({"remainCredit": 12.35, "expiredTime": "2030-01-02T03:04:05+08:00"})]
    credit = client.credit()
    assert credit.remaining == Decimal("12.35")
    assert credit.expires == datetime.datetime(2030, 1, 1, 19, 4, 5, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("result", "remaining"),
    [
        ({"credit": "7.5"}, "7.5"),
        ({"remainCredit": 0, "credit": 9}, "0"),
        ({"remainCredit": None, "credit": 9}, "9"),
    ],
)
def test_the_balance_has_two_names(server, client, result, remaining):
    server.script = [says(result)]
    credit = client.credit()
    assert credit.remaining == Decimal(remaining)
    assert credit.expires is None


def test_a_balance_without_an_amount_is_unreadable(server, client):
    server.script = [says({"uid": "x"})]
    with pytest.raises(errors.Unreadable):
        client.credit()


@pytest.mark.parametrize(
    ("used", "read"),
    [
        ({"size": 1_500, "unit": "byte"}, 1_500),
        ({"size": 1.5e12, "unit": "B"}, 1_500_000_000_000),
        ({"size": None, "unit": None}, None),
        ({"size": True}, None),
        ({"size": -1}, None),
        ({"size": 1e300}, None),
        ({"size": "12"}, None),
        (None, None),
        ([], None),
    ],
)
def test_the_space_is_told_in_bytes_or_not_at_all(server, client, used, read):
    most = {"size": 4096, "unit": "byte"}
    server.script = [says({"uid": UID, "usedDiskSpace": used, "maxDiskSpace": most})]
    space = client.space()
    assert (space.used, space.most) == (read, 4096)


def test_the_credit_log_asks_in_utc_and_drops_the_key(server, client):
    row = {"uid": UID, "apiKey": KEY, "date": "2030-01-02T03:04:05", "costCredit": 5, "taskId": "t1"}
    server.script = [says({"total": 1, "pageNo": 1, "pageSize": 50, "data": [{**row, "taskType": "m2v"}]})]
    east = datetime.timezone(datetime.timedelta(hours=2))
    start = datetime.datetime(2030, 1, 1, 1, 30, tzinfo=east)
    end = start + datetime.timedelta(days=1)
    (charge,) = client.credit_logs(start=start, end=end, task_type="m2v")
    assert (charge.cost, charge.task_id, charge.task_type) == (Decimal(5), "t1", "m2v")
    assert charge.charged_at == datetime.datetime(2030, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    assert "sk-" not in repr(charge)
    query = server.requests[0].query
    assert (query["startTime"], query["endTime"]) == ("2029-12-31 23:30:00", "2030-01-01 23:30:00")
    assert query["taskType"] == "m2v"


def test_a_log_window_needs_a_time_zone(server, client):
    naive = datetime.datetime(2030, 1, 1)
    with pytest.raises(ValueError, match="time zone"):
        list(client.credit_logs(start=naive, end=naive))


def test_a_charge_without_an_amount_is_unreadable(server, client):
    server.script = [says({"total": 1, "data": [{"taskId": "t1"}]})]
    now = datetime.datetime.now(datetime.UTC)
    with pytest.raises(errors.Unreadable):
        list(client.credit_logs(start=now, end=now))


def test_a_notice_address_is_checked_once(server, client):
    server.script = [says(None)]
    client.check_notice("https://portal.example/notices/abc")
    assert server.requests[0].json() == {"noticeUrl": "https://portal.example/notices/abc"}
    server.script = [http(503)]
    with pytest.raises(errors.RemoteFault):
        client.check_notice("https://portal.example/notices/abc")
    assert len(server.requests) == 2


# What is written down


def test_log_lines_carry_no_secret_no_uid_and_no_query(server, client, caplog):
    server.script = [
        refuses("401", f"bad key {KEY} for account"),
        raw(b"HTTP/1.1 200 OK\r\nan odd line\r\n\r\n" + b'{"code":"200","result":{"status":"running"}}'),
        hangs_up,
    ]
    with caplog.at_level(logging.DEBUG):
        with pytest.raises(errors.Unauthorised) as refusal:
            client.query(PATH, "t-secret")
        client.query(PATH, "t-secret")
        with pytest.raises(errors.Interrupted) as broken:
            client.submit(PATH, {"ttsText": "private words"})
    lines = caplog.records
    assert [record.getMessage() for record in lines] == [
        "topview.failed",
        "topview.answered",
        "topview.failed",
    ]
    written = (
        " ".join(str(vars(record)) for record in lines)
        + str(refusal.value)
        + str(broken.value)
        + repr(client)
    )
    for forbidden in (KEY, "t-secret", "private words", UID, "?"):
        assert forbidden not in written
    assert "Acc…" in written
    assert PATH in written


def test_a_key_in_topviews_words_is_masked(server, client):
    server.script = [refuses("401", f"key {KEY} is wrong, not sk-other-0123456789"), says(None)]
    with pytest.raises(errors.Unauthorised) as caught:
        client.credit()
    assert caught.value.remote_message == "key ••••ghij is wrong, not sk-…"


def test_an_error_carries_no_request_and_with_it_no_key(server, client):
    server.script = [resets]
    with pytest.raises(errors.Interrupted) as caught:
        client.submit(PATH, {})
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
