"""In which order the worker takes what it is asked for."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django_q.brokers import get_broker
from django_q.signing import SignedPackage

from tasks.commands.runtime.queue import CHECK_CREDENTIAL, MAIN_CLUSTER, SAVE_OUTPUT, SUBMIT, nudge

pytestmark = pytest.mark.django_db


def test_an_account_is_checked_before_all_that_waits_and_the_rest_comes_in_its_order() -> None:
    for job in (SUBMIT, SAVE_OUTPUT, CHECK_CREDENTIAL, SUBMIT):
        nudge(job, uuid4())
    broker = get_broker(MAIN_CLUSTER)
    taken = [SignedPackage.loads(broker.dequeue()[0][1])["func"] for _message in range(4)]
    assert taken == [CHECK_CREDENTIAL, SUBMIT, SAVE_OUTPUT, SUBMIT]
