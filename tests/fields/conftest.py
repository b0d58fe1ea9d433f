"""The sandbox of these tests."""

from collections.abc import Iterator

import pytest

from tasks.sandbox.sandbox import Sandbox
from tests.fields.bench import Bench, Small
from tests.sandbox_fixture import SandboxDriver


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A sandbox in which nothing is left to chance, with an account that can pay for all of it."""
    folder = tmp_path_factory.mktemp("bench")
    with Sandbox(folder / "sandbox", seconds=0, renderer=Small(), seed=7) as running:
        driver = SandboxDriver(running.base_url)
        driver.account(driver.uid, driver.key, 100_000)
        yield Bench(driver, folder)
